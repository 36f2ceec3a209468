//! Lists of users.

use protocol::id::{ListId, UserId};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::store::Col;

/// A row of `user_list`.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "the migration describes the columns of the same names"
)]
pub struct List {
    pub id: ListId,
    pub user_id: UserId,
    pub name: String,
    pub is_public: bool,
}

impl List {
    /// Reads a row that has all the columns of `user_list`.
    ///
    /// # Errors
    ///
    /// If a column is missing or of another kind.
    pub fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get::<_, Col<ListId>>("id")?.0,
            user_id: row.get::<_, Col<UserId>>("user_id")?.0,
            name: row.get("name")?,
            is_public: row.get("is_public")?,
        })
    }
}

/// The list with this id, whoever owns it.
///
/// # Errors
///
/// If the database can't be read.
pub fn by_id(connection: &Connection, id: &str) -> rusqlite::Result<Option<List>> {
    connection
        .prepare_cached("SELECT * FROM user_list WHERE id = ?1")?
        .query_row([id], List::from_row)
        .optional()
}

/// The list with this id, if it is `owner`'s.
///
/// # Errors
///
/// If the database can't be read.
pub fn of_owner(
    connection: &Connection,
    id: &str,
    owner: &UserId,
) -> rusqlite::Result<Option<List>> {
    Ok(by_id(connection, id)?.filter(|list| list.user_id == *owner))
}

/// The lists of a user, the oldest first.
///
/// # Errors
///
/// If the database can't be read.
pub fn all_of(
    connection: &Connection,
    owner: &UserId,
    public_only: bool,
) -> rusqlite::Result<Vec<List>> {
    connection
        .prepare_cached(
            "SELECT * FROM user_list WHERE user_id = ?1 AND (is_public OR NOT ?2) ORDER BY id",
        )?
        .query_map(params![Col(owner), public_only], List::from_row)?
        .collect()
}

/// The ids of a list's members, in the order in which they came.
///
/// # Errors
///
/// If the database can't be read.
pub fn members(connection: &Connection, list: &ListId) -> rusqlite::Result<Vec<String>> {
    connection
        .prepare_cached("SELECT user_id FROM user_list_member WHERE list_id = ?1 ORDER BY id")?
        .query_map([Col(list)], |row| row.get(0))?
        .collect()
}

/// Whether a user is on a list.
///
/// # Errors
///
/// If the database can't be read.
pub fn has_member(connection: &Connection, list: &ListId, user: &UserId) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM user_list_member WHERE list_id = ?1 AND user_id = ?2")?
        .exists(params![Col(list), Col(user)])
}
