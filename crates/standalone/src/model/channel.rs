//! Misskey channels: places for notes, made by users.

use protocol::id::{ChannelId, UserId};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::optional;
use crate::store::{Col, json_col};

/// A row of `channel`.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "the migration describes the columns of the same names"
)]
pub struct Channel {
    pub id: ChannelId,
    pub user_id: Option<UserId>,
    pub name: String,
    pub description: Option<String>,
    pub banner_id: Option<String>,
    pub color: String,
    pub pinned_note_ids: Vec<String>,
    pub is_archived: bool,
    pub is_sensitive: bool,
    pub allow_renote_to_external: bool,
    pub notes_count: u64,
    pub users_count: u64,
    pub last_noted_at: Option<u64>,
}

impl Channel {
    /// Reads a row that has all the columns of `channel`.
    ///
    /// # Errors
    ///
    /// If a column is missing or of another kind.
    pub fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get::<_, Col<ChannelId>>("id")?.0,
            user_id: optional::<UserId>(row, "user_id")?,
            name: row.get("name")?,
            description: row.get("description")?,
            banner_id: row.get("banner_id")?,
            color: row.get("color")?,
            pinned_note_ids: json_col(row, "pinned_note_ids")?,
            is_archived: row.get("is_archived")?,
            is_sensitive: row.get("is_sensitive")?,
            allow_renote_to_external: row.get("allow_renote_to_external")?,
            notes_count: row.get("notes_count")?,
            users_count: row.get("users_count")?,
            last_noted_at: row.get("last_noted_at")?,
        })
    }
}

/// The channel with this id.
///
/// # Errors
///
/// If the database can't be read.
pub fn by_id(connection: &Connection, id: &str) -> rusqlite::Result<Option<Channel>> {
    connection
        .prepare_cached("SELECT * FROM channel WHERE id = ?1")?
        .query_row([id], Channel::from_row)
        .optional()
}

/// Whether `user` follows `channel`.
///
/// # Errors
///
/// If the database can't be read.
pub fn follows(
    connection: &Connection,
    user: &UserId,
    channel: &ChannelId,
) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM channel_follow WHERE user_id = ?1 AND channel_id = ?2")?
        .exists(params![Col(user), Col(channel)])
}

/// Whether `user` mutes `channel` at `now_ms`, in Unix milliseconds.
///
/// # Errors
///
/// If the database can't be read.
pub fn mutes(
    connection: &Connection,
    user: &UserId,
    channel: &ChannelId,
    now_ms: u64,
) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(
            "SELECT 1 FROM channel_mute WHERE user_id = ?1 AND channel_id = ?2
             AND (expires_at IS NULL OR expires_at > ?3)",
        )?
        .exists(params![Col(user), Col(channel), now_ms])
}

/// Writes a channel, new or changed. Its counts are not written.
///
/// # Errors
///
/// If the database refuses.
pub fn save(connection: &Connection, channel: &Channel) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO channel (id, user_id, name, description, banner_id, color,
                 pinned_note_ids, is_archived, is_sensitive, allow_renote_to_external)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
             ON CONFLICT (id) DO UPDATE SET name = ?3, description = ?4, banner_id = ?5,
                 color = ?6, pinned_note_ids = ?7, is_archived = ?8, is_sensitive = ?9,
                 allow_renote_to_external = ?10",
        )?
        .execute(params![
            Col(&channel.id),
            channel.user_id.as_ref().map(Col),
            channel.name,
            channel.description,
            channel.banner_id,
            channel.color,
            serde_json::json!(channel.pinned_note_ids).to_string(),
            channel.is_archived,
            channel.is_sensitive,
            channel.allow_renote_to_external,
        ])?;
    Ok(())
}
