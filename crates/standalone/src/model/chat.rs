//! Chat messages, their reactions, and what of them is unread.

use protocol::id::{RoomId, UserId};
use rusqlite::{Connection, OptionalExtension, Result, Row, params};

use super::optional;
use crate::limits::UNREAD_TOLD_MAX;
use crate::store::Col;

/// A row of `chat_message`.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "the migration describes the columns of the same names"
)]
pub struct Message {
    pub id: String,
    pub from_id: UserId,
    pub to: To,
    pub text: Option<String>,
    pub file_id: Option<String>,
}

/// To whom a message is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum To {
    /// One user.
    User(UserId),
    /// All who are in a room.
    Room(RoomId),
}

/// A reaction to a message.
#[derive(Debug, Clone)]
pub struct Reaction {
    /// Whose.
    pub user_id: UserId,
    /// An emoji, or `:name:`.
    pub reaction: String,
}

impl Message {
    /// Reads a row that has all the columns of `chat_message`.
    ///
    /// # Errors
    ///
    /// If a column is missing or of another kind.
    pub fn from_row(row: &Row<'_>) -> Result<Self> {
        let to = match optional::<UserId>(row, "to_user_id")? {
            Some(user) => To::User(user),
            None => To::Room(row.get::<_, Col<RoomId>>("to_room_id")?.0),
        };
        Ok(Self {
            id: row.get("id")?,
            from_id: row.get::<_, Col<UserId>>("from_id")?.0,
            to,
            text: row.get("text")?,
            file_id: row.get("file_id")?,
        })
    }

    /// The chat that it belongs to, as `chat_message.chat` has it.
    #[must_use]
    pub fn chat(&self) -> String {
        match &self.to {
            To::User(to) => chat_of_two(&self.from_id, to),
            To::Room(room) => chat_of_room(room),
        }
    }
}

/// The chat of two users, whoever of them is `one`.
#[must_use]
pub fn chat_of_two(one: &UserId, other: &UserId) -> String {
    format!("{}-{}", one.min(other), one.max(other))
}

/// The chat in a room.
#[must_use]
pub fn chat_of_room(room: &RoomId) -> String {
    room.as_str().to_owned()
}

/// The message with this id.
///
/// # Errors
///
/// If the database can't be read.
pub fn by_id(connection: &Connection, id: &str) -> Result<Option<Message>> {
    connection
        .prepare_cached("SELECT * FROM chat_message WHERE id = ?1")?
        .query_row([id], Message::from_row)
        .optional()
}

/// Writes a new message.
///
/// # Errors
///
/// If the database refuses.
pub fn insert(connection: &Connection, message: &Message) -> Result<()> {
    let (user, room) = match &message.to {
        To::User(user) => (Some(Col(user)), None),
        To::Room(room) => (None, Some(Col(room))),
    };
    connection
        .prepare_cached(
            "INSERT INTO chat_message (id, from_id, to_user_id, to_room_id, chat, text, file_id)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            message.id,
            Col(&message.from_id),
            user,
            room,
            message.chat(),
            message.text,
            message.file_id,
        ])?;
    Ok(())
}

/// The reactions to a message, the oldest first.
///
/// # Errors
///
/// If the database can't be read.
pub fn reactions(connection: &Connection, message: &str) -> Result<Vec<Reaction>> {
    connection
        .prepare_cached(
            "SELECT user_id, reaction FROM chat_reaction WHERE message_id = ?1 ORDER BY id",
        )?
        .query_map([message], |row| {
            Ok(Reaction {
                user_id: row.get::<_, Col<UserId>>(0)?.0,
                reaction: row.get(1)?,
            })
        })?
        .collect()
}

/// Notes that a message waits to be read by a user.
///
/// # Errors
///
/// If the database refuses.
pub fn mark_unread(connection: &Connection, user: &UserId, message: &Message) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO chat_unread (user_id, chat, since) VALUES (?1, ?2, ?3)
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![Col(user), message.chat(), message.id])?;
    Ok(())
}

/// Notes that a user has read all that is in a chat.
///
/// # Errors
///
/// If the database refuses.
pub fn mark_read(connection: &Connection, user: &UserId, chat: &str) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM chat_unread WHERE user_id = ?1 AND chat = ?2")?
        .execute(params![Col(user), chat])?;
    Ok(())
}

/// The messages of a chat of two that a user has not read, the oldest first, as far as a client
/// wants to hear of them one by one.
///
/// # Errors
///
/// If the database can't be read.
pub fn unread(connection: &Connection, user: &UserId, chat: &str) -> Result<Vec<Message>> {
    connection
        .prepare_cached(
            "SELECT m.* FROM chat_unread u JOIN chat_message m ON m.chat = u.chat AND m.id >= u.since
             WHERE u.user_id = ?1 AND u.chat = ?2 AND m.to_user_id = ?1 ORDER BY m.id LIMIT ?3",
        )?
        .query_map(params![Col(user), chat, UNREAD_TOLD_MAX], Message::from_row)?
        .collect()
}

/// Whether a message is unread by a user, or an older one of its chat.
///
/// # Errors
///
/// If the database can't be read.
pub fn is_unread(connection: &Connection, user: &UserId, message: &Message) -> Result<bool> {
    connection
        .prepare_cached(
            "SELECT 1 FROM chat_unread WHERE user_id = ?1 AND chat = ?2 AND since <= ?3",
        )?
        .exists(params![Col(user), message.chat(), message.id])
}

/// Whether anything of a chat is unread by a user.
///
/// # Errors
///
/// If the database can't be read.
pub fn is_unread_chat(connection: &Connection, user: &UserId, chat: &str) -> Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM chat_unread WHERE user_id = ?1 AND chat = ?2")?
        .exists(params![Col(user), chat])
}

/// Whether anything at all is unread by a user.
///
/// # Errors
///
/// If the database can't be read.
pub fn has_unread(connection: &Connection, user: &UserId) -> Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM chat_unread WHERE user_id = ?1")?
        .exists([Col(user)])
}
