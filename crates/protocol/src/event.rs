//! The events that a backend publishes: `docs/PROTOCOL.md` section 8.

mod main_head;
mod reaction;

use serde::Deserialize;
use serde_json::value::RawValue;

pub use main_head::{MainHead, MainKind, MainNote, MainUser};
pub use reaction::{Reacted, ReactedError};

use crate::change::Change;
use crate::json;
use crate::limits::CHAIN_LINKS_MAX;
use crate::note::{HostHead, NoteHead, Visibility};
use crate::text::Text;
use crate::topic::{Address, Topic};

/// The type of a note's last event: nothing can happen to it any more.
pub const NOTE_DELETED: &str = "deleted";

/// The type of the event of `main` that tells a user of a renewed token.
pub const TOKEN_REGENERATED: &str = "myTokenRegenerated";

/// A published event, borrowed from its message.
#[derive(Debug, Clone)]
pub enum Event<'a> {
    /// A new note; the payload is the note.
    Note(NoteHead<'a>),
    /// A new note of a user with a role.
    RoleNote {
        /// The role.
        role: &'a str,
        /// What rules need of the note.
        note: NoteHead<'a>,
        /// The note.
        body: &'a RawValue,
    },
    /// A new note that matches an antenna; a bare row, to be packed for the antenna's owner.
    AntennaNote {
        /// The antenna.
        antenna: &'a str,
        /// The note.
        note: Text<'a>,
    },
    /// An event of a user's `main`.
    Main {
        /// The user.
        user: &'a str,
        /// Its type.
        kind: Text<'a>,
        /// Its body; `None`: absent.
        body: Option<&'a RawValue>,
        /// What rules need of it.
        head: MainHead<'a>,
    },
    /// An event that goes to its channel as it comes.
    Topic {
        /// Where it was published.
        topic: Topic<'a>,
        /// Its type.
        kind: Text<'a>,
        /// Its body; `None`: absent.
        body: Option<&'a RawValue>,
    },
    /// Something happened to a note.
    NoteUpdated {
        /// The note that it was published for: whose captures get it.
        note: &'a str,
        /// The note's id as the frame names it: the same, unless the event says otherwise.
        id: Text<'a>,
        /// Its type.
        kind: Text<'a>,
        /// Who may see the note; `None`: the event is of an older server and doesn't say.
        audience: Option<AudienceHead<'a>>,
        /// Its body; `None`: absent.
        body: Option<&'a RawValue>,
    },
    /// An event for every connection.
    Broadcast {
        /// Its type.
        kind: Text<'a>,
        /// Its body; `None`: absent.
        body: Option<&'a RawValue>,
    },
    /// Relations, roles, tokens or settings changed.
    Change(Change<'a>),
    /// Nothing that concerns the stream.
    Unknown,
}

/// Who may see a note, as a note's event says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudienceHead<'a> {
    /// Its author.
    pub author: Text<'a>,
    /// Where the author is from. Only our own events say it, as `userHost`.
    pub host: HostHead<'a>,
    /// Whom it was written for.
    pub visibility: Visibility,
    /// The recipients of a `specified` note.
    pub visible_user_ids: Vec<Text<'a>>,
}

/// A message is not what its topic carries.
#[derive(Debug, thiserror::Error)]
#[error("cannot decode event on topic `{topic}`")]
pub struct DecodeError {
    /// The topic, without its id.
    pub topic: Box<str>,
    /// What is wrong with it.
    #[source]
    pub source: PayloadError,
}

/// What is wrong with a message.
#[derive(Debug, thiserror::Error)]
pub enum PayloadError {
    /// It is not UTF-8, and could not be sent in a text frame.
    #[error("payload is not UTF-8")]
    Text(#[from] std::str::Utf8Error),
    /// It is not the JSON that the topic carries.
    #[error("payload is not what the topic carries")]
    Json(#[from] serde_json::Error),
    /// A note's chain of renotes has too many links.
    #[error("note has more than {CHAIN_LINKS_MAX} links in its chain of renotes")]
    Chain,
    /// A note replies to one that doesn't come with it.
    #[error("note comes without the note it replies to")]
    Reply,
}

/// Decodes a message. A topic or a type that is not known is [`Event::Unknown`].
///
/// # Errors
///
/// When the message is not what its topic carries.
pub fn decode<'a>(topic: &'a str, payload: &'a [u8]) -> Result<Event<'a>, DecodeError> {
    let Some(address) = Address::parse(topic) else {
        return Ok(Event::Unknown);
    };
    decode_at(address, payload).map_err(|source| {
        let topic = topic.split_once(':').map_or(topic, |(name, _)| name).into();
        DecodeError { topic, source }
    })
}

fn decode_at<'a>(address: Address<'a>, payload: &'a [u8]) -> Result<Event<'a>, PayloadError> {
    let payload = std::str::from_utf8(payload)?;
    let message = || json::object::<Message<'_>>(payload);
    Ok(match address {
        Address::Notes => Event::Note(NoteHead::decode_text(payload)?),
        Address::Note(note) => note_updated(note, message()?)?,
        Address::Main(user) => {
            let Message { kind, body } = message()?;
            let head = MainHead::decode(&kind, body)?;
            Event::Main {
                user,
                kind,
                body,
                head,
            }
        }
        Address::RoleTimeline(role) => match message()?.note() {
            Some(body) => Event::RoleNote {
                role,
                note: NoteHead::decode_text(body.get())?,
                body,
            },
            None => Event::Unknown,
        },
        Address::Antenna(antenna) => match message()?.note() {
            Some(body) => {
                let row: NoteRow<'_> = json::object(body.get())?;
                Event::AntennaNote {
                    antenna,
                    note: row.id,
                }
            }
            None => Event::Unknown,
        },
        Address::Topic(topic) => {
            let Message { kind, body } = message()?;
            Event::Topic { topic, kind, body }
        }
        Address::Broadcast => {
            let Message { kind, body } = message()?;
            Event::Broadcast { kind, body }
        }
        Address::Internal => {
            let Message { kind, body } = message()?;
            Change::decode(&kind, body)?.map_or(Event::Unknown, Event::Change)
        }
    })
}

/// Decodes an event of a note: `{id, body}`, on newer servers with the note's audience.
fn note_updated<'a>(note: &'a str, message: Message<'a>) -> Result<Event<'a>, PayloadError> {
    let Message { kind, body } = message;
    let update: NoteUpdate<'_> = json::body(body)?;
    let audience = match (update.user_id, update.visibility) {
        (Some(author), Some(visibility)) => Some(AudienceHead {
            author,
            host: update.user_host,
            visibility,
            visible_user_ids: update.visible_user_ids.unwrap_or_default(),
        }),
        (None, _) | (_, None) => None,
    };
    Ok(Event::NoteUpdated {
        note,
        id: update.id,
        kind,
        audience,
        body: update.body,
    })
}

/// The envelope of all topics but `notesStream`.
#[derive(Deserialize)]
struct Message<'a> {
    #[serde(rename = "type", borrow)]
    kind: Text<'a>,
    #[serde(borrow, default, deserialize_with = "json::present")]
    body: Option<&'a RawValue>,
}

impl<'a> Message<'a> {
    /// The body of an event of the type `note`.
    fn note(self) -> Option<&'a RawValue> {
        self.body.filter(|_| self.kind == "note")
    }
}

/// The body of a note's event.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NoteUpdate<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow, default)]
    user_id: Option<Text<'a>>,
    #[serde(borrow, default)]
    user_host: HostHead<'a>,
    #[serde(default)]
    visibility: Option<Visibility>,
    #[serde(borrow, default)]
    visible_user_ids: Option<Vec<Text<'a>>>,
    #[serde(borrow, default, deserialize_with = "json::present")]
    body: Option<&'a RawValue>,
}

/// What is needed of a bare row of the note table.
#[derive(Deserialize)]
struct NoteRow<'a> {
    #[serde(borrow)]
    id: Text<'a>,
}

#[cfg(test)]
mod tests;
