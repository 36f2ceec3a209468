//! Chats: sending, reading, and telling people later of what they have not read.
//!
//! Whoever calls these has checked that they may.

mod legacy;

use protocol::id::{RoomId, UserId};
use rusqlite::params;

use crate::events;
use crate::limits::CHAT_UNREAD_DELAY_MS;
use crate::model::chat::{self, Message, To};
use crate::model::{chat_room, relation};
use crate::store::{Col, StoreError, Tx, View};

/// Sends a message: it appears in the chat, and waits to be read by everyone else in it.
pub(crate) fn send(tx: &mut Tx<'_>, message: &Message) -> Result<(), StoreError> {
    chat::insert(tx, message)?;
    let readers = readers(tx, message)?;
    for reader in &readers {
        chat::mark_unread(tx, reader, message)?;
    }
    let packed = tx.pack().chat_message_lite(message)?;
    publish(tx, message, "message", &packed)?;
    legacy::sent(tx, message, &readers)?;
    tx.set_alarm(tx.now_ms() + CHAT_UNREAD_DELAY_MS);
    Ok(())
}

/// Publishes an event to all who look at the chat of a message.
pub(crate) fn publish(
    tx: &mut Tx<'_>,
    message: &Message,
    kind: &str,
    body: &serde_json::Value,
) -> Result<(), StoreError> {
    match &message.to {
        To::User(to) => events::chat_user(tx, &message.from_id, to, kind, body),
        To::Room(room) => events::chat_room(tx, room, kind, body),
    }
}

/// Tells those who have not read a message that there is one: `newChatMessage`.
pub(crate) fn remind(tx: &mut Tx<'_>, message: &Message) -> Result<(), StoreError> {
    for reader in readers(tx, message)? {
        if chat::is_unread(tx, &reader, message)? {
            let packed = tx.pack().chat_message(message, &reader)?;
            events::main(tx, &reader, "newChatMessage", &packed)?;
            legacy::unread(tx, message, &reader)?;
        }
    }
    Ok(())
}

/// Deletes a message.
pub(crate) fn delete(tx: &mut Tx<'_>, message: &Message) -> Result<(), StoreError> {
    tx.execute("DELETE FROM chat_message WHERE id = ?1", [&message.id])?;
    publish(tx, message, "deleted", &message.id.clone().into())?;
    legacy::deleted(tx, message)
}

/// Notes that a user has read all that is in a chat.
pub(crate) fn read(tx: &mut Tx<'_>, me: &UserId, chat: &str) -> Result<(), StoreError> {
    let seen = chat::unread(tx, me, chat)?;
    chat::mark_read(tx, me, chat)?;
    legacy::read(tx, me, &seen)
}

/// Notes that a user has read all of their chats.
pub(crate) fn read_all(tx: &mut Tx<'_>, me: &UserId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM chat_unread WHERE user_id = ?1", [Col(me)])?;
    legacy::all_read(tx, me)
}

/// Deletes a room with all that was said in it.
pub(crate) fn delete_room(tx: &mut Tx<'_>, room: &RoomId) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM chat_unread WHERE chat = ?1",
        [chat::chat_of_room(room)],
    )?;
    tx.execute("DELETE FROM chat_room WHERE id = ?1", [Col(room)])?;
    tell_audience(tx, room)
}

/// Publishes who may read a room, for the streams that are open, after that has changed. Whoever
/// is invited may already, so who joins changes nothing.
pub(crate) fn tell_audience(tx: &mut Tx<'_>, room: &RoomId) -> Result<(), StoreError> {
    let audience = match chat_room::by_id(tx, room.as_str())? {
        Some(room) => chat_room::audience(tx, &room)?,
        None => Vec::new(),
    };
    events::chat_room_updated(tx, room, &audience)
}

/// Takes a member out of a room; `false`: they were none.
pub(crate) fn leave_room(
    tx: &mut Tx<'_>,
    room: &RoomId,
    member: &UserId,
) -> Result<bool, StoreError> {
    let left = tx.execute(
        "DELETE FROM chat_room_member WHERE room_id = ?1 AND user_id = ?2",
        params![Col(room), Col(member)],
    )?;
    chat::mark_read(tx, member, &chat::chat_of_room(room))?;
    tell_audience(tx, room)?;
    Ok(left > 0)
}

/// Who wants to hear of a message: those in its chat who mute neither its author nor the room.
fn readers(view: &View<'_>, message: &Message) -> rusqlite::Result<Vec<UserId>> {
    let mut readers = match &message.to {
        To::User(to) => vec![to.clone()],
        To::Room(id) => match chat_room::by_id(view, id.as_str())? {
            Some(room) => chat_room::people(view, &room)?,
            None => Vec::new(),
        },
    };
    let from = &message.from_id;
    let mut wanted = Vec::with_capacity(readers.len());
    for reader in readers.drain(..).filter(|reader| reader != from) {
        let deaf = match &message.to {
            To::User(_) => false,
            To::Room(room) => chat_room::is_muted(view, room, &reader)?,
        };
        if !deaf && !relation::mutes(view, reader.as_str(), from.as_str(), view.now_ms())? {
            wanted.push(reader);
        }
    }
    Ok(wanted)
}
