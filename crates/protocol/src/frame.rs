//! What a server sends: `docs/PROTOCOL.md` section 3, as the text of whole frames or of their parts.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> ClientId {
        ClientId::parse(text).unwrap()
    }

    fn text(bytes: &[u8]) -> &str {
        std::str::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_channel_frame_is_a_head_and_a_shared_rest() {
        let check = |id: &ClientId, kind: &str, body: Option<&str>, expected: &str| {
            let mut frame = channel_head(id).into_vec();
            frame.extend(channel_rest(kind, body.map(str::as_bytes)));
            assert_eq!(text(&frame), expected);
        };
        let note = Some(r#"{"id":"n"}"#);
        check(
            &id("home"),
            "note",
            note,
            r#"{"type":"channel","body":{"id":"home","type":"note","body":{"id":"n"}}}"#,
        );
        check(
            &id("main"),
            "readAllNotifications",
            Some("null"),
            r#"{"type":"channel","body":{"id":"main","type":"readAllNotifications","body":null}}"#,
        );
        check(
            &id("\"\\\u{1}あ"),
            "a\"b",
            Some("1"),
            r#"{"type":"channel","body":{"id":"\"\\\u0001あ","type":"a\"b","body":1}}"#,
        );
    }

    /// Step 315 of the recordings: a message without a body on a user's main stream.
    #[test]
    fn an_event_without_a_body_loses_its_type() {
        assert_eq!(
            text(&channel_head(&id("main"))),
            r#"{"type":"channel","body":{"id":"main""#
        );
        assert_eq!(text(&channel_rest("weird2", None)), "}}");
    }

    #[test]
    fn the_other_frames_are_whole() {
        let raw = |json: &str| RawValue::from_string(json.to_owned()).unwrap();
        let check = |frame: &[u8], expected: &str| assert_eq!(text(frame), expected);
        check(
            &connected(&id("")),
            r#"{"type":"connected","body":{"id":""}}"#,
        );
        check(
            &connected(&id("a\"")),
            r#"{"type":"connected","body":{"id":"a\""}}"#,
        );
        check(
            &note_updated("otherid", "unknownType", Some(&raw("[1]"))),
            r#"{"type":"noteUpdated","body":{"id":"otherid","type":"unknownType","body":[1]}}"#,
        );
        check(
            &note_updated("n", "x", None),
            r#"{"type":"noteUpdated","body":{"id":"n","type":"x"}}"#,
        );
        check(
            &broadcast("customBroadcast", Some(&raw(r#"{"hello":1}"#))),
            r#"{"type":"customBroadcast","body":{"hello":1}}"#,
        );
        check(
            &broadcast("nullBroadcast", Some(&raw("null"))),
            r#"{"type":"nullBroadcast","body":null}"#,
        );
        check(&broadcast("bare", None), r#"{"type":"bare"}"#);
    }
}
