//! What holds for the whole server.

use backend::{PolicyRecord, VisitorScope};
use rusqlite::{Connection, OptionalExtension, Result, params};
use serde_json::{Map, Value};

use crate::pack::default_policies;
use crate::store::json_col;

/// Misskey's `ugcVisibilityForVisitor`, with its default. A value that isn't known shows nothing.
///
/// # Errors
///
/// If the database can't be read.
pub fn visitors_see(connection: &Connection) -> Result<VisitorScope> {
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

/// A setting that was changed; `None`: it is as usual.
///
/// # Errors
///
/// If the database can't be read.
pub fn get(connection: &Connection, key: &str) -> Result<Option<Value>> {
    connection
        .prepare_cached("SELECT value FROM meta WHERE key = ?1")?
        .query_row([key], |row| json_col(row, "value"))
        .optional()
}

/// All settings that were changed.
///
/// # Errors
///
/// If the database can't be read.
pub fn all(connection: &Connection) -> Result<Vec<(String, Value)>> {
    connection
        .prepare_cached("SELECT key, value FROM meta")?
        .query_map([], |row| Ok((row.get("key")?, json_col(row, "value")?)))?
        .collect()
}

/// Changes a setting.
///
/// # Errors
///
/// If the database refuses.
pub fn set(connection: &Connection, key: &str, value: &Value) -> Result<()> {
    connection.execute(
        "INSERT INTO meta (key, value) VALUES (?1, ?2)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        params![key, value.to_string()],
    )?;
    Ok(())
}

/// Whether only administrators make accounts.
///
/// # Errors
///
/// If the database can't be read.
pub fn registration_is_closed(connection: &Connection) -> Result<bool> {
    Ok(get(connection, "disableRegistration")? == Some(Value::Bool(true)))
}

/// The base policies, with which everyone begins: Misskey's defaults, and over them what an
/// administrator has set.
///
/// # Errors
///
/// If the database can't be read.
pub fn policies(connection: &Connection) -> Result<Map<String, Value>> {
    let mut policies = default_policies();
    let set: Option<Map<String, Value>> = connection
        .prepare_cached("SELECT value FROM meta WHERE key = 'policies'")?
        .query_row([], |row| json_col(row, "value"))
        .optional()?;
    policies.extend(set.unwrap_or_default());
    Ok(policies)
}

/// Sets the policies that differ from the defaults; what was set before is set no more.
///
/// # Errors
///
/// If the database refuses.
pub fn set_policies(connection: &Connection, set: &Map<String, Value>) -> Result<()> {
    self::set(connection, "policies", &Value::from(set.clone()))
}

/// The base policies that the stream asks about. One that isn't `true` closes its timelines.
///
/// # Errors
///
/// If the database can't be read.
pub fn stream_policies(connection: &Connection) -> Result<PolicyRecord> {
    Ok(backend::policy::of_stream(&policies(connection)?, &[]))
}
