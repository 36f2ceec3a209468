//! `users`: everyone who wants to be found.

use rusqlite::params;
use serde::Deserialize;
use serde_json::Value;

use super::search::{NOT_UNWANTED, pack};
use crate::api::ctx::Ctx;
use crate::api::endpoint::{Endpoint, Registry};
use crate::api::error::ApiError;
use crate::api::schema::{Field, Params};
use crate::model::user::User;

/// Who changed something within this time is alive, in milliseconds.
const ALIVE_MS: u64 = 5 * 24 * 60 * 60 * 1000;

pub(super) fn register(registry: &mut Registry) {
    registry.add(Endpoint::open("users").also_get(), list);
}

#[derive(Deserialize)]
struct ListParams {
    limit: Option<u32>,
    #[serde(default)]
    offset: u32,
    sort: Option<String>,
    state: Option<String>,
    origin: Option<String>,
    hostname: Option<String>,
}

impl Params for ListParams {
    const SCHEMA: &'static [Field] = &[
        Field::integer("limit").range(1, 100),
        Field::integer("offset").range(0, i32::MAX as i64),
        Field::string("sort").one_of(&[
            "+follower",
            "-follower",
            "+createdAt",
            "-createdAt",
            "+updatedAt",
            "-updatedAt",
        ]),
        Field::string("state").one_of(&["all", "alive"]),
        Field::string("origin").one_of(&["combined", "local", "remote"]),
        Field::string("hostname").nullable(),
    ];
}

impl ListParams {
    fn order(&self) -> &'static str {
        match self.sort.as_deref() {
            Some("+follower") => "followers_count DESC, id",
            Some("-follower") => "followers_count, id",
            Some("+createdAt") => "id DESC",
            Some("-createdAt") => "id",
            Some("+updatedAt") => "updated_at DESC, id",
            Some("-updatedAt") => "updated_at, id",
            Some(_) | None => "id",
        }
    }

    fn origin(&self) -> &'static str {
        match self.origin.as_deref() {
            Some("combined") => "1",
            Some("remote") => "host IS NOT NULL",
            Some(_) | None => "host IS NULL",
        }
    }

    fn sorts_by_update(&self) -> bool {
        let sort = self.sort.as_deref();
        sort.is_some_and(|sort| sort.ends_with("updatedAt"))
    }
}

async fn list(ctx: Ctx, params: ListParams) -> Result<Vec<Value>, ApiError> {
    let viewer = ctx.viewer();
    ctx.read(move |view| {
        let alive_since = match params.state.as_deref() {
            Some("alive") => Some(view.now_ms().saturating_sub(ALIVE_MS)),
            Some(_) | None => params.sorts_by_update().then_some(0),
        };
        let sql = format!(
            "SELECT * FROM user
             WHERE NOT is_suspended AND NOT is_deleted AND {NOT_UNWANTED} AND {}
               AND ifnull(json_extract(settings, '$.isExplorable'), 1)
               AND (?3 IS NULL OR updated_at > ?3) AND (?4 IS NULL OR host = ?4)
             ORDER BY {} LIMIT ?5 OFFSET ?6",
            params.origin(),
            params.order(),
        );
        let users: Vec<User> = view
            .prepare_cached(&sql)?
            .query_map(
                params![
                    viewer.as_ref().map(protocol::id::UserId::as_str),
                    view.now_ms(),
                    alive_since,
                    params.hostname.as_ref().map(|host| host.to_lowercase()),
                    params.limit.unwrap_or(10),
                    params.offset,
                ],
                User::from_row,
            )?
            .collect::<Result<_, _>>()?;
        pack(view, &users, viewer.as_ref(), true)
    })
    .await
}
