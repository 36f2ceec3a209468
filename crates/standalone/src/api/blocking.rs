//! Blocking users.

use rusqlite::params;
use serde_json::{Value, json};

use super::ctx::Ctx;
use super::endpoint::{Endpoint, Registry};
use super::error::{ApiError, ErrorKind};
use super::following::{UserParams, find, myself};
use super::mutes::{ListParams, detailed};
use crate::blocks;
use crate::model::relation;
use crate::pack::time;
use crate::store::Col;

pub(super) fn register(registry: &mut Registry) {
    registry.add(Endpoint::login("blocking/create", "write:blocks"), create);
    registry.add(Endpoint::login("blocking/delete", "write:blocks"), delete);
    registry.add(Endpoint::login("blocking/list", "read:blocks"), list);
}

const CREATE_NO_SUCH_USER: ErrorKind = ErrorKind::client(
    "NO_SUCH_USER",
    "7cc4f851-e2f1-4621-9633-ec9e1d00c01e",
    "No such user.",
);
const CREATE_BLOCKEE_IS_YOURSELF: ErrorKind = ErrorKind::client(
    "BLOCKEE_IS_YOURSELF",
    "88b19138-f28d-42c0-8499-6a31bbd0fdc6",
    "Blockee is yourself.",
);
const ALREADY_BLOCKING: ErrorKind = ErrorKind::client(
    "ALREADY_BLOCKING",
    "787fed64-acb9-464a-82eb-afbd745b9614",
    "You are already blocking that user.",
);

async fn create(ctx: Ctx, params: UserParams) -> Result<Value, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        if params.user_id == me.as_str() {
            return Err(CREATE_BLOCKEE_IS_YOURSELF.into());
        }
        let blockee = find(tx, &params.user_id, CREATE_NO_SUCH_USER)?;
        if relation::blocks(tx, me.as_str(), blockee.id.as_str())? {
            return Err(ALREADY_BLOCKING.into());
        }
        let blocker = myself(tx, &me)?;
        blocks::block(tx, &blocker, &blockee)?;
        detailed(tx, blockee.id.as_str(), &me)
    })
    .await
}

const DELETE_NO_SUCH_USER: ErrorKind = ErrorKind::client(
    "NO_SUCH_USER",
    "8621d8bf-c358-4303-a066-5ea78610eb3f",
    "No such user.",
);
const DELETE_BLOCKEE_IS_YOURSELF: ErrorKind = ErrorKind::client(
    "BLOCKEE_IS_YOURSELF",
    "06f6fac6-524b-473c-a354-e97a40ae6eac",
    "Blockee is yourself.",
);
const NOT_BLOCKING: ErrorKind = ErrorKind::client(
    "NOT_BLOCKING",
    "291b2efa-60c6-45c0-9f6a-045c8f9b02cd",
    "You are not blocking that user.",
);

async fn delete(ctx: Ctx, params: UserParams) -> Result<Value, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        if params.user_id == me.as_str() {
            return Err(DELETE_BLOCKEE_IS_YOURSELF.into());
        }
        let blockee = find(tx, &params.user_id, DELETE_NO_SUCH_USER)?;
        let blocker = myself(tx, &me)?;
        if !blocks::unblock(tx, &blocker, &blockee)? {
            return Err(NOT_BLOCKING.into());
        }
        detailed(tx, blockee.id.as_str(), &me)
    })
    .await
}

async fn list(ctx: Ctx, params: ListParams) -> Result<Vec<Value>, ApiError> {
    let me = ctx.my_id()?;
    let page = params.paging.page(30);
    ctx.read(move |view| {
        let blocks: Vec<(String, String)> = view
            .prepare_cached(&format!(
                "SELECT id, blockee_id FROM block
                 WHERE blocker_id = ?1 AND id > ?2 AND id < ?3 ORDER BY id {} LIMIT ?4",
                page.order,
            ))?
            .query_map(
                params![Col(&me), page.after, page.before, page.limit],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?
            .collect::<Result<_, _>>()?;
        let mut packed = Vec::with_capacity(blocks.len());
        for (id, blockee) in blocks {
            packed.push(json!({
                "id": id,
                "createdAt": time::created_at(&id),
                "blockeeId": blockee,
                "blockee": detailed(view, &blockee, &me)?,
            }));
        }
        Ok(packed)
    })
    .await
}

#[cfg(test)]
mod tests;
