//! The copies of a note that differ from its bytes: hidden parts and one's own reaction.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::frame::push_string;
use crate::text::Text;

/// A copy of a note could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RewriteError {
    /// The note, or a link of its chain, is not a JSON object.
    #[error("cannot read note to rewrite")]
    Json(#[from] serde_json::Error),
    /// A link of the chain that replies to nothing, where that must be rewritten.
    #[error(
        "cannot rewrite what link {depth} of the chain of renotes replies to, which is nothing"
    )]
    NoSuchReply {
        /// How far from the note the link is.
        depth: u32,
    },
    /// The chain of renotes ends before a link that must be rewritten.
    #[error("cannot rewrite link {depth} of the chain of renotes, which ends before it")]
    NoSuchLink {
        /// How far from the note the missing link is.
        depth: u32,
    },
}

/// Makes a copy of a note in which the links of its chain of renotes that `mask` names are
/// hidden: bit 0 is the note itself, bit 1 what it renotes, and so on; bit 8 is what the note
/// replies to, bit 9 what the renoted note replies to, and so on. What is hidden has `text`
/// and `cw` null, `fileIds` and `files` empty, no `poll`, no `visibleUserIds`, and `isHidden`
/// true. The order of keys stays.
///
/// # Errors
///
/// When the note is not a JSON object, or `mask` names a link or a reply that it hasn't.
pub fn hide(payload: &[u8], mask: u16) -> Result<Vec<u8>, RewriteError> {
    let [links, replies] = mask.to_le_bytes();
    hide_link(payload, links, replies, 0)
}

fn hide_link(payload: &[u8], links: u8, replies: u8, depth: u32) -> Result<Vec<u8>, RewriteError> {
    let mut note: RawObject<'_> = serde_json::from_slice(payload)?;
    if links & 1 == 1 {
        note.hide();
    }
    if replies & 1 == 1 {
        let bytes = note
            .inner("reply")
            .ok_or(RewriteError::NoSuchReply { depth })?;
        let mut reply: RawObject<'_> = serde_json::from_slice(&bytes)?;
        reply.hide();
        note.set("reply", reply.write(bytes.len() + 32));
    }
    let (deeper_links, deeper_replies) = (links >> 1, replies >> 1);
    if deeper_links | deeper_replies != 0 {
        let renote = note.renote(depth + 1)?;
        let copy = hide_link(&renote, deeper_links, deeper_replies, depth + 1)?;
        note.set("renote", copy);
    }
    Ok(note.write(payload.len() + 32))
}

/// Makes a copy of a note in which `renote.myReaction` is set, as the last key of `renote`.
///
/// # Errors
///
/// When the note is not a JSON object, or renotes nothing.
pub fn with_my_reaction(payload: &[u8], reaction: &str) -> Result<Vec<u8>, RewriteError> {
    let mut note: RawObject<'_> = serde_json::from_slice(payload)?;
    let bytes = note.renote(1)?;
    let mut renote: RawObject<'_> = serde_json::from_slice(&bytes)?;
    let mut quoted = Vec::with_capacity(reaction.len() + 2);
    push_string(&mut quoted, reaction);
    renote.remove("myReaction");
    renote.set("myReaction", quoted);
    note.set("renote", renote.write(bytes.len() + reaction.len() + 16));
    Ok(note.write(payload.len() + reaction.len() + 16))
}

/// Makes a copy of a notification that shows another form of its `note`.
///
/// # Errors
///
/// When the notification is not a JSON object.
pub fn with_note(notification: &[u8], note: &[u8]) -> Result<Vec<u8>, RewriteError> {
    let mut copy: RawObject<'_> = serde_json::from_slice(notification)?;
    copy.set("note", note.to_vec());
    Ok(copy.write(notification.len() + note.len()))
}

/// A JSON object whose values stay as they are written, in their order. Of two equal keys the
/// later counts, as in JavaScript.
struct RawObject<'a>(Vec<(Text<'a>, Cow<'a, [u8]>)>);

impl<'a> RawObject<'a> {
    /// The note that this one renotes; `depth` is that of the link.
    fn renote(&self, depth: u32) -> Result<Cow<'a, [u8]>, RewriteError> {
        self.inner("renote")
            .ok_or(RewriteError::NoSuchLink { depth })
    }

    /// A note inside this one. `None`: absent or null.
    fn inner(&self, key: &str) -> Option<Cow<'a, [u8]>> {
        let found = self.0.iter().find(|(name, _)| *name == key);
        found
            .map(|(_, value)| value)
            .filter(|value| ***value != *b"null")
            .cloned()
    }

    fn remove(&mut self, key: &str) {
        self.0.retain(|(name, _)| *name != key);
    }

    /// Sets a key where it stands, else at the end.
    fn set(&mut self, key: &'a str, value: impl Into<Cow<'a, [u8]>>) {
        let value = value.into();
        match self.0.iter_mut().find(|(name, _)| *name == key) {
            Some((_, old)) => *old = value,
            None => self.0.push((key.into(), value)),
        }
    }

    fn hide(&mut self) {
        self.remove("poll");
        self.remove("visibleUserIds");
        self.set("text", "null".as_bytes());
        self.set("cw", "null".as_bytes());
        self.set("fileIds", "[]".as_bytes());
        self.set("files", "[]".as_bytes());
        self.set("isHidden", "true".as_bytes());
    }

    fn write(&self, capacity: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(capacity);
        out.push(b'{');
        for (at, (key, value)) in self.0.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            push_string(&mut out, key);
            out.push(b':');
            out.extend_from_slice(value);
        }
        out.push(b'}');
        out
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for RawObject<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RawVisitor;

        impl<'de> Visitor<'de> for RawVisitor {
            type Value = RawObject<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<RawObject<'de>, M::Error> {
                let mut object = RawObject(Vec::with_capacity(32));
                while let Some((key, value)) = map.next_entry::<Text<'de>, &'de RawValue>()? {
                    let value = Cow::Borrowed(value.get().as_bytes());
                    match object.0.iter_mut().find(|(name, _)| *name == key) {
                        Some((_, old)) => *old = value,
                        None => object.0.push((key, value)),
                    }
                }
                Ok(object)
            }
        }

        deserializer.deserialize_map(RawVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NESTED: &str = r#"{"id":"a","text":"A","reply":{"id":"b","text":"B","cw":"b","poll":{}},"renote":{"id":"c","text":"C","reply":{"text":"D","visibleUserIds":["x"]}}}"#;

    #[track_caller]
    fn check(mask: u16, expected: &str) {
        let copy = hide(NESTED.as_bytes(), mask).unwrap();
        assert_eq!(String::from_utf8(copy).unwrap(), expected);
    }

    #[test]
    fn notifications_show_another_form_of_their_note() {
        let copy = with_note(
            br#"{"id":"n","note":{"text":null},"type":"mention"}"#,
            br#"{"text":"A"}"#,
        );
        let expected = r#"{"id":"n","note":{"text":"A"},"type":"mention"}"#;
        assert_eq!(String::from_utf8(copy.unwrap()).unwrap(), expected);
    }

    #[test]
    fn replied_to_notes_are_hidden_beside_their_links() {
        const AFTER: &str = r#""fileIds":[],"files":[],"isHidden":true"#;
        const RENOTE: &str = r#"{"id":"c","text":"C","reply":{"text":"D","visibleUserIds":["x"]}}"#;
        check(0, NESTED);
        let reply = format!(r#"{{"id":"b","text":null,"cw":null,{AFTER}}}"#);
        check(
            1 << 8,
            &format!(r#"{{"id":"a","text":"A","reply":{reply},"renote":{RENOTE}}}"#),
        );
        let deep = format!(r#"{{"id":"c","text":"C","reply":{{"text":null,"cw":null,{AFTER}}}}}"#);
        let kept = r#"{"id":"b","text":"B","cw":"b","poll":{}}"#;
        check(
            1 << 9,
            &format!(r#"{{"id":"a","text":"A","reply":{kept},"renote":{deep}}}"#),
        );
    }

    #[test]
    fn a_reply_that_is_not_there_is_an_error() {
        let hidden = hide(br#"{"text":"A","reply":null}"#, 1 << 8);
        assert!(
            matches!(hidden, Err(RewriteError::NoSuchReply { depth: 0 })),
            "{hidden:?}"
        );
    }
}
