//! `chat/messages/create-to-user|create-to-room|show|delete`.

use protocol::id::UserId;
use rusqlite::Connection;
use serde::Deserialize;
use serde_json::Value;

use super::errors::{
    CONTENT_REQUIRED, NO_MESSAGE_DELETED, NO_MESSAGE_SHOWN, NO_RECIPIENT, NO_ROOM_TO_WRITE_IN,
    NO_SUCH_FILE, RECIPIENT_IS_BLOCKED, RECIPIENT_IS_YOURSELF, RECIPIENT_TAKES_NO_CHATS,
    YOU_HAVE_BEEN_BLOCKED,
};
use super::{Availability, availability, joined_room, read, write};
use crate::api::ctx::Ctx;
use crate::api::endpoint::{Endpoint, NoContent, Registry};
use crate::api::error::{ApiError, ErrorKind};
use crate::api::schema::{Field, Params};
use crate::limits::CHAT_TEXT_MAX;
use crate::model::chat::{self, Message, To};
use crate::model::user::{self, User};
use crate::model::{chat_room, drive, relation};
use crate::store::{Col, Tx, View};

pub(super) fn register(registry: &mut Registry) {
    let write = |name| Endpoint::login(name, "write:chat");
    registry.add(write("chat/messages/create-to-user"), create_to_user);
    registry.add(write("chat/messages/create-to-room"), create_to_room);
    registry.add(write("chat/messages/delete"), delete);
    registry.add(Endpoint::login("chat/messages/show", "read:chat"), show);
}

const TEXT: Field = Field::string("text")
    .nullable()
    .length(0, CHAT_TEXT_MAX as i64);
const FILE_ID: Field = Field::id("fileId").nullable();

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ToUserParams {
    text: Option<String>,
    file_id: Option<String>,
    to_user_id: String,
}

impl Params for ToUserParams {
    const SCHEMA: &'static [Field] = &[TEXT, FILE_ID, Field::id("toUserId").required()];
}

async fn create_to_user(ctx: Ctx, params: ToUserParams) -> Result<Value, ApiError> {
    write(&ctx, move |tx, me| {
        let sent = send_to_user(tx, me, &params.to_user_id, params.text, params.file_id)?;
        Ok(tx.pack().chat_message_lite(&sent)?)
    })
    .await
}

/// Sends a message to another user, if they take it.
pub(super) fn send_to_user(
    tx: &mut Tx<'_>,
    me: &UserId,
    to: &str,
    text: Option<String>,
    file_id: Option<String>,
) -> Result<Message, ApiError> {
    if to == me.as_str() {
        return Err(RECIPIENT_IS_YOURSELF.into());
    }
    let to = user::by_id(tx, to)?
        .filter(|user| !user.is_suspended && !user.is_deleted)
        .ok_or(NO_RECIPIENT)?;
    must_take(tx, &to, me)?;
    send(tx, me, To::User(to.id), text, file_id)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ToRoomParams {
    text: Option<String>,
    file_id: Option<String>,
    to_room_id: String,
}

impl Params for ToRoomParams {
    const SCHEMA: &'static [Field] = &[TEXT, FILE_ID, Field::id("toRoomId").required()];
}

async fn create_to_room(ctx: Ctx, params: ToRoomParams) -> Result<Value, ApiError> {
    write(&ctx, move |tx, me| {
        let room = joined_room(tx, &params.to_room_id, me, NO_ROOM_TO_WRITE_IN)?;
        let sent = send(tx, me, To::Room(room.id), params.text, params.file_id)?;
        Ok(tx.pack().chat_message_lite(&sent)?)
    })
    .await
}

fn send(
    tx: &mut Tx<'_>,
    me: &UserId,
    to: To,
    text: Option<String>,
    file_id: Option<String>,
) -> Result<Message, ApiError> {
    if let Some(id) = &file_id {
        drive::file(tx, id)?
            .filter(|file| file.user_id == *me)
            .ok_or(NO_SUCH_FILE)?;
    }
    let text = text.filter(|text| !text.trim().is_empty());
    if text.is_none() && file_id.is_none() {
        return Err(CONTENT_REQUIRED.into());
    }
    let message = Message {
        id: tx.new_id(),
        from_id: me.clone(),
        to,
        text,
        file_id,
    };
    crate::chat::send(tx, &message)?;
    Ok(message)
}

/// Refuses where a user takes no messages of another: for a block, or for whom they let begin.
/// Whoever has been written to may answer.
fn must_take(view: &View<'_>, to: &User, from: &UserId) -> Result<(), ApiError> {
    let (them, me) = (to.id.as_str(), from.as_str());
    if relation::blocks(view, them, me)? {
        return Err(YOU_HAVE_BEEN_BLOCKED.into());
    }
    if relation::blocks(view, me, them)? {
        return Err(RECIPIENT_IS_BLOCKED.into());
    }
    let may_chat = to.is_local() && availability(view, &to.id)? == Availability::Available;
    if may_chat && (lets_begin(view, to, from)? || has_written(view, &to.id, from)?) {
        return Ok(());
    }
    Err(RECIPIENT_TAKES_NO_CHATS.into())
}

/// Whether a user's `chatScope` has room for another.
fn lets_begin(connection: &Connection, to: &User, from: &UserId) -> rusqlite::Result<bool> {
    let followed = || relation::follows(connection, to.id.as_str(), from.as_str());
    let following = || relation::follows(connection, from.as_str(), to.id.as_str());
    Ok(match to.chat_scope() {
        "everyone" => true,
        "followers" => following()?,
        "following" => followed()?,
        "mutual" => followed()? && following()?,
        _ => false,
    })
}

fn has_written(connection: &Connection, from: &UserId, to: &UserId) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM chat_message WHERE chat = ?1 AND from_id = ?2")?
        .exists(rusqlite::params![chat::chat_of_two(from, to), Col(from)])
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MessageParams {
    message_id: String,
}

impl Params for MessageParams {
    const SCHEMA: &'static [Field] = &[Field::id("messageId").required()];
}

async fn show(ctx: Ctx, params: MessageParams) -> Result<Value, ApiError> {
    read(&ctx, move |view, me| {
        let message = seen_message(view, &params.message_id, me, NO_MESSAGE_SHOWN)?;
        Ok(view.pack().chat_message(&message, me)?)
    })
    .await
}

async fn delete(ctx: Ctx, params: MessageParams) -> Result<NoContent, ApiError> {
    write(&ctx, move |tx, me| {
        remove(tx, me, &params.message_id, NO_MESSAGE_DELETED)
    })
    .await
}

/// Deletes a message of the user's own.
pub(super) fn remove(
    tx: &mut Tx<'_>,
    me: &UserId,
    id: &str,
    otherwise: ErrorKind,
) -> Result<NoContent, ApiError> {
    let message = chat::by_id(tx, id)?
        .filter(|message| message.from_id == *me)
        .ok_or(otherwise)?;
    crate::chat::delete(tx, &message)?;
    Ok(NoContent)
}

/// A message of a chat that the user is in.
pub(super) fn seen_message(
    connection: &Connection,
    id: &str,
    me: &UserId,
    otherwise: ErrorKind,
) -> Result<Message, ApiError> {
    let message = chat::by_id(connection, id)?.ok_or(otherwise)?;
    let is_seen = match &message.to {
        To::User(to) => *to == *me || message.from_id == *me,
        To::Room(room) => chat_room::is_in(connection, room, me)?,
    };
    if is_seen {
        Ok(message)
    } else {
        Err(otherwise.into())
    }
}
