//! The four layers a setting can come from, the strongest first.

use std::collections::BTreeMap;
use std::fmt;

use super::setting::{Setting, settings};

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// An option on the command line.
    CommandLine,
    /// The environment variable of this name.
    Environment(String),
    /// The settings file of this name.
    File(String),
    /// The table.
    Default,
    /// Nowhere.
    Unset,
}

/// The values of every setting, with their sources.
#[derive(Debug, Clone)]
pub(crate) struct Layers {
    values_by_key: BTreeMap<String, (Vec<String>, Source)>,
}

impl Layers {
    /// Starts from the table's defaults.
    pub(crate) fn defaults() -> Self {
        let entry = |setting: Setting| {
            let source = setting
                .default
                .as_ref()
                .map_or(Source::Unset, |_| Source::Default);
            let values = setting.default.into_iter().collect();
            (setting.key.to_owned(), (values, source))
        };
        Self {
            values_by_key: settings().into_iter().map(entry).collect(),
        }
    }

    /// Puts a stronger value over what is there.
    pub(crate) fn set(&mut self, key: &str, values: Vec<String>, source: Source) {
        self.values_by_key.insert(key.to_owned(), (values, source));
    }

    /// The value in force and where it came from.
    pub(crate) fn find(&self, key: &str) -> (&[String], Source) {
        match self.values_by_key.get(key) {
            Some((values, source)) => (values, source.clone()),
            None => (&[], Source::Unset),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CommandLine => f.write_str("command line"),
            Self::Environment(name) => write!(f, "environment, {name}"),
            Self::File(path) => write!(f, "file {path}"),
            Self::Default => f.write_str("default"),
            Self::Unset => f.write_str("unset"),
        }
    }
}
