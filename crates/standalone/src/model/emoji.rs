//! Custom emojis of this server.

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Map, Value};

use crate::site::Site;
use crate::store::json_col;

/// A row of `emoji`.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "the migration describes the columns of the same names"
)]
pub struct Emoji {
    pub id: String,
    pub name: String,
    pub payload: Map<String, Value>,
    pub blob: String,
    pub kind: String,
    pub size: u64,
}

impl Emoji {
    /// Reads a row that has all the columns of `emoji`.
    ///
    /// # Errors
    ///
    /// If a column is missing or of another kind.
    pub fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            payload: json_col(row, "payload")?,
            blob: row.get("blob")?,
            kind: row.get("type")?,
            size: row.get("size")?,
        })
    }

    /// Where its picture is.
    #[must_use]
    pub fn url(&self, site: &Site) -> String {
        format!("{}/files/{}", site.url(), self.blob)
    }

    /// `EmojiDetailed`.
    #[must_use]
    pub fn detailed(&self, site: &Site) -> Map<String, Value> {
        let mut packed = self.payload.clone();
        packed.insert("url".to_owned(), self.url(site).into());
        packed
    }
}

/// All of them, in the order of their names.
///
/// # Errors
///
/// If the database can't be read.
pub fn all(connection: &Connection) -> rusqlite::Result<Vec<Emoji>> {
    connection
        .prepare_cached("SELECT * FROM emoji ORDER BY name")?
        .query_map([], Emoji::from_row)?
        .collect()
}

/// How many there are.
///
/// # Errors
///
/// If the database can't be read.
pub fn count(connection: &Connection) -> rusqlite::Result<usize> {
    connection
        .prepare_cached("SELECT count(*) FROM emoji")?
        .query_row([], |row| row.get(0))
}

/// The emoji of this name.
///
/// # Errors
///
/// If the database can't be read.
pub fn by_name(connection: &Connection, name: &str) -> rusqlite::Result<Option<Emoji>> {
    connection
        .prepare_cached("SELECT * FROM emoji WHERE name = ?1")?
        .query_row([name], Emoji::from_row)
        .optional()
}

/// The emoji with this id.
///
/// # Errors
///
/// If the database can't be read.
pub fn by_id(connection: &Connection, id: &str) -> rusqlite::Result<Option<Emoji>> {
    connection
        .prepare_cached("SELECT * FROM emoji WHERE id = ?1")?
        .query_row([id], Emoji::from_row)
        .optional()
}

/// The emoji whose picture is served under this part of an address.
///
/// # Errors
///
/// If the database can't be read.
pub fn by_blob(connection: &Connection, blob: &str) -> rusqlite::Result<Option<Emoji>> {
    connection
        .prepare_cached("SELECT * FROM emoji WHERE blob = ?1")?
        .query_row([blob], Emoji::from_row)
        .optional()
}

/// Writes an emoji, new or changed.
///
/// # Errors
///
/// If the database refuses.
pub fn write(connection: &Connection, emoji: &Emoji) -> rusqlite::Result<()> {
    connection.execute(
        "INSERT INTO emoji VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (id) DO UPDATE SET name = ?2, payload = ?3, blob = ?4, type = ?5, size = ?6",
        params![
            emoji.id,
            emoji.name,
            Value::from(emoji.payload.clone()).to_string(),
            emoji.blob,
            emoji.kind,
            emoji.size,
        ],
    )?;
    Ok(())
}
