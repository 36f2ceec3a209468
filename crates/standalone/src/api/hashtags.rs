//! Hashtags, by how many users wrote them. A tag is told of only where a note that everyone may
//! read for good has it.

use protocol::tag;
use rusqlite::{Row, params};
use serde::Deserialize;
use serde_json::{Value, json};

use super::ctx::Ctx;
use super::endpoint::{Endpoint, Registry};
use super::error::{ApiError, ErrorKind};
use super::schema::{Field, NoParams, Params};
use crate::id::first_of;
use crate::limits::QUERY_CHARS_MAX;
use crate::store::View;

const NO_SUCH_HASHTAG: ErrorKind = ErrorKind::client(
    "NO_SUCH_HASHTAG",
    "110ee688-193e-4a3a-9ecf-c167b2e6981e",
    "No such hashtag.",
);

/// How many tags are in a trend.
const TREND_TAGS: u32 = 10;

/// How long ago notes count for what is in a trend, in ms.
const TREND_MS: u64 = 60 * 60 * 1000;

/// How long each point of a chart is, in ms.
const CHART_STEP_MS: u64 = 10 * 60 * 1000;

/// How many points a chart has, the newest first.
const CHART_POINTS: u64 = 20;

/// The notes whose tags are told, newer than `?1`.
macro_rules! told {
    () => {
        "note_tag JOIN note ON note.id = note_tag.note_id
         JOIN user ON user.id = note.user_id
         WHERE note.id > ?1 AND note.visibility IN ('public', 'home') AND NOT user.require_signin
           AND NOT user.is_suspended AND NOT user.is_deleted
           AND user.hidden_before IS NULL AND user.followers_only_before IS NULL"
    };
}

/// Each tag with the users who wrote it, and those of them who are of this server.
macro_rules! counted {
    () => {
        "SELECT tag, count(DISTINCT note.user_id) AS mentioned,
                count(DISTINCT CASE WHEN note.user_host IS NULL THEN note.user_id END) AS here
         FROM "
    };
}

pub(super) fn register(registry: &mut Registry) {
    registry.add(Endpoint::open("hashtags/show"), show);
    registry.add(Endpoint::open("hashtags/list"), list);
    registry.add(Endpoint::open("hashtags/search"), search);
    registry.add(Endpoint::open("hashtags/trend").also_get(), trend);
}

#[derive(Deserialize)]
struct ShowParams {
    tag: String,
}

impl Params for ShowParams {
    const SCHEMA: &'static [Field] = &[Field::string("tag").required()];
}

async fn show(ctx: Ctx, params: ShowParams) -> Result<Value, ApiError> {
    ctx.read(move |view| {
        let sql = concat!(counted!(), told!(), " AND tag = ?2 GROUP BY tag");
        let tag = tag::normalise(&params.tag);
        let found = view
            .prepare_cached(sql)?
            .query_map(params!["", tag], pack)?
            .next()
            .transpose()?;
        Ok(found.ok_or(NO_SUCH_HASHTAG)?)
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListParams {
    limit: Option<u32>,
    #[serde(default)]
    attached_to_user_only: bool,
    #[serde(default)]
    attached_to_local_user_only: bool,
    #[serde(default)]
    attached_to_remote_user_only: bool,
    sort: String,
}

impl Params for ListParams {
    const SCHEMA: &'static [Field] = &[
        Field::integer("limit").range(1, 100),
        Field::boolean("attachedToUserOnly"),
        Field::boolean("attachedToLocalUserOnly"),
        Field::boolean("attachedToRemoteUserOnly"),
        Field::string("sort").required().one_of(&[
            "+mentionedUsers",
            "-mentionedUsers",
            "+mentionedLocalUsers",
            "-mentionedLocalUsers",
            "+mentionedRemoteUsers",
            "-mentionedRemoteUsers",
            "+attachedUsers",
            "-attachedUsers",
            "+attachedLocalUsers",
            "-attachedLocalUsers",
            "+attachedRemoteUsers",
            "-attachedRemoteUsers",
        ]),
    ];
}

async fn list(ctx: Ctx, params: ListParams) -> Result<Vec<Value>, ApiError> {
    let attached = params.attached_to_user_only
        || params.attached_to_local_user_only
        || params.attached_to_remote_user_only;
    if attached {
        return Ok(Vec::new());
    }
    let sql = format!(
        "{}{} GROUP BY tag ORDER BY {}, tag LIMIT ?2",
        counted!(),
        told!(),
        order(&params.sort)
    );
    ctx.read(move |view| {
        let limit = params.limit.unwrap_or(10);
        let tags = view
            .prepare_cached(&sql)?
            .query_map(params!["", limit], pack)?
            .collect::<Result<_, _>>()?;
        Ok(tags)
    })
    .await
}

/// In Misskey's spelling `+` is the most first.
fn order(sort: &str) -> &'static str {
    match sort {
        "+mentionedUsers" => "mentioned DESC",
        "-mentionedUsers" => "mentioned",
        "+mentionedLocalUsers" => "here DESC",
        "-mentionedLocalUsers" => "here",
        "+mentionedRemoteUsers" => "mentioned - here DESC",
        "-mentionedRemoteUsers" => "mentioned - here",
        _ => "0",
    }
}

#[derive(Deserialize)]
struct SearchParams {
    limit: Option<u32>,
    query: String,
    #[serde(default)]
    offset: u32,
}

impl Params for SearchParams {
    const SCHEMA: &'static [Field] = &[
        Field::integer("limit").range(1, 100),
        Field::string("query")
            .required()
            .length(0, QUERY_CHARS_MAX as i64),
        Field::integer("offset").at_least(0),
    ];
}

async fn search(ctx: Ctx, params: SearchParams) -> Result<Vec<String>, ApiError> {
    ctx.read(move |view| {
        let sql = concat!(
            "SELECT DISTINCT tag FROM ",
            told!(),
            " AND tag >= ?2 AND tag < ?2 || char(1114111) ORDER BY tag LIMIT ?3 OFFSET ?4"
        );
        let (tag, limit) = (tag::normalise(&params.query), params.limit.unwrap_or(10));
        let tags = view
            .prepare_cached(sql)?
            .query_map(params!["", tag, limit, params.offset], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        Ok(tags)
    })
    .await
}

async fn trend(ctx: Ctx, _params: NoParams) -> Result<Vec<Value>, ApiError> {
    ctx.read(|view| {
        let sql = concat!(
            counted!(),
            told!(),
            " GROUP BY tag ORDER BY mentioned DESC, tag LIMIT ?2"
        );
        let since = first_of(view.now_ms().saturating_sub(TREND_MS));
        let tags: Vec<(String, u64)> = view
            .prepare_cached(sql)?
            .query_map(params![since, TREND_TAGS], |row| {
                Ok((row.get("tag")?, row.get("mentioned")?))
            })?
            .collect::<Result<_, _>>()?;
        let packed = tags.iter().map(|(tag, users)| {
            let chart = chart(view, tag)?;
            Ok(json!({ "tag": tag, "chart": chart, "usersCount": users }))
        });
        packed.collect()
    })
    .await
}

/// How many users wrote a tag in each step of time, the newest first.
fn chart(view: &View<'_>, tag: &str) -> rusqlite::Result<Vec<u64>> {
    let sql = concat!(
        "SELECT count(DISTINCT note.user_id) FROM ",
        told!(),
        " AND note.id <= ?2 AND tag = ?3"
    );
    let mut statement = view.prepare_cached(sql)?;
    let at = |steps: u64| first_of(view.now_ms().saturating_sub(steps * CHART_STEP_MS) + 1);
    (0..CHART_POINTS)
        .map(|step| statement.query_row(params![at(step + 1), at(step), tag], |row| row.get(0)))
        .collect()
}

/// Nobody's profile has tags here.
fn pack(row: &Row<'_>) -> rusqlite::Result<Value> {
    let (mentioned, here): (u64, u64) = (row.get("mentioned")?, row.get("here")?);
    Ok(json!({
        "tag": row.get::<_, String>("tag")?,
        "mentionedUsersCount": mentioned,
        "mentionedLocalUsersCount": here,
        "mentionedRemoteUsersCount": mentioned - here,
        "attachedUsersCount": 0,
        "attachedLocalUsersCount": 0,
        "attachedRemoteUsersCount": 0,
    }))
}
