//! The relations of users: a fixed number of queries, however many users.

use std::collections::HashMap;
use std::time::SystemTime;

use backend::{FollowRecord, MuteRecord, ViewerRecord};
use deadpool_postgres::tokio_postgres::Row;
use deadpool_postgres::tokio_postgres::types::Type;
use protocol::id::{ChannelId, Generation, UserId};
use serde_json::Value;

use crate::database::row::{Columns, columns};
use crate::database::{DatabaseError, Session};
use crate::roles;
use crate::schema::Schema;

/// Reads the relations of some users. Whoever is not there, suspended or deleted is left out.
pub(crate) async fn read(
    session: &Session<'_>,
    schema: &Schema,
    users: &[UserId],
    generation: Option<Generation>,
) -> Result<Vec<ViewerRecord>, DatabaseError> {
    schema.demand_all()?;
    let ids: Vec<&str> = users.iter().map(UserId::as_str).collect();
    let ids = ids.as_slice();
    let (roster, mut parts) = tokio::try_join!(
        roles::read(session, schema, ids, generation),
        read_parts(session, schema, ids)
    )?;
    let now_ms = roles::unix_ms(SystemTime::now());
    let records = roster.standings(now_ms).map(|(user, policies, moderator)| {
        let part = parts.remove(user).unwrap_or_default();
        ViewerRecord {
            user: user.clone(),
            following: part.following,
            muting: part.muting,
            blocked_by: part.blocked_by,
            renote_muting: part.renote_muting,
            muted_instances: part.muted_instances,
            following_channels: part.following_channels,
            muting_channels: part.muting_channels,
            policies,
            moderator,
        }
    });
    Ok(records.collect())
}

/// What several queries find of one user.
#[derive(Debug, Default)]
struct Part {
    following: Vec<FollowRecord>,
    muting: Vec<MuteRecord<UserId>>,
    blocked_by: Vec<UserId>,
    renote_muting: Vec<UserId>,
    muted_instances: Vec<String>,
    following_channels: Vec<ChannelId>,
    muting_channels: Vec<MuteRecord<ChannelId>>,
}

/// A query for one part of the relations, named after its table.
struct Query {
    table: &'static str,
    /// The column that names the user. It is read first.
    user: &'static str,
    /// What else is read.
    columns: String,
}

async fn read_parts(
    session: &Session<'_>,
    schema: &Schema,
    users: &[&str],
) -> Result<HashMap<UserId, Part>, DatabaseError> {
    let with_replies = schema.column("following", "withReplies", "false");
    let muted_until = schema.column("muting", "expiresAt", "NULL::timestamptz");
    let muted_instances = schema.column("user_profile", "mutedInstances", "NULL::jsonb");
    let channel_muted_until = schema.column("channel_muting", "expiresAt", "NULL::timestamptz");
    let queries = [
        Query::new(
            "following",
            "followerId",
            format!(r#""followeeId", {with_replies}"#),
        ),
        Query::new("muting", "muterId", format!(r#""muteeId", {muted_until}"#)),
        Query::new("blocking", "blockeeId", r#""blockerId""#.to_owned()),
        Query::new("renote_muting", "muterId", r#""muteeId""#.to_owned()),
        Query::new("user_profile", "userId", muted_instances),
        Query::new(
            "channel_following",
            "followerId",
            r#""followeeId""#.to_owned(),
        ),
        Query::new(
            "channel_muting",
            "userId",
            format!(r#""channelId", {channel_muted_until}"#),
        ),
    ];
    let rows = queries
        .iter()
        .map(|query| query.read(session, schema, users));
    let rows = futures_util::future::try_join_all(rows).await?;
    let mut parts: HashMap<UserId, Part> = HashMap::with_capacity(users.len());
    for (query, rows) in queries.iter().zip(&rows) {
        for row in columns(query.table, rows) {
            let part = parts.entry(row.user(0)?).or_default();
            part.take(query.table, row)?;
        }
    }
    Ok(parts)
}

impl Query {
    fn new(table: &'static str, user: &'static str, columns: String) -> Self {
        Self {
            table,
            user,
            columns,
        }
    }

    async fn read(
        &self,
        session: &Session<'_>,
        schema: &Schema,
        users: &[&str],
    ) -> Result<Vec<Row>, DatabaseError> {
        let Self {
            table,
            user,
            columns,
        } = self;
        if !schema.has(table, &[user]) {
            return Ok(Vec::new());
        }
        let sql = format!(r#"SELECT "{user}", {columns} FROM "{table}" WHERE "{user}" = ANY($1)"#);
        let params = [(&users as _, Type::TEXT_ARRAY)];
        session.query(table, &sql, &params).await
    }
}

impl Part {
    /// Takes a row of one of the tables.
    fn take(&mut self, table: &str, row: Columns<'_>) -> Result<(), DatabaseError> {
        match table {
            "following" => self.following.push(FollowRecord {
                user: row.user(1)?,
                with_replies: row.get(2)?,
            }),
            "muting" => self.muting.push(mute(row, UserId::parse)?),
            "blocking" => self.blocked_by.push(row.user(1)?),
            "renote_muting" => self.renote_muting.push(row.user(1)?),
            "user_profile" => self.muted_instances = instances(row.get(1)?),
            "channel_following" => self.following_channels.push(row.id(1, ChannelId::parse)?),
            "channel_muting" => self.muting_channels.push(mute(row, ChannelId::parse)?),
            other => unreachable!("nothing is read from `{other}`"),
        }
        Ok(())
    }
}

fn mute<T>(row: Columns<'_>, parse: fn(&str) -> Option<T>) -> Result<MuteRecord<T>, DatabaseError> {
    Ok(MuteRecord {
        target: row.id(1, parse)?,
        expires_at: row.get(2)?,
    })
}

/// The hosts of a `mutedInstances`.
fn instances(value: Option<Value>) -> Vec<String> {
    let hosts = value.as_ref().and_then(Value::as_array);
    let hosts = hosts.into_iter().flatten().filter_map(Value::as_str);
    hosts.map(str::to_lowercase).collect()
}
