//! The forms in which one note reaches its receivers: each is serialised once per process.

use std::sync::{Arc, Mutex, OnceLock};

use bytes::Bytes;
use protocol::frame;
use protocol::note::{hide, with_my_reaction};
use rules::{Hidden, UserKey};

use super::deflate::deflate;

/// A note's bytes and the frames made of them.
#[derive(Debug)]
pub(crate) struct Forms {
    /// The note, as it was published.
    payload: Bytes,
    /// How some users reacted to the renoted note: places in `names`, sorted by user.
    reactions: Box<[(UserKey, u32)]>,
    names: Box<[Box<str>]>,
    /// Frames without their heads. A form that can't be made is `None`.
    made: Mutex<Vec<(FormKey, Option<Arc<Rest>>)>>,
}

/// A frame without its head, for all receivers of one form.
#[derive(Debug)]
pub(crate) struct Rest {
    /// As it is.
    pub(crate) plain: Bytes,
    /// Deflated, once a receiver of it compresses. `None`: that would not make it smaller.
    deflated: OnceLock<Option<Bytes>>,
}

impl Rest {
    /// The rest as deflated blocks, unless that would not make it smaller.
    pub(crate) fn deflated(&self) -> Option<&Bytes> {
        let make = || deflate(&self.plain).map(Bytes::from);
        self.deflated.get_or_init(make).as_ref()
    }
}

/// What sets one form apart from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct FormKey {
    /// Which parts are hidden.
    pub(crate) hidden: Hidden,
    /// Which reaction is the receiver's own.
    pub(crate) reaction: Option<u32>,
}

impl Forms {
    /// A note whose receivers' own reactions are known.
    pub(crate) fn new(payload: Bytes, own_reactions: Vec<(UserKey, Box<str>)>) -> Self {
        let mut names: Vec<Box<str>> = Vec::new();
        let mut reactions = Vec::with_capacity(own_reactions.len());
        for (user, name) in own_reactions {
            let at = names.iter().position(|known| *known == name);
            let at = at.unwrap_or_else(|| {
                names.push(name);
                names.len() - 1
            });
            reactions.push((
                user,
                u32::try_from(at).expect("few reactions are told apart"),
            ));
        }
        reactions.sort_unstable_by_key(|&(user, _)| user);
        Self {
            payload,
            reactions: reactions.into(),
            names: names.into(),
            made: Mutex::new(Vec::new()),
        }
    }

    /// Which reaction is a user's own.
    pub(crate) fn reaction_of(&self, user: UserKey) -> Option<u32> {
        let at = self
            .reactions
            .binary_search_by_key(&user, |&(user, _)| user);
        at.ok().map(|at| self.reactions[at].1)
    }

    /// The frame of a form, without its head, and whether it was made just now. `None`: the
    /// note can't be brought into this form.
    pub(crate) fn rest(&self, key: FormKey) -> (Option<Arc<Rest>>, bool) {
        let mut made = self.made.lock().expect("no one panics while making a form");
        if let Some((_, rest)) = made.iter().find(|(known, _)| *known == key) {
            return (rest.clone(), false);
        }
        let rest = self.make(key).map(|plain| {
            let deflated = OnceLock::new();
            Arc::new(Rest { plain, deflated })
        });
        made.push((key, rest.clone()));
        (rest, true)
    }

    /// The note's id and the receivers' own reactions, for tests.
    #[cfg(test)]
    pub(crate) fn describe(&self) -> String {
        let note: serde_json::Value = serde_json::from_slice(&self.payload).unwrap();
        let names = self.reactions.iter().map(|&(user, at)| {
            let at = usize::try_from(at).unwrap();
            format!(" {}:{}", user.0, self.names[at])
        });
        format!(
            "{}{}",
            note["id"].as_str().unwrap(),
            names.collect::<String>()
        )
    }

    fn make(&self, key: FormKey) -> Option<Bytes> {
        let hidden = if key.hidden.is_empty() {
            None
        } else {
            Some(hide(&self.payload, key.hidden.0).ok()?)
        };
        let shown: &[u8] = hidden.as_deref().unwrap_or(&self.payload);
        let own = match key.reaction {
            None => None,
            Some(at) => {
                let name = &self.names[usize::try_from(at).ok()?];
                Some(with_my_reaction(shown, name).ok()?)
            }
        };
        let shown = own.as_deref().unwrap_or(shown);
        Some(frame::channel_rest("note", Some(shown)).into())
    }
}
