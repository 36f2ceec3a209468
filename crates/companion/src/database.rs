//! Misskey's PostgreSQL: a small pool of connections, and queries with a limit on everything.
//!
//! Queries are sent with the types of their parameters and stay unnamed: one round trip each,
//! and a pooler in between that hands connections around (`PgBouncer`) does no harm.

pub(crate) mod row;
mod tls;

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use deadpool_postgres::tokio_postgres::error::SqlState;
use deadpool_postgres::tokio_postgres::types::{ToSql, Type};
use deadpool_postgres::tokio_postgres::{NoTls, Row};
use deadpool_postgres::{Manager, ManagerConfig, Pool, PoolError, RecyclingMethod, Runtime};
use tokio::time::timeout;

use crate::settings::{DatabaseSettings, TlsMode};

pub use tls::TlsError;

/// How many connections a pool has.
const CONNECTIONS_MAX: usize = 8;
/// How long a query waits for a connection.
const WAIT_TIMEOUT: Duration = Duration::from_secs(8);
/// How long a connection may take to be made.
const CREATE_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a query may take altogether, the network included.
const QUERY_TIMEOUT: Duration = Duration::from_secs(15);

/// The databases of a Misskey.
#[derive(Debug)]
pub(crate) struct Database {
    primary: Pool,
    /// Copies, for what may be a moment old.
    replicas: Vec<Pool>,
    /// Whose turn it is.
    turn: AtomicUsize,
    /// How many queries of each name there were.
    counts: Mutex<BTreeMap<&'static str, u64>>,
}

/// A parameter of a query, with its type.
pub(crate) type Param<'a> = (&'a (dyn ToSql + Sync), Type);

/// A query could not be done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DatabaseError {
    /// No connection could be had.
    #[error("no connection to the database: {}", reason(.0))]
    Connection(#[source] PoolError),
    /// The database answered with an error, or the connection broke.
    #[error("the query `{query}` failed{}", detail(.source))]
    Query {
        query: &'static str,
        #[source]
        source: deadpool_postgres::tokio_postgres::Error,
    },
    /// The answer took too long.
    #[error("the query `{query}` took too long")]
    Timeout { query: &'static str },
    /// A row is not what was asked for.
    #[error("the query `{query}` gave column `{column}` in a form that is not known")]
    Column { query: &'static str, column: String },
    /// The schema lacks something that can't be done without.
    #[error("the database has no {0}")]
    Missing(String),
}

/// What the database itself says, which its error's own text leaves out.
fn detail(error: &deadpool_postgres::tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(error) => format!(": {}", error.message()),
        None => format!(": {error}"),
    }
}

/// Why there is no connection: what PostgreSQL said, or the network.
fn reason(error: &PoolError) -> String {
    match error {
        PoolError::Backend(error) => match error.as_db_error() {
            Some(error) => error.message().to_owned(),
            None => with_sources(error),
        },
        PoolError::Timeout(_)
        | PoolError::Closed
        | PoolError::NoRuntimeSpecified
        | PoolError::PostCreateHook(_) => error.to_string(),
    }
}

/// An error with its causes.
pub(crate) fn with_sources(error: &dyn Error) -> String {
    let causes = std::iter::successors(error.source(), |&error| error.source());
    causes.fold(error.to_string(), |text, cause| {
        let cause = cause.to_string();
        // Some errors say what their causes say.
        if text.ends_with(&cause) {
            text
        } else {
            format!("{text}: {cause}")
        }
    })
}

impl DatabaseError {
    /// Whether the schema is not what was found at the start.
    pub(crate) fn is_of_schema(&self) -> bool {
        let Self::Query { source, .. } = self else {
            return matches!(self, Self::Missing(_));
        };
        let code = source.code();
        code == Some(&SqlState::UNDEFINED_COLUMN) || code == Some(&SqlState::UNDEFINED_TABLE)
    }
}

impl Database {
    /// Pools that connect at the first query.
    pub(crate) fn new(
        primary: &DatabaseSettings,
        replicas: &[DatabaseSettings],
    ) -> Result<Self, TlsError> {
        Ok(Self {
            primary: pool(primary)?,
            replicas: replicas.iter().map(pool).collect::<Result<_, _>>()?,
            turn: AtomicUsize::new(0),
            counts: Mutex::default(),
        })
    }

    /// What the primary database calls itself.
    pub(crate) async fn version(&self) -> Result<String, DatabaseError> {
        const QUERY: &str = "version";
        let sql = "SELECT current_setting('server_version')";
        let rows = self.query(QUERY, sql, &[]).await?;
        match row::columns(QUERY, &rows).next() {
            Some(row) => row.get(0),
            None => Ok(String::new()),
        }
    }

    /// A connection for several queries. Those that are polled together travel together.
    pub(crate) async fn session(&self) -> Result<Session<'_>, DatabaseError> {
        let client = self.primary.get().await;
        let client = client.map_err(DatabaseError::Connection)?;
        Ok(Session::new(client, self, false))
    }

    /// A connection to a copy, for what may be a moment old. `None`: there is none, or it is
    /// away; ask the database itself.
    pub(crate) async fn copy_session(&self) -> Option<Session<'_>> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let replica = self.replicas.get(turn.checked_rem(self.replicas.len())?)?;
        match replica.get().await {
            Ok(client) => Some(Session::new(client, self, true)),
            Err(error) => {
                tracing::warn!(%error, "a copy of the database is away; asking the database itself");
                None
            }
        }
    }

    /// Runs one query on a connection of its own.
    pub(crate) async fn query(
        &self,
        name: &'static str,
        sql: &str,
        params: &[Param<'_>],
    ) -> Result<Vec<Row>, DatabaseError> {
        self.session().await?.query(name, sql, params).await
    }

    /// How many queries of each name there were.
    pub(crate) fn counts(&self) -> BTreeMap<&'static str, u64> {
        self.counts.lock().expect("nobody panics with it").clone()
    }

    fn count(&self, name: &'static str) {
        let mut counts = self.counts.lock().expect("nobody panics with it");
        *counts.entry(name).or_default() += 1;
    }
}

/// A connection for several queries.
pub(crate) struct Session<'a> {
    /// `None` only while it is dropped.
    client: Option<deadpool_postgres::Client>,
    database: &'a Database,
    of_copy: bool,
    /// How many queries are not answered.
    waiting: AtomicUsize,
}

impl<'a> Session<'a> {
    fn new(client: deadpool_postgres::Client, database: &'a Database, of_copy: bool) -> Self {
        Self {
            client: Some(client),
            database,
            of_copy,
            waiting: AtomicUsize::new(0),
        }
    }

    /// Whether what is read may be a moment old.
    pub(crate) fn is_of_copy(&self) -> bool {
        self.of_copy
    }

    /// Runs one query. Its name goes to metrics and errors.
    pub(crate) async fn query(
        &self,
        name: &'static str,
        sql: &str,
        params: &[Param<'_>],
    ) -> Result<Vec<Row>, DatabaseError> {
        self.database.count(name);
        let client = self.client.as_ref().expect("it is not dropped");
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let found = timeout(QUERY_TIMEOUT, client.query_typed(sql, params)).await;
        let found = found.map_err(|_| DatabaseError::Timeout { query: name })?;
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        found.map_err(|source| DatabaseError::Query {
            query: name,
            source,
        })
    }
}

impl Drop for Session<'_> {
    /// A connection on which a question was given up is not used again: the next one would wait
    /// behind it, perhaps for ever.
    fn drop(&mut self) {
        if self.waiting.load(Ordering::Relaxed) > 0
            && let Some(client) = self.client.take()
        {
            drop(deadpool_postgres::Object::take(client));
        }
    }
}

fn pool(settings: &DatabaseSettings) -> Result<Pool, TlsError> {
    let recycling_method = RecyclingMethod::Fast;
    let config = ManagerConfig { recycling_method };
    let target = settings.config.clone();
    let manager = match settings.tls {
        TlsMode::Off => Manager::from_config(target, NoTls, config),
        mode @ (TlsMode::Verified | TlsMode::Unverified) => {
            Manager::from_config(target, tls::connector(mode)?, config)
        }
    };
    let pool = Pool::builder(manager)
        .runtime(Runtime::Tokio1)
        .max_size(CONNECTIONS_MAX)
        .wait_timeout(Some(WAIT_TIMEOUT))
        .create_timeout(Some(CREATE_TIMEOUT))
        .recycle_timeout(Some(WAIT_TIMEOUT))
        .build();
    Ok(pool.expect("a runtime for its timeouts is named"))
}
