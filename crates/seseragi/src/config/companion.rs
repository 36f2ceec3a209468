//! The settings of a server beside a running Misskey.

use companion::{DatabaseSettings, RedisSettings, Settings};
use url::Url;

use super::{Problem, Reader, values};

impl Reader<'_> {
    /// What the options say of a Misskey; `None`: nothing.
    pub(super) fn companion(&mut self) -> Option<Settings> {
        let database = self.optional("database-url", database);
        let redis = self.optional("redis-url", redis);
        let host = self.optional("host", values::text);
        let upstream = self.optional("upstream", upstream);
        if self.is_unset(&["database-url", "redis-url", "host", "upstream"]) {
            return None;
        }
        for key in ["database-url", "redis-url", "host"] {
            if self.is_unset(&[key]) {
                self.missing::<()>(key, "a server beside a Misskey needs it");
            }
        }
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
        settings.upstream = upstream;
        Some(settings)
    }

    /// Whether none of these is set.
    fn is_unset(&self, keys: &[&str]) -> bool {
        keys.iter().all(|key| self.layers.find(key).0.is_empty())
    }
}

fn database(text: &str) -> Result<DatabaseSettings, String> {
    DatabaseSettings::parse(text).map_err(|error| error.to_string())
}

fn redis(text: &str) -> Result<RedisSettings, String> {
    RedisSettings::parse(text).map_err(|error| error.to_string())
}

fn upstream(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err("expected an address that starts with `https://` or `http://`".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("expected an address without a user".to_owned());
    }
    Ok(url)
}
