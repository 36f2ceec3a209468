//! Announcements.

use protocol::id::UserId;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Value, json};

use super::optional;
use crate::pack::time;

/// A row of `announcement`.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "the migration describes the columns of the same names"
)]
pub struct Announcement {
    pub id: String,
    pub title: String,
    pub text: String,
    pub image_url: Option<String>,
    pub icon: String,
    pub display: String,
    pub needs_confirmation: bool,
    pub is_silent: bool,
    pub is_active: bool,
    pub for_existing_users: bool,
    pub user_id: Option<UserId>,
    pub updated_at: Option<u64>,
}

/// What a user sees of those that are active: for them or for everyone, and not for those alone
/// who were there before them. `?1` is the user.
pub const FOR_ME: &str = "(user_id IS NULL OR user_id = ?1)
     AND (NOT for_existing_users OR ?1 IS NULL OR id > ?1)";

impl Announcement {
    /// Reads a row that has all the columns of `announcement`.
    ///
    /// # Errors
    ///
    /// If a column is missing or of another kind.
    pub fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            title: row.get("title")?,
            text: row.get("text")?,
            image_url: row.get("image_url")?,
            icon: row.get("icon")?,
            display: row.get("display")?,
            needs_confirmation: row.get("needs_confirmation")?,
            is_silent: row.get("is_silent")?,
            is_active: row.get("is_active")?,
            for_existing_users: row.get("for_existing_users")?,
            user_id: optional::<UserId>(row, "user_id")?,
            updated_at: row.get("updated_at")?,
        })
    }

    /// `Announcement`, for nobody in particular.
    #[must_use]
    pub fn packed(&self) -> Value {
        json!({
            "id": self.id,
            "createdAt": time::created_at(&self.id),
            "updatedAt": self.updated_at.map(time::iso),
            "title": self.title,
            "text": self.text,
            "imageUrl": self.image_url,
            "icon": self.icon,
            "display": self.display,
            "forYou": false,
            "needConfirmationToRead": self.needs_confirmation,
            "silence": self.is_silent,
        })
    }

    /// The same for a user.
    #[must_use]
    pub fn packed_for(&self, user: &UserId, is_read: bool) -> Value {
        let mut packed = self.packed();
        packed["forYou"] = (self.user_id.as_ref() == Some(user)).into();
        packed["isRead"] = is_read.into();
        packed
    }
}

/// The announcement with this id.
///
/// # Errors
///
/// If the database can't be read.
pub fn by_id(connection: &Connection, id: &str) -> rusqlite::Result<Option<Announcement>> {
    connection
        .prepare_cached("SELECT * FROM announcement WHERE id = ?1")?
        .query_row([id], Announcement::from_row)
        .optional()
}

/// Writes an announcement, new or changed.
///
/// # Errors
///
/// If the database refuses.
pub fn write(connection: &Connection, it: &Announcement) -> rusqlite::Result<()> {
    connection.execute(
        "INSERT INTO announcement VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
         ON CONFLICT (id) DO UPDATE SET title = ?2, text = ?3, image_url = ?4, icon = ?5,
             display = ?6, needs_confirmation = ?7, is_silent = ?8, is_active = ?9,
             for_existing_users = ?10, user_id = ?11, updated_at = ?12",
        params![
            it.id,
            it.title,
            it.text,
            it.image_url,
            it.icon,
            it.display,
            it.needs_confirmation,
            it.is_silent,
            it.is_active,
            it.for_existing_users,
            it.user_id.as_ref().map(UserId::as_str),
            it.updated_at,
        ],
    )?;
    Ok(())
}

/// What a user is to read, the newest first.
///
/// # Errors
///
/// If the database can't be read.
pub fn unread(connection: &Connection, user: &UserId) -> rusqlite::Result<Vec<Announcement>> {
    connection
        .prepare_cached(&format!(
            "SELECT * FROM announcement a WHERE is_active AND NOT is_silent AND {FOR_ME}
             AND NOT EXISTS (SELECT 1 FROM announcement_read r
                             WHERE r.user_id = ?1 AND r.announcement_id = a.id)
             ORDER BY id DESC"
        ))?
        .query_map([user.as_str()], Announcement::from_row)?
        .collect()
}

/// Whether a user has read an announcement.
///
/// # Errors
///
/// If the database can't be read.
pub fn is_read(connection: &Connection, user: &UserId, id: &str) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(
            "SELECT 1 FROM announcement_read WHERE user_id = ?1 AND announcement_id = ?2",
        )?
        .exists([user.as_str(), id])
}
