//! The doctor: tries each part of a Misskey that the companion needs.

use std::time::Duration;

use ::upstream::StreamClient;
use backend::{Upstream, UpstreamError};
use protocol::limits::Limits;
use redis::{Client, RedisError};
use tokio::time::timeout;

use crate::database::{Database, with_sources};
use crate::schema::Schema;
use crate::settings::{RedisSettings, Settings};

/// How a part fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// As it should.
    Fine,
    /// Something is off, the rest works.
    Off,
    /// Nothing works without it.
    Broken,
}

/// What was found out about one part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The part.
    pub part: String,
    /// How it fares.
    pub state: State,
    /// What was found, and what is off because of that.
    pub what: String,
    /// What to do about it; empty: nothing.
    pub remedy: String,
}

/// How long each part may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many channels of Redis are named at most.
const CHANNELS_NAMED_MAX: usize = 5;

/// Tries everything.
pub async fn check(settings: &Settings) -> Vec<Finding> {
    let mut findings = Vec::new();
    check_database(settings, &mut findings).await;
    for replica in &settings.replicas {
        findings.push(check_copy(replica).await);
    }
    findings.push(check_events(settings).await);
    findings.push(check_keys(&settings.redis).await);
    findings.push(check_upstream(settings).await);
    findings
}

impl Finding {
    fn fine(part: &str, what: String) -> Self {
        Self {
            part: part.to_owned(),
            state: State::Fine,
            what,
            remedy: String::new(),
        }
    }

    fn bad(part: &str, state: State, what: String, remedy: &str) -> Self {
        Self {
            part: part.to_owned(),
            state,
            what,
            remedy: remedy.to_owned(),
        }
    }
}

async fn check_database(settings: &Settings, findings: &mut Vec<Finding>) {
    const PART: &str = "database";
    let target = &settings.database;
    let bad = |why: String| {
        let what = format!("{target}: {why}; nobody can log in");
        let remedy =
            "see that PostgreSQL runs, and compare `db` of Misskey's settings or `--database-url`";
        Finding::bad(PART, State::Broken, what, remedy)
    };
    let database = match Database::new(target, &[]) {
        Ok(database) => database,
        Err(error) => return findings.push(bad(with_sources(&error))),
    };
    match timeout(PATIENCE, database.version()).await {
        Ok(Ok(version)) => {
            findings.push(Finding::fine(
                PART,
                format!("{target}: PostgreSQL {version}"),
            ));
        }
        Ok(Err(error)) => return findings.push(bad(error.to_string())),
        Err(_) => return findings.push(bad("it does not answer".to_owned())),
    }
    match timeout(PATIENCE, Schema::read(&database)).await {
        Ok(Ok(schema)) => check_schema(&schema, findings),
        Ok(Err(error)) => findings.push(bad(error.to_string())),
        Err(_) => findings.push(bad("it does not answer".to_owned())),
    }
}

fn check_schema(schema: &Schema, findings: &mut Vec<Finding>) {
    const PART: &str = "tables and columns";
    let mut all_there = true;
    for wanted in schema.missing() {
        all_there = false;
        let (state, remedy) = if wanted.needed {
            (
                State::Broken,
                "is this the database of a Misskey, with its migrations done?",
            )
        } else {
            (
                State::Off,
                "an older or another Misskey: update it, or go without",
            )
        };
        let what = format!(
            "`{}` has no {}: {}",
            wanted.table,
            wanted.columns.join(", "),
            wanted.without
        );
        findings.push(Finding::bad(PART, state, what, remedy));
    }
    if all_there {
        findings.push(Finding::fine(PART, "all there".to_owned()));
    }
}

async fn check_copy(replica: &crate::DatabaseSettings) -> Finding {
    const PART: &str = "copy of the database";
    let found = match Database::new(replica, &[]) {
        Ok(database) => timeout(PATIENCE, database.version())
            .await
            .map_err(|_| "it does not answer".to_owned())
            .and_then(|found| found.map_err(|error| error.to_string())),
        Err(error) => Err(with_sources(&error)),
    };
    match found {
        Ok(version) => Finding::fine(PART, format!("{replica}: PostgreSQL {version}")),
        Err(why) => {
            let what = format!("{replica}: {why}; the database itself is asked instead");
            let remedy =
                "see that it runs, or take it out of `dbSlaves` or `--database-replica-url`";
            Finding::bad(PART, State::Off, what, remedy)
        }
    }
}

/// Whether events can come, and whether a Misskey publishes them there.
async fn check_events(settings: &Settings) -> Finding {
    const PART: &str = "events (Redis)";
    let (target, channel) = (&settings.events, settings.channel());
    match timeout(PATIENCE, subscribers(target, channel)).await {
        Ok(Ok((0, others))) => {
            let what = format!(
                "{target}: no Misskey listens on channel `{channel}`, so none publishes there; {}",
                if others.is_empty() {
                    "nor on any other".to_owned()
                } else {
                    format!("others are `{}`", others.join("`, `"))
                }
            );
            let remedy =
                "start Misskey; or see that `--host` is the host of its `url`, and its `prefix`";
            Finding::bad(PART, State::Off, what, remedy)
        }
        Ok(Ok((count, _))) => {
            let what = format!("{target}: {count} listen on channel `{channel}`");
            Finding::fine(PART, what)
        }
        Ok(Err(error)) => broken_redis(PART, target, &error.to_string()),
        Err(_) => broken_redis(PART, target, "it does not answer"),
    }
}

fn broken_redis(part: &str, target: &RedisSettings, why: &str) -> Finding {
    let what = format!("{target}: {why}; no events arrive");
    let remedy = "see that Redis runs, and compare `redis` of Misskey's settings or `--redis-url`";
    Finding::bad(part, State::Broken, what, remedy)
}

/// How many listen on a channel, and some other channels.
async fn subscribers(
    target: &RedisSettings,
    channel: &str,
) -> Result<(u64, Vec<String>), RedisError> {
    let client = Client::open(target.connection.clone())?;
    // Whether one may subscribe is another right than whether one may ask.
    let mut own = client.get_async_pubsub().await?;
    own.subscribe(channel).await?;
    let mut redis = client.get_multiplexed_async_connection().await?;
    let (_, count): (String, u64) = redis::cmd("PUBSUB")
        .arg("NUMSUB")
        .arg(channel)
        .query_async(&mut redis)
        .await?;
    let mut others: Vec<String> = redis::cmd("PUBSUB")
        .arg("CHANNELS")
        .query_async(&mut redis)
        .await?;
    others.retain(|other| other != channel);
    others.sort();
    others.truncate(CHANNELS_NAMED_MAX);
    Ok((count.saturating_sub(1), others))
}

/// Whether notifications and chats can be marked as read.
async fn check_keys(target: &RedisSettings) -> Finding {
    const PART: &str = "keys (Redis)";
    let ping = async {
        let client = Client::open(target.connection.clone())?;
        let mut redis = client.get_multiplexed_async_connection().await?;
        redis::cmd("PING").query_async::<String>(&mut redis).await
    };
    let why = match timeout(PATIENCE, ping).await {
        Ok(Ok(_)) => return Finding::fine(PART, format!("{target}: answers")),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "it does not answer".to_owned(),
    };
    let what = format!("{target}: {why}; notifications and chats can't be marked as read");
    let remedy = "see that Redis runs, and compare `redis` of Misskey's settings or `--redis-url`";
    Finding::bad(PART, State::Off, what, remedy)
}

/// Whether Misskey itself opens a stream, and is no server of our kind.
async fn check_upstream(settings: &Settings) -> Finding {
    const PART: &str = "Misskey itself";
    const OFF: &str = "notes of antennas, hidden notes of notifications, and channels that only \
                       Misskey feeds are off";
    let bad =
        |what: String, remedy| Finding::bad(PART, State::Off, format!("{what}; {OFF}"), remedy);
    let Some(address) = &settings.upstream else {
        let remedy = "set `--upstream` to Misskey's own address, such as `http://127.0.0.1:3000`";
        return bad("unset".to_owned(), remedy);
    };
    let client = StreamClient::new(address.clone(), Limits::default().bridge_frame_bytes_max);
    let error = match timeout(PATIENCE, client.open(None)).await {
        Ok(Ok(mut stream)) => {
            stream.close().await;
            return Finding::fine(PART, format!("{address}: opens streams"));
        }
        Ok(Err(error)) => error,
        Err(elapsed) => UpstreamError::Unreachable(elapsed.into()),
    };
    let remedy = match error {
        UpstreamError::Loop => {
            "set `--upstream` to Misskey's own address: not that of Seseragi, and not the proxy's"
        }
        UpstreamError::Unreachable(_)
        | UpstreamError::Refused(_)
        | UpstreamError::Broken(_)
        | UpstreamError::Ended
        | UpstreamError::Slow
        | UpstreamError::TooBig => {
            "see that Misskey runs, and that `--upstream` is its own address"
        }
    };
    bad(format!("{address}: {}", with_sources(&error)), remedy)
}
