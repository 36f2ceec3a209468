//! What one user is to another.

use rusqlite::{Connection, params};

/// Whether `follower` follows `followee`.
///
/// # Errors
///
/// If the database can't be read.
pub fn follows(connection: &Connection, follower: &str, followee: &str) -> rusqlite::Result<bool> {
    exists(
        connection,
        "SELECT 1 FROM follow WHERE follower_id = ?1 AND followee_id = ?2",
        follower,
        followee,
    )
}

/// Whether `blocker` blocks `blockee`.
///
/// # Errors
///
/// If the database can't be read.
pub fn blocks(connection: &Connection, blocker: &str, blockee: &str) -> rusqlite::Result<bool> {
    exists(
        connection,
        "SELECT 1 FROM block WHERE blocker_id = ?1 AND blockee_id = ?2",
        blocker,
        blockee,
    )
}

/// Whether `muter` mutes `mutee` at `now_ms`, in Unix milliseconds.
///
/// # Errors
///
/// If the database can't be read.
pub fn mutes(
    connection: &Connection,
    muter: &str,
    mutee: &str,
    now_ms: u64,
) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(
            "SELECT 1 FROM mute WHERE muter_id = ?1 AND mutee_id = ?2
             AND (expires_at IS NULL OR expires_at > ?3)",
        )?
        .exists(params![muter, mutee, now_ms])
}

/// Whether `muter` mutes the renotes of `mutee`.
///
/// # Errors
///
/// If the database can't be read.
pub fn mutes_renotes(connection: &Connection, muter: &str, mutee: &str) -> rusqlite::Result<bool> {
    exists(
        connection,
        "SELECT 1 FROM renote_mute WHERE muter_id = ?1 AND mutee_id = ?2",
        muter,
        mutee,
    )
}

/// Whether `follower` has asked to follow `followee`.
///
/// # Errors
///
/// If the database can't be read.
pub fn asks_to_follow(
    connection: &Connection,
    follower: &str,
    followee: &str,
) -> rusqlite::Result<bool> {
    exists(
        connection,
        "SELECT 1 FROM follow_request WHERE follower_id = ?1 AND followee_id = ?2",
        follower,
        followee,
    )
}

/// Whether a user mutes the conversation that begins with the note `thread`.
///
/// # Errors
///
/// If the database can't be read.
pub fn mutes_thread(connection: &Connection, user: &str, thread: &str) -> rusqlite::Result<bool> {
    exists(
        connection,
        "SELECT 1 FROM thread_mute WHERE user_id = ?1 AND thread_id = ?2",
        user,
        thread,
    )
}

fn exists(connection: &Connection, sql: &str, from: &str, to: &str) -> rusqlite::Result<bool> {
    connection.prepare_cached(sql)?.exists([from, to])
}
