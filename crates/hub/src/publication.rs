//! One event on its way from the desk to all workers: decoded, interned, immutable.

mod deflate;
mod form;

use std::sync::Arc;

use bytes::Bytes;
use protocol::close::CloseReason;
use protocol::id::{AntennaId, GameId, ListId, NoteId, RoleId, RoomId, UserId};
use protocol::record::SiteRecord;
use rules::{Audience, MainFacts, MainKind, Note, Origin, UserKey, Viewer};

use crate::worker::{List, Login, Room};

pub(crate) use form::{FormKey, Forms, Rest};

/// One event for all workers.
#[derive(Debug)]
pub struct Publication {
    pub(crate) event: Event,
    /// Keeps the interned ids of the event from being used again.
    pub(crate) _epoch: Epoch,
}

/// As long as one of these lives, no id that an event carried meanwhile is used again.
#[derive(Debug, Clone, Default)]
pub(crate) struct Epoch(pub(crate) Arc<()>);

/// What happened.
#[derive(Debug)]
pub(crate) enum Event {
    /// A new note.
    Note(NoteEvent),
    /// A new note on the topic of a role.
    RoleNote { role: RoleId, note: NoteEvent },
    /// A new note on the topic of an antenna, packed for its owner.
    AntennaNote { antenna: AntennaId, note: NoteEvent },
    /// An event of a user's `main`.
    Main { facts: MainEvent, rest: Bytes },
    /// An event that goes to its channel as it comes.
    Topic { topic: TopicKey, rest: Bytes },
    /// Something happened to a note that may be captured.
    Captured {
        note: NoteId,
        audience: Audience,
        frame: Bytes,
    },
    /// An event for every connection.
    Broadcast { frame: Bytes },
    /// Statistics.
    Stats { stats: Stats, rest: Bytes },
    /// A viewer's relations changed.
    Viewer(Arc<Viewer>),
    /// A list changed. A deleted one has no members.
    List(Arc<List>),
    /// A chat room changed. Nobody is in a deleted one.
    Room(Arc<Room>),
    /// Whether a role's timeline may be read changed.
    Role { role: RoleId, open: bool },
    /// What holds for the whole server changed.
    Site(SiteRecord),
    /// Connections of a user must be closed.
    Close(Closing),
}

/// Connections of a user must be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closing {
    pub(crate) user: UserKey,
    pub(crate) tokens: Tokens,
    pub(crate) reason: CloseReason,
}

impl Closing {
    /// Why a connection with this login must be closed, if it is meant.
    #[must_use]
    pub fn reason_for(&self, login: &Login) -> Option<CloseReason> {
        let meant = login.viewer.key == self.user && self.tokens.include(login.native);
        meant.then_some(self.reason)
    }
}

impl Publication {
    /// Whose connections this event closes, if it does.
    #[must_use]
    pub fn closing(&self) -> Option<Closing> {
        match self.event {
            Event::Close(closing) => Some(closing),
            Event::Note(_)
            | Event::RoleNote { .. }
            | Event::AntennaNote { .. }
            | Event::Main { .. }
            | Event::Topic { .. }
            | Event::Captured { .. }
            | Event::Broadcast { .. }
            | Event::Stats { .. }
            | Event::Viewer(_)
            | Event::List(_)
            | Event::Room(_)
            | Event::Role { .. }
            | Event::Site(_) => None,
        }
    }
}

/// A note, as the rules and the receivers need it.
#[derive(Debug)]
pub(crate) struct NoteEvent {
    pub(crate) note: Note,
    /// The Misskey channel it belongs to, as subscriptions name it.
    pub(crate) channel: Option<Box<str>>,
    pub(crate) forms: Forms,
}

/// [`MainFacts`], owned.
#[derive(Debug)]
pub(crate) struct MainEvent {
    pub(crate) owner: UserKey,
    pub(crate) kind: MainKind,
    pub(crate) from: Option<UserKey>,
    pub(crate) origin: Origin,
    pub(crate) note_hidden: bool,
}

impl MainEvent {
    pub(crate) fn facts(&self) -> MainFacts<'_> {
        MainFacts {
            owner: self.owner,
            kind: self.kind,
            from: self.from,
            origin: &self.origin,
            note_hidden: self.note_hidden,
        }
    }
}

/// Where an event that goes to its channel as it comes was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TopicKey {
    Drive(UserKey),
    Admin(UserKey),
    Reversi(UserKey),
    ChatUser { me: UserKey, other: UserId },
    Messaging { me: UserKey, other: UserId },
    MessagingIndex(UserKey),
    UserList(ListId),
    ChatRoom(RoomId),
    ReversiGame(GameId),
}

/// The two channels of statistics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stats {
    /// `serverStats`.
    Server,
    /// `queueStats`.
    Queue,
}

/// Which connections of a user are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tokens {
    /// Those that came with the user's own token.
    Native,
    /// Those that came with an app's token.
    App,
    /// All.
    All,
}

impl Tokens {
    /// Whether a connection is meant that came with the user's own token, or with an app's.
    pub(crate) fn include(self, native: bool) -> bool {
        match self {
            Self::Native => native,
            Self::App => !native,
            Self::All => true,
        }
    }
}
