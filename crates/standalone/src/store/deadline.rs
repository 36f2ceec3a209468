//! Reads end in time: a query that would go through far too much is stopped instead.

use std::time::{Duration, Instant};

use rusqlite::Connection;

/// After how many steps of SQLite's virtual machine it looks at the clock: often enough to be in
/// time, and too seldom to be felt.
const STEPS: std::ffi::c_int = 100_000;

/// Stops the queries of a connection from a moment on, until this is dropped.
pub(super) struct Deadline<'a>(&'a Connection);

impl<'a> Deadline<'a> {
    pub(super) fn set(connection: &'a Connection, within: Duration) -> Self {
        let end = Instant::now() + within;
        connection.progress_handler(STEPS, Some(move || Instant::now() >= end));
        Self(connection)
    }
}

impl Drop for Deadline<'_> {
    fn drop(&mut self) {
        self.0.progress_handler(0, None::<fn() -> bool>);
    }
}
