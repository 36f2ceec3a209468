//! What a server sends: `protocol.md` section 3, as the text of whole frames or of their parts.
//!
//! A `channel` frame is a short head, which names the receiver's channel, and a rest that all
//! receivers share.

use serde_json::value::RawValue;

use crate::command::ClientId;

/// The head of a `channel` frame: `{"type":"channel","body":{"id":"…"`. The frame is this and
/// then a [`channel_rest`].
#[must_use]
pub fn channel_head(id: &ClientId) -> Box<[u8]> {
    let mut head = Vec::with_capacity(33 + id.as_str().len());
    head.extend_from_slice(br#"{"type":"channel","body":{"id":"#);
    push_string(&mut head, id.as_str());
    head.into()
}

/// The rest of a `channel` frame, the same for all receivers: `,"type":"note","body":…}}`.
/// Of an event without a body real servers leave out the type too, so that the frame names
/// nothing but the channel.
#[must_use]
pub fn channel_rest(kind: &str, body: Option<&[u8]>) -> Vec<u8> {
    let Some(body) = body else {
        return b"}}".to_vec();
    };
    let mut rest = Vec::with_capacity(24 + kind.len() + body.len());
    rest.extend_from_slice(br#","type":"#);
    push_kind_and_body(&mut rest, kind, Some(body));
    rest.extend_from_slice(b"}}");
    rest
}

/// The answer to a `connect` with `pong`.
#[must_use]
pub fn connected(id: &ClientId) -> Vec<u8> {
    let mut frame = Vec::with_capacity(38 + id.as_str().len());
    frame.extend_from_slice(br#"{"type":"connected","body":{"id":"#);
    push_string(&mut frame, id.as_str());
    frame.extend_from_slice(b"}}");
    frame
}

/// An event of a captured note.
#[must_use]
pub fn note_updated(note: &str, kind: &str, body: Option<&RawValue>) -> Vec<u8> {
    let body = body.map(|body| body.get().as_bytes());
    let mut frame = Vec::with_capacity(64 + note.len() + kind.len() + body.map_or(0, <[u8]>::len));
    frame.extend_from_slice(br#"{"type":"noteUpdated","body":{"id":"#);
    push_string(&mut frame, note);
    frame.extend_from_slice(br#","type":"#);
    push_kind_and_body(&mut frame, kind, body);
    frame.extend_from_slice(b"}}");
    frame
}

/// An event for every connection.
#[must_use]
pub fn broadcast(kind: &str, body: Option<&RawValue>) -> Vec<u8> {
    let body = body.map(|body| body.get().as_bytes());
    let mut frame = Vec::with_capacity(20 + kind.len() + body.map_or(0, <[u8]>::len));
    frame.extend_from_slice(br#"{"type":"#);
    push_kind_and_body(&mut frame, kind, body);
    frame.push(b'}');
    frame
}

/// Writes `"note","body":…`.
fn push_kind_and_body(out: &mut Vec<u8>, kind: &str, body: Option<&[u8]>) {
    push_string(out, kind);
    if let Some(body) = body {
        out.extend_from_slice(br#","body":"#);
        out.extend_from_slice(body);
    }
}

/// Writes a string as JSON.
pub(crate) fn push_string(out: &mut Vec<u8>, text: &str) {
    serde_json::to_writer(out, text).expect("writing a string to memory does not fail");
}
