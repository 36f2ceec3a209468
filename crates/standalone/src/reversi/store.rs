//! Games as they are kept.

use protocol::id::UserId;
use rusqlite::{Connection, OptionalExtension, Result, Row, ToSql, params};
use serde::Serialize;

use super::game::{Game, Phase, Settings};
use crate::store::{Col, StoreError, json_col};

/// Reads a row that has all the columns of `reversi_game`.
///
/// # Errors
///
/// If a column is missing or of another kind.
pub(crate) fn from_row(row: &Row<'_>) -> Result<Game> {
    let settings: Settings = json_col(row, "settings")?;
    Ok(Game {
        id: row.get("id")?,
        users: [
            row.get::<_, Col<UserId>>("user1_id")?.0,
            row.get::<_, Col<UserId>>("user2_id")?.0,
        ],
        settings,
        phase: json_col(row, "phase")?,
    })
}

/// The game with this id.
pub(crate) fn by_id(connection: &Connection, id: &str) -> Result<Option<Game>> {
    connection
        .prepare_cached("SELECT * FROM reversi_game WHERE id = ?1")?
        .query_row([id], from_row)
        .optional()
}

/// The games that `sql` selects, all of their columns.
pub(crate) fn find(connection: &Connection, sql: &str, params: &[&dyn ToSql]) -> Result<Vec<Game>> {
    connection
        .prepare_cached(sql)?
        .query_map(params, from_row)?
        .collect()
}

/// Writes a game, new or changed.
pub(crate) fn save(connection: &Connection, game: &Game) -> Result<(), StoreError> {
    let (is_started, starts_at) = match &game.phase {
        Phase::Open { starts_at, .. } => (false, *starts_at),
        Phase::Begun(_) => (true, None),
    };
    let [one, two] = &game.users;
    connection
        .prepare_cached(
            "INSERT INTO reversi_game (id, user1_id, user2_id, is_started, starts_at, settings, phase)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (id) DO UPDATE SET is_started = ?4, starts_at = ?5, settings = ?6, phase = ?7",
        )?
        .execute(params![
            game.id,
            Col(one),
            Col(two),
            is_started,
            starts_at,
            json(&game.settings)?,
            json(&game.phase)?,
        ])?;
    Ok(())
}

/// Forgets a game.
pub(crate) fn delete(connection: &Connection, id: &str) -> Result<()> {
    connection.execute("DELETE FROM reversi_game WHERE id = ?1", [id])?;
    Ok(())
}

fn json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|source| StoreError::Column {
        table: "reversi_game",
        source,
    })
}
