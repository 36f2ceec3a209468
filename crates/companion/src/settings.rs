//! Where everything is: the database, Redis, and what Misskey calls itself.

use std::fmt;
use std::time::Duration;

use ::upstream::Address;
use deadpool_postgres::tokio_postgres::{self, config::SslMode};
use protocol::id::Generation;
use redis::{ConnectionInfo, IntoConnectionInfo};
use url::Url;

/// The settings of a [`Companion`](crate::Companion).
///
/// Passwords are in here: nothing of it is ever printed but what `Display` and `Debug` show.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The host of Misskey's `url`, with the port if one is written there.
    pub host: String,
    /// The database that is written to.
    pub database: DatabaseSettings,
    /// Copies of it, for what may be a moment old.
    pub replicas: Vec<DatabaseSettings>,
    /// The Redis that events come from, and its prefix.
    pub events: RedisSettings,
    /// The Redis that keeps notifications, and its prefix.
    pub redis: RedisSettings,
    /// Misskey's own address, such as `http://127.0.0.1:3000`: for packing and the bridge.
    pub upstream: Option<Address>,
    /// The largest message that the bridge takes from there, in bytes; `None`: no bridge.
    pub bridge_frame_bytes_max: Option<usize>,
    /// How Misskey makes its ids; `None`: nobody said.
    pub id: Option<Generation>,
}

/// How to get to a PostgreSQL database. `Display` and `Debug` name it without its password.
#[derive(Clone)]
pub struct DatabaseSettings {
    pub(crate) config: tokio_postgres::Config,
    pub(crate) tls: TlsMode,
}

/// How to get to a Redis, or to what speaks like one. `Display` and `Debug` name it without
/// its password.
#[derive(Clone)]
pub struct RedisSettings {
    pub(crate) connection: ConnectionInfo,
    /// What stands before the colon of its keys, and names its channel; `None`: the host does.
    pub(crate) prefix: Option<String>,
}

/// Whether and how a connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TlsMode {
    /// It is not.
    #[default]
    Off,
    /// It is, and the server must have a certificate that this machine trusts.
    Verified,
    /// It is, with whatever certificate the server has.
    Unverified,
}

/// An address that can't be used. Says what is wrong with it without repeating it: there may be
/// a password in it.
#[derive(Debug, thiserror::Error)]
#[error("cannot use this address: {0}")]
pub struct AddressError(pub(crate) String);

/// How long a connection to PostgreSQL may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long PostgreSQL may leave bytes unacknowledged.
const USER_TIMEOUT: Duration = Duration::from_secs(20);
/// After how much silence a connection is tried.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(60);
/// How long PostgreSQL works on one statement before it gives up.
const STATEMENT_TIMEOUT_MS: u64 = 8_000;

impl Settings {
    /// The settings of a Misskey with one database and one Redis and no prefix of its own.
    ///
    /// # Errors
    ///
    /// When the host is not one.
    pub fn new(
        host: &str,
        database: DatabaseSettings,
        redis: RedisSettings,
    ) -> Result<Self, AddressError> {
        if host.is_empty() || host.contains(['/', '@', ' ']) {
            return Err(AddressError(
                "expected a host, perhaps with a port".to_owned(),
            ));
        }
        Ok(Self {
            host: host.to_owned(),
            database,
            replicas: Vec::new(),
            events: redis.clone(),
            redis,
            upstream: None,
            bridge_frame_bytes_max: None,
            id: None,
        })
    }

    /// The Redis channel that events come on.
    #[must_use]
    pub fn channel(&self) -> &str {
        self.events.prefix.as_deref().unwrap_or(&self.host)
    }

    /// What stands before the colon of Redis' keys.
    pub(crate) fn key_prefix(&self) -> &str {
        self.redis.prefix.as_deref().unwrap_or(&self.host)
    }
}

impl DatabaseSettings {
    /// Reads a `postgres://` address. `sslmode` is one of `disable` (also when it is left out),
    /// `require` (any certificate) and `verify-full`.
    ///
    /// # Errors
    ///
    /// When the address is not one.
    pub fn parse(address: &str) -> Result<Self, AddressError> {
        let mut url = Url::parse(address).map_err(|error| AddressError(error.to_string()))?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(AddressError("expected `postgres://`".to_owned()));
        }
        let is_mode = |(key, _): &(_, _)| key == "sslmode";
        let mode = url
            .query_pairs()
            .find(is_mode)
            .map(|(_, mode)| mode.into_owned());
        let tls = match mode.as_deref() {
            None | Some("disable" | "allow" | "prefer") => TlsMode::Off,
            Some("require") => TlsMode::Unverified,
            Some("verify-ca" | "verify-full") => TlsMode::Verified,
            Some(_) => return Err(AddressError("unknown `sslmode`".to_owned())),
        };
        let others: Vec<(String, String)> = url
            .query_pairs()
            .filter(|pair| !is_mode(pair))
            .map(|(key, value)| (key.into_owned(), value.into_owned()))
            .collect();
        url.set_query(None);
        if !others.is_empty() {
            url.query_pairs_mut().extend_pairs(others);
        }
        // The parser's own error repeats what it could not read.
        let config = url.as_str().parse();
        let config = config.map_err(|_| AddressError("not an address of PostgreSQL".to_owned()))?;
        Ok(Self::new(config, tls))
    }

    pub(crate) fn new(mut config: tokio_postgres::Config, tls: TlsMode) -> Self {
        config
            .application_name("seseragi")
            .connect_timeout(CONNECT_TIMEOUT)
            .tcp_user_timeout(USER_TIMEOUT)
            .keepalives_idle(KEEPALIVE_IDLE)
            .options(format!("-c statement_timeout={STATEMENT_TIMEOUT_MS}"))
            .ssl_mode(match tls {
                TlsMode::Off => SslMode::Disable,
                TlsMode::Verified | TlsMode::Unverified => SslMode::Require,
            });
        Self { config, tls }
    }
}

impl RedisSettings {
    /// Reads a `redis://`, `rediss://` or `unix://` address.
    ///
    /// # Errors
    ///
    /// When the address is not one.
    pub fn parse(address: &str) -> Result<Self, AddressError> {
        let connection = address.into_connection_info();
        // The error says what is wrong, not with what.
        let connection = connection.map_err(|error| {
            AddressError(
                error
                    .detail()
                    .unwrap_or("not an address of Redis")
                    .to_owned(),
            )
        })?;
        Ok(Self {
            connection,
            prefix: None,
        })
    }

    /// The same server under another prefix.
    #[must_use]
    pub fn with_prefix(mut self, prefix: &str) -> Self {
        self.prefix = Some(prefix.to_owned());
        self
    }
}

impl fmt::Display for DatabaseSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use tokio_postgres::config::Host;
        let port = self.config.get_ports().first().copied().unwrap_or(5432);
        match self.config.get_hosts().first() {
            Some(Host::Tcp(host)) => write!(f, "{host}:{port}")?,
            Some(Host::Unix(path)) => write!(f, "{} (port {port})", path.display())?,
            None => f.write_str("localhost")?,
        }
        write!(f, "/{}", self.config.get_dbname().unwrap_or_default())
    }
}

impl fmt::Display for RedisSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.connection.redis_settings().db();
        write!(f, "{}/{number}", self.connection.addr())
    }
}

impl fmt::Debug for DatabaseSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseSettings({self})")
    }
}

impl fmt::Debug for RedisSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedisSettings({self}, prefix {:?})", self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_not_shown() {
        let database = DatabaseSettings::parse("postgres://me:hunter2@db.example:5433/misskey");
        let redis = RedisSettings::parse("redis://me:hunter2@redis.example:6380/2");
        let settings = Settings::new("example.com", database.unwrap(), redis.unwrap()).unwrap();
        let text = format!("{settings:?} {} {}", settings.database, settings.redis);
        assert!(!text.contains("hunter2"), "{text}");
        assert!(text.contains("db.example:5433/misskey"), "{text}");
        assert!(text.contains("redis.example:6380/2"), "{text}");
        for wrong in [
            "postgres://me:hunter2@db:port/x",
            "mysql://me:hunter2@db/x",
            "postgres://me:hunter2@db/x?sslmode=hunter2",
        ] {
            let error = DatabaseSettings::parse(wrong).unwrap_err().to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
        for wrong in ["redis://me:hunter2@", "hunter2", "redis://:hunter2@r/x"] {
            let error = RedisSettings::parse(wrong).unwrap_err().to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn addresses_say_whether_to_encrypt() {
        for (address, expected) in [
            ("postgres://u@h/d", TlsMode::Off),
            ("postgres://u@h/d?sslmode=disable", TlsMode::Off),
            ("postgresql://u@h/d?sslmode=require", TlsMode::Unverified),
            ("postgres://u@h/d?sslmode=verify-full", TlsMode::Verified),
        ] {
            assert_eq!(
                DatabaseSettings::parse(address).unwrap().tls,
                expected,
                "{address}"
            );
        }
    }

    #[test]
    fn sockets_are_addresses() {
        let database = DatabaseSettings::parse("postgres://u:p@%2Frun%2Fpostgresql/d").unwrap();
        assert_eq!(database.to_string(), "/run/postgresql (port 5432)/d");
        let redis = RedisSettings::parse("redis+unix:///run/redis.sock?db=1&pass=p").unwrap();
        assert_eq!(redis.to_string(), "/run/redis.sock/1");
    }
}
