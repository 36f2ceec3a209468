//! The hub: one per worker. Publications in, frames out: at once, or by way of mailboxes.

mod captured;
mod connection;
mod deliver;
mod draft;
mod index;
mod invariants;
mod lists;
mod mailbox;
mod names;
mod postings;
mod rooms;
mod subscription;
mod viewers;

use std::mem;
use std::sync::Arc;

use bytes::Bytes;
use protocol::close::CloseReason;
use protocol::command::ClientId;
use protocol::frame;
use protocol::id::{ListId, NoteId, RoomId, SubId, UserId};
use protocol::join::Join;
use protocol::limits::Limits;
use protocol::record::SiteRecord;
use rules::{Admission, Follows, JoinFacts, Keys, UserKey, Viewer, Viewpoint};
use slab::Slab;

use self::index::{Index, Move, feed_of};
use crate::desk::Watch;
use captured::CapturedNotes;
use connection::{Connection, Connections};
use lists::Lists;
use rooms::Rooms;
use subscription::Subscription;
use viewers::Viewers;

pub use mailbox::{Hold, Mailbox, MailboxLimits, Wire};
pub(crate) use postings::{index, small};

/// A connection of this worker. The shell chooses the numbers, small and dense, such as the
/// keys of a slab; one may be used again after [`Hub::close`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnId(pub u32);

/// The window of deflate itself.
const FULL_WINDOW_BITS: u8 = 15;

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

/// A chat room at one moment. Replaced as a whole when someone comes or goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    /// The room.
    pub id: RoomId,
    /// Its owner, its members and those who are invited.
    pub members: Keys<UserKey>,
    /// The same in order, as the rules of joining compare them.
    pub member_ids: Box<[UserId]>,
}

/// The snapshot that the desk answered with, where a subscription needs one.
#[derive(Debug, Clone)]
pub enum Shown {
    /// Of a list.
    List(Arc<List>),
    /// Of a chat room.
    Room(Arc<Room>),
}

/// What happened in a hub since it was last asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Events written at once or put into mailboxes.
    pub delivered: u64,
    /// Candidates that the rules refused.
    pub refused: u64,
    /// Frames serialised: at most one per form of an event and process.
    pub forms_made: u64,
    /// Deliveries given up because the event can't be brought into the form that the rules ask.
    pub forms_failed: u64,
    /// Connections whose mailbox overflowed.
    pub overflows: u64,
}

/// The subscriptions and mailboxes of one worker's connections.
///
/// After each call, the shell takes [`next_dirty`](Self::next_dirty) until it is empty and
/// writes what those connections' mailboxes hold, and takes [`next_unwatch`](Self::next_unwatch)
/// until it is empty.
///
/// What the desk answers belongs to its place in the stream of publications. So
/// [`open`](Self::open) and [`subscribe`](Self::subscribe) must be called with the answer where
/// it comes in that stream, before the next publication. The socket may follow later.
#[derive(Debug)]
pub struct Hub {
    /// The shortest shared part of a frame that is deflated, in bytes.
    deflate_bytes_min: usize,
    connections: Connections,
    subs: Slab<Subscription>,
    viewers: Viewers,
    lists: Lists,
    rooms: Rooms,
    index: Index,
    captured: CapturedNotes,
    /// Unknown until the desk tells; then visitors get nothing.
    site: Option<SiteRecord>,
    unwatch: Vec<Watch>,
    counts: Counts,
    /// Candidates for the event at hand; empty between events.
    scratch: Vec<u32>,
}

impl Hub {
    /// A hub without connections.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self {
            deflate_bytes_min: limits.compression_bytes_min,
            connections: Connections::new(limits.into()),
            subs: Slab::new(),
            viewers: Viewers::default(),
            lists: Lists::default(),
            rooms: Rooms::default(),
            index: Index::default(),
            captured: CapturedNotes::default(),
            site: None,
            unwatch: Vec::new(),
            counts: Counts::default(),
            scratch: Vec::new(),
        }
    }

    /// Opens a connection, for a visitor if there is no login. A number that is open is closed
    /// first.
    pub fn open(&mut self, conn: ConnId, login: Option<Login>) {
        self.close(conn);
        let (seat, native) = match login {
            None => (None, false),
            Some(Login { viewer, native }) => (Some(self.viewers.sit(viewer, conn.0)), native),
        };
        self.connections.insert(conn, Connection::new(seat, native));
    }

    /// From here on a connection takes notes as deflated messages (RFC 7692), made without
    /// context takeover for a window of 2 to the power of `window_bits` bytes. A full window of
    /// 15 bits takes texts of any length.
    pub fn compress(&mut self, conn: ConnId, window_bits: u8) {
        if let Some(connection) = self.connections.get_mut(conn) {
            let full = window_bits >= FULL_WINDOW_BITS;
            connection.deflate_window = if full { usize::MAX } else { 1 << window_bits };
        }
    }

    /// Forgets a connection and all that was for it.
    pub fn close(&mut self, conn: ConnId) {
        let Some(mut connection) = self.connections.remove(conn) else {
            return;
        };
        for sub in mem::take(&mut connection.subs) {
            self.end(sub, connection.seat);
        }
        for note in mem::take(&mut connection.captures) {
            self.captured.remove(note, conn.0);
        }
        if let Some(seat) = connection.seat {
            self.viewers.leave(seat, conn.0);
        }
    }

    /// What the rules of joining need to know of a connection's user and of the site at this
    /// moment; the session adds the rest.
    #[must_use]
    pub fn join_facts(&self, conn: ConnId) -> JoinFacts {
        let viewpoint = self.viewpoint(conn);
        let (policies, moderator) = match viewpoint {
            None => (None, None),
            Some(Viewpoint::Visitor) => (self.site.map(|site| site.policies), Some(false)),
            Some(Viewpoint::User(viewer)) => (Some(viewer.policies), Some(viewer.moderator)),
        };
        JoinFacts {
            policies,
            moderator,
            ..JoinFacts::default()
        }
    }

    /// Starts a subscription. `shown` is the snapshot that the desk answered with, for a list or a
    /// chat room; without it these get nothing.
    ///
    /// A list, an antenna, a role or a chat room is given back by [`next_unwatch`](Self::next_unwatch) when
    /// the subscription ends.
    pub fn subscribe(
        &mut self,
        conn: ConnId,
        sub: SubId,
        id: &ClientId,
        join: Join,
        admission: Admission,
        shown: Option<&Shown>,
    ) {
        self.unsubscribe(conn, sub);
        let Some(connection) = self.connections.get_mut(conn) else {
            self.unwatch.extend(watch_of(&join));
            return;
        };
        let entry = self.subs.vacant_entry();
        let key = small(entry.key());
        connection.subs.push(key);
        self.index.place(Move::Enter, &join, key);
        if let (Some(seat), Some(feed)) = (connection.seat, feed_of(&join)) {
            self.viewers.subscribe(seat, feed, key);
        }
        let mut list_slot = None;
        match (&join, shown) {
            (Join::UserList { .. }, Some(Shown::List(list))) => {
                list_slot = Some(self.lists.subscribe(list, key));
            }
            (Join::ChatRoom { .. }, Some(Shown::Room(room))) => self.rooms.subscribe(room, key),
            _ => {}
        }
        entry.insert(Subscription {
            conn: conn.0,
            sub,
            head: frame::channel_head(id).into(),
            join,
            admission,
            list: list_slot,
        });
    }

    /// Ends a subscription.
    pub fn unsubscribe(&mut self, conn: ConnId, sub: SubId) {
        let Some(connection) = self.connections.get_mut(conn) else {
            return;
        };
        let (subs, seat) = (&self.subs, connection.seat);
        let is_it = |&key: &u32| subs[index(key)].sub == sub;
        if let Some(at) = connection.subs.iter().position(is_it) {
            let key = connection.subs.swap_remove(at);
            self.end(key, seat);
        }
    }

    /// The params of a joined channel.
    #[must_use]
    pub fn join(&self, conn: ConnId, sub: SubId) -> Option<&Join> {
        self.find(conn, sub).map(|sub| &sub.join)
    }

    /// Captures a note. Capturing it twice is the same as once: the session counts.
    pub fn capture(&mut self, conn: ConnId, note: &NoteId) {
        let Some(connection) = self.connections.get_mut(conn) else {
            return;
        };
        let key = self.captured.insert(note, conn.0);
        if !connection.captures.contains(&key) {
            connection.captures.push(key);
        }
    }

    /// Releases a captured note.
    pub fn release(&mut self, conn: ConnId, note: &NoteId) {
        let Some(connection) = self.connections.get_mut(conn) else {
            return;
        };
        let Some(key) = self.captured.find(note.as_str()) else {
            return;
        };
        if let Some(at) = connection.captures.iter().position(|held| *held == key) {
            connection.captures.swap_remove(at);
            self.captured.remove(key, conn.0);
        }
    }

    /// Queues a whole text message that is for this connection alone, such as `connected`.
    pub fn send(&mut self, conn: ConnId, text: &Bytes) {
        self.connections
            .push(conn, |mailbox, limits| mailbox.push_text(text, limits));
    }

    /// Queues a whole frame as it stands, such as a pong, even on a connection that must close.
    pub fn send_frame(&mut self, conn: ConnId, frame: &Bytes) {
        self.connections
            .push_anyway(conn, |mailbox, limits| mailbox.push_frame(frame, limits));
    }

    /// Queues an event of a channel for one subscription alone, such as `statsLog`.
    pub fn reply(&mut self, conn: ConnId, sub: SubId, kind: &str, body: &[u8]) {
        let Some(found) = self.find(conn, sub) else {
            return;
        };
        let mut text = found.head.to_vec();
        text.extend_from_slice(&frame::channel_rest(kind, Some(body)));
        self.send(conn, &text.into());
    }

    /// The next connection whose mailbox was empty and is not, or that must be closed.
    pub fn next_dirty(&mut self) -> Option<ConnId> {
        self.connections.next_dirty()
    }

    /// The next thing to give back to the desk.
    pub fn next_unwatch(&mut self) -> Option<Watch> {
        self.unwatch.pop()
    }

    /// Why a connection must be closed, if it must. It gets no more events.
    #[must_use]
    pub fn closing(&self, conn: ConnId) -> Option<CloseReason> {
        self.connections.get(conn)?.closing
    }

    /// What waits to be written to a connection; `None`: it is not open.
    #[must_use]
    pub fn mailbox(&mut self, conn: ConnId) -> Option<&mut Mailbox> {
        Some(&mut self.connections.get_mut(conn)?.mailbox)
    }

    /// What happened since the last call.
    pub fn take_counts(&mut self) -> Counts {
        Counts {
            overflows: mem::take(&mut self.connections.overflows),
            ..mem::take(&mut self.counts)
        }
    }

    /// Who is behind a connection.
    fn viewpoint(&self, conn: ConnId) -> Option<Viewpoint<'_>> {
        let seat = self.connections.get(conn)?.seat;
        Some(self.viewers.viewpoint(seat))
    }

    fn find(&self, conn: ConnId, sub: SubId) -> Option<&Subscription> {
        let keys = self.connections.get(conn)?.subs.iter();
        let mut subs = keys.map(|&key| &self.subs[index(key)]);
        subs.find(|found| found.sub == sub)
    }

    /// Takes a subscription that its connection has forgotten out of the index.
    fn end(&mut self, key: u32, seat: Option<u32>) {
        let Subscription { join, list, .. } = self.subs.remove(index(key));
        self.index.place(Move::Leave, &join, key);
        if let (Some(seat), Some(feed)) = (seat, feed_of(&join)) {
            self.viewers.unsubscribe(seat, feed, key);
        }
        if let Some(slot) = list {
            self.lists.unsubscribe(slot, key);
        }
        if let Join::ChatRoom { room } = &join {
            self.rooms.unsubscribe(room, key);
        }
        self.unwatch.extend(watch_of(&join));
    }
}

/// What a subscription of this kind makes the desk watch.
fn watch_of(join: &Join) -> Option<Watch> {
    match join {
        Join::UserList { list, .. } => Some(Watch::List(list.clone())),
        Join::Antenna { antenna } => Some(Watch::Antenna(antenna.clone())),
        Join::RoleTimeline { role } => Some(Watch::Role(role.clone())),
        Join::ChatRoom { room } => Some(Watch::Room(room.clone())),
        Join::Main
        | Join::HomeTimeline(_)
        | Join::LocalTimeline(_)
        | Join::HybridTimeline(_)
        | Join::GlobalTimeline(_)
        | Join::Hashtag { .. }
        | Join::Channel { .. }
        | Join::Drive
        | Join::ServerStats
        | Join::QueueStats
        | Join::Admin
        | Join::ChatUser { .. }
        | Join::Messaging { .. }
        | Join::MessagingIndex
        | Join::Reversi
        | Join::ReversiGame { .. } => None,
    }
}

#[cfg(test)]
mod tests;
