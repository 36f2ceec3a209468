//! The suite that every backend must pass.
//!
//! A backend's tests bring a [`Stage`]: the backend together with hands that change what it
//! reads, by whatever means are real there (REST calls, SQL and Redis). [`conformance!`]
//! makes one test of each case, each on a stage of its own.
//!
//! [`conformance!`]: crate::conformance!

pub mod cases;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use protocol::id::{AntennaId, ChannelId, ListId, NoteId, UserId};
use tokio::sync::mpsc;

use crate::{Backend, SourceEvent, ViewerRecord};

/// How long the suite waits for an event that must come.
pub const EVENT_WAIT: Duration = Duration::from_secs(20);

/// A user of the stage.
#[derive(Debug, Clone)]
pub struct Actor {
    /// The user.
    pub id: UserId,
    /// The user's native token.
    pub token: String,
}

/// One side of a relation between two users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// The first follows the second.
    Follow {
        /// And wants their replies to others.
        with_replies: bool,
    },
    /// The first mutes the second.
    Mute,
    /// The first mutes the second's renotes.
    RenoteMute,
    /// The first blocks the second.
    Block,
}

/// A backend with hands.
#[async_trait]
pub trait Stage: Send + Sync {
    /// The backend under test.
    fn backend(&self) -> Arc<dyn Backend>;
    /// Makes a local user.
    async fn user(&self, name: &str) -> Actor;
    /// Makes an app token with these permissions.
    async fn app_token(&self, user: &Actor, permissions: &[&str]) -> String;
    /// Begins a relation.
    async fn relate(&self, from: &Actor, to: &Actor, relation: Relation);
    /// Ends a relation.
    async fn unrelate(&self, from: &Actor, to: &Actor, relation: Relation);
    /// Sets the hosts a user mutes.
    async fn mute_hosts(&self, user: &Actor, hosts: &[&str]);
    /// Makes a Misskey channel.
    async fn channel(&self, owner: &Actor) -> ChannelId;
    /// Follows or unfollows a Misskey channel.
    async fn follow_channel(&self, user: &Actor, channel: &ChannelId, on: bool);
    /// Makes a list with members.
    async fn list(&self, owner: &Actor, members: &[&Actor]) -> ListId;
    /// Makes an antenna.
    async fn antenna(&self, owner: &Actor) -> AntennaId;
    /// Writes a note; the recipients count for `specified`.
    async fn note(&self, author: &Actor, visibility: &str, to: &[&Actor]) -> NoteId;
    /// Reacts to a note with a Unicode emoji.
    async fn react(&self, user: &Actor, note: &NoteId, reaction: &str);
}

/// What one user's record says now.
///
/// # Panics
///
/// When the backend fails or doesn't know the user.
pub async fn record(stage: &dyn Stage, user: &Actor) -> ViewerRecord {
    let users = [user.id.clone()];
    let mut records = stage
        .backend()
        .viewers(&users)
        .await
        .expect("the store answers");
    assert_eq!(records.len(), 1, "one record for one user");
    records.remove(0)
}

/// Waits for the next message on a topic and gives its payload.
///
/// # Panics
///
/// When the stream ends, or when none comes in [`EVENT_WAIT`].
pub async fn next_on(events: &mut mpsc::Receiver<SourceEvent>, topic: &str) -> serde_json::Value {
    let wait = async {
        loop {
            match events.recv().await.expect("the stream goes on") {
                SourceEvent::Message(event) if &*event.topic == topic => {
                    return serde_json::from_slice(&event.payload).expect("a payload is JSON");
                }
                SourceEvent::Message(_) | SourceEvent::Gap => {}
            }
        }
    };
    tokio::time::timeout(EVENT_WAIT, wait)
        .await
        .unwrap_or_else(|_| panic!("no event came on topic `{topic}`"))
}

/// Makes a test of every case. Takes a function that gives a future of a fresh [`Stage`].
#[macro_export]
macro_rules! conformance {
    ($stage:expr) => {
        $crate::conformance!(@cases $stage;
            events_are_taken_once,
            tokens_tell_who_is_asking,
            viewers_come_in_batches,
            relations_show_in_records,
            a_record_is_not_older_than_the_event,
            channels_and_hosts_show_in_records,
            lists_tell_owner_and_members,
            antennas_tell_their_owner,
            notes_come_in_order,
            audiences_say_who_may_see,
            notes_are_packed_for_those_who_may_see,
            reactions_are_found,
            notifications_are_read_once,
        );
    };
    (@cases $stage:expr; $($case:ident),* $(,)?) => {
        $(
            #[tokio::test]
            async fn $case() {
                let stage = $stage().await;
                $crate::conformance::cases::$case(&stage).await;
            }
        )*
    };
}
