//! `chat/rooms/invitations/create|ignore|inbox|outbox`.

use protocol::id::UserId;
use rusqlite::{Connection, params};
use serde::Deserialize;
use serde_json::Value;

use super::errors::{
    ALREADY_A_MEMBER, ALREADY_INVITED, NO_RECIPIENT, NO_ROOM_IGNORED, NO_ROOM_OF_INVITATIONS,
    NO_ROOM_TO_INVITE_TO, TOO_MANY_MEMBERS, YOU_HAVE_BEEN_BLOCKED,
};
use super::members::count_members;
use super::{owned_room, page_of, read, write};
use crate::api::ctx::Ctx;
use crate::api::endpoint::{Endpoint, NoContent, Registry};
use crate::api::error::ApiError;
use crate::api::paging::{Paging, paged};
use crate::api::schema::{Field, Params};
use crate::limits::CHAT_ROOM_MEMBERS_MAX;
use crate::model::chat_room::{self, Link, Room};
use crate::model::relation;
use crate::model::user::{self, User};
use crate::notifications::{self, Notice};
use crate::store::Col;

/// Where invitations are.
const TABLE: &str = "chat_room_invitation";

pub(super) fn register(registry: &mut Registry) {
    let read = |name| Endpoint::login(name, "read:chat");
    let write = |name| Endpoint::login(name, "write:chat");
    registry.add(write("chat/rooms/invitations/create"), create);
    registry.add(write("chat/rooms/invitations/ignore"), ignore);
    registry.add(read("chat/rooms/invitations/inbox"), inbox);
    registry.add(read("chat/rooms/invitations/outbox"), outbox);
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateParams {
    room_id: String,
    user_id: String,
}

impl Params for CreateParams {
    const SCHEMA: &'static [Field] = &[
        Field::id("roomId").required(),
        Field::id("userId").required(),
    ];
}

async fn create(ctx: Ctx, params: CreateParams) -> Result<Value, ApiError> {
    write(&ctx, move |tx, me| {
        let room = owned_room(tx, &params.room_id, me, NO_ROOM_TO_INVITE_TO)?;
        let invited = user::by_id(tx, &params.user_id)?
            .filter(|user| user.is_local() && !user.is_suspended && !user.is_deleted)
            .ok_or(NO_RECIPIENT)?;
        must_be_new(tx, &room, &invited)?;
        let invitation = Link {
            id: tx.new_id(),
            room_id: room.id,
            user_id: invited.id,
        };
        tx.execute(
            "INSERT INTO chat_room_invitation (id, room_id, user_id) VALUES (?1, ?2, ?3)",
            params![
                invitation.id,
                Col(&invitation.room_id),
                Col(&invitation.user_id)
            ],
        )?;
        crate::chat::tell_audience(tx, &invitation.room_id)?;
        let shown = tx
            .pack()
            .chat_invitation(&invitation, &invitation.user_id)?;
        let notice = Notice::new("chatRoomInvitationReceived")
            .from(me)
            .with("invitation", shown);
        notifications::notify(tx, &invitation.user_id, notice)?;
        Ok(tx.pack().chat_invitation(&invitation, me)?)
    })
    .await
}

/// Refuses to invite who is in the room or invited already, or blocks its owner.
fn must_be_new(connection: &Connection, room: &Room, invited: &User) -> Result<(), ApiError> {
    let id = &invited.id;
    if chat_room::is_in(connection, &room.id, id)? {
        return Err(ALREADY_A_MEMBER.into());
    }
    if chat_room::is_invited(connection, &room.id, id)? {
        return Err(ALREADY_INVITED.into());
    }
    if relation::blocks(connection, id.as_str(), room.owner_id.as_str())? {
        return Err(YOU_HAVE_BEEN_BLOCKED.into());
    }
    let invitations: usize = connection
        .prepare_cached("SELECT count(*) FROM chat_room_invitation WHERE room_id = ?1")?
        .query_row([Col(&room.id)], |row| row.get(0))?;
    if count_members(connection, room)? + invitations >= CHAT_ROOM_MEMBERS_MAX {
        return Err(TOO_MANY_MEMBERS.into());
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct IgnoreParams {
    room_id: String,
}

impl Params for IgnoreParams {
    const SCHEMA: &'static [Field] = &[Field::id("roomId").required()];
}

async fn ignore(ctx: Ctx, params: IgnoreParams) -> Result<NoContent, ApiError> {
    write(&ctx, move |tx, me| {
        let changed = tx.execute(
            "UPDATE chat_room_invitation SET is_ignored = 1 WHERE room_id = ?1 AND user_id = ?2",
            params![params.room_id, Col(me)],
        )?;
        if changed == 0 {
            return Err(NO_ROOM_IGNORED.into());
        }
        Ok(NoContent)
    })
    .await
}

#[derive(Deserialize)]
struct InboxParams {
    #[serde(flatten)]
    paging: Paging,
}

impl Params for InboxParams {
    const SCHEMA: &'static [Field] = paged![];
}

async fn inbox(ctx: Ctx, params: InboxParams) -> Result<Vec<Value>, ApiError> {
    read(&ctx, move |view, me| {
        let page = params.paging.page(30);
        let open = (TABLE, "user_id = ?1 AND is_ignored = 0");
        let found = page_of(view, open, me.as_str(), &page, Link::from_row)?;
        pack(view.pack(), &found, me)
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OutboxParams {
    room_id: String,
    #[serde(flatten)]
    paging: Paging,
}

impl Params for OutboxParams {
    const SCHEMA: &'static [Field] = paged![Field::id("roomId").required()];
}

async fn outbox(ctx: Ctx, params: OutboxParams) -> Result<Vec<Value>, ApiError> {
    read(&ctx, move |view, me| {
        let room = owned_room(view, &params.room_id, me, NO_ROOM_OF_INVITATIONS)?;
        let page = params.paging.page(30);
        let all = (TABLE, "room_id = ?1");
        let found = page_of(view, all, room.id.as_str(), &page, Link::from_row)?;
        pack(view.pack(), &found, me)
    })
    .await
}

fn pack(
    packer: crate::pack::Packer<'_>,
    found: &[Link],
    me: &UserId,
) -> Result<Vec<Value>, ApiError> {
    found
        .iter()
        .map(|invitation| Ok(packer.chat_invitation(invitation, me)?))
        .collect()
}
