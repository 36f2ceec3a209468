//! Chat rooms: who owns them, who is in them, who is invited.

use protocol::id::{RoomId, UserId};
use rusqlite::{Connection, OptionalExtension, Result, Row, params};

use crate::store::Col;

/// A row of `chat_room`.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "the migration describes the columns of the same names"
)]
pub struct Room {
    pub id: RoomId,
    pub owner_id: UserId,
    pub name: String,
    pub description: String,
}

/// What `chat_room_member` and `chat_room_invitation` have in common.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "the migration describes the columns of the same names"
)]
pub struct Link {
    pub id: String,
    pub room_id: RoomId,
    pub user_id: UserId,
}

impl Room {
    /// Reads a row that has all the columns of `chat_room`.
    ///
    /// # Errors
    ///
    /// If a column is missing or of another kind.
    pub fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get::<_, Col<RoomId>>("id")?.0,
            owner_id: row.get::<_, Col<UserId>>("owner_id")?.0,
            name: row.get("name")?,
            description: row.get("description")?,
        })
    }
}

impl Link {
    /// Reads a row of either table.
    ///
    /// # Errors
    ///
    /// If a column is missing or of another kind.
    pub fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            room_id: row.get::<_, Col<RoomId>>("room_id")?.0,
            user_id: row.get::<_, Col<UserId>>("user_id")?.0,
        })
    }
}

/// The room with this id.
///
/// # Errors
///
/// If the database can't be read.
pub fn by_id(connection: &Connection, id: &str) -> Result<Option<Room>> {
    connection
        .prepare_cached("SELECT * FROM chat_room WHERE id = ?1")?
        .query_row([id], Room::from_row)
        .optional()
}

/// Writes a room, new or changed.
///
/// # Errors
///
/// If the database refuses.
pub fn save(connection: &Connection, room: &Room) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO chat_room (id, owner_id, name, description) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (id) DO UPDATE SET name = ?3, description = ?4",
        )?
        .execute(params![
            Col(&room.id),
            Col(&room.owner_id),
            room.name,
            room.description
        ])?;
    Ok(())
}

/// Whether a user is in a room, as its owner or as a member.
///
/// # Errors
///
/// If the database can't be read.
pub fn is_in(connection: &Connection, room: &RoomId, user: &UserId) -> Result<bool> {
    connection
        .prepare_cached(
            "SELECT 1 FROM chat_room WHERE id = ?1 AND owner_id = ?2
             UNION ALL SELECT 1 FROM chat_room_member WHERE room_id = ?1 AND user_id = ?2",
        )?
        .exists(params![Col(room), Col(user)])
}

/// Whether a user is invited to a room, ignored or not.
///
/// # Errors
///
/// If the database can't be read.
pub fn is_invited(connection: &Connection, room: &RoomId, user: &UserId) -> Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM chat_room_invitation WHERE room_id = ?1 AND user_id = ?2")?
        .exists(params![Col(room), Col(user)])
}

/// Whether a user is a member who wants to hear nothing of a room.
///
/// # Errors
///
/// If the database can't be read.
pub fn is_muted(connection: &Connection, room: &RoomId, user: &UserId) -> Result<bool> {
    connection
        .prepare_cached(
            "SELECT 1 FROM chat_room_member WHERE room_id = ?1 AND user_id = ?2 AND is_muted = 1",
        )?
        .exists(params![Col(room), Col(user)])
}

/// Who is in a room: its owner, then the members in the order in which they came.
///
/// # Errors
///
/// If the database can't be read.
pub fn people(connection: &Connection, room: &Room) -> Result<Vec<UserId>> {
    let members = "SELECT user_id FROM chat_room_member WHERE room_id = ?1 ORDER BY id";
    owner_and(connection, room, members)
}

/// Who may read a room: its owner, the members, and who is invited.
///
/// # Errors
///
/// If the database can't be read.
pub fn audience(connection: &Connection, room: &Room) -> Result<Vec<UserId>> {
    owner_and(
        connection,
        room,
        "SELECT user_id FROM chat_room_member WHERE room_id = ?1
         UNION SELECT user_id FROM chat_room_invitation WHERE room_id = ?1",
    )
}

fn owner_and(connection: &Connection, room: &Room, others: &str) -> Result<Vec<UserId>> {
    let mut people = vec![room.owner_id.clone()];
    let mut statement = connection.prepare_cached(others)?;
    for other in statement.query_map([Col(&room.id)], |row| row.get::<_, Col<UserId>>(0))? {
        people.push(other?.0);
    }
    Ok(people)
}
