//! `chat/rooms/create|show|update|delete|owned`.

use protocol::id::{RoomId, UserId};
use rusqlite::Connection;
use serde::Deserialize;
use serde_json::Value;

use super::errors::{NO_ROOM_DELETED, NO_ROOM_SHOWN, NO_ROOM_UPDATED, TOO_MANY_ROOMS};
use super::{owned_room, page_of, read, write};
use crate::api::ctx::Ctx;
use crate::api::endpoint::{Endpoint, NoContent, Registry};
use crate::api::error::ApiError;
use crate::api::paging::{Paging, paged};
use crate::api::schema::{Field, Params};
use crate::limits::{CHAT_ROOM_DESCRIPTION_MAX, CHAT_ROOM_NAME_MAX, CHAT_ROOMS_MAX};
use crate::model::chat_room::{self, Room};
use crate::store::Col;

pub(super) fn register(registry: &mut Registry) {
    let read = |name| Endpoint::login(name, "read:chat");
    let write = |name| Endpoint::login(name, "write:chat");
    registry.add(write("chat/rooms/create"), create);
    registry.add(read("chat/rooms/show"), show);
    registry.add(write("chat/rooms/update"), update);
    registry.add(write("chat/rooms/delete"), delete);
    registry.add(read("chat/rooms/owned"), owned);
}

const NAME: Field = Field::string("name").length(0, CHAT_ROOM_NAME_MAX as i64);
const DESCRIPTION: Field = Field::string("description").length(0, CHAT_ROOM_DESCRIPTION_MAX as i64);

#[derive(Deserialize)]
struct CreateParams {
    name: String,
    description: Option<String>,
}

impl Params for CreateParams {
    const SCHEMA: &'static [Field] = &[NAME.required(), DESCRIPTION];
}

async fn create(ctx: Ctx, params: CreateParams) -> Result<Value, ApiError> {
    write(&ctx, move |tx, me| {
        if count_owned(tx, me)? >= CHAT_ROOMS_MAX {
            return Err(TOO_MANY_ROOMS.into());
        }
        let room = Room {
            id: RoomId::parse(&tx.new_id()).expect("new ids are ids"),
            owner_id: me.clone(),
            name: params.name,
            description: params.description.unwrap_or_default(),
        };
        chat_room::save(tx, &room)?;
        Ok(tx.pack().chat_room(&room, me)?)
    })
    .await
}

fn count_owned(connection: &Connection, owner: &UserId) -> rusqlite::Result<usize> {
    connection
        .prepare_cached("SELECT count(*) FROM chat_room WHERE owner_id = ?1")?
        .query_row([Col(owner)], |row| row.get(0))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RoomParams {
    room_id: String,
}

impl Params for RoomParams {
    const SCHEMA: &'static [Field] = &[Field::id("roomId").required()];
}

/// To those who are in the room or invited to it, and to administrators.
async fn show(ctx: Ctx, params: RoomParams) -> Result<Value, ApiError> {
    let is_admin = ctx.me()?.staff.administrator;
    read(&ctx, move |view, me| {
        let room = chat_room::by_id(view, &params.room_id)?.ok_or(NO_ROOM_SHOWN)?;
        let may_see = is_admin
            || chat_room::is_in(view, &room.id, me)?
            || chat_room::is_invited(view, &room.id, me)?;
        if !may_see {
            return Err(NO_ROOM_SHOWN.into());
        }
        Ok(view.pack().chat_room(&room, me)?)
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UpdateParams {
    room_id: String,
    name: Option<String>,
    description: Option<String>,
}

impl Params for UpdateParams {
    const SCHEMA: &'static [Field] = &[Field::id("roomId").required(), NAME, DESCRIPTION];
}

async fn update(ctx: Ctx, params: UpdateParams) -> Result<Value, ApiError> {
    write(&ctx, move |tx, me| {
        let mut room = owned_room(tx, &params.room_id, me, NO_ROOM_UPDATED)?;
        if let Some(name) = params.name {
            room.name = name;
        }
        if let Some(description) = params.description {
            room.description = description;
        }
        chat_room::save(tx, &room)?;
        Ok(tx.pack().chat_room(&room, me)?)
    })
    .await
}

/// By the owner, or an administrator.
async fn delete(ctx: Ctx, params: RoomParams) -> Result<NoContent, ApiError> {
    let is_admin = ctx.me()?.staff.administrator;
    write(&ctx, move |tx, me| {
        let room = chat_room::by_id(tx, &params.room_id)?
            .filter(|room| is_admin || room.owner_id == *me)
            .ok_or(NO_ROOM_DELETED)?;
        crate::chat::delete_room(tx, &room.id)?;
        Ok(NoContent)
    })
    .await
}

#[derive(Deserialize)]
struct OwnedParams {
    #[serde(flatten)]
    paging: Paging,
}

impl Params for OwnedParams {
    const SCHEMA: &'static [Field] = paged![];
}

async fn owned(ctx: Ctx, params: OwnedParams) -> Result<Vec<Value>, ApiError> {
    read(&ctx, move |view, me| {
        let page = params.paging.page(30);
        let mine = ("chat_room", "owner_id = ?1");
        let rooms = page_of(view, mine, me.as_str(), &page, Room::from_row)?;
        rooms
            .iter()
            .map(|room| Ok(view.pack().chat_room(room, me)?))
            .collect()
    })
    .await
}
