//! Brings the database to the newest shape.

use rusqlite::{Connection, TransactionBehavior};

use super::OpenError;

/// The migrations; the first brings version 0 to 1. Never change one that was released.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_initial.sql"),
    include_str!("migrations/0002_drive.sql"),
    include_str!("migrations/0003_chat.sql"),
    include_str!("migrations/0004_roles.sql"),
    include_str!("migrations/0005_emoji.sql"),
    include_str!("migrations/0006_reversi.sql"),
];

/// Applies what is missing, each migration in a transaction of its own.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), OpenError> {
    let found: usize = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found > MIGRATIONS.len() {
        return Err(OpenError::Newer {
            found,
            known: MIGRATIONS.len(),
        });
    }
    for (index, sql) in MIGRATIONS.iter().enumerate().skip(found) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(sql)?;
        transaction.pragma_update(None, "user_version", index + 1)?;
        transaction.commit()?;
    }
    Ok(())
}
