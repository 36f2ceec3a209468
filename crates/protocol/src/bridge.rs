//! What passes between the bridge and the server upstream: `docs/PROTOCOL.md` sections 2 and 3
//! from the side of a client, whose ids are numbers.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::frame::push_string;
use crate::json;
use crate::text::Text;

/// The bridge's own id for one of the channels that it has joined upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LineId(pub u32);

/// A message of the server upstream.
#[derive(Debug, PartialEq, Eq)]
pub enum Message {
    /// A channel was joined.
    Connected(LineId),
    /// An event of a joined channel.
    Event {
        /// The channel.
        id: LineId,
        /// The type of the event, if it has one that is a string.
        kind: Option<String>,
        /// Everything behind the id, as a frame for a client goes on after
        /// [`channel_head`](crate::frame::channel_head). The values are as they came.
        rest: Vec<u8>,
    },
}

impl Message {
    /// Reads a message. `None`: it is for no channel of ours, or makes no sense.
    #[must_use]
    pub fn decode(text: &str) -> Option<Self> {
        #[derive(Deserialize)]
        struct Envelope<'a> {
            #[serde(rename = "type", borrow)]
            kind: Text<'a>,
            #[serde(borrow)]
            body: &'a RawValue,
        }
        let envelope: Envelope<'_> = json::object(text).ok()?;
        let Fields(fields) = serde_json::from_str(envelope.body.get()).ok()?;
        let string = |name: &str| {
            let mut named = fields.iter().filter(|(key, _)| key == name);
            serde_json::from_str::<String>(named.next_back()?.1.get()).ok()
        };
        let id = string("id")?.parse().map(LineId).ok()?;
        match &*envelope.kind {
            "connected" => Some(Self::Connected(id)),
            "channel" => Some(Self::Event {
                id,
                kind: string("type"),
                rest: rest(&fields),
            }),
            _ => None,
        }
    }
}

/// Joins a channel, and asks for an answer.
#[must_use]
pub fn connect(id: LineId, channel: &str, params: Option<&RawValue>) -> String {
    let mut text = br#"{"type":"connect","body":{"channel":"#.to_vec();
    push_string(&mut text, channel);
    push_id(&mut text, id);
    if let Some(params) = params {
        text.extend_from_slice(br#","params":"#);
        text.extend_from_slice(params.get().as_bytes());
    }
    text.extend_from_slice(br#","pong":true}}"#);
    string(text)
}

/// Leaves a channel.
#[must_use]
pub fn disconnect(id: LineId) -> String {
    format!(r#"{{"type":"disconnect","body":{{"id":"{}"}}}}"#, id.0)
}

/// An operation for a channel.
#[must_use]
pub fn operation(id: LineId, kind: &str, body: &RawValue) -> String {
    let mut text = br#"{"type":"channel","body":{"type":"#.to_vec();
    push_string(&mut text, kind);
    push_id(&mut text, id);
    text.extend_from_slice(br#","body":"#);
    text.extend_from_slice(body.get().as_bytes());
    text.extend_from_slice(b"}}");
    string(text)
}

fn push_id(text: &mut Vec<u8>, id: LineId) {
    text.extend_from_slice(br#","id":""#);
    text.extend_from_slice(id.0.to_string().as_bytes());
    text.push(b'"');
}

fn string(text: Vec<u8>) -> String {
    String::from_utf8(text).expect("it was put together from strings")
}

/// What stands behind the head of a `channel` frame: all fields but the id, in their order.
fn rest(fields: &[(Text<'_>, &RawValue)]) -> Vec<u8> {
    let mut rest =
        Vec::with_capacity(64 + fields.iter().map(|(_, it)| it.get().len()).sum::<usize>());
    for (key, value) in fields.iter().filter(|(key, _)| key != "id") {
        rest.push(b',');
        push_string(&mut rest, key);
        rest.push(b':');
        rest.extend_from_slice(value.get().as_bytes());
    }
    rest.extend_from_slice(b"}}");
    rest
}

/// The fields of an object in their order, each value as it is written.
struct Fields<'a>(Vec<(Text<'a>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldsVisitor;

        impl<'de> Visitor<'de> for FieldsVisitor {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Fields<'de>, M::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(FieldsVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(text: &str) -> Option<(u32, Option<String>, String)> {
        match Message::decode(text)? {
            Message::Event { id, kind, rest } => {
                Some((id.0, kind, String::from_utf8(rest).unwrap()))
            }
            Message::Connected(_) => None,
        }
    }

    #[test]
    fn events_keep_all_but_their_id() {
        let check = |text: &str, id: u32, kind: Option<&str>, rest: &str| {
            let expected = (id, kind.map(str::to_owned), rest.to_owned());
            assert_eq!(event(text), Some(expected), "{text}");
        };
        check(
            r#"{"type":"channel","body":{"id":"7","type":"stats","body":{"cpu":1e-7}}}"#,
            7,
            Some("stats"),
            r#","type":"stats","body":{"cpu":1e-7}}}"#,
        );
        check(
            r#"{"body":{"type":"x","extra":[1, 2],"id":"0","body":null},"type":"channel"}"#,
            0,
            Some("x"),
            r#","type":"x","extra":[1, 2],"body":null}}"#,
        );
        check(r#"{"type":"channel","body":{"id":"1"}}"#, 1, None, "}}");
    }

    #[test]
    fn whatever_else_comes_is_for_nobody() {
        for text in [
            "",
            "pong",
            "[]",
            r#"{"type":"emojiAdded","body":{"emoji":{"id":"1"}}}"#,
            r#"{"type":"noteUpdated","body":{"id":"1","type":"reacted","body":{}}}"#,
            r#"{"type":"channel","body":{"id":1,"type":"x","body":1}}"#,
            r#"{"type":"channel","body":{"id":"main","type":"x","body":1}}"#,
            r#"{"type":"channel","body":{"id":"-1","type":"x","body":1}}"#,
            r#"{"type":"channel","body":"1"}"#,
            r#"{"type":"channel"}"#,
        ] {
            assert_eq!(Message::decode(text), None, "{text}");
        }
        let connected = Message::decode(r#"{"type":"connected","body":{"id":"3"}}"#);
        assert_eq!(connected, Some(Message::Connected(LineId(3))));
    }

    #[test]
    fn what_goes_up_is_what_a_client_would_say() {
        let raw = |text: &str| RawValue::from_string(text.to_owned()).unwrap();
        assert_eq!(
            connect(LineId(1), "a\"b", Some(&raw(r#"{"x": 1}"#))),
            r#"{"type":"connect","body":{"channel":"a\"b","id":"1","params":{"x": 1},"pong":true}}"#
        );
        assert_eq!(
            connect(LineId(2), "c", None),
            r#"{"type":"connect","body":{"channel":"c","id":"2","pong":true}}"#
        );
        assert_eq!(
            disconnect(LineId(1)),
            r#"{"type":"disconnect","body":{"id":"1"}}"#
        );
        assert_eq!(
            operation(LineId(1), "put", &raw("null")),
            r#"{"type":"channel","body":{"type":"put","id":"1","body":null}}"#
        );
    }
}
