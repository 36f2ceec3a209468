//! The table of settings: names, defaults and what they mean.

/// How a setting is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One value.
    Value,
    /// Any number of values.
    List,
    /// Given or not.
    Flag,
}

/// One setting of `serve`.
#[derive(Debug, Clone)]
pub(crate) struct Setting {
    /// The option without its dashes; also the key in the file.
    pub(crate) key: &'static str,
    /// How it is written.
    pub(crate) kind: Kind,
    /// What stands in its place in the help.
    pub(crate) placeholder: &'static str,
    /// The value when nobody gives one; `None`: unset.
    pub(crate) default: Option<String>,
    /// What it means, in a line.
    pub(crate) about: String,
    /// Whether it is one of the limits.
    pub(crate) limit: bool,
    /// Whether there may be a password in it, so that it is never printed.
    pub(crate) secret: bool,
}

impl Setting {
    /// A value as it may be printed.
    pub(crate) fn shown<'a>(&self, value: &'a str) -> &'a str {
        if self.secret { "(hidden)" } else { value }
    }

    /// The name of the environment variable.
    pub(crate) fn variable(&self) -> String {
        format!("SESERAGI_{}", self.key.replace('-', "_").to_uppercase())
    }
}

/// A setting of the table, but for the limits.
struct Row(
    &'static str,
    Kind,
    &'static str,
    Option<&'static str>,
    &'static str,
);

/// Key, kind, placeholder, default, meaning.
const ROWS: &[Row] = &[
    Row(
        "listen",
        Kind::List,
        "ADDRESS",
        Some("127.0.0.1:3000"),
        "Where clients connect: `IP:PORT` (port 0: any free one) or `unix:PATH`",
    ),
    Row(
        "url",
        Kind::Value,
        "URL",
        None,
        "The public address, such as `https://example.com`; unset: the first address it listens on",
    ),
    Row(
        "data",
        Kind::Value,
        "DIR",
        Some("data"),
        "Where the store lives; `:memory:` keeps nothing",
    ),
    Row(
        "demo",
        Kind::Flag,
        "",
        Some("false"),
        "Let invented users post, reply, renote, react, vote and follow for ever",
    ),
    Row(
        "dev",
        Kind::Flag,
        "",
        Some("false"),
        "For people who test clients: remote users by `signup` with `host`, `reset-db`, no rate limits",
    ),
    Row(
        "compat",
        Kind::Value,
        "CLIENTS",
        Some("none"),
        "Older clients to serve too: `legacy` for the `messaging` of servers before 2025",
    ),
    Row(
        "upload-from-url",
        Kind::Value,
        "SWITCH",
        Some("off"),
        "Whether users may have this server fetch files from public addresses: `on` or `off`",
    ),
    Row(
        "allowed-private-networks",
        Kind::List,
        "NETWORK",
        None,
        "Private networks that it may fetch files from too, such as `10.1.0.0/16`",
    ),
    Row(
        "misskey-config",
        Kind::Value,
        "FILE",
        None,
        "The `.config/default.yml` of a running Misskey, to serve beside it; the options below are stronger",
    ),
    Row(
        "database-url",
        Kind::Value,
        "URL",
        None,
        "The PostgreSQL of a running Misskey, to serve beside it: `postgres://USER:PASSWORD@HOST/NAME`",
    ),
    Row(
        "database-replica-url",
        Kind::List,
        "URL",
        None,
        "A copy of that database, for what may be a moment old",
    ),
    Row(
        "redis-url",
        Kind::Value,
        "URL",
        None,
        "The Redis of that Misskey: `redis://`, `rediss://` or `unix://`",
    ),
    Row(
        "redis-pubsub-url",
        Kind::Value,
        "URL",
        None,
        "Another Redis for that Misskey's events (its `redisForPubsub`)",
    ),
    Row(
        "redis-prefix",
        Kind::Value,
        "PREFIX",
        None,
        "What names keys and the channel of events in Redis; unset: the host",
    ),
    Row(
        "host",
        Kind::Value,
        "HOST",
        None,
        "The host of that Misskey's `url`, with the port if one is written there",
    ),
    Row(
        "upstream",
        Kind::Value,
        "URL",
        None,
        "That Misskey's own address, such as `http://127.0.0.1:3000`, for what only it can answer",
    ),
    Row(
        "bridge",
        Kind::Value,
        "SWITCH",
        Some("on"),
        "Whether channels that only that Misskey feeds come from `upstream`: `on` or `off`",
    ),
    Row(
        "admin-listen",
        Kind::Value,
        "ADDRESS",
        Some("127.0.0.1:3001"),
        "Where `/healthz`, `/readyz` and `/metrics` are served; `off` for nowhere",
    ),
    Row(
        "tls-cert",
        Kind::Value,
        "FILE",
        None,
        "A certificate chain as PEM, to serve TLS on the TCP addresses; needs `tls-key`",
    ),
    Row(
        "tls-key",
        Kind::Value,
        "FILE",
        None,
        "The private key of `tls-cert` as PEM",
    ),
    Row(
        "workers",
        Kind::Value,
        "COUNT",
        Some("0"),
        "Threads that own connections; 0: as many as there are cores",
    ),
    Row(
        "compression",
        Kind::Value,
        "SWITCH",
        Some("off"),
        "Whether notes are compressed for clients that offer it: `on` or `off`",
    ),
    Row(
        "log",
        Kind::Value,
        "FILTER",
        Some("info"),
        "What is logged: a level, or levels by module",
    ),
    Row(
        "log-format",
        Kind::Value,
        "FORMAT",
        Some("text"),
        "How log lines are written: `text` or `json`",
    ),
];

/// The settings that may hold a password.
const SECRETS: &[&str] = &[
    "database-url",
    "database-replica-url",
    "redis-url",
    "redis-pubsub-url",
];

/// All settings, those of the limits table last.
pub(crate) fn settings() -> Vec<Setting> {
    let row = |&Row(key, kind, placeholder, default, about): &Row| Setting {
        key,
        kind,
        placeholder,
        default: default.map(str::to_owned),
        about: about.to_owned(),
        limit: false,
        secret: SECRETS.contains(&key),
    };
    let mut all: Vec<Setting> = ROWS.iter().map(row).collect();
    all.extend(protocol::limits::LIMITS.iter().map(|spec| Setting {
        key: spec.option,
        kind: Kind::Value,
        placeholder: "NUMBER",
        default: Some(spec.default.to_string()),
        about: format!("{} ({})", spec.about.trim_end_matches('.'), spec.unit),
        limit: true,
        secret: false,
    }));
    all
}
