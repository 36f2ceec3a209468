//! Finding channels.

use rusqlite::{ToSql, params};
use serde::Deserialize;
use serde_json::Value;

use crate::api::ctx::Ctx;
use crate::api::endpoint::{Endpoint, Registry};
use crate::api::error::ApiError;
use crate::api::paging::{Paging, paged};
use crate::api::schema::{Field, NoParams, Params};
use crate::limits::QUERY_CHARS_MAX;
use crate::model::channel::Channel;
use crate::pack::For;
use crate::store::{Col, View};

/// How many channels come where the client doesn't say.
const LIMIT: u32 = 5;

/// How many channels are featured.
const FEATURED_MAX: u32 = 10;

pub(super) fn register(registry: &mut Registry) {
    let read = |name| Endpoint::login(name, "read:channels");
    registry.add(read("channels/followed"), followed);
    registry.add(read("channels/owned"), owned);
    registry.add(Endpoint::open("channels/featured"), featured);
    registry.add(Endpoint::open("channels/search"), search);
}

#[derive(Deserialize)]
struct PagedParams {
    #[serde(flatten)]
    paging: Paging,
}

impl Params for PagedParams {
    const SCHEMA: &'static [Field] = paged![];
}

async fn followed(ctx: Ctx, params: PagedParams) -> Result<Vec<Value>, ApiError> {
    let me = ctx.my_id()?;
    let page = params.paging.page(LIMIT);
    ctx.read(move |view| {
        let sql = format!(
            "SELECT * FROM channel
             WHERE id IN (SELECT channel_id FROM channel_follow WHERE user_id = ?1)
             AND id > ?2 AND id < ?3 ORDER BY id {} LIMIT ?4",
            page.order
        );
        let bound = params![Col(&me), page.after, page.before, page.limit];
        Ok(pack(view, &sql, bound, For::User(&me))?)
    })
    .await
}

async fn owned(ctx: Ctx, params: PagedParams) -> Result<Vec<Value>, ApiError> {
    let me = ctx.my_id()?;
    let page = params.paging.page(LIMIT);
    ctx.read(move |view| {
        let sql = format!(
            "SELECT * FROM channel WHERE user_id = ?1 AND NOT is_archived
             AND id > ?2 AND id < ?3 ORDER BY id {} LIMIT ?4",
            page.order
        );
        let bound = params![Col(&me), page.after, page.before, page.limit];
        Ok(pack(view, &sql, bound, For::User(&me))?)
    })
    .await
}

async fn featured(ctx: Ctx, _: NoParams) -> Result<Vec<Value>, ApiError> {
    let viewer = ctx.viewer();
    ctx.read(move |view| {
        let sql = "SELECT * FROM channel WHERE last_noted_at IS NOT NULL AND NOT is_archived
                   ORDER BY last_noted_at DESC LIMIT ?1";
        let to = For::viewer(viewer.as_ref());
        Ok(pack(view, sql, params![FEATURED_MAX], to)?)
    })
    .await
}

#[derive(Deserialize)]
struct SearchParams {
    query: String,
    r#type: Option<String>,
    #[serde(flatten)]
    paging: Paging,
}

impl Params for SearchParams {
    const SCHEMA: &'static [Field] = paged![
        Field::string("query")
            .required()
            .length(0, QUERY_CHARS_MAX as i64),
        Field::string("type").one_of(&["nameAndDescription", "nameOnly"]),
    ];
}

async fn search(ctx: Ctx, params: SearchParams) -> Result<Vec<Value>, ApiError> {
    let viewer = ctx.viewer();
    let page = params.paging.page(LIMIT);
    ctx.read(move |view| {
        let sql = format!(
            r"SELECT * FROM channel WHERE NOT is_archived
              AND (name LIKE ?1 ESCAPE '\' OR (?2 AND description LIKE ?1 ESCAPE '\'))
              AND id > ?3 AND id < ?4 ORDER BY id {} LIMIT ?5",
            page.order
        );
        let by_description = params.r#type.as_deref() != Some("nameOnly");
        let bound = params![
            like(&params.query),
            by_description,
            page.after,
            page.before,
            page.limit
        ];
        Ok(pack(view, &sql, bound, For::viewer(viewer.as_ref()))?)
    })
    .await
}

/// The pattern for text that contains `words`.
fn like(words: &str) -> String {
    let mut pattern = String::from("%");
    for character in words.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

fn pack(
    view: &View<'_>,
    sql: &str,
    bound: &[&dyn ToSql],
    to: For<'_>,
) -> rusqlite::Result<Vec<Value>> {
    view.prepare_cached(sql)?
        .query_map(bound, Channel::from_row)?
        .map(|channel| view.pack().channel(&channel?, to))
        .collect()
}
