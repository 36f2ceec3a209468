//! The rows of the tables that more than one place reads.

pub mod announcement;
pub mod antenna;
pub mod channel;
pub mod chat;
pub mod chat_room;
pub mod drive;
pub mod emoji;
pub mod list;
pub mod meta;
pub mod note;
pub mod notification;
pub mod relation;
pub mod role;
pub mod user;

use rusqlite::Row;
use rusqlite::types::FromSql;

use crate::store::Col;

/// Reads a column that may be null.
fn optional<T>(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<T>>
where
    Col<T>: FromSql,
{
    Ok(row.get::<_, Option<Col<T>>>(column)?.map(|id| id.0))
}
