//! Misskey's own settings, `.config/default.yml`, as far as a streaming server needs them.

mod shape;

#[cfg(test)]
mod tests;

use deadpool_postgres::tokio_postgres;
use protocol::id::Generation;
use redis::{ConnectionAddr, IntoConnectionInfo, RedisConnectionInfo};
use url::Url;

use crate::settings::{DatabaseSettings, RedisSettings, TlsMode};
use shape::{Db, File, Redis, Tls};

/// What Misskey's settings say. There are passwords in it; `Debug` doesn't show them.
#[derive(Debug, Clone)]
pub struct MisskeyFile {
    /// The host of its `url`, with the port if one is written there.
    pub host: String,
    /// Its `db`.
    pub database: DatabaseSettings,
    /// Its `dbSlaves`, where `dbReplications` is on.
    pub replicas: Vec<DatabaseSettings>,
    /// Its `redis`.
    pub redis: RedisSettings,
    /// Its `redisForPubsub`, else its `redis`.
    pub events: RedisSettings,
    /// Its `id`; `None`: one that is not known.
    pub id: Option<Generation>,
}

/// Misskey's settings can't be used. Says where and why, and nothing of what stands there: it
/// may be a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// It is not the YAML that Misskey reads.
    #[error("line {line}, column {column} is not what Misskey's settings have there")]
    Yaml {
        /// The line, from 1; 0: unknown.
        line: u64,
        /// The column, from 1; 0: unknown.
        column: u64,
    },
    /// Something is missing.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// Something can't be used.
    #[error("`{key}` {why}")]
    Unusable {
        /// Which setting.
        key: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
}

impl MisskeyFile {
    /// Reads the text of a `default.yml`.
    ///
    /// # Errors
    ///
    /// When it is not one, or lacks what a streaming server needs.
    pub fn parse(text: &str) -> Result<Self, FileError> {
        let file: File = serde_saphyr::from_str(text).map_err(|error| {
            let at = error.location();
            let place = |number: Option<u64>| number.unwrap_or(0);
            FileError::Yaml {
                line: place(at.map(|at| at.line())),
                column: place(at.map(|at| at.column())),
            }
        })?;
        let host = host(&file.url.ok_or(FileError::Missing("url"))?)?;
        let db = file.db.ok_or(FileError::Missing("db"))?;
        let tls = tls(db.extra.as_ref().and_then(|extra| extra.ssl.as_ref()));
        let replicas = file
            .db_slaves
            .filter(|_| file.db_replications == Some(true));
        let redis = file.redis.ok_or(FileError::Missing("redis"))?;
        Ok(Self {
            host,
            replicas: replicas
                .iter()
                .flatten()
                .map(|slave| database(slave, tls))
                .collect(),
            database: database(&db, tls),
            events: match &file.redis_for_pubsub {
                Some(settings) => connection(settings)?,
                None => connection(&redis)?,
            },
            redis: connection(&redis)?,
            id: file.id.as_deref().and_then(Generation::parse),
        })
    }
}

/// The host of an address as JavaScript's `URL` gives it: the port only if it isn't the scheme's.
fn host(url: &str) -> Result<String, FileError> {
    let unusable = FileError::Unusable {
        key: "url",
        why: "is not an address",
    };
    let url = Url::parse(url).map_err(|_| unusable.clone())?;
    let host = url.host_str().ok_or(unusable)?;
    Ok(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

fn database(db: &Db, tls: TlsMode) -> DatabaseSettings {
    let mut config = tokio_postgres::Config::new();
    config
        .host(db.host.as_deref().unwrap_or("localhost"))
        .port(db.port.unwrap_or(5432));
    if let Some(name) = &db.db {
        config.dbname(name);
    }
    if let Some(user) = &db.user {
        config.user(user);
    }
    if let Some(password) = &db.pass {
        config.password(password);
    }
    DatabaseSettings::new(config, tls)
}

/// Whether `ssl` or `tls` asks for encryption.
fn tls(settings: Option<&Tls>) -> TlsMode {
    match settings {
        None | Some(Tls::Switch(false)) => TlsMode::Off,
        Some(Tls::Options {
            reject_unauthorized: Some(false),
        }) => TlsMode::Unverified,
        Some(Tls::Switch(true) | Tls::Options { .. }) => TlsMode::Verified,
    }
}

fn connection(redis: &Redis) -> Result<RedisSettings, FileError> {
    let unusable = |why| FileError::Unusable { key: "redis", why };
    if redis.sentinels.is_some() {
        return Err(unusable("has `sentinels`, which can't be used yet"));
    }
    let host = redis.host.clone().unwrap_or_else(|| "localhost".to_owned());
    let port = redis.port.unwrap_or(6379);
    let address = match (&redis.path, tls(redis.tls.as_ref())) {
        (Some(path), _) => ConnectionAddr::Unix(path.into()),
        (None, TlsMode::Off) => ConnectionAddr::Tcp(host, port),
        (None, mode @ (TlsMode::Verified | TlsMode::Unverified)) => ConnectionAddr::TcpTls {
            host,
            port,
            insecure: mode == TlsMode::Unverified,
            tls_params: None,
        },
    };
    let mut login = RedisConnectionInfo::default().set_db(redis.db.unwrap_or(0));
    if let Some(user) = &redis.username {
        login = login.set_username(user);
    }
    if let Some(password) = redis.pass.as_ref().or(redis.password.as_ref()) {
        login = login.set_password(password);
    }
    let info = address.into_connection_info();
    let info = info.map_err(|_| unusable("names no server"))?;
    Ok(RedisSettings {
        connection: info.set_redis_settings(login),
        prefix: redis.prefix.clone(),
    })
}
