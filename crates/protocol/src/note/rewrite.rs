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
/// When the note is not a JSON object, or `mask` names a link that it hasn't.
pub fn hide(payload: &[u8], mask: u8) -> Result<Vec<u8>, RewriteError> {
    hide_link(payload, mask, 0)
}

fn hide_link(payload: &[u8], mask: u8, depth: u32) -> Result<Vec<u8>, RewriteError> {
    let mut note: RawObject<'_> = serde_json::from_slice(payload)?;
    if mask & 1 == 1 {
        note.hide();
    }
    let deeper = mask >> 1;
    if deeper != 0 {
        let renote = note.renote(depth + 1)?;
        note.set("renote", hide_link(&renote, deeper, depth + 1)?);
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

/// A JSON object whose values stay as they are written, in their order. Of two equal keys the
/// later counts, as in JavaScript.
struct RawObject<'a>(Vec<(Text<'a>, Cow<'a, [u8]>)>);

impl<'a> RawObject<'a> {
    /// The note that this one renotes; `depth` is that of the link.
    fn renote(&self, depth: u32) -> Result<Cow<'a, [u8]>, RewriteError> {
        let found = self.0.iter().find(|(name, _)| *name == "renote");
        let renote = found
            .map(|(_, value)| value)
            .filter(|value| ***value != *b"null");
        renote.cloned().ok_or(RewriteError::NoSuchLink { depth })
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
