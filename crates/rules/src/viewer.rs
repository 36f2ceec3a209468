//! Who is looking: a snapshot of one user's relations, shared by all their connections.

use std::collections::BTreeSet;

use protocol::record::PolicyRecord;

use crate::key::{ChannelKey, UserKey};
use crate::note::Origin;

/// Who is looking.
#[derive(Debug, Clone, Copy)]
pub enum Viewpoint<'a> {
    /// Nobody we know.
    Visitor,
    /// A user who is logged in.
    User(&'a Viewer),
}

/// One user's relations at one moment. Replaced as a whole when something changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// The user.
    pub key: UserKey,
    /// Whom they follow.
    pub following: Follows,
    /// Whom they mute.
    pub muting: Keys<UserKey>,
    /// Who blocks them.
    pub blocked_by: Keys<UserKey>,
    /// Whose pure renotes they mute.
    pub renote_muting: Keys<UserKey>,
    /// Hosts they mute, lower case.
    pub muted_instances: BTreeSet<Box<str>>,
    /// Misskey channels they follow.
    pub following_channels: Keys<ChannelKey>,
    /// Misskey channels they mute.
    pub muting_channels: Keys<ChannelKey>,
    /// What their roles allow.
    pub policies: PolicyRecord,
    /// Whether they are a moderator or an administrator.
    pub moderator: bool,
}

/// A set of users or Misskey channels: small, and quick to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys<K>(Box<[K]>);

/// A set of followed users or list members, sorted by key.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Follows(Box<[Follow]>);

/// One followed user or list member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Follow {
    /// The user.
    pub user: UserKey,
    /// Whether their replies to others come along.
    pub with_replies: bool,
}

impl<'a> Viewpoint<'a> {
    /// The user, if someone is logged in.
    #[must_use]
    pub fn viewer(self) -> Option<&'a Viewer> {
        match self {
            Self::Visitor => None,
            Self::User(viewer) => Some(viewer),
        }
    }
}

impl Viewer {
    /// Whether a user is the viewer or someone they follow.
    pub(crate) fn is_or_follows(&self, user: UserKey) -> bool {
        self.key == user || self.following.contains(user)
    }

    /// Whether they follow a user and want that user's replies to others too.
    pub(crate) fn follows_with_replies(&self, user: UserKey) -> bool {
        self.following
            .find(user)
            .is_some_and(|follow| follow.with_replies)
    }

    /// Whether they mute a user.
    pub(crate) fn mutes(&self, user: UserKey) -> bool {
        self.muting.contains(user)
    }

    /// Whether they mute a user or are blocked by them.
    pub(crate) fn shuns(&self, user: UserKey) -> bool {
        self.mutes(user) || self.blocked_by.contains(user)
    }

    /// Whether they mute a host. Someone of unknown origin may be from any of those they mute.
    pub(crate) fn mutes_instance_of(&self, origin: &Origin) -> bool {
        match origin {
            Origin::Local => false,
            Origin::Remote(host) => self.muted_instances.contains(host),
            Origin::Unknown => !self.muted_instances.is_empty(),
        }
    }
}

impl<K: Ord + Copy> Keys<K> {
    /// Whether a key is in the set.
    #[must_use]
    pub fn contains(&self, key: K) -> bool {
        self.0.binary_search(&key).is_ok()
    }

    /// All keys, in their order.
    pub fn iter(&self) -> std::slice::Iter<'_, K> {
        self.0.iter()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<K> Default for Keys<K> {
    fn default() -> Self {
        Self(Box::default())
    }
}

impl<K: Ord> FromIterator<K> for Keys<K> {
    fn from_iter<I: IntoIterator<Item = K>>(keys: I) -> Self {
        let mut keys: Vec<K> = keys.into_iter().collect();
        keys.sort_unstable();
        keys.dedup();
        Self(keys.into())
    }
}

impl<'a, K> IntoIterator for &'a Keys<K> {
    type Item = &'a K;
    type IntoIter = std::slice::Iter<'a, K>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl Follows {
    /// Sorts the entries; of two for one user the later counts.
    #[must_use]
    pub fn new(entries: impl IntoIterator<Item = Follow>) -> Self {
        let mut entries: Vec<Follow> = entries.into_iter().collect();
        entries.reverse();
        entries.sort_by_key(|entry| entry.user);
        entries.dedup_by_key(|entry| entry.user);
        Self(entries.into())
    }

    /// The entry for a user.
    #[must_use]
    pub fn find(&self, user: UserKey) -> Option<Follow> {
        let at = self.0.binary_search_by_key(&user, |entry| entry.user);
        at.ok().map(|at| self.0[at])
    }

    /// Whether a user is in the set.
    #[must_use]
    pub fn contains(&self, user: UserKey) -> bool {
        self.find(user).is_some()
    }

    /// All entries, in order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = Follow> {
        self.0.iter().copied()
    }
}
