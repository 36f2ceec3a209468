//! Columns as the types of this program.

use protocol::id::{AntennaId, ChannelId, ListId, NoteId, RoleId, RoomId, UserId};
use rusqlite::Row;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::de::DeserializeOwned;

/// Carries an id into and out of a column: `row.get::<_, Col<UserId>>("id")?.0`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Col<T>(pub T);

macro_rules! id_columns {
    ($($id:ty),*) => {$(
        impl FromSql for Col<$id> {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                <$id>::parse(value.as_str()?).map(Self).ok_or(FromSqlError::InvalidType)
            }
        }

        impl ToSql for Col<&$id> {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(self.0.as_str().into())
            }
        }
    )*};
}

id_columns!(UserId, NoteId, ChannelId, ListId, AntennaId, RoleId, RoomId);

/// Reads a column of JSON.
///
/// # Errors
///
/// If the column is missing or isn't such JSON.
pub fn json_col<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    let index = row.as_ref().column_index(column)?;
    let text = row.get_ref(index)?.as_str()?;
    serde_json::from_str(text).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(
            index,
            rusqlite::types::Type::Text,
            Box::new(error),
        )
    })
}
