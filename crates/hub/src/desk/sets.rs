//! Sets of users and channels, each member held as long as it is in.

use protocol::record::FollowRecord;
use rules::{ChannelKey, Follow, Follows, Keys, UserKey};

use super::ids::Ids;

/// What an id of one kind is to [`Ids`].
pub(super) trait Key: Copy + Ord {
    /// The key of an id that is known.
    fn find(id: &str, ids: &Ids) -> Option<Self>;
    /// The key of an id that a relation holds from here on.
    fn hold(id: &str, ids: &mut Ids) -> Self;
    /// A relation holds it no more.
    fn release(self, ids: &mut Ids);
}

impl Key for UserKey {
    fn find(id: &str, ids: &Ids) -> Option<Self> {
        ids.user(id)
    }

    fn hold(id: &str, ids: &mut Ids) -> Self {
        ids.hold_user(id)
    }

    fn release(self, ids: &mut Ids) {
        ids.release_user(self);
    }
}

impl Key for ChannelKey {
    fn find(id: &str, ids: &Ids) -> Option<Self> {
        ids.channel(id)
    }

    fn hold(id: &str, ids: &mut Ids) -> Self {
        ids.hold_channel(id)
    }

    fn release(self, ids: &mut Ids) {
        ids.release_channel(self);
    }
}

/// A set of what some ids stand for.
pub(super) fn hold_all<'a, K: Key>(
    members: impl IntoIterator<Item = &'a str>,
    ids: &mut Ids,
) -> Keys<K> {
    let mut keys: Vec<K> = members.into_iter().map(|id| K::hold(id, ids)).collect();
    release_twins(&mut keys, ids);
    Keys::from_iter(keys)
}

/// A set of follows; of two of one user the later counts.
pub(super) fn hold_follows(records: &[FollowRecord], ids: &mut Ids) -> Follows {
    let follows = records.iter().map(|record| Follow {
        user: ids.hold_user(record.user.as_str()),
        with_replies: record.with_replies,
    });
    let follows: Vec<Follow> = follows.collect();
    let mut users: Vec<UserKey> = follows.iter().map(|follow| follow.user).collect();
    release_twins(&mut users, ids);
    Follows::new(follows)
}

/// What is in a set twice is held once.
fn release_twins<K: Key>(keys: &mut [K], ids: &mut Ids) {
    keys.sort_unstable();
    for pair in keys.windows(2).filter(|pair| pair[0] == pair[1]) {
        pair[0].release(ids);
    }
}

/// Adds to a set. Returns whether it wasn't there.
pub(super) fn add<K: Key>(set: &mut Keys<K>, id: &str, ids: &mut Ids) -> bool {
    let is_new = K::find(id, ids).is_none_or(|key| !set.contains(key));
    if is_new {
        let key = K::hold(id, ids);
        *set = set.iter().copied().chain([key]).collect();
    }
    is_new
}

/// Takes out of a set. Returns whether it was there.
pub(super) fn remove<K: Key>(set: &mut Keys<K>, id: &str, ids: &mut Ids) -> bool {
    let key = K::find(id, ids);
    key.is_some_and(|key| remove_key(set, key, ids))
}

/// Takes a key out of a set. Returns whether it was there.
pub(super) fn remove_key<K: Key>(set: &mut Keys<K>, key: K, ids: &mut Ids) -> bool {
    let was_there = set.contains(key);
    if was_there {
        *set = set.iter().copied().filter(|other| *other != key).collect();
        key.release(ids);
    }
    was_there
}

/// Adds a follow or changes it; without `with_replies` that stays as it is. Returns whether
/// anything changed.
pub(super) fn follow(
    follows: &mut Follows,
    id: &str,
    with_replies: Option<bool>,
    ids: &mut Ids,
) -> bool {
    let known = ids.user(id).and_then(|user| follows.find(user));
    let with_replies = with_replies.or_else(|| Some(known?.with_replies));
    let with_replies = with_replies.unwrap_or(false);
    if known.is_some_and(|follow| follow.with_replies == with_replies) {
        return false;
    }
    let user = known.map_or_else(|| ids.hold_user(id), |follow| follow.user);
    let entry = Follow { user, with_replies };
    *follows = Follows::new(follows.iter().chain([entry]));
    true
}

/// Changes a follow that is there. Returns whether anything changed.
pub(super) fn follow_anew(
    follows: &mut Follows,
    id: &str,
    with_replies: Option<bool>,
    ids: &mut Ids,
) -> bool {
    let is_there = ids.user(id).is_some_and(|user| follows.contains(user));
    is_there && follow(follows, id, with_replies, ids)
}

/// Ends a follow. Returns whether it was there.
pub(super) fn unfollow(follows: &mut Follows, id: &str, ids: &mut Ids) -> bool {
    let Some(user) = ids.user(id).filter(|&user| follows.contains(user)) else {
        return false;
    };
    *follows = Follows::new(follows.iter().filter(|follow| follow.user != user));
    ids.release_user(user);
    true
}
