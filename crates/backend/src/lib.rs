//! The seam between the streaming server and a store.
//!
//! A [`Backend`] is the whole of what the server asks: one ordered stream of events, who is
//! behind a token, and the relations that the rules need. The standalone store and the
//! companion of an existing Misskey implement it; `server` never names either.
//!
//! Invariant: events come in the order in which they took effect, relation changes among
//! them. A record read after a change was published shows that change.

#[cfg(feature = "conformance")]
pub mod conformance;
pub mod policy;
mod upstream;

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use protocol::id::{AntennaId, GameId, ListId, NoteId, RoleId, RoomId, UserId};
use serde_json::value::RawValue;
use tokio::sync::mpsc;

pub use protocol::record::*;
pub use upstream::{BRIDGE_MARK, Upstream, UpstreamError, UpstreamStream};

/// One store, as the streaming server sees it.
#[async_trait]
pub trait Backend: Send + Sync + 'static {
    /// Takes the one ordered stream of events. Called once, before anything is loaded, so that
    /// no change falls between a load and the stream; a second call gets `None`.
    fn events(&self) -> Option<mpsc::Receiver<SourceEvent>>;

    /// Who is behind a token. `None`: nobody.
    async fn authenticate(&self, token: &str) -> Result<Option<Account>, BackendError>;

    /// Which of some apps' tokens are still somebody's, in one batch and in their order. This is
    /// no use of them. Asked of a store that [misses changes](Self::misses_changes) alone.
    async fn live_tokens(&self, tokens: &[&str]) -> Result<Vec<bool>, BackendError> {
        let mut live = Vec::with_capacity(tokens.len());
        for token in tokens {
            live.push(self.authenticate(token).await?.is_some());
        }
        Ok(live)
    }

    /// The relations of some users, in one batch. A user who doesn't exist is left out.
    async fn viewers(&self, users: &[UserId]) -> Result<Vec<ViewerRecord>, BackendError>;

    /// What holds for the whole server.
    async fn site(&self) -> Result<SiteRecord, BackendError>;

    /// A list with its members.
    async fn list(&self, list: &ListId) -> Result<Option<ListRecord>, BackendError>;

    /// Whose antenna this is.
    async fn antenna_owner(&self, antenna: &AntennaId) -> Result<Option<UserId>, BackendError>;

    /// Some lists with their members, in one batch. One that doesn't exist is left out.
    async fn lists(&self, lists: &[ListId]) -> Result<Vec<(ListId, ListRecord)>, BackendError> {
        let mut found = Vec::new();
        for id in lists {
            found.extend(self.list(id).await?.map(|list| (id.clone(), list)));
        }
        Ok(found)
    }

    /// Whose some antennas are, in one batch. One that doesn't exist is left out.
    async fn antenna_owners(
        &self,
        antennas: &[AntennaId],
    ) -> Result<Vec<(AntennaId, UserId)>, BackendError> {
        let mut found = Vec::new();
        for id in antennas {
            let owner = self.antenna_owner(id).await?;
            found.extend(owner.map(|owner| (id.clone(), owner)));
        }
        Ok(found)
    }

    /// Who is in some chat rooms, in one batch. One that doesn't exist is left out.
    async fn rooms(&self, rooms: &[RoomId]) -> Result<Vec<RoomRecord>, BackendError>;

    /// Whether some changes have no event, so that whatever is in use must be read again every
    /// now and then: see `reread_interval_ms` of the limits.
    fn misses_changes(&self) -> bool {
        false
    }

    /// What a role timeline needs of a role.
    async fn role(&self, role: &RoleId) -> Result<Option<RoleRecord>, BackendError>;

    /// Who may see a note, for captures whose event doesn't say. `None`: no such note.
    async fn audience(&self, note: &NoteId) -> Result<Option<AudienceRecord>, BackendError>;

    /// Which of `users` have reacted to a note, and how, in the spelling of the note's
    /// `reactions` keys.
    async fn my_reactions(
        &self,
        note: &NoteId,
        users: &[UserId],
    ) -> Result<Vec<(UserId, String)>, BackendError>;

    /// A note as the API shows it to `viewer`, as JSON. `None`: the viewer may not see it, or
    /// it is gone.
    async fn pack_note(
        &self,
        note: &NoteId,
        viewer: &UserId,
    ) -> Result<Option<Bytes>, BackendError>;

    /// Marks all of a user's notifications as read.
    async fn read_notifications(&self, user: &UserId) -> Result<(), BackendError>;

    /// Marks a user's chat as read, as far as they have seen it.
    async fn read_chat(&self, user: &UserId, chat: &Chat) -> Result<(), BackendError>;

    /// Carries out what a player does in a game of Reversi. What makes no sense, or is not theirs
    /// to do, is ignored; a store without games ignores it all.
    async fn play(&self, _play: &Play) -> Result<(), BackendError> {
        Ok(())
    }

    /// Moves a user's last-active date: on connect and every 5 minutes while connected.
    async fn touch(&self, user: &UserId) -> Result<(), BackendError>;

    /// The server beside which this one runs, for the channels that only that one can feed.
    /// `None`: there is none, or it is not to be used.
    fn upstream(&self) -> Option<Arc<dyn Upstream>> {
        None
    }

    /// Whether this store feeds the channels of older servers too: `messaging`, `messagingIndex`.
    fn has_legacy_channels(&self) -> bool {
        false
    }

    /// Whether the store answers and events can arrive; the error says what does not.
    async fn ready(&self) -> Result<(), BackendError>;

    /// What the store counts, for the metrics.
    fn readings(&self) -> Vec<Reading> {
        Vec::new()
    }
}

/// Something that a store counts. Counts grow from the start of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// How many queries of a name there were.
    Queries(&'static str, u64),
    /// How many messages were dropped before they became events, by why.
    MessagesDropped(&'static str, u64),
    /// How many notes another server was to pack, by what came of it.
    Packs(&'static str, u64),
    /// Whether events can arrive.
    Subscribed(bool),
}

/// One of a user's chats.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Chat {
    /// With another user.
    With(UserId),
    /// In a room.
    In(RoomId),
}

/// What a player does in a game of Reversi: an operation of `reversiGame`.
#[derive(Debug, Clone)]
pub struct Play {
    /// Who.
    pub player: UserId,
    /// Which game.
    pub game: GameId,
    /// What, such as `putStone`.
    pub kind: String,
    /// What comes with it.
    pub body: Box<RawValue>,
}

/// What comes out of [`Backend::events`].
#[derive(Debug, Clone)]
pub enum SourceEvent {
    /// A message of Misskey's pub/sub channel: see `docs/PROTOCOL.md` section 8 for the topics.
    Message(RawEvent),
    /// Events may have been lost here: everything that was loaded must be loaded again.
    Gap,
}

/// One published message, not yet decoded.
#[derive(Debug, Clone)]
pub struct RawEvent {
    /// The topic, such as `notesStream` or `mainStream:{userId}`.
    pub topic: Box<str>,
    /// The message under it, as JSON.
    pub payload: Bytes,
}

/// A store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[error("cannot {operation}")]
pub struct BackendError {
    /// What was tried, naming the table or topic, such as "read table `following`".
    pub operation: String,
    /// Why it failed.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

impl BackendError {
    /// Why it failed, down to the first cause. A cause that the one above already names is not
    /// repeated.
    #[must_use]
    pub fn causes(&self) -> String {
        let mut causes = self.source.to_string();
        let mut next = self.source.source();
        while let Some(cause) = next {
            let text = cause.to_string();
            if !causes.ends_with(&text) {
                causes.push_str(": ");
                causes.push_str(&text);
            }
            next = cause.source();
        }
        causes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An error with a text and perhaps a cause.
    #[derive(Debug, thiserror::Error)]
    #[error("{0}")]
    struct Link(&'static str, #[source] Option<Box<Self>>);

    #[test]
    fn causes_are_told_down_to_the_first() {
        let check = |texts: &[&'static str], expected: &str| {
            let chain = texts.iter().rev().fold(None, |cause, text| {
                let link: Option<Box<Link>> = cause;
                Some(Box::new(Link(text, link)))
            });
            let error = BackendError {
                operation: "read table `meta`".to_owned(),
                source: chain.expect("there is a cause"),
            };
            assert_eq!(error.causes(), expected);
        };
        check(&["no connection"], "no connection");
        check(
            &["no connection", "error connecting", "refused"],
            "no connection: error connecting: refused",
        );
        check(
            &["the query failed: deadlock", "deadlock"],
            "the query failed: deadlock",
        );
    }
}
