//! Opening a store.

use std::fs::{DirBuilder, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rusqlite::Connection;

use super::readers::Readers;
use super::{Inner, Store, Surroundings, migrate};
use crate::limits::{BUSY_TIMEOUT_MS, READERS_MAX};

/// Where the data is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Data {
    /// In this directory, which is made if it doesn't exist.
    Dir(PathBuf),
    /// In memory: gone with the process.
    Memory,
}

/// A store can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The directory can't be made.
    #[error("cannot make the data directory `{}`", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// SQLite can't open or migrate the database.
    #[error("cannot open the database")]
    Sqlite(#[from] rusqlite::Error),
    /// A newer program wrote it.
    #[error("the database has version {found}, but this program knows versions up to {known} only")]
    Newer {
        /// The version of the database.
        found: usize,
        /// The newest version that this program knows.
        known: usize,
    },
    /// The system gives no random bytes.
    #[error("cannot make random bytes")]
    Random(#[from] getrandom::Error),
    /// Files can't be fetched from other servers.
    #[error("cannot fetch files from other servers (`upload-from-url`)")]
    Fetcher(#[from] crate::FetcherError),
    /// The public address isn't an origin such as `https://example.com`.
    #[error("`{0}` is not an origin such as `https://example.com`")]
    Url(String),
}

impl Store {
    /// Opens the store and brings it to the newest shape.
    pub(crate) fn open(data: &Data, surroundings: Surroundings) -> Result<Self, OpenError> {
        let (writer, readers) = match data {
            Data::Memory => (open_memory()?, None),
            Data::Dir(directory) => {
                let (writer, readers) = open_files(directory)?;
                (writer, Some(readers))
            }
        };
        Ok(Self(Arc::new(Inner {
            turn: Arc::new(tokio::sync::Mutex::new(())),
            writer: Mutex::new(writer),
            readers,
            events: Mutex::new(None),
            surroundings,
        })))
    }
}

fn open_memory() -> Result<Connection, OpenError> {
    let mut connection = Connection::open_in_memory()?;
    connection.pragma_update(None, "foreign_keys", true)?;
    migrate::migrate(&mut connection)?;
    Ok(connection)
}

fn open_files(directory: &Path) -> Result<(Connection, Readers), OpenError> {
    // Tokens and direct notes are in there: nobody else on the machine may read them.
    let created = DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory);
    created.map_err(|source| OpenError::Directory {
        path: directory.to_owned(),
        source,
    })?;
    let path = directory.join("seseragi.sqlite");
    let made = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(&path);
    // Where the store can't be written SQLite says so, and may still read it.
    drop(made);
    let mut writer = open_file(&path)?;
    migrate::migrate(&mut writer)?;
    let mut readers = Vec::with_capacity(READERS_MAX);
    for _ in 0..READERS_MAX {
        let reader = open_file(&path)?;
        reader.pragma_update(None, "query_only", true)?;
        readers.push(reader);
    }
    Ok((writer, Readers::new(readers)))
}

/// Opens a file so that what was committed survives a loss of power.
fn open_file(path: &Path) -> Result<Connection, OpenError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_millis(BUSY_TIMEOUT_MS))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(connection)
}
