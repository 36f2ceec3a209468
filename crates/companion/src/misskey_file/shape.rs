//! The keys of `default.yml` that are read. Others are let be.

use serde::Deserialize;
use serde::de::IgnoredAny;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct File {
    pub(super) url: Option<String>,
    pub(super) db: Option<Db>,
    pub(super) db_replications: Option<bool>,
    pub(super) db_slaves: Option<Vec<Db>>,
    pub(super) redis: Option<Redis>,
    pub(super) redis_for_pubsub: Option<Redis>,
    pub(super) id: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Db {
    pub(super) host: Option<String>,
    pub(super) port: Option<u16>,
    pub(super) db: Option<String>,
    pub(super) user: Option<String>,
    pub(super) pass: Option<String>,
    pub(super) extra: Option<Extra>,
}

/// What goes to Misskey's driver as it stands.
#[derive(Deserialize)]
pub(super) struct Extra {
    pub(super) ssl: Option<Tls>,
}

#[derive(Deserialize)]
pub(super) struct Redis {
    pub(super) host: Option<String>,
    pub(super) port: Option<u16>,
    /// A Unix socket.
    pub(super) path: Option<String>,
    pub(super) username: Option<String>,
    pub(super) pass: Option<String>,
    pub(super) password: Option<String>,
    pub(super) prefix: Option<String>,
    pub(super) db: Option<i64>,
    pub(super) tls: Option<Tls>,
    pub(super) sentinels: Option<IgnoredAny>,
    // `family` is let be: all addresses of a name are tried.
}

/// On or off, or how.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Tls {
    Switch(bool),
    #[serde(rename_all = "camelCase")]
    Options {
        reject_unauthorized: Option<bool>,
    },
}
