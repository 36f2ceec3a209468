//! Notifications.

use protocol::id::{NoteId, UserId};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Map, Value};

use super::optional;
use crate::store::{Col, json_col};

/// A row of `notification`.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "the migration describes the columns of the same names"
)]
pub struct Notification {
    pub id: String,
    pub user_id: UserId,
    pub kind: String,
    pub notifier_id: Option<UserId>,
    pub note_id: Option<NoteId>,
    pub payload: Map<String, Value>,
    pub is_read: bool,
}

impl Notification {
    /// Reads a row that has all the columns of `notification`.
    ///
    /// # Errors
    ///
    /// If a column is missing or of another kind.
    pub fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            user_id: row.get::<_, Col<UserId>>("user_id")?.0,
            kind: row.get("type")?,
            notifier_id: optional::<UserId>(row, "notifier_id")?,
            note_id: optional::<NoteId>(row, "note_id")?,
            payload: json_col(row, "payload")?,
            is_read: row.get("is_read")?,
        })
    }
}

/// The notification with this id.
///
/// # Errors
///
/// If the database can't be read.
pub fn by_id(connection: &Connection, id: &str) -> rusqlite::Result<Option<Notification>> {
    connection
        .prepare_cached("SELECT * FROM notification WHERE id = ?1")?
        .query_row([id], Notification::from_row)
        .optional()
}

/// Writes a new notification, and drops the oldest of the user beyond `keep`.
///
/// # Errors
///
/// If the database refuses.
pub fn insert(
    connection: &Connection,
    notification: &Notification,
    keep: usize,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO notification (id, user_id, type, notifier_id, note_id, payload, is_read)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            notification.id,
            Col(&notification.user_id),
            notification.kind,
            notification.notifier_id.as_ref().map(Col),
            notification.note_id.as_ref().map(Col),
            Value::from(notification.payload.clone()).to_string(),
            notification.is_read,
        ])?;
    connection
        .prepare_cached(
            "DELETE FROM notification WHERE user_id = ?1 AND id <= (
                 SELECT id FROM notification WHERE user_id = ?1
                 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
        )?
        .execute(params![Col(&notification.user_id), keep])?;
    Ok(())
}
