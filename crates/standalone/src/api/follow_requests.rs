//! Requests to follow.

use rusqlite::params;
use serde::Deserialize;
use serde_json::{Value, json};

use super::ctx::Ctx;
use super::endpoint::{Endpoint, NoContent, Registry};
use super::error::{ApiError, ErrorKind};
use super::following::{UserParams, find, lite, myself};
use super::paging::{Page, Paging, paged};
use super::schema::{Field, Params};
use crate::follows;

pub(super) fn register(registry: &mut Registry) {
    let write = |name| Endpoint::login(name, "write:following");
    let read = |name| Endpoint::login(name, "read:following");
    registry.add(write("following/requests/accept"), accept);
    registry.add(write("following/requests/reject"), reject);
    registry.add(write("following/requests/cancel"), cancel);
    registry.add(read("following/requests/list"), list);
    registry.add(read("following/requests/sent"), sent);
}

const ACCEPT_NO_SUCH_USER: ErrorKind = ErrorKind::client(
    "NO_SUCH_USER",
    "66ce1645-d66c-46bb-8b79-96739af885bd",
    "No such user.",
);
const NO_FOLLOW_REQUEST: ErrorKind = ErrorKind::client(
    "NO_FOLLOW_REQUEST",
    "bcde4f8b-0913-4614-8881-614e522fb041",
    "No follow request.",
);

async fn accept(ctx: Ctx, params: UserParams) -> Result<NoContent, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        let follower = find(tx, &params.user_id, ACCEPT_NO_SUCH_USER)?;
        let me = myself(tx, &me)?;
        if !follows::accept(tx, &follower, &me)? {
            return Err(NO_FOLLOW_REQUEST.into());
        }
        Ok(NoContent)
    })
    .await
}

const REJECT_NO_SUCH_USER: ErrorKind = ErrorKind::client(
    "NO_SUCH_USER",
    "abc2ffa6-25b2-4380-ba99-321ff3a94555",
    "No such user.",
);

/// Without a request there is nothing to do, which is no error.
async fn reject(ctx: Ctx, params: UserParams) -> Result<NoContent, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        let follower = find(tx, &params.user_id, REJECT_NO_SUCH_USER)?;
        let me = myself(tx, &me)?;
        follows::reject(tx, &follower, &me)?;
        Ok(NoContent)
    })
    .await
}

const CANCEL_NO_SUCH_USER: ErrorKind = ErrorKind::client(
    "NO_SUCH_USER",
    "4e68c551-fc4c-4e46-bb41-7d4a37bf9dab",
    "No such user.",
);
const FOLLOW_REQUEST_NOT_FOUND: ErrorKind = ErrorKind::client(
    "FOLLOW_REQUEST_NOT_FOUND",
    "089b125b-d338-482a-9a09-e2622ac9f8d4",
    "Follow request not found.",
);

async fn cancel(ctx: Ctx, params: UserParams) -> Result<Value, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        let followee = find(tx, &params.user_id, CANCEL_NO_SUCH_USER)?;
        let me = myself(tx, &me)?;
        if !follows::cancel(tx, &me, &followee)? {
            return Err(FOLLOW_REQUEST_NOT_FOUND.into());
        }
        lite(tx, &followee.id)
    })
    .await
}

#[derive(Deserialize)]
struct ListParams {
    #[serde(flatten)]
    paging: Paging,
}

impl Params for ListParams {
    const SCHEMA: &'static [Field] = paged![];
}

/// The requests to the user.
async fn list(ctx: Ctx, params: ListParams) -> Result<Vec<Value>, ApiError> {
    requests(ctx, "followee_id", params.paging.page(10)).await
}

/// The requests of the user.
async fn sent(ctx: Ctx, params: ListParams) -> Result<Vec<Value>, ApiError> {
    requests(ctx, "follower_id", params.paging.page(10)).await
}

/// The requests where the user is in this column.
async fn requests(ctx: Ctx, mine: &'static str, page: Page) -> Result<Vec<Value>, ApiError> {
    let me = ctx.my_id()?;
    ctx.read(move |view| {
        let requests: Vec<[String; 3]> = view
            .prepare_cached(&format!(
                "SELECT id, follower_id, followee_id FROM follow_request
                 WHERE {mine} = ?1 AND id > ?2 AND id < ?3 ORDER BY id {} LIMIT ?4",
                page.order,
            ))?
            .query_map(
                params![me.as_str(), page.after, page.before, page.limit],
                |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]),
            )?
            .collect::<Result<_, _>>()?;
        let mut packed = Vec::with_capacity(requests.len());
        for [id, follower, followee] in requests {
            packed.push(json!({
                "id": id,
                "follower": view.pack().user_lite_by_id(&follower)?,
                "followee": view.pack().user_lite_by_id(&followee)?,
            }));
        }
        Ok(packed)
    })
    .await
}
