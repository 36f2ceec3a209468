//! What the desk asks, what it is answered, and what it gives out.

use std::sync::Arc;

use bytes::Bytes;
use protocol::id::{AntennaId, ListId, NoteId, RoleId, RoomId, UserId};
use protocol::record::{
    AudienceRecord, ListRecord, RoleRecord, RoomRecord, SiteRecord, ViewerRecord,
};
use rules::Viewer;

use crate::publication::Publication;
use crate::worker::{List, Room};

/// Names one question of the desk, so that its answer finds back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AskId(pub u64);

/// The shell's own name for a request to watch something; the desk only hands it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// What comes out of [`Desk::poll_output`](super::Desk::poll_output).
#[derive(Debug)]
pub enum Output {
    /// For every worker, in this order.
    Publish(Arc<Publication>),
    /// For the one who asked with this ticket, in the same order as the publications: what was
    /// published before is older than the snapshot, what comes after is newer.
    Answer {
        /// The ticket of the request.
        ticket: Ticket,
        /// What is watched from here on.
        watched: Watched,
    },
    /// For the backend, at once and in any order. Each question must be answered, by
    /// [`Answer::Failed`] if need be.
    Ask {
        /// To be given back with the answer.
        ask: AskId,
        /// The question.
        question: Question,
    },
}

/// What connections need to be kept up to date.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Watch {
    /// A user who is logged in: their relations.
    User(UserId),
    /// A list: its owner and members.
    List(ListId),
    /// An antenna: its owner, for whom its notes are packed.
    Antenna(AntennaId),
    /// A role: whether its timeline may be read.
    Role(RoleId),
    /// A chat room: who is in it.
    Room(RoomId),
}

/// The answer to a request to watch.
///
/// Unless it is [`Watched::Nothing`] or [`Watched::Failed`], the desk goes on to keep the thing
/// up to date until it is unwatched as often as it was watched.
#[derive(Debug, Clone)]
pub enum Watched {
    /// The user's relations.
    User(Arc<Viewer>),
    /// The list.
    List(Arc<List>),
    /// The owner of the antenna.
    Antenna(UserId),
    /// What the role's timeline needs of it.
    Role(RoleRecord),
    /// The chat room.
    Room(Arc<Room>),
    /// There is no such thing.
    Nothing,
    /// The backend could not say.
    Failed,
}

/// What the desk asks the backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// `Backend::site`.
    Site,
    /// `Backend::viewers`.
    Viewers(Arc<[UserId]>),
    /// `Backend::lists`.
    Lists(Arc<[ListId]>),
    /// `Backend::antenna_owners`.
    AntennaOwners(Arc<[AntennaId]>),
    /// `Backend::rooms`.
    Rooms(Arc<[RoomId]>),
    /// `Backend::role`.
    Role(RoleId),
    /// `Backend::audience`.
    Audience(NoteId),
    /// `Backend::my_reactions`.
    MyReactions {
        /// The note that may have been reacted to.
        note: NoteId,
        /// Who might have.
        users: Arc<[UserId]>,
    },
    /// `Backend::pack_note`.
    PackNote {
        /// The note.
        note: NoteId,
        /// For whom.
        viewer: UserId,
    },
}

/// What the backend answers: the variant of the question, or [`Answer::Failed`].
#[derive(Debug, Clone)]
pub enum Answer {
    /// To [`Question::Site`].
    Site(SiteRecord),
    /// To [`Question::Viewers`].
    Viewers(Vec<ViewerRecord>),
    /// To [`Question::Lists`].
    Lists(Vec<(ListId, ListRecord)>),
    /// To [`Question::AntennaOwners`].
    AntennaOwners(Vec<(AntennaId, UserId)>),
    /// To [`Question::Rooms`].
    Rooms(Vec<RoomRecord>),
    /// To [`Question::Role`].
    Role(Option<RoleRecord>),
    /// To [`Question::Audience`].
    Audience(Option<AudienceRecord>),
    /// To [`Question::MyReactions`].
    MyReactions(Vec<(UserId, String)>),
    /// To [`Question::PackNote`].
    PackNote(Option<Bytes>),
    /// To any question: the backend could not say.
    Failed,
}
