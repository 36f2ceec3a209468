//! One connection as a state machine, without I/O.
//!
//! A [`Session`] takes the commands of a client, the answers to its own questions and the time,
//! and gives out what is to be done. It knows what is joined and captured; who may see what is
//! asked of `rules`, and what is delivered is the hub's.

use bytes::Bytes;
use protocol::close::CloseReason;
use protocol::command::{ClientId, Command};
use protocol::id::{AntennaId, ListId, NoteId, RoleId, RoomId, SubId, UserId};
use protocol::join::Join;
use protocol::limits::Limits;
use protocol::record::{Grant, RoleRecord};
use rules::{Admission, JoinFacts};
use serde_json::value::RawValue;

/// Who is behind a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The user.
    pub user: UserId,
    /// What their token may do.
    pub grant: Grant,
}

/// Names one question of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AskId(pub u32);

/// What a session asks before a channel is joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// Whose list it is, by `Desk::watch`.
    List(ListId),
    /// Whose antenna it is, by `Desk::watch`.
    Antenna(AntennaId),
    /// What a role allows, by `Desk::watch`.
    Role(RoleId),
    /// Whether the user is in a room, by `Backend::in_room`.
    Room(RoomId),
}

/// The answer to a [`Question`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// To [`Question::List`] and [`Question::Antenna`]: the owner.
    Owner(UserId),
    /// To [`Question::Role`].
    Role(RoleRecord),
    /// To [`Question::Room`].
    InRoom(bool),
    /// There is no such thing, or it could not be found out.
    Unknown,
}

/// What is to be done for a connection.
#[derive(Debug)]
pub enum Output {
    /// Send this text message.
    Send(Bytes),
    /// Start a subscription: `Hub::subscribe`.
    Subscribe {
        /// Its number on this connection.
        sub: SubId,
        /// The client's name for it.
        id: ClientId,
        /// The channel and its params.
        join: Join,
        /// The proof of the rules.
        admission: Admission,
    },
    /// End a subscription: `Hub::unsubscribe`.
    Unsubscribe {
        /// Its number.
        sub: SubId,
    },
    /// A [`Question`] that was answered didn't lead to a subscription: give back what is
    /// watched for it.
    Unwatch(Question),
    /// Capture a note: `Hub::capture`.
    Capture(NoteId),
    /// Release a note: `Hub::release`.
    Release(NoteId),
    /// Ask this; the answer goes to [`Session::handle_answer`].
    Ask {
        /// To be given back with the answer.
        ask: AskId,
        /// The question.
        question: Question,
    },
    /// Carry out an operation of a joined channel.
    Operate {
        /// The subscription that it is for.
        sub: SubId,
        /// Its channel.
        join: Join,
        /// The operation, such as `requestLog`.
        kind: Box<str>,
        /// What comes with it.
        body: Box<RawValue>,
    },
    /// Mark all notifications of the user as read: `Backend::read_notifications`.
    ReadNotifications(UserId),
    /// The user is active: `Backend::touch`.
    Touch(UserId),
    /// Send a WebSocket ping.
    Ping,
    /// Close the connection. Nothing follows.
    Close(CloseReason),
}

/// The state of one connection.
///
/// `handle_*` take what happened; [`poll_output`](Self::poll_output) gives what is to be done and
/// is called until it is empty after each of them; [`poll_timeout`](Self::poll_timeout) then
/// says when [`handle_timeout`](Self::handle_timeout) is due. All times are milliseconds of one
/// clock that doesn't go back.
#[derive(Debug)]
pub struct Session {}

impl Session {
    /// The session of a connection that was opened just now.
    #[must_use]
    pub fn new(_login: Option<Login>, _limits: &std::sync::Arc<Limits>, _now_ms: u64) -> Self {
        Self {}
    }

    /// Takes a message of the client. `facts` are the hub's: `Hub::join_facts`.
    pub fn handle_command(&mut self, _command: Command, _facts: &JoinFacts, _now_ms: u64) {}

    /// Takes the answer to a question, with the hub's facts of this moment.
    pub fn handle_answer(
        &mut self,
        _ask: AskId,
        _answer: Answer,
        _facts: &JoinFacts,
        _now_ms: u64,
    ) {
    }

    /// Something came from the client: any byte counts as life.
    pub fn handle_life(&mut self, _now_ms: u64) {}

    /// Does what is due.
    pub fn handle_timeout(&mut self, _now_ms: u64) {}

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<Output> {
        None
    }

    /// When [`handle_timeout`](Self::handle_timeout) is due.
    #[must_use]
    pub fn poll_timeout(&self) -> u64 {
        0
    }

    /// Whether the shell may go on to read from the client. While false, an answer is awaited
    /// and enough commands wait behind it.
    #[must_use]
    pub fn wants_input(&self) -> bool {
        true
    }
}
