//! One user's relations, and the changes to them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use protocol::change::{ChannelRelation, Follow, Mute};
use protocol::id::{ChannelId, UserId};
use protocol::record::{MuteRecord, ViewerRecord};
use rules::{ChannelKey, UserKey, Viewer};

use super::ids::Ids;
use super::sets::{add, follow, follow_anew, hold_all, hold_follows, remove, remove_key, unfollow};

/// What is known of a user who is logged in.
#[derive(Debug)]
pub(super) struct Relations {
    pub(super) viewer: Arc<Viewer>,
    /// Mutes that end, and when.
    ends: Vec<(Muted, u64)>,
}

/// What is muted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Muted {
    User(UserKey),
    Channel(ChannelKey),
}

/// A change of one user's relations, with real ids, since it may be kept for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Relation {
    /// They follow someone. Without `with_replies` that stays as it is.
    Follows {
        user: Box<str>,
        with_replies: Option<bool>,
    },
    /// They follow someone differently, if they do.
    FollowsAnew {
        user: Box<str>,
        with_replies: Option<bool>,
    },
    Unfollows(Box<str>),
    IsBlockedBy(Box<str>),
    IsUnblockedBy(Box<str>),
    Mutes {
        user: Box<str>,
        until_ms: Option<u64>,
    },
    Unmutes(Box<str>),
    MutesRenotes(Box<str>),
    UnmutesRenotes(Box<str>),
    FollowsChannel(Box<str>),
    UnfollowsChannel(Box<str>),
    MutesChannel {
        channel: Box<str>,
        until_ms: Option<u64>,
    },
    UnmutesChannel(Box<str>),
    MutesInstances(Vec<Box<str>>),
}

impl Relation {
    pub(super) fn follows(it: &Follow<'_>) -> Self {
        Self::Follows {
            user: it.followee_id.as_str().into(),
            with_replies: it.with_replies,
        }
    }

    pub(super) fn follows_anew(it: &Follow<'_>) -> Self {
        Self::FollowsAnew {
            user: it.followee_id.as_str().into(),
            with_replies: it.with_replies,
        }
    }

    pub(super) fn mutes(it: &Mute<'_>) -> Self {
        Self::Mutes {
            user: it.mutee_id.as_str().into(),
            until_ms: it.expires_at,
        }
    }

    pub(super) fn mutes_channel(it: &ChannelRelation<'_>) -> Self {
        Self::MutesChannel {
            channel: it.channel_id.as_str().into(),
            until_ms: it.expires_at,
        }
    }
}

impl Relations {
    /// The relations of a record of a user who is known. Each id in them is held.
    pub(super) fn load(record: &ViewerRecord, ids: &mut Ids, now_ms: u64) -> Self {
        let key = ids.user(record.user.as_str());
        let viewer = Viewer {
            key: key.expect("a user who is watched is known"),
            following: hold_follows(&record.following, ids),
            muting: hold_all(
                live(&record.muting, now_ms).map(|it| it.target.as_str()),
                ids,
            ),
            blocked_by: hold_all(record.blocked_by.iter().map(UserId::as_str), ids),
            renote_muting: hold_all(record.renote_muting.iter().map(UserId::as_str), ids),
            muted_instances: instances(&record.muted_instances),
            following_channels: hold_all(
                record.following_channels.iter().map(ChannelId::as_str),
                ids,
            ),
            muting_channels: hold_all(
                live(&record.muting_channels, now_ms).map(|it| it.target.as_str()),
                ids,
            ),
            policies: record.policies,
            moderator: record.moderator,
        };
        let users = live(&record.muting, now_ms).filter_map(|mute| {
            let user = ids.user(mute.target.as_str())?;
            Some((Muted::User(user), unix_ms(mute.expires_at?)))
        });
        let channels = live(&record.muting_channels, now_ms).filter_map(|mute| {
            let channel = ids.channel(mute.target.as_str())?;
            Some((Muted::Channel(channel), unix_ms(mute.expires_at?)))
        });
        Self {
            ends: users.chain(channels).collect(),
            viewer: Arc::new(viewer),
        }
    }

    /// Releases each id.
    pub(super) fn release(self, ids: &mut Ids) {
        for user in self.users() {
            ids.release_user(user);
        }
        for channel in self.channels() {
            ids.release_channel(channel);
        }
    }

    /// Each user in them, once for each relation.
    pub(super) fn users(&self) -> impl Iterator<Item = UserKey> {
        let viewer = &self.viewer;
        let sets = [&viewer.muting, &viewer.blocked_by, &viewer.renote_muting];
        let follows = viewer.following.iter().map(|follow| follow.user);
        sets.into_iter().flatten().copied().chain(follows)
    }

    /// Each Misskey channel in them, likewise.
    pub(super) fn channels(&self) -> impl Iterator<Item = ChannelKey> {
        let viewer = &self.viewer;
        let sets = [&viewer.following_channels, &viewer.muting_channels];
        sets.into_iter().flatten().copied()
    }

    /// Applies a change. Returns whether it changed anything that the rules see.
    pub(super) fn apply(&mut self, change: &Relation, ids: &mut Ids) -> bool {
        let viewer = Arc::make_mut(&mut self.viewer);
        match change {
            Relation::Follows { user, with_replies } => {
                follow(&mut viewer.following, user, *with_replies, ids)
            }
            Relation::FollowsAnew { user, with_replies } => {
                follow_anew(&mut viewer.following, user, *with_replies, ids)
            }
            Relation::Unfollows(user) => unfollow(&mut viewer.following, user, ids),
            Relation::IsBlockedBy(user) => add(&mut viewer.blocked_by, user, ids),
            Relation::IsUnblockedBy(user) => remove(&mut viewer.blocked_by, user, ids),
            Relation::Mutes { user, until_ms } => {
                let added = add(&mut viewer.muting, user, ids);
                self.set_end(ids.user(user).map(Muted::User), *until_ms);
                added
            }
            Relation::Unmutes(user) => {
                let removed = remove(&mut viewer.muting, user, ids);
                self.set_end(ids.user(user).map(Muted::User), None);
                removed
            }
            Relation::MutesRenotes(user) => add(&mut viewer.renote_muting, user, ids),
            Relation::UnmutesRenotes(user) => remove(&mut viewer.renote_muting, user, ids),
            Relation::FollowsChannel(id) => add(&mut viewer.following_channels, id, ids),
            Relation::UnfollowsChannel(id) => remove(&mut viewer.following_channels, id, ids),
            Relation::MutesChannel { channel, until_ms } => {
                let added = add(&mut viewer.muting_channels, channel, ids);
                self.set_end(ids.channel(channel).map(Muted::Channel), *until_ms);
                added
            }
            Relation::UnmutesChannel(id) => {
                let removed = remove(&mut viewer.muting_channels, id, ids);
                self.set_end(ids.channel(id).map(Muted::Channel), None);
                removed
            }
            Relation::MutesInstances(hosts) => {
                let hosts = instances(hosts);
                let changed = viewer.muted_instances != hosts;
                viewer.muted_instances = hosts;
                changed
            }
        }
    }

    /// Ends the mutes that end by now. Returns whether there were any.
    pub(super) fn end_mutes(&mut self, now_ms: u64, ids: &mut Ids) -> bool {
        let is_over = |&(_, until_ms): &(Muted, u64)| until_ms <= now_ms;
        let over: Vec<_> = self.ends.extract_if(.., |end| is_over(end)).collect();
        if over.is_empty() {
            return false;
        }
        let viewer = Arc::make_mut(&mut self.viewer);
        for (muted, _) in &over {
            match muted {
                Muted::User(user) => remove_key(&mut viewer.muting, *user, ids),
                Muted::Channel(channel) => remove_key(&mut viewer.muting_channels, *channel, ids),
            };
        }
        true
    }

    /// When mutes end.
    pub(super) fn ends_ms(&self) -> impl Iterator<Item = u64> {
        self.ends.iter().map(|&(_, until_ms)| until_ms)
    }

    fn set_end(&mut self, muted: Option<Muted>, until_ms: Option<u64>) {
        if let Some(muted) = muted {
            self.ends.retain(|(other, _)| *other != muted);
            self.ends.extend(until_ms.map(|until_ms| (muted, until_ms)));
        }
    }
}

/// The mutes of a record that have not ended.
fn live<T>(mutes: &[MuteRecord<T>], now_ms: u64) -> impl Iterator<Item = &MuteRecord<T>> {
    let is_over = move |until: SystemTime| unix_ms(until) <= now_ms;
    mutes
        .iter()
        .filter(move |mute| !mute.expires_at.is_some_and(is_over))
}

/// Unix milliseconds; a time before 1970 is 0.
fn unix_ms(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Hosts as the rules compare them.
fn instances<T: AsRef<str>>(hosts: &[T]) -> BTreeSet<Box<str>> {
    let lower = |host: &T| host.as_ref().to_lowercase().into();
    hosts.iter().map(lower).collect()
}
