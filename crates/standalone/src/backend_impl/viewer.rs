//! The relations of one user.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use backend::{FollowRecord, MuteRecord, ViewerRecord};
use protocol::id::{ChannelId, UserId};
use rusqlite::Connection;
use rusqlite::types::FromSql;

use crate::model::user;
use crate::pack::Object;
use crate::roles::Roles;
use crate::store::Col;

/// Reads them; `None`: no such user.
pub(super) fn read(
    connection: &Connection,
    id: &UserId,
    base: &Object,
    roles: &Roles,
) -> rusqlite::Result<Option<ViewerRecord>> {
    let Some(user) = user::by_id(connection, id.as_str())? else {
        return Ok(None);
    };
    let held = roles.of(connection, &user)?;
    let hosts = user.muted_instances.iter();
    Ok(Some(ViewerRecord {
        following: following(connection, id)?,
        muting: mutes(
            connection,
            "SELECT mutee_id, expires_at FROM mute WHERE muter_id = ?1",
            id,
        )?,
        blocked_by: ids(
            connection,
            "SELECT blocker_id FROM block WHERE blockee_id = ?1",
            id,
        )?,
        renote_muting: ids(
            connection,
            "SELECT mutee_id FROM renote_mute WHERE muter_id = ?1",
            id,
        )?,
        muted_instances: hosts.map(|host| host.to_lowercase()).collect(),
        following_channels: ids(
            connection,
            "SELECT channel_id FROM channel_follow WHERE user_id = ?1",
            id,
        )?,
        muting_channels: mutes::<ChannelId>(
            connection,
            "SELECT channel_id, expires_at FROM channel_mute WHERE user_id = ?1",
            id,
        )?,
        policies: held.of_stream(base),
        moderator: held.staff(&user).moderator,
        user: user.id,
    }))
}

fn following(connection: &Connection, user: &UserId) -> rusqlite::Result<Vec<FollowRecord>> {
    connection
        .prepare_cached("SELECT followee_id, with_replies FROM follow WHERE follower_id = ?1")?
        .query_map([Col(user)], |row| {
            Ok(FollowRecord {
                user: row.get::<_, Col<UserId>>(0)?.0,
                with_replies: row.get(1)?,
            })
        })?
        .collect()
}

fn ids<T>(connection: &Connection, sql: &str, user: &UserId) -> rusqlite::Result<Vec<T>>
where
    Col<T>: FromSql,
{
    connection
        .prepare_cached(sql)?
        .query_map([Col(user)], |row| Ok(row.get::<_, Col<T>>(0)?.0))?
        .collect()
}

fn mutes<T>(
    connection: &Connection,
    sql: &str,
    user: &UserId,
) -> rusqlite::Result<Vec<MuteRecord<T>>>
where
    Col<T>: FromSql,
{
    connection
        .prepare_cached(sql)?
        .query_map([Col(user)], |row| {
            Ok(MuteRecord {
                target: row.get::<_, Col<T>>(0)?.0,
                expires_at: row.get::<_, Option<u64>>(1)?.map(moment),
            })
        })?
        .collect()
}

fn moment(unix_ms: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(unix_ms)
}
