//! Roles that end, and those that accounts get or lose by their age.

use protocol::id::UserId;
use rusqlite::{Connection, params};

use crate::limits::DUE_BATCH_MAX;
use crate::model::role::Assignment;
use crate::roles::Roles;
use crate::store::{Col, StoreError, Tx};
use crate::{events, id};

/// Takes roles from those whose time with them is over.
pub(super) fn end(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let ended: Vec<Assignment> = tx
        .prepare_cached(
            "SELECT * FROM role_assignment WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2",
        )?
        .query_map(params![tx.now_ms(), DUE_BATCH_MAX], Assignment::from_row)?
        .collect::<Result<_, _>>()?;
    for assignment in ended {
        tx.execute(
            "DELETE FROM role_assignment WHERE id = ?1",
            [&assignment.id],
        )?;
        events::role_assignment(tx, "userRoleUnassigned", &assignment.as_event())?;
    }
    Ok(())
}

/// Tells the stream of the accounts that reached an age since `since_ms` that a formula asks about.
/// What happened before the start of the server needs no telling: nobody was connected.
pub(super) fn tell_ages(tx: &mut Tx<'_>, since_ms: u64) -> Result<(), StoreError> {
    let now_ms = tx.now_ms();
    for age_ms in Roles::read(tx, now_ms)?.ages_ms() {
        let Some(youngest_ms) = now_ms.checked_sub(age_ms) else {
            continue;
        };
        let after_ms = since_ms.saturating_sub(age_ms);
        let reached: Vec<UserId> = tx
            .prepare_cached("SELECT id FROM user WHERE id >= ?1 AND id < ?2")?
            .query_map(
                [id::first_of(after_ms + 1), id::first_of(youngest_ms + 1)],
                |row| Ok(row.get::<_, Col<UserId>>(0)?.0),
            )?
            .collect::<Result<_, _>>()?;
        for user in reached {
            events::roles_changed(tx, &user)?;
        }
    }
    Ok(())
}

/// When the next of that is, in Unix milliseconds.
pub(super) fn next(connection: &Connection, now_ms: u64) -> rusqlite::Result<u64> {
    let end: Option<u64> = connection
        .prepare_cached("SELECT min(expires_at) FROM role_assignment WHERE expires_at IS NOT NULL")?
        .query_row([], |row| row.get(0))?;
    let mut next_ms = end.unwrap_or(u64::MAX);
    let mut oldest = connection.prepare_cached("SELECT min(id) FROM user WHERE id >= ?1")?;
    for age_ms in Roles::read(connection, now_ms)?.ages_ms() {
        let younger_ms = (now_ms + 1).saturating_sub(age_ms);
        let oldest: Option<String> =
            oldest.query_row([id::first_of(younger_ms)], |row| row.get(0))?;
        if let Some(made_ms) = oldest.and_then(|id| id::created_ms(&id)) {
            next_ms = next_ms.min(made_ms.saturating_add(age_ms));
        }
    }
    Ok(next_ms)
}
