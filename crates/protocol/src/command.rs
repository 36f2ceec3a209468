//! What a client sends: `docs/PROTOCOL.md` section 2.

use std::borrow::Borrow;
use std::fmt;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::channel::Channel;
use crate::id::{GameId, NoteId};
use crate::join::Join;
use crate::json;
use crate::limits::{
    CHANNEL_NAME_BYTES_MAX, CLIENT_ID_BYTES_MAX, JSON_DEPTH_MAX, OPERATION_KIND_BYTES_MAX,
    PARAMS_BYTES_MAX,
};
use crate::text::Text;

/// A message of a client.
#[derive(Debug, Clone)]
pub enum Command {
    /// Joins a channel.
    Connect(Connect),
    /// Joins a channel that only the server upstream can feed.
    Bridge(BridgeConnect),
    /// Leaves a channel.
    Disconnect {
        /// The client's id for it.
        id: ClientId,
    },
    /// An operation for a joined channel.
    Operation {
        /// The client's id for the channel.
        id: ClientId,
        /// What to do, such as `read`.
        kind: String,
        /// With what; perhaps null, never absent.
        body: Box<RawValue>,
    },
    /// Captures a note.
    Capture {
        /// The note.
        note: NoteId,
    },
    /// Takes one capture back.
    Release {
        /// The note.
        note: NoteId,
    },
    /// Marks all notifications as read.
    ReadNotifications,
}

/// Joins a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connect {
    /// The channel.
    pub channel: Channel,
    /// The client's id for it.
    pub id: ClientId,
    /// What it asks of the channel.
    pub join: Join,
    /// Whether a `connected` should answer.
    pub pong: bool,
}

/// Joins a channel that only the server upstream can feed. Apart from its shape nothing of it is
/// judged here.
#[derive(Debug, Clone)]
pub struct BridgeConnect {
    /// The name of the channel, whatever that is.
    pub channel: Box<str>,
    /// The client's id for it.
    pub id: ClientId,
    /// What it asks of the channel: an object, as it is written.
    pub params: Option<Box<RawValue>>,
    /// Whether a `connected` should answer.
    pub pong: bool,
}

impl BridgeConnect {
    /// Joins a game, only to pass on what a client does in it.
    #[must_use]
    pub fn game(game: &GameId) -> Self {
        let params = serde_json::json!({ "gameId": game.as_str() });
        Self {
            channel: Channel::ReversiGame.name().into(),
            id: ClientId("".into()),
            params: serde_json::value::to_raw_value(&params).ok(),
            pong: false,
        }
    }
}

/// The id that a client gave to one of its channels: any string, even an empty one, of at most
/// [`CLIENT_ID_BYTES_MAX`] bytes.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientId(Box<str>);

impl ClientId {
    /// Takes an id as it stands; `None` if it is too long.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() <= CLIENT_ID_BYTES_MAX).then(|| Self(text.into()))
    }

    /// The id as the client wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientId({:?})", self.0)
    }
}

impl Borrow<str> for ClientId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// Decodes a message of a client. `None`: to be ignored, whatever is wrong with it.
#[must_use]
pub fn decode(text: &str) -> Option<Command> {
    decode_with(text, connect)
}

/// The same on a server that has an upstream: what that one feeds, or may know, is
/// [`Command::Bridge`].
#[must_use]
pub fn decode_beside_upstream(text: &str) -> Option<Command> {
    decode_with(text, connect_beside_upstream)
}

/// The same on a server that has the channels of older servers too.
#[must_use]
pub fn decode_with_legacy(text: &str) -> Option<Command> {
    decode_with(text, |body| {
        join(Channel::parse_with_legacy(&body.channel)?, &body)
    })
}

fn decode_with(text: &str, connect: fn(ConnectBody<'_>) -> Option<Command>) -> Option<Command> {
    if !json::is_depth_within(text, JSON_DEPTH_MAX) {
        return None;
    }
    let message: Message<'_> = json::object(text).ok()?;
    let body = message.body.map(RawValue::get);
    match &*message.kind {
        "connect" => connect(json::object(body?).ok()?),
        "disconnect" => Some(Command::Disconnect {
            id: client_id(body?)?,
        }),
        "channel" | "ch" => operation(body?),
        "subNote" | "s" | "sr" => Some(Command::Capture {
            note: note_id(body?)?,
        }),
        "unsubNote" | "un" => Some(Command::Release {
            note: note_id(body?)?,
        }),
        "readNotification" => Some(Command::ReadNotifications),
        _ => None,
    }
}

/// The envelope of every message.
#[derive(Deserialize)]
struct Message<'a> {
    #[serde(rename = "type", borrow)]
    kind: Text<'a>,
    #[serde(borrow, default, deserialize_with = "json::present")]
    body: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct ConnectBody<'a> {
    #[serde(borrow)]
    channel: Text<'a>,
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow, default, deserialize_with = "json::present")]
    params: Option<&'a RawValue>,
    #[serde(default)]
    pong: Option<bool>,
}

fn connect_beside_upstream(body: ConnectBody<'_>) -> Option<Command> {
    if Channel::parse(&body.channel).is_some_and(|channel| !channel.is_made_upstream()) {
        return connect(body);
    }
    let params = body.params.map(RawValue::get);
    let is_object = params.is_none_or(|params| params.starts_with('{'));
    let params_bytes = params.map_or(0, str::len);
    if !is_object || params_bytes > PARAMS_BYTES_MAX || body.channel.len() > CHANNEL_NAME_BYTES_MAX
    {
        return None;
    }
    Some(Command::Bridge(BridgeConnect {
        channel: body.channel.as_str().into(),
        id: ClientId::parse(&body.id)?,
        params: body.params.map(RawValue::to_owned),
        pong: body.pong.unwrap_or(false),
    }))
}

fn connect(body: ConnectBody<'_>) -> Option<Command> {
    join(Channel::parse(&body.channel)?, &body)
}

fn join(channel: Channel, body: &ConnectBody<'_>) -> Option<Command> {
    let id = ClientId::parse(&body.id)?;
    let join = Join::decode(channel, body.params.map(RawValue::get))?;
    Some(Command::Connect(Connect {
        channel,
        id,
        join,
        pong: body.pong.unwrap_or(false),
    }))
}

fn operation(body: &str) -> Option<Command> {
    #[derive(Deserialize)]
    struct Body<'a> {
        #[serde(borrow)]
        id: Text<'a>,
        #[serde(rename = "type", borrow)]
        kind: Text<'a>,
        #[serde(deserialize_with = "owned_raw")]
        body: Box<RawValue>,
    }
    let body: Body<'_> = json::object(body).ok()?;
    if body.kind.len() > OPERATION_KIND_BYTES_MAX {
        return None;
    }
    let id = ClientId::parse(&body.id)?;
    Some(Command::Operation {
        id,
        kind: body.kind.as_str().to_owned(),
        body: body.body,
    })
}

/// Takes a value as it is written, null too.
fn owned_raw<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Box<RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(RawValue::to_owned)
}

/// The body `{id}` of a channel.
fn client_id(body: &str) -> Option<ClientId> {
    ClientId::parse(&json::object::<Named<'_>>(body).ok()?.id)
}

/// The body `{id}` of a note.
fn note_id(body: &str) -> Option<NoteId> {
    NoteId::parse(&json::object::<Named<'_>>(body).ok()?.id)
}

#[derive(Deserialize)]
struct Named<'a> {
    #[serde(borrow)]
    id: Text<'a>,
}

#[cfg(test)]
mod tests;
