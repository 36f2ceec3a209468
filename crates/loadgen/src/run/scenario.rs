//! What a run does, as its file says it.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

/// A scenario.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scenario {
    /// How long notes are posted, in seconds.
    pub(super) seconds: u64,
    /// How many users post, by turns.
    pub(super) authors: usize,
    pub(super) notes: Notes,
    #[serde(rename = "group")]
    pub(super) groups: Vec<Group>,
}

/// What is posted.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Notes {
    pub(super) per_second: f64,
    /// The text of each, in bytes.
    #[serde(default = "text_bytes")]
    pub(super) text_bytes: usize,
    /// Those of the authors' notes, by turns.
    #[serde(default = "visibilities")]
    pub(super) visibilities: Vec<Visibility>,
    /// One of so many notes gets a reaction two seconds after it was posted; none without this.
    pub(super) react_to_one_of: Option<u64>,
}

/// A note's visibility.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Visibility {
    Public,
    Home,
    Followers,
    /// To nobody but its author.
    Specified,
}

/// Connections that do the same.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Group {
    pub(super) name: String,
    pub(super) connections: usize,
    #[serde(default)]
    pub(super) behaviour: Behaviour,
    /// How many users they are of, by turns; visitors without this.
    #[serde(default)]
    pub(super) users: usize,
    /// How many of the authors each user follows.
    #[serde(default)]
    pub(super) follows: usize,
    pub(super) channels: Vec<Channel>,
    /// Whether they capture each note that they get.
    #[serde(default)]
    pub(super) captures: bool,
}

/// What connections do with what they get.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Behaviour {
    /// They read it, and it is checked.
    #[default]
    Read,
    /// They read nothing.
    Slow,
    /// They read nothing and send all the commands they can.
    Flood,
    /// They come in all at once, are cut off and come again.
    Storm,
}

/// A channel whose notes can be foretold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) enum Channel {
    #[serde(rename = "homeTimeline")]
    Home,
    #[serde(rename = "localTimeline")]
    Local,
    #[serde(rename = "hybridTimeline")]
    Hybrid,
    #[serde(rename = "globalTimeline")]
    Global,
}

impl Scenario {
    /// Reads a scenario: TOML, or JSON where the file's name says so.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let read = || {
            let text = std::fs::read_to_string(path)?;
            if path
                .extension()
                .is_some_and(|extension| extension == "json")
            {
                Ok(serde_json::from_str(&text)?)
            } else {
                Ok(toml::from_str(&text)?)
            }
        };
        let scenario: Result<Self> = read();
        scenario
            .and_then(Self::check)
            .with_context(|| format!("cannot use the scenario `{}`", path.display()))
    }

    /// Finds what makes no sense.
    pub(super) fn check(self) -> Result<Self> {
        let Notes {
            per_second,
            ref visibilities,
            react_to_one_of,
            ..
        } = self.notes;
        ensure!(self.seconds > 0, "`seconds` must be at least 1");
        ensure!(self.authors > 0, "`authors` must be at least 1");
        ensure!(
            per_second > 0.0 && per_second <= 10_000.0,
            "`per_second` must be more than 0 and at most 10000"
        );
        ensure!(!visibilities.is_empty(), "`visibilities` must not be empty");
        ensure!(
            react_to_one_of != Some(0),
            "`react_to_one_of` must be at least 1"
        );
        for group in &self.groups {
            let name = &group.name;
            ensure!(group.connections > 0, "`{name}` has no connections");
            ensure!(!group.channels.is_empty(), "`{name}` joins no channel");
            ensure!(
                group.users <= group.connections,
                "`{name}` has more users than connections"
            );
            ensure!(
                group.follows <= self.authors,
                "`{name}` follows more authors than there are"
            );
            let logged_in = group.channels.iter().any(|channel| channel.needs_login());
            ensure!(
                group.users > 0 || !logged_in && group.follows == 0,
                "visitors of `{name}` follow nobody and have no such timeline"
            );
            let bad = group.behaviour != Behaviour::Read;
            ensure!(
                !bad || group.channels.len() == 1 && !group.captures,
                "`{name}` does not read: it joins one channel and captures nothing"
            );
        }
        Ok(self)
    }

    /// How many notes are posted in all.
    pub(super) fn total(&self) -> u64 {
        (self.seconds as f64 * self.notes.per_second).ceil() as u64
    }
}

impl Channel {
    /// Its name on the wire.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Home => "homeTimeline",
            Self::Local => "localTimeline",
            Self::Hybrid => "hybridTimeline",
            Self::Global => "globalTimeline",
        }
    }

    fn needs_login(self) -> bool {
        matches!(self, Self::Home | Self::Hybrid)
    }
}

impl Visibility {
    /// Its name in the API.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Home => "home",
            Self::Followers => "followers",
            Self::Specified => "specified",
        }
    }
}

fn text_bytes() -> usize {
    500
}

fn visibilities() -> Vec<Visibility> {
    vec![Visibility::Public]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
    }

    #[test]
    fn the_examples_make_sense() {
        let mut count = 0;
        for entry in std::fs::read_dir(folder()).unwrap() {
            Scenario::read(&entry.unwrap().path()).unwrap();
            count += 1;
        }
        assert!(count > 0);
    }

    #[test]
    fn nonsense_is_refused_with_its_reason() {
        for (change, expected) in [
            (
                ("users = 2", "users = 0"),
                "visitors of `readers` follow nobody",
            ),
            (
                ("follows = 1", "follows = 9"),
                "`readers` follows more authors than there are",
            ),
            (
                ("per_second = 2.0", "per_second = 0.0"),
                "`per_second` must be more than 0",
            ),
            (("seconds = 1", "secs = 1"), "unknown field `secs`"),
            (("\"homeTimeline\"", "\"main\""), "unknown variant `main`"),
        ] {
            let text = r#"
                seconds = 1
                authors = 2
                [notes]
                per_second = 2.0
                [[group]]
                name = "readers"
                connections = 4
                users = 2
                follows = 1
                channels = ["homeTimeline"]
            "#;
            let text = text.replace(change.0, change.1);
            let read = toml::from_str::<Scenario>(&text);
            let read = read.map_err(Into::into).and_then(Scenario::check);
            let error = read.expect_err(change.1).to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
