//! What Misskey keeps of notifications and chats in Redis.

use std::fmt;
use std::time::Duration;

use backend::Chat;
use protocol::id::UserId;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::streams::StreamRangeReply;
use redis::{AsyncCommands, Client, RedisError};
use serde_json::json;

/// How long Redis may take to answer.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(8);
/// How long it may take to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(8);
/// The longest wait between two attempts to connect.
const BACKOFF_MAX: Duration = Duration::from_secs(1);

/// Redis, for all but events.
#[derive(Clone)]
pub(crate) struct Notifications {
    /// Where notifications are kept.
    store: ConnectionManager,
    /// What stands before each key.
    prefix: String,
    /// Where events are published.
    publisher: ConnectionManager,
    /// The channel of events.
    channel: String,
}

impl Notifications {
    /// Connects at the first use.
    pub(crate) fn new(
        store: &Client,
        prefix: &str,
        publisher: &Client,
        channel: &str,
    ) -> Result<Self, RedisError> {
        Ok(Self {
            store: manager(store)?,
            prefix: prefix.to_owned(),
            publisher: manager(publisher)?,
            channel: channel.to_owned(),
        })
    }

    /// Marks all of a user's notifications as read, and tells their clients if any were not.
    pub(crate) async fn read_all(&self, user: &UserId) -> Result<(), RedisError> {
        let prefix = &self.prefix;
        let timeline = format!("{prefix}:notificationTimeline:{user}");
        let latest_read = format!("{prefix}:latestReadNotification:{user}");
        let mut store = self.store.clone();
        let newest: StreamRangeReply = store.xrevrange_count(timeline, "+", "-", 1).await?;
        let Some(newest) = newest.ids.first() else {
            return Ok(());
        };
        let read: Option<String> = store.get(&latest_read).await?;
        if read.is_some_and(|read| !is_older(&read, &newest.id)) {
            return Ok(());
        }
        let () = store.set(&latest_read, &newest.id).await?;
        let message = json!({
            "channel": format!("mainStream:{user}"),
            "message": { "type": "readAllNotifications", "body": null },
        });
        self.publish(&message.to_string()).await
    }

    /// Marks a user's chat as read.
    pub(crate) async fn read_chat(&self, user: &UserId, chat: &Chat) -> Result<(), RedisError> {
        let prefix = &self.prefix;
        let unread = match chat {
            Chat::With(other) => format!("{prefix}:newUserChatMessageExists:{user}:{other}"),
            Chat::In(room) => format!("{prefix}:newRoomChatMessageExists:{user}:{room}"),
        };
        self.store.clone().del(unread).await
    }

    async fn publish(&self, message: &str) -> Result<(), RedisError> {
        let mut publisher = self.publisher.clone();
        publisher.publish(&self.channel, message).await
    }
}

impl fmt::Debug for Notifications {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notifications")
            .field("prefix", &self.prefix)
            .field("channel", &self.channel)
            .finish_non_exhaustive()
    }
}

fn manager(client: &Client) -> Result<ConnectionManager, RedisError> {
    let config = ConnectionManagerConfig::new()
        .set_response_timeout(Some(RESPONSE_TIMEOUT))
        .set_connection_timeout(Some(CONNECT_TIMEOUT))
        .set_max_delay(BACKOFF_MAX);
    client.get_connection_manager_lazy(config)
}

/// Whether one id of a stream is older than another: milliseconds, a dash, a number.
fn is_older(id: &str, than: &str) -> bool {
    let parts = |id: &str| {
        let (ms, number) = id.split_once('-').unwrap_or((id, "0"));
        Some((ms.parse::<u64>().ok()?, number.parse::<u64>().ok()?))
    };
    match (parts(id), parts(than)) {
        (Some(id), Some(than)) => id < than,
        // Not an id of a stream: as text, like Misskey itself.
        _ => id < than,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_streams_compare_by_number() {
        for (id, than, expected) in [
            ("1-0", "2-0", true),
            ("2-0", "1-0", false),
            ("1-0", "1-0", false),
            ("1-9", "1-10", true),
            ("999-0", "1000-0", true),
            ("5", "5-1", true),
            ("a", "b", true),
        ] {
            assert_eq!(is_older(id, than), expected, "{id} and {than}");
        }
    }
}
