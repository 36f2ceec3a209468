//! The settings: one table, four layers, one validated [`Config`].
//!
//! A value comes from the command line, else from the environment, else from the file, else
//! from the table. All bad values are reported at once, each with where it came from.

mod companion;
mod file;
mod layers;
mod setting;
mod values;

use std::net::SocketAddr;
use std::path::PathBuf;

use protocol::limits::Limits;

pub(crate) use file::read as read_file;
pub(crate) use layers::{Layers, Source};
pub(crate) use setting::{Kind, Setting, settings};
pub(crate) use values::{Listen, LogFormat};

/// The settings of `serve`, validated.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// Where clients connect.
    pub(crate) listen: Vec<Listen>,
    /// The public address; `None`: the first real address.
    pub(crate) url: Option<String>,
    /// Where the store lives; `None`: in memory only.
    pub(crate) data: Option<PathBuf>,
    /// Whether invented users keep the server alive with notes.
    pub(crate) demo: bool,
    /// Whether the conveniences for client developers are on.
    pub(crate) dev: bool,
    /// What the store of one's own has beyond the usual.
    pub(crate) features: standalone::Features,
    /// The Misskey to serve beside; `None`: a store of one's own.
    pub(crate) companion: Option<::companion::Settings>,
    /// Where health and metrics are served; `None`: nowhere.
    pub(crate) admin_listen: Option<SocketAddr>,
    /// The files of a certificate chain and its key, where TLS is served.
    pub(crate) tls: Option<Tls>,
    /// Threads that own connections.
    pub(crate) workers: usize,
    /// Whether clients that offer it get compressed messages.
    pub(crate) compression: bool,
    /// A filter in the syntax of `tracing`, such as `info` or `server=debug`.
    pub(crate) log: String,
    /// How log lines are written.
    pub(crate) log_format: LogFormat,
    /// All limits.
    pub(crate) limits: Limits,
}

/// The files that TLS needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tls {
    /// A certificate chain as PEM.
    pub(crate) certificate: PathBuf,
    /// Its private key as PEM.
    pub(crate) key: PathBuf,
}

/// One setting that can't be used.
#[derive(Debug)]
pub(crate) struct Problem {
    key: String,
    value: String,
    source: Source,
    why: String,
}

/// Every setting that can't be used.
#[derive(Debug)]
pub(crate) struct Problems(Vec<Problem>);

impl Config {
    /// Validates what the layers hold.
    ///
    /// # Errors
    ///
    /// Names every bad value, what is wrong with it and where it came from.
    pub(crate) fn resolve(layers: &Layers) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        let mut read = Reader {
            layers,
            problems: &mut problems,
        };
        let bridge = read.required("bridge", values::flag);
        let mut config = Self {
            listen: read.list("listen", values::listen),
            url: read.optional("url", values::origin),
            data: read.required("data", values::data),
            demo: read.required("demo", values::flag),
            dev: read.required("dev", values::flag),
            features: read.features(),
            companion: read.companion(),
            admin_listen: read.required("admin-listen", values::admin_listen),
            tls: read.tls(),
            workers: read.required("workers", values::workers),
            compression: read.required("compression", values::flag),
            log: read.required("log", values::log_filter),
            log_format: read.required("log-format", values::log_format),
            limits: read.limits(),
        };
        if let Some(companion) = config.companion.as_mut().filter(|_| bridge) {
            companion.bridge_frame_bytes_max = Some(config.limits.bridge_frame_bytes_max);
        }
        if problems.is_empty() {
            Ok(config)
        } else {
            Err(Problems(problems))
        }
    }
}

/// Reads single settings and collects what is wrong with them.
struct Reader<'a> {
    layers: &'a Layers,
    problems: &'a mut Vec<Problem>,
}

impl Reader<'_> {
    fn required<T: Default>(&mut self, key: &str, parse: fn(&str) -> Result<T, String>) -> T {
        self.optional(key, parse).unwrap_or_default()
    }

    fn optional<T>(&mut self, key: &str, parse: fn(&str) -> Result<T, String>) -> Option<T> {
        self.list(key, parse).pop()
    }

    fn list<T>(&mut self, key: &str, parse: fn(&str) -> Result<T, String>) -> Vec<T> {
        let mut parsed = Vec::new();
        let (values, source) = self.layers.find(key);
        for value in values {
            match parse(value) {
                Ok(value) => parsed.push(value),
                Err(why) => self.problems.push(Problem {
                    key: key.to_owned(),
                    value: shown(key, value),
                    source: source.clone(),
                    why,
                }),
            }
        }
        parsed
    }

    fn features(&mut self) -> standalone::Features {
        let networks = self.list("allowed-private-networks", values::network);
        let upload_from_url = self.required("upload-from-url", values::flag);
        standalone::Features {
            upload_from_url: upload_from_url.then_some(networks),
            legacy: self.required("compat", values::compat),
        }
    }

    /// Both files, or neither.
    fn tls(&mut self) -> Option<Tls> {
        let certificate = self.optional("tls-cert", values::path);
        let key = self.optional("tls-key", values::path);
        match (certificate, key) {
            (Some(certificate), Some(key)) => Some(Tls { certificate, key }),
            (None, None) => None,
            (Some(_), None) => self.missing("tls-key", "`tls-cert` needs it"),
            (None, Some(_)) => self.missing("tls-cert", "`tls-key` needs it"),
        }
    }

    fn missing<T>(&mut self, key: &str, why: &str) -> Option<T> {
        self.problems.push(Problem {
            key: key.to_owned(),
            value: String::new(),
            source: Source::Unset,
            why: why.to_owned(),
        });
        None
    }

    fn limits(&mut self) -> Limits {
        let mut limits = Limits::default();
        for spec in protocol::limits::LIMITS {
            let key = spec.option;
            if let Some(value) = self.optional(key, values::limit)
                && let Err(why) = spec.set(&mut limits, value)
            {
                let (values, source) = self.layers.find(key);
                self.problems.push(Problem {
                    key: key.to_owned(),
                    value: values.join(" "),
                    source,
                    why: why.to_string(),
                });
            }
        }
        limits
    }
}

/// A value as it may be printed.
fn shown(key: &str, value: &str) -> String {
    let settings = settings();
    let setting = settings.iter().find(|setting| setting.key == key);
    let shown = setting.map_or(value, |setting| setting.shown(value));
    shown.to_owned()
}

impl std::fmt::Display for Problems {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "cannot use these settings:")?;
        for problem in &self.0 {
            write!(
                f,
                "\n  `{}` = `{}` ({}): {}",
                problem.key, problem.value, problem.source, problem.why
            )?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

#[cfg(test)]
mod tests;
