//! The hub: one per worker. Publications in, frames in mailboxes out.

mod mailbox;
mod postings;

use std::sync::Arc;

use bytes::Bytes;
use protocol::close::CloseReason;
use protocol::command::ClientId;
use protocol::id::{ListId, NoteId, SubId, UserId};
use protocol::join::Join;
use protocol::limits::Limits;
use rules::{Admission, Follows, JoinFacts, UserKey, Viewer};

use crate::desk::Watch;
use crate::publication::Publication;

pub use mailbox::{Mailbox, MailboxLimits};

/// A connection of this worker. The shell chooses the numbers, small and dense, such as the
/// keys of a slab; one may be used again after [`Hub::close`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnId(pub u32);

/// Who is logged in on a connection.
#[derive(Debug, Clone)]
pub struct Login {
    /// The user's relations, as the desk answered.
    pub viewer: Arc<Viewer>,
    /// Whether they came with the user's own token and not an app's.
    pub native: bool,
}

/// A list of users at one moment. Replaced as a whole when something changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// The list.
    pub id: ListId,
    /// Whose list it is.
    pub owner: UserKey,
    /// The same, as the rules of joining compare it.
    pub owner_id: UserId,
    /// Who is on it.
    pub members: Follows,
}

/// The subscriptions and mailboxes of one worker's connections.
///
/// After each call, the shell takes [`next_dirty`](Self::next_dirty) until it is empty and
/// writes what those connections' mailboxes hold, and takes [`next_unwatch`](Self::next_unwatch)
/// until it is empty.
#[derive(Debug, Default)]
pub struct Hub {}

impl Hub {
    /// A hub without connections.
    #[must_use]
    pub fn new(_limits: &Limits) -> Self {
        Self::default()
    }

    /// Opens a connection, for a visitor if there is no login.
    pub fn open(&mut self, _conn: ConnId, _login: Option<Login>) {}

    /// Forgets a connection and all that was for it.
    pub fn close(&mut self, _conn: ConnId) {}

    /// What the rules of joining need to know of a connection's user and the site at this
    /// moment; the session adds the rest.
    #[must_use]
    pub fn join_facts(&self, _conn: ConnId) -> JoinFacts {
        JoinFacts::default()
    }

    /// Starts a subscription. `list` is the snapshot that the desk answered with, for a list.
    pub fn subscribe(
        &mut self,
        _conn: ConnId,
        _sub: SubId,
        _id: &ClientId,
        _join: Join,
        _admission: Admission,
        _list: Option<Arc<List>>,
    ) {
    }

    /// Ends a subscription.
    pub fn unsubscribe(&mut self, _conn: ConnId, _sub: SubId) {}

    /// Captures a note. Capturing it twice is the same as once: the session counts.
    pub fn capture(&mut self, _conn: ConnId, _note: &NoteId) {}

    /// Releases a captured note.
    pub fn release(&mut self, _conn: ConnId, _note: &NoteId) {}

    /// Delivers an event. `now_ms` is Unix time.
    pub fn publish(&mut self, _publication: &Publication, _now_ms: u64) {}

    /// Queues a whole text message that is for this connection alone, such as `connected`.
    pub fn send(&mut self, _conn: ConnId, _text: Bytes) {}

    /// Queues a whole frame as it stands, such as a pong.
    pub fn send_frame(&mut self, _conn: ConnId, _frame: Bytes) {}

    /// Queues an event of a channel for one subscription alone, such as `statsLog`.
    pub fn reply(&mut self, _conn: ConnId, _sub: SubId, _kind: &str, _body: &[u8]) {}

    /// The next connection whose mailbox got its first frame, or that must be closed.
    pub fn next_dirty(&mut self) -> Option<ConnId> {
        None
    }

    /// The next thing to give back to the desk.
    pub fn next_unwatch(&mut self) -> Option<Watch> {
        None
    }

    /// Why a connection must be closed, if it must.
    #[must_use]
    pub fn closing(&self, _conn: ConnId) -> Option<CloseReason> {
        None
    }

    /// What waits to be written to a connection; `None`: it is not open.
    #[must_use]
    pub fn mailbox(&mut self, _conn: ConnId) -> Option<&mut Mailbox> {
        None
    }
}
