//! What a session takes besides commands, and what it gives.

use bytes::Bytes;
use protocol::channel::Channel;
use protocol::close::CloseReason;
use protocol::command::{BridgeConnect, ClientId};
use protocol::id::{AntennaId, ListId, NoteId, RoleId, RoomId, SubId, UserId};
use protocol::join::Join;
use protocol::record::{Grant, RoleRecord};
use rules::Admission;
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
    /// Who is in a room, by `Desk::watch`.
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
    /// There is no such thing.
    Unknown,
    /// It could not be found out.
    Failed,
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
    /// Ask this; the answer goes to [`Session::handle_answer`](crate::Session::handle_answer).
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
        /// Its channel; `Hub::join` knows its params.
        channel: Channel,
        /// The operation, such as `requestLog`.
        kind: String,
        /// What comes with it.
        body: Box<RawValue>,
    },
    /// Join a channel upstream.
    BridgeJoin {
        /// Its number on this connection.
        sub: SubId,
        /// The channel, and the client's id for it.
        connect: BridgeConnect,
    },
    /// Leave a channel upstream.
    BridgeLeave {
        /// Its number.
        sub: SubId,
    },
    /// Pass on an operation of a channel upstream.
    BridgeOperate {
        /// The channel's number.
        sub: SubId,
        /// The operation.
        kind: String,
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
