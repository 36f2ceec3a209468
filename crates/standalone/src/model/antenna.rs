//! Antennas.

use protocol::id::{AntennaId, ListId, UserId};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Value, json};

use super::optional;
use crate::limits::ANTENNA_IDLE_MS;
use crate::pack::time;
use crate::store::{Col, json_col};

/// A row of `antenna`.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "the migration describes the columns of the same names"
)]
pub struct Antenna {
    pub id: AntennaId,
    pub user_id: UserId,
    pub name: String,
    pub src: String,
    pub list_id: Option<ListId>,
    pub users: Vec<String>,
    pub keywords: Vec<Vec<String>>,
    pub exclude_keywords: Vec<Vec<String>>,
    pub case_sensitive: bool,
    pub local_only: bool,
    pub exclude_bots: bool,
    pub exclude_sensitive_channels: bool,
    pub with_replies: bool,
    pub with_file: bool,
    pub has_unread: bool,
    pub last_used_at: u64,
}

impl Antenna {
    /// Reads a row that has all the columns of `antenna`.
    ///
    /// # Errors
    ///
    /// If a column is missing or of another kind.
    pub fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get::<_, Col<AntennaId>>("id")?.0,
            user_id: row.get::<_, Col<UserId>>("user_id")?.0,
            name: row.get("name")?,
            src: row.get("src")?,
            list_id: optional::<ListId>(row, "list_id")?,
            users: json_col(row, "users")?,
            keywords: json_col(row, "keywords")?,
            exclude_keywords: json_col(row, "exclude_keywords")?,
            case_sensitive: row.get("case_sensitive")?,
            local_only: row.get("local_only")?,
            exclude_bots: row.get("exclude_bots")?,
            exclude_sensitive_channels: row.get("exclude_sensitive_channels")?,
            with_replies: row.get("with_replies")?,
            with_file: row.get("with_file")?,
            has_unread: row.get("has_unread")?,
            last_used_at: row.get("last_used_at")?,
        })
    }

    /// Whether the antenna catches notes at `now_ms`. It rests where nobody looks at it.
    #[must_use]
    pub fn is_active(&self, now_ms: u64) -> bool {
        self.last_used_at.saturating_add(ANTENNA_IDLE_MS) > now_ms
    }

    /// The row as Misskey tells it to its servers.
    #[must_use]
    pub fn as_event(&self, now_ms: u64) -> Value {
        json!({
            "id": self.id.as_str(),
            "lastUsedAt": time::iso(self.last_used_at),
            "userId": self.user_id.as_str(),
            "name": self.name,
            "src": self.src,
            "userListId": self.list_id.as_ref().map(|id| id.as_str()),
            "userGroupJoiningId": null,
            "users": self.users,
            "keywords": self.keywords,
            "excludeKeywords": self.exclude_keywords,
            "caseSensitive": self.case_sensitive,
            "excludeBots": self.exclude_bots,
            "withReplies": self.with_replies,
            "withFile": self.with_file,
            "expression": null,
            "isActive": self.is_active(now_ms),
            "localOnly": self.local_only,
            "excludeNotesInSensitiveChannel": self.exclude_sensitive_channels,
        })
    }
}

/// The antenna with this id, if it is `owner`'s.
///
/// # Errors
///
/// If the database can't be read.
pub fn of_owner(
    connection: &Connection,
    id: &str,
    owner: &UserId,
) -> rusqlite::Result<Option<Antenna>> {
    connection
        .prepare_cached("SELECT * FROM antenna WHERE id = ?1 AND user_id = ?2")?
        .query_row(params![id, Col(owner)], Antenna::from_row)
        .optional()
}

/// The antennas of a user, the oldest first.
///
/// # Errors
///
/// If the database can't be read.
pub fn all_of(connection: &Connection, owner: &UserId) -> rusqlite::Result<Vec<Antenna>> {
    connection
        .prepare_cached("SELECT * FROM antenna WHERE user_id = ?1 ORDER BY id")?
        .query_map([Col(owner)], Antenna::from_row)?
        .collect()
}

/// Writes an antenna, new or changed.
///
/// # Errors
///
/// If the database refuses.
pub fn save(connection: &Connection, antenna: &Antenna) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO antenna (id, user_id, name, src, list_id, users, keywords,
                 exclude_keywords, case_sensitive, local_only, exclude_bots,
                 exclude_sensitive_channels, with_replies, with_file, has_unread, last_used_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
             ON CONFLICT (id) DO UPDATE SET name = ?3, src = ?4, list_id = ?5, users = ?6,
                 keywords = ?7, exclude_keywords = ?8, case_sensitive = ?9, local_only = ?10,
                 exclude_bots = ?11, exclude_sensitive_channels = ?12, with_replies = ?13,
                 with_file = ?14, has_unread = ?15, last_used_at = ?16",
        )?
        .execute(params![
            Col(&antenna.id),
            Col(&antenna.user_id),
            antenna.name,
            antenna.src,
            antenna.list_id.as_ref().map(Col),
            json!(antenna.users).to_string(),
            json!(antenna.keywords).to_string(),
            json!(antenna.exclude_keywords).to_string(),
            antenna.case_sensitive,
            antenna.local_only,
            antenna.exclude_bots,
            antenna.exclude_sensitive_channels,
            antenna.with_replies,
            antenna.with_file,
            antenna.has_unread,
            antenna.last_used_at,
        ])?;
    Ok(())
}
