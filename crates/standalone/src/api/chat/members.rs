//! `chat/rooms/join|leave|joining|members|mute`.

use rusqlite::{Connection, params};
use serde::Deserialize;
use serde_json::Value;

use super::errors::{
    NO_ROOM_JOINED, NO_ROOM_LEFT, NO_ROOM_MUTED, NO_ROOM_OF_MEMBERS, OWNER_CANNOT_LEAVE,
    TOO_MANY_MEMBERS,
};
use super::{joined_room, page_of, read, write};
use crate::api::ctx::Ctx;
use crate::api::endpoint::{Endpoint, NoContent, Registry};
use crate::api::error::ApiError;
use crate::api::paging::{Paging, paged};
use crate::api::schema::{Field, Params};
use crate::limits::CHAT_ROOM_MEMBERS_MAX;
use crate::model::chat_room::{self, Link, Room};
use crate::pack::MembershipOf;
use crate::store::Col;

/// Where memberships are.
const TABLE: &str = "chat_room_member";

pub(super) fn register(registry: &mut Registry) {
    let read = |name| Endpoint::login(name, "read:chat");
    let write = |name| Endpoint::login(name, "write:chat");
    registry.add(write("chat/rooms/join"), join);
    registry.add(write("chat/rooms/leave"), leave);
    registry.add(read("chat/rooms/joining"), joining);
    registry.add(read("chat/rooms/members"), members);
    registry.add(write("chat/rooms/mute"), mute);
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RoomParams {
    room_id: String,
}

impl Params for RoomParams {
    const SCHEMA: &'static [Field] = &[Field::id("roomId").required()];
}

/// Accepts an invitation.
async fn join(ctx: Ctx, params: RoomParams) -> Result<NoContent, ApiError> {
    write(&ctx, move |tx, me| {
        let room = chat_room::by_id(tx, &params.room_id)?.ok_or(NO_ROOM_JOINED)?;
        let accepted = tx.execute(
            "DELETE FROM chat_room_invitation WHERE room_id = ?1 AND user_id = ?2",
            params![Col(&room.id), Col(me)],
        )?;
        if accepted == 0 {
            return Err(NO_ROOM_JOINED.into());
        }
        if count_members(tx, &room)? >= CHAT_ROOM_MEMBERS_MAX {
            return Err(TOO_MANY_MEMBERS.into());
        }
        tx.execute(
            "INSERT INTO chat_room_member (id, room_id, user_id) VALUES (?1, ?2, ?3)",
            params![tx.new_id(), Col(&room.id), Col(me)],
        )?;
        Ok(NoContent)
    })
    .await
}

/// How many are in a room beside its owner.
pub(super) fn count_members(connection: &Connection, room: &Room) -> rusqlite::Result<usize> {
    connection
        .prepare_cached("SELECT count(*) FROM chat_room_member WHERE room_id = ?1")?
        .query_row([Col(&room.id)], |row| row.get(0))
}

async fn leave(ctx: Ctx, params: RoomParams) -> Result<NoContent, ApiError> {
    write(&ctx, move |tx, me| {
        let room = chat_room::by_id(tx, &params.room_id)?.ok_or(NO_ROOM_LEFT)?;
        if room.owner_id == *me {
            return Err(OWNER_CANNOT_LEAVE.into());
        }
        if !crate::chat::leave_room(tx, &room.id, me)? {
            return Err(NO_ROOM_LEFT.into());
        }
        Ok(NoContent)
    })
    .await
}

#[derive(Deserialize)]
struct JoiningParams {
    #[serde(flatten)]
    paging: Paging,
}

impl Params for JoiningParams {
    const SCHEMA: &'static [Field] = paged![];
}

/// The rooms of others that the user is in.
async fn joining(ctx: Ctx, params: JoiningParams) -> Result<Vec<Value>, ApiError> {
    read(&ctx, move |view, me| {
        let page = params.paging.page(30);
        page_of(
            view,
            (TABLE, "user_id = ?1"),
            me.as_str(),
            &page,
            Link::from_row,
        )?
        .iter()
        .map(|member| {
            Ok(view
                .pack()
                .chat_membership(member, MembershipOf::User(me))?)
        })
        .collect()
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MembersParams {
    room_id: String,
    #[serde(flatten)]
    paging: Paging,
}

impl Params for MembersParams {
    const SCHEMA: &'static [Field] = paged![Field::id("roomId").required()];
}

async fn members(ctx: Ctx, params: MembersParams) -> Result<Vec<Value>, ApiError> {
    read(&ctx, move |view, me| {
        let room = joined_room(view, &params.room_id, me, NO_ROOM_OF_MEMBERS)?;
        let page = params.paging.page(30);
        page_of(
            view,
            (TABLE, "room_id = ?1"),
            room.id.as_str(),
            &page,
            Link::from_row,
        )?
        .iter()
        .map(|member| Ok(view.pack().chat_membership(member, MembershipOf::Room)?))
        .collect()
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MuteParams {
    room_id: String,
    mute: bool,
}

impl Params for MuteParams {
    const SCHEMA: &'static [Field] = &[
        Field::id("roomId").required(),
        Field::boolean("mute").required(),
    ];
}

async fn mute(ctx: Ctx, params: MuteParams) -> Result<NoContent, ApiError> {
    write(&ctx, move |tx, me| {
        let changed = tx.execute(
            "UPDATE chat_room_member SET is_muted = ?3 WHERE room_id = ?1 AND user_id = ?2",
            params![params.room_id, Col(me), params.mute],
        )?;
        if changed == 0 {
            return Err(NO_ROOM_MUTED.into());
        }
        Ok(NoContent)
    })
    .await
}
