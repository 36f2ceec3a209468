//! Muting users, or their renotes alone.

use protocol::id::UserId;
use rusqlite::params;
use serde::Deserialize;
use serde_json::{Value, json};

use super::ctx::Ctx;
use super::endpoint::{Endpoint, NoContent, Registry};
use super::error::{ApiError, ErrorKind};
use super::following::{UserParams, find};
use super::paging::{Paging, paged};
use super::schema::{Field, Params};
use crate::events;
use crate::model::{relation, user};
use crate::pack::{For, time};
use crate::store::{Col, View};

pub(super) fn register(registry: &mut Registry) {
    let write = |name| Endpoint::login(name, "write:mutes");
    let read = |name| Endpoint::login(name, "read:mutes");
    registry.add(write("mute/create"), create);
    registry.add(write("mute/delete"), delete);
    registry.add(read("mute/list"), list);
    registry.add(write("renote-mute/create"), create_for_renotes);
    registry.add(write("renote-mute/delete"), delete_for_renotes);
    registry.add(read("renote-mute/list"), list_for_renotes);
}

const CREATE_NO_SUCH_USER: ErrorKind = no_such_user("6fef56f3-e765-4957-88e5-c6f65329b8a5");
const CREATE_YOURSELF: ErrorKind = mutee_is_yourself("a4619cb2-5f23-484b-9301-94c903074e10");
const CREATE_ALREADY: ErrorKind = already_muting("7e7359cb-160c-4956-b08f-4d1c653cd007");
const DELETE_NO_SUCH_USER: ErrorKind = no_such_user("b851d00b-8ab1-4a56-8b1b-e24187cb48ef");
const DELETE_YOURSELF: ErrorKind = mutee_is_yourself("f428b029-6b39-4d48-a1d2-cc1ae6dd5cf9");
const DELETE_NOT_MUTING: ErrorKind = not_muting("5467d020-daa9-4553-81e1-135c0c35a96d");
const RENOTES_NO_SUCH_USER: ErrorKind = no_such_user("5e0a5dff-1e94-4202-87ae-4d9c89eb2271");
const RENOTES_YOURSELF: ErrorKind = mutee_is_yourself("37285718-52f7-4aef-b7de-c38b8e8a8420");
const RENOTES_ALREADY: ErrorKind = already_muting("ccfecbe4-1f1c-4fc2-8a3d-c3ffee61cb7b");
const END_RENOTES_NO_SUCH_USER: ErrorKind = no_such_user("9b6728cf-638c-4aa1-bedb-e07d8101474d");
const END_RENOTES_YOURSELF: ErrorKind = mutee_is_yourself("619b1314-0850-4597-a242-e245f3da42af");
const END_RENOTES_NOT_MUTING: ErrorKind = not_muting("2e4ef874-8bf0-4b4b-b069-4598f6d05817");

const fn no_such_user(id: &'static str) -> ErrorKind {
    ErrorKind::client("NO_SUCH_USER", id, "No such user.")
}

const fn mutee_is_yourself(id: &'static str) -> ErrorKind {
    ErrorKind::client("MUTEE_IS_YOURSELF", id, "Mutee is yourself.")
}

const fn already_muting(id: &'static str) -> ErrorKind {
    ErrorKind::client("ALREADY_MUTING", id, "You are already muting that user.")
}

const fn not_muting(id: &'static str) -> ErrorKind {
    ErrorKind::client("NOT_MUTING", id, "You are not muting that user.")
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateParams {
    user_id: String,
    expires_at: Option<u64>,
}

impl Params for CreateParams {
    const SCHEMA: &'static [Field] = &[
        Field::id("userId").required(),
        Field::integer("expiresAt").nullable().range(0, 1 << 53),
    ];
}

async fn create(ctx: Ctx, params: CreateParams) -> Result<NoContent, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        if params.user_id == me.as_str() {
            return Err(CREATE_YOURSELF.into());
        }
        let mutee = find(tx, &params.user_id, CREATE_NO_SUCH_USER)?.id;
        let now_ms = tx.now_ms();
        if relation::mutes(tx, me.as_str(), mutee.as_str(), now_ms)? {
            return Err(CREATE_ALREADY.into());
        }
        if params.expires_at.is_some_and(|at| at <= now_ms) {
            return Ok(NoContent);
        }
        // One that expired may still be there.
        tx.execute(
            "INSERT OR REPLACE INTO mute (id, muter_id, mutee_id, expires_at)
             VALUES (?1, ?2, ?3, ?4)",
            params![tx.new_id(), Col(&me), Col(&mutee), params.expires_at],
        )?;
        events::muted(tx, &me, &mutee, params.expires_at)?;
        Ok(NoContent)
    })
    .await
}

async fn delete(ctx: Ctx, params: UserParams) -> Result<NoContent, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        if params.user_id == me.as_str() {
            return Err(DELETE_YOURSELF.into());
        }
        let mutee = find(tx, &params.user_id, DELETE_NO_SUCH_USER)?.id;
        if !relation::mutes(tx, me.as_str(), mutee.as_str(), tx.now_ms())? {
            return Err(DELETE_NOT_MUTING.into());
        }
        tx.execute(
            "DELETE FROM mute WHERE muter_id = ?1 AND mutee_id = ?2",
            params![Col(&me), Col(&mutee)],
        )?;
        events::unmuted(tx, &me, &mutee)?;
        Ok(NoContent)
    })
    .await
}

#[derive(Deserialize)]
pub(super) struct ListParams {
    #[serde(flatten)]
    pub(super) paging: Paging,
}

impl Params for ListParams {
    const SCHEMA: &'static [Field] = paged![];
}

async fn list(ctx: Ctx, params: ListParams) -> Result<Vec<Value>, ApiError> {
    let me = ctx.my_id()?;
    let page = params.paging.page(30);
    ctx.read(move |view| {
        let mutes: Vec<(String, String, Option<u64>)> = view
            .prepare_cached(&format!(
                "SELECT id, mutee_id, expires_at FROM mute
                 WHERE muter_id = ?1 AND id > ?2 AND id < ?3
                   AND (expires_at IS NULL OR expires_at > ?5)
                 ORDER BY id {} LIMIT ?4",
                page.order,
            ))?
            .query_map(
                params![Col(&me), page.after, page.before, page.limit, view.now_ms()],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )?
            .collect::<Result<_, _>>()?;
        let mut packed = Vec::with_capacity(mutes.len());
        for (id, mutee, expires_at) in mutes {
            packed.push(json!({
                "id": id,
                "createdAt": time::created_at(&id),
                "expiresAt": expires_at.map(time::iso),
                "muteeId": mutee,
                "mutee": detailed(view, &mutee, &me)?,
            }));
        }
        Ok(packed)
    })
    .await
}

async fn create_for_renotes(ctx: Ctx, params: UserParams) -> Result<NoContent, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        if params.user_id == me.as_str() {
            return Err(RENOTES_YOURSELF.into());
        }
        let mutee = find(tx, &params.user_id, RENOTES_NO_SUCH_USER)?.id;
        if relation::mutes_renotes(tx, me.as_str(), mutee.as_str())? {
            return Err(RENOTES_ALREADY.into());
        }
        tx.execute(
            "INSERT INTO renote_mute (id, muter_id, mutee_id) VALUES (?1, ?2, ?3)",
            params![tx.new_id(), Col(&me), Col(&mutee)],
        )?;
        events::renotes_muted(tx, &me, &mutee)?;
        Ok(NoContent)
    })
    .await
}

async fn delete_for_renotes(ctx: Ctx, params: UserParams) -> Result<NoContent, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        if params.user_id == me.as_str() {
            return Err(END_RENOTES_YOURSELF.into());
        }
        let mutee = find(tx, &params.user_id, END_RENOTES_NO_SUCH_USER)?.id;
        let ended = tx.execute(
            "DELETE FROM renote_mute WHERE muter_id = ?1 AND mutee_id = ?2",
            params![Col(&me), Col(&mutee)],
        )?;
        if ended == 0 {
            return Err(END_RENOTES_NOT_MUTING.into());
        }
        events::renotes_unmuted(tx, &me, &mutee)?;
        Ok(NoContent)
    })
    .await
}

async fn list_for_renotes(ctx: Ctx, params: ListParams) -> Result<Vec<Value>, ApiError> {
    let me = ctx.my_id()?;
    let page = params.paging.page(30);
    ctx.read(move |view| {
        let mutes: Vec<(String, String)> = view
            .prepare_cached(&format!(
                "SELECT id, mutee_id FROM renote_mute
                 WHERE muter_id = ?1 AND id > ?2 AND id < ?3 ORDER BY id {} LIMIT ?4",
                page.order,
            ))?
            .query_map(
                params![Col(&me), page.after, page.before, page.limit],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?
            .collect::<Result<_, _>>()?;
        let mut packed = Vec::with_capacity(mutes.len());
        for (id, mutee) in mutes {
            packed.push(json!({
                "id": id,
                "createdAt": time::created_at(&id),
                "muteeId": mutee,
                "mutee": detailed(view, &mutee, &me)?,
            }));
        }
        Ok(packed)
    })
    .await
}

/// `UserDetailedNotMe` of a user that exists.
pub(super) fn detailed(view: &View<'_>, id: &str, me: &UserId) -> Result<Value, ApiError> {
    match user::by_id(view, id)? {
        Some(user) => Ok(view.pack().user_detailed(&user, For::User(me))?),
        None => Ok(Value::Null),
    }
}

#[cfg(test)]
mod tests;
