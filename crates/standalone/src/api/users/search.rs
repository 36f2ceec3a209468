//! Finding users by name.

use protocol::id::UserId;
use rusqlite::ToSql;
use serde::Deserialize;
use serde_json::Value;

use crate::api::ctx::Ctx;
use crate::api::endpoint::{Endpoint, Registry};
use crate::api::error::{ApiError, ROLE_PERMISSION_DENIED};
use crate::api::schema::{Field, Params};
use crate::model::user::User;
use crate::pack::For;
use crate::roles::Policies;
use crate::store::View;

pub(super) fn register(registry: &mut Registry) {
    registry.add(Endpoint::open("users/search"), search);
    registry.add(
        Endpoint::open("users/search-by-username-and-host"),
        search_by_name,
    );
}

/// A condition: the viewer `?1` doesn't mute the user at the moment `?2`, and there is no block
/// between the two. Everyone passes for a visitor.
pub(super) const NOT_UNWANTED: &str = "
    id NOT IN (SELECT mutee_id FROM mute
               WHERE muter_id = ?1 AND (expires_at IS NULL OR expires_at > ?2))
    AND id NOT IN (SELECT blockee_id FROM block WHERE blocker_id = ?1)
    AND id NOT IN (SELECT blocker_id FROM block WHERE blockee_id = ?1)";

#[derive(Deserialize)]
struct SearchParams {
    query: String,
    #[serde(default)]
    offset: u32,
    limit: Option<u32>,
    origin: Option<String>,
    detail: Option<bool>,
}

impl Params for SearchParams {
    const SCHEMA: &'static [Field] = &[
        Field::string("query").required().length(0, 256),
        Field::integer("offset").range(0, i32::MAX as i64),
        Field::integer("limit").range(1, 100),
        Field::string("origin").one_of(&["local", "remote", "combined"]),
        Field::boolean("detail"),
    ];
}

/// Those whose names match come first, then those whose descriptions do. `@name` is the beginning
/// of a user name.
async fn search(ctx: Ctx, params: SearchParams) -> Result<Vec<Value>, ApiError> {
    let viewer = ctx.viewer();
    let query = params.query.trim().to_owned();
    if query.is_empty() {
        return Ok(Vec::new());
    }
    let (condition, pattern) = match query.strip_prefix('@') {
        Some(name) if !name.contains(['@', ' ']) => (
            "username_lower LIKE ?3 ESCAPE '\\'",
            format!("{}%", literal(name)),
        ),
        Some(_) | None => (
            "(username_lower LIKE ?3 ESCAPE '\\' OR name LIKE ?3 ESCAPE '\\'
              OR description LIKE ?3 ESCAPE '\\')",
            format!("%{}%", literal(&query)),
        ),
    };
    let origin = match params.origin.as_deref() {
        Some("local") => "host IS NULL",
        Some("remote") => "host IS NOT NULL",
        Some(_) | None => "1",
    };
    ctx.read(move |view| {
        if !Policies::of_id(view, viewer.as_ref())?.allow("canSearchUsers") {
            return Err(ROLE_PERMISSION_DENIED.into());
        }
        let sql = format!(
            "SELECT * FROM user
             WHERE NOT is_suspended AND NOT is_deleted AND {NOT_UNWANTED}
               AND {origin} AND {condition}
             ORDER BY (username_lower LIKE ?3 ESCAPE '\\'
                       OR ifnull(name, '') LIKE ?3 ESCAPE '\\') DESC,
                      updated_at DESC, id
             LIMIT ?4 OFFSET ?5",
        );
        let viewer = viewer.as_ref();
        let users = users(
            view,
            &sql,
            &[
                &viewer.map(UserId::as_str),
                &view.now_ms(),
                &pattern,
                &params.limit.unwrap_or(10),
                &params.offset,
            ],
        )?;
        pack(view, &users, viewer, params.detail.unwrap_or(true))
    })
    .await
}

#[derive(Deserialize)]
struct NameParams {
    username: Option<String>,
    host: Option<String>,
    limit: Option<u32>,
    detail: Option<bool>,
}

impl Params for NameParams {
    const SCHEMA: &'static [Field] = &[
        Field::string("username").nullable().length(0, 128),
        Field::string("host").nullable().length(0, 255),
        Field::integer("limit").range(1, 100),
        Field::boolean("detail"),
    ];
}

/// Those whom the viewer follows come first: it is what clients complete mentions with.
async fn search_by_name(ctx: Ctx, params: NameParams) -> Result<Vec<Value>, ApiError> {
    if params.username.is_none() && params.host.is_none() {
        let reason = "must have required property 'username'";
        return Err(ApiError::invalid_param("#/anyOf/0/required", reason));
    }
    let viewer = ctx.viewer();
    ctx.read(move |view| {
        // Every parameter must be in the text, so `?4` is, where the host is given or not.
        let begins = |text: &Option<String>| {
            let text = text.as_deref().unwrap_or_default();
            format!("{}%", literal(&text.to_lowercase()))
        };
        let host = params.host.as_deref().map(str::to_lowercase);
        let origin = match host.as_deref() {
            None | Some("") => "1",
            Some(host) if host == "." || host == view.site().host() => "host IS NULL",
            Some(_) => "host LIKE ?4 ESCAPE '\\'",
        };
        let sql = format!(
            "SELECT * FROM user
             WHERE NOT is_suspended AND NOT is_deleted AND {NOT_UNWANTED}
               AND username_lower LIKE ?3 ESCAPE '\\' AND ({origin} OR ?4 IS NULL)
             ORDER BY EXISTS (SELECT 1 FROM follow WHERE follower_id = ?1 AND followee_id = user.id)
                      DESC, updated_at DESC, username_lower, id
             LIMIT ?5",
        );
        let viewer = viewer.as_ref();
        let users = users(
            view,
            &sql,
            &[
                &viewer.map(UserId::as_str),
                &view.now_ms(),
                &begins(&params.username),
                &begins(&params.host),
                &params.limit.unwrap_or(10),
            ],
        )?;
        pack(view, &users, viewer, params.detail.unwrap_or(true))
    })
    .await
}

fn users(view: &View<'_>, sql: &str, params: &[&dyn ToSql]) -> rusqlite::Result<Vec<User>> {
    view.prepare_cached(sql)?
        .query_map(params, User::from_row)?
        .collect()
}

/// `UserDetailed` of each, or `UserLite`.
pub(super) fn pack(
    view: &View<'_>,
    users: &[User],
    viewer: Option<&UserId>,
    detail: bool,
) -> Result<Vec<Value>, ApiError> {
    let mut packed = Vec::with_capacity(users.len());
    for user in users {
        packed.push(if detail {
            view.pack().user_detailed(user, For::viewer(viewer))?
        } else {
            view.pack().user_lite(user)?
        });
    }
    Ok(packed)
}

/// Text that stands for itself in a pattern of `LIKE`.
fn literal(text: &str) -> String {
    let mut literal = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            literal.push('\\');
        }
        literal.push(character);
    }
    literal
}
