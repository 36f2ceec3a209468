//! Who reacted to a note, as far as the note itself says.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::text::Text;

/// Who reacted to a note: how many did, and the `userId/reaction` pairs that the note carries.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reactions<'a> {
    /// How many users have reacted.
    pub count: u64,
    /// `reactionAndUserPairCache`: some of them, or all.
    pub pairs: Vec<Text<'a>>,
}

/// What a note says of one user's reaction to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MyReaction<'a> {
    /// They reacted like this.
    Reacted(&'a str),
    /// They did not react.
    NotReacted,
    /// The note doesn't say: ask the store.
    Unknown,
}

/// What reactions were called before they were emoji.
const OLD_NAMES: [(&str, &str); 11] = [
    ("like", "👍"),
    ("love", "❤"),
    ("laugh", "😆"),
    ("hmm", "🤔"),
    ("surprise", "😮"),
    ("congrats", "🎉"),
    ("angry", "💢"),
    ("confused", "😥"),
    ("rip", "😇"),
    ("pudding", "🍮"),
    ("star", "⭐"),
];

/// A reaction as a note's `reactions` and `myReaction` spell it. Where Misskey keeps who reacted
/// how, an emoji of its own has no host (`:name:`, here `:name@.:`), and old reactions have names.
#[must_use]
pub fn reaction_key(kept: &str) -> Cow<'_, str> {
    let custom = kept
        .strip_prefix(':')
        .and_then(|rest| rest.strip_suffix(':'));
    let is_name = |name: &&str| {
        let mut chars = name.chars();
        !name.is_empty() && chars.all(|it| it.is_ascii_alphanumeric() || "_+-".contains(it))
    };
    if let Some(name) = custom.filter(is_name) {
        return format!(":{name}@.:").into();
    }
    let old = OLD_NAMES.iter().find(|(name, _)| *name == kept);
    old.map_or(kept, |(_, emoji)| emoji).into()
}

impl Reactions<'_> {
    /// Whether the pairs are all that there are.
    #[must_use]
    pub fn covers_all(&self) -> bool {
        u64::try_from(self.pairs.len()).is_ok_and(|pairs| pairs >= self.count)
    }

    /// What the note says of a user's reaction.
    #[must_use]
    pub fn of(&self, user: &str) -> MyReaction<'_> {
        let own = |pair: &Text<'_>| pair.split_once('/').is_some_and(|(id, _)| id == user);
        match self.pairs.iter().find(|pair| own(pair)) {
            Some(pair) => MyReaction::Reacted(&pair[user.len() + 1..]),
            None if self.covers_all() => MyReaction::NotReacted,
            None => MyReaction::Unknown,
        }
    }
}

/// A count: any number of JSON, what lies below 0 as 0.
#[derive(Default)]
pub(super) struct Count(pub(super) u64);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The cast saturates, and a count beyond 2^53 is none.
        f64::deserialize(deserializer).map(|count| Self(count as u64))
    }
}

/// The sum of `reactions`: an object of counts.
#[derive(Default)]
pub(super) struct Sum(pub(super) u64);

impl<'de> Deserialize<'de> for Sum {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SumVisitor;

        impl<'de> Visitor<'de> for SumVisitor {
            type Value = Sum;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of counts")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Sum, M::Error> {
                let mut sum = 0_u64;
                while let Some((IgnoredAny, count)) = map.next_entry::<_, Count>()? {
                    sum = sum.saturating_add(count.0);
                }
                Ok(Sum(sum))
            }
        }

        deserializer.deserialize_map(SumVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reactions_are_spelled_as_notes_spell_them() {
        for (kept, expected) in [
            ("👍", "👍"),
            (":blobtest:", ":blobtest@.:"),
            (":a_b+c-1:", ":a_b+c-1@.:"),
            (":blobtest@.:", ":blobtest@.:"),
            (":blob@remote.example:", ":blob@remote.example:"),
            ("like", "👍"),
            ("star", "⭐"),
            ("::", "::"),
            (":", ":"),
            (":a b:", ":a b:"),
            ("", ""),
        ] {
            assert_eq!(reaction_key(kept), expected, "{kept}");
        }
    }
}
