//! The settings of a server beside a running Misskey.

use std::path::Path;

use companion::{DatabaseSettings, MisskeyFile, RedisSettings, Settings};
use upstream::Address;

use super::{Problem, Reader, values};

/// All options of a server beside a Misskey.
const KEYS: [&str; 8] = [
    "misskey-config",
    "database-url",
    "database-replica-url",
    "redis-url",
    "redis-pubsub-url",
    "redis-prefix",
    "host",
    "upstream",
];

impl Reader<'_> {
    /// What Misskey's own settings and the options say of a Misskey; `None`: nothing.
    pub(super) fn companion(&mut self) -> Option<Settings> {
        let file = self.optional("misskey-config", misskey_file);
        let database = self.optional("database-url", parse_database);
        let replicas = self.list("database-replica-url", parse_database);
        let redis = self.optional("redis-url", parse_redis);
        let events = self.optional("redis-pubsub-url", parse_redis);
        let prefix = self.optional("redis-prefix", values::text);
        let host = self.optional("host", values::text);
        let upstream = self.optional("upstream", upstream);
        if self.is_unset(&KEYS) {
            return None;
        }
        if self.is_unset(&["misskey-config"]) {
            for key in ["database-url", "redis-url", "host"] {
                if self.is_unset(&[key]) {
                    let why = "a server beside a Misskey needs it, or `misskey-config`";
                    self.missing::<()>(key, why);
                }
            }
        }
        let mut settings = self.base(file, host, database, redis)?;
        if !replicas.is_empty() {
            settings.replicas = replicas;
        }
        settings.events = events.unwrap_or(settings.events);
        if let Some(prefix) = prefix {
            settings.redis = settings.redis.with_prefix(&prefix);
            settings.events = settings.events.with_prefix(&prefix);
        }
        settings.upstream = upstream;
        Some(settings)
    }

    /// Misskey's own settings, with options in the place of some.
    fn base(
        &mut self,
        file: Option<MisskeyFile>,
        host: Option<String>,
        database: Option<DatabaseSettings>,
        redis: Option<RedisSettings>,
    ) -> Option<Settings> {
        let host = host.or_else(|| file.as_ref().map(|file| file.host.clone()));
        // Another database has other copies, another Redis brings its own events.
        let replicas = match (&database, &file) {
            (None, Some(file)) => file.replicas.clone(),
            _ => Vec::new(),
        };
        let events = match (&redis, &file) {
            (None, Some(file)) => Some(file.events.clone()),
            _ => None,
        };
        let database = database.or_else(|| file.as_ref().map(|file| file.database.clone()));
        let redis = redis.or_else(|| file.as_ref().map(|file| file.redis.clone()));
        let mut settings = match Settings::new(&host?, database?, redis?) {
            Ok(settings) => settings,
            Err(error) => {
                let (values, source) = self.layers.find("host");
                self.problems.push(Problem {
                    key: "host".to_owned(),
                    value: values.join(" "),
                    source,
                    why: error.to_string(),
                });
                return None;
            }
        };
        settings.replicas = replicas;
        settings.events = events.unwrap_or(settings.events);
        settings.id = file.and_then(|file| file.id);
        Some(settings)
    }

    /// Whether none of these is set.
    fn is_unset(&self, keys: &[&str]) -> bool {
        keys.iter().all(|key| self.layers.find(key).0.is_empty())
    }
}

fn misskey_file(path: &str) -> Result<MisskeyFile, String> {
    let text = std::fs::read_to_string(Path::new(path));
    let text = text.map_err(|error| format!("cannot read it: {error}"))?;
    MisskeyFile::parse(&text).map_err(|error| error.to_string())
}

fn parse_database(text: &str) -> Result<DatabaseSettings, String> {
    DatabaseSettings::parse(text).map_err(|error| error.to_string())
}

fn parse_redis(text: &str) -> Result<RedisSettings, String> {
    RedisSettings::parse(text).map_err(|error| error.to_string())
}

fn upstream(text: &str) -> Result<Address, String> {
    Address::parse(text).map_err(|error| error.to_string())
}
