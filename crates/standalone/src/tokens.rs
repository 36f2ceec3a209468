//! Who is behind a token.

use backend::{Account, Grant};
use protocol::id::UserId;
use rusqlite::{Connection, OptionalExtension, params};

use crate::store::{Col, json_col};

/// The account of a token: a user's own, or an app's by its token or its hash. A deleted user's
/// tokens are nobody's.
pub(crate) fn account(connection: &Connection, token: &str) -> rusqlite::Result<Option<Account>> {
    match native(connection, token)? {
        Some(account) => Ok(Some(account)),
        None => app(connection, token),
    }
}

fn native(connection: &Connection, token: &str) -> rusqlite::Result<Option<Account>> {
    connection
        .prepare_cached("SELECT id, is_suspended FROM user WHERE token = ?1 AND NOT is_deleted")?
        .query_row([token], |row| {
            Ok(Account {
                user: row.get::<_, Col<UserId>>(0)?.0,
                suspended: row.get(1)?,
                grant: Grant::Native,
            })
        })
        .optional()
}

fn app(connection: &Connection, token: &str) -> rusqlite::Result<Option<Account>> {
    connection
        .prepare_cached(
            "SELECT t.user_id, u.is_suspended, t.permission
             FROM access_token t JOIN user u ON u.id = t.user_id
             WHERE (t.token = ?1 OR t.hash = ?2) AND NOT u.is_deleted LIMIT 1",
        )?
        .query_row(params![token, token.to_lowercase()], |row| {
            Ok(Account {
                user: row.get::<_, Col<UserId>>(0)?.0,
                suspended: row.get(1)?,
                grant: Grant::App {
                    permissions: json_col(row, "permission")?,
                },
            })
        })
        .optional()
}

/// The id of an app's token.
pub(crate) fn app_id(connection: &Connection, token: &str) -> rusqlite::Result<Option<String>> {
    connection
        .prepare_cached("SELECT id FROM access_token WHERE token = ?1 OR hash = ?2 LIMIT 1")?
        .query_row([token, &token.to_lowercase()], |row| row.get(0))
        .optional()
}
