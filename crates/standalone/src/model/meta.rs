//! What holds for the whole server.

use backend::VisitorScope;
use rusqlite::{Connection, OptionalExtension};

/// Misskey's `ugcVisibilityForVisitor`, with its default. A value that isn't known shows nothing.
///
/// # Errors
///
/// If the database can't be read.
pub fn visitors_see(connection: &Connection) -> rusqlite::Result<VisitorScope> {
    let value: Option<String> = connection
        .prepare_cached("SELECT value FROM meta WHERE key = 'ugcVisibilityForVisitor'")?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(match value.as_deref() {
        Some(r#""all""#) => VisitorScope::All,
        None | Some(r#""local""#) => VisitorScope::Local,
        Some(_) => VisitorScope::Nothing,
    })
}
