//! What holds at this moment, as a backend would store it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, UNIX_EPOCH};

use protocol::id::{ChannelId, UserId};
use protocol::note::{AuthorHead, HostHead, NoteHead, Visibility as Head};
use protocol::record::{FollowRecord, ListRecord, MuteRecord, PolicyRecord, ViewerRecord};
use rules::{
    Author, ChannelKey, Follow, Follows, Keys, Note, Origin, Reply, UserKey, Viewer, Visibility,
};
use serde_json::{Value, json};

use super::ops::{Change, name};

/// All relations and lists.
#[derive(Debug, Default)]
pub(crate) struct Truth {
    users: BTreeMap<u8, Relations>,
    lists: BTreeMap<u8, BTreeMap<u8, bool>>,
}

/// One user's.
#[derive(Debug, Default, Clone)]
struct Relations {
    following: BTreeMap<u8, bool>,
    /// Until when, in Unix milliseconds.
    muting: BTreeMap<u8, Option<u64>>,
    blocked_by: BTreeSet<u8>,
    renote_muting: BTreeSet<u8>,
    channels: BTreeSet<u8>,
    muted_channels: BTreeSet<u8>,
    instances: Vec<String>,
}

impl Truth {
    /// Makes a change, and gives the message that a backend publishes of it.
    pub(crate) fn apply(&mut self, change: &Change, now_ms: u64) -> (&'static str, Value) {
        match change {
            Change::Member { .. } | Change::NoMember { .. } => self.apply_to_list(change),
            Change::FollowChannel { .. }
            | Change::MuteChannel { .. }
            | Change::Instances { .. } => self.apply_to_things(change),
            Change::Follow { .. }
            | Change::FollowAnew { .. }
            | Change::Unfollow { .. }
            | Change::Block { .. }
            | Change::Mute { .. }
            | Change::Unmute { .. }
            | Change::RenoteMute { .. } => self.apply_to_people(change, now_ms),
        }
    }

    fn apply_to_people(&mut self, change: &Change, now_ms: u64) -> (&'static str, Value) {
        let follow = |who: u8, whom: u8, with_replies: Option<bool>| json!({"followerId": name(who), "followeeId": name(whom), "withReplies": with_replies});
        let mute = |who: u8, whom: u8, until: Option<u64>| json!({"muterId": name(who), "muteeId": name(whom), "expiresAt": until});
        match *change {
            Change::Follow {
                who,
                whom,
                with_replies,
            } => {
                let following = &mut self.of(who).following;
                let before = following.get(&whom).copied().unwrap_or(false);
                following.insert(whom, with_replies.unwrap_or(before));
                ("follow", follow(who, whom, with_replies))
            }
            Change::FollowAnew {
                who,
                whom,
                with_replies,
            } => {
                if let Some(follow) = self.of(who).following.get_mut(&whom) {
                    *follow = with_replies;
                }
                ("followUpdated", follow(who, whom, Some(with_replies)))
            }
            Change::Unfollow { who, whom } => {
                self.of(who).following.remove(&whom);
                ("unfollow", follow(who, whom, None))
            }
            Change::Block { who, whom, on } => {
                set(&mut self.of(whom).blocked_by, who, on);
                let kind = if on {
                    "blockingCreated"
                } else {
                    "blockingDeleted"
                };
                (
                    kind,
                    json!({"blockerId": name(who), "blockeeId": name(whom)}),
                )
            }
            Change::Mute { who, whom, for_ms } => {
                let until = for_ms.map(|ms| now_ms + ms);
                self.of(who).muting.insert(whom, until);
                ("mute", mute(who, whom, until))
            }
            Change::Unmute { who, whom } => {
                self.of(who).muting.remove(&whom);
                ("unmute", mute(who, whom, None))
            }
            Change::RenoteMute { who, whom, on } => {
                set(&mut self.of(who).renote_muting, whom, on);
                let kind = if on { "renoteMute" } else { "renoteUnmute" };
                (kind, mute(who, whom, None))
            }
            _ => unreachable!("the others are no relations between people"),
        }
    }

    fn apply_to_things(&mut self, change: &Change) -> (&'static str, Value) {
        let relation =
            |who: u8, channel: u8| json!({"userId": name(who), "channelId": format!("c{channel}")});
        match change {
            &Change::FollowChannel { who, channel, on } => {
                set(&mut self.of(who).channels, channel, on);
                let kind = if on {
                    "followChannel"
                } else {
                    "unfollowChannel"
                };
                (kind, relation(who, channel))
            }
            &Change::MuteChannel { who, channel, on } => {
                set(&mut self.of(who).muted_channels, channel, on);
                let kind = if on { "muteChannel" } else { "unmuteChannel" };
                (kind, relation(who, channel))
            }
            Change::Instances { who, hosts } => {
                self.of(*who).instances = hosts.iter().map(ToString::to_string).collect();
                let body = json!({"userId": name(*who), "mutedInstances": hosts});
                ("updateUserProfile", body)
            }
            _ => unreachable!("the others are no relations to things"),
        }
    }

    fn apply_to_list(&mut self, change: &Change) -> (&'static str, Value) {
        let member = |list: u8, whom: u8, with_replies: Option<bool>| json!({"userListId": format!("l{list}"), "memberId": name(whom), "withReplies": with_replies});
        match *change {
            Change::Member {
                list,
                whom,
                with_replies,
            } => {
                let members = self.lists.entry(list).or_default();
                let before = members.get(&whom).copied().unwrap_or(false);
                members.insert(whom, with_replies.unwrap_or(before));
                ("userListMemberAdded", member(list, whom, with_replies))
            }
            Change::NoMember { list, whom } => {
                self.lists.entry(list).or_default().remove(&whom);
                ("userListMemberRemoved", member(list, whom, None))
            }
            _ => unreachable!("the others are no changes of a list"),
        }
    }

    /// What a backend reads of a user.
    pub(crate) fn record(&self, user: u8) -> ViewerRecord {
        let own = self.users.get(&user).cloned().unwrap_or_default();
        let ids = |users: &BTreeSet<u8>| users.iter().copied().map(user_id).collect();
        let mutes = own.muting.iter().map(|(&whom, until)| MuteRecord {
            target: user_id(whom),
            expires_at: until.map(|ms| UNIX_EPOCH + Duration::from_millis(ms)),
        });
        let muted_channels = own.muted_channels.iter().map(|&channel| MuteRecord {
            target: channel_id(channel),
            expires_at: None,
        });
        ViewerRecord {
            user: user_id(user),
            following: records(&own.following),
            muting: mutes.collect(),
            blocked_by: ids(&own.blocked_by),
            renote_muting: ids(&own.renote_muting),
            muted_instances: own.instances.clone(),
            following_channels: own.channels.iter().copied().map(channel_id).collect(),
            muting_channels: muted_channels.collect(),
            policies: policies(),
            moderator: false,
        }
    }

    /// What a backend reads of a list.
    pub(crate) fn list_record(&self, list: u8) -> ListRecord {
        let members = self.lists.get(&list).map(records);
        ListRecord {
            owner: user_id(list),
            members: members.unwrap_or_default(),
        }
    }

    /// A user, as the rules see them.
    pub(crate) fn viewer(&self, user: u8, now_ms: u64) -> Viewer {
        let own = self.users.get(&user).cloned().unwrap_or_default();
        let keys = |users: &BTreeSet<u8>| users.iter().copied().map(key).collect::<Keys<_>>();
        let channels = |all: &BTreeSet<u8>| all.iter().map(|&it| channel_key(it)).collect();
        let muting = own
            .muting
            .iter()
            .filter(|(_, until)| until.is_none_or(|ms| ms > now_ms));
        Viewer {
            key: key(user),
            following: follows(&own.following),
            muting: muting.map(|(&whom, _)| key(whom)).collect(),
            blocked_by: keys(&own.blocked_by),
            renote_muting: keys(&own.renote_muting),
            muted_instances: own
                .instances
                .iter()
                .map(|it| it.to_lowercase().into())
                .collect(),
            following_channels: channels(&own.channels),
            muting_channels: channels(&own.muted_channels),
            policies: policies(),
            moderator: false,
        }
    }

    /// The members of a list, as the rules see them.
    pub(crate) fn members(&self, list: u8) -> Follows {
        self.lists.get(&list).map(follows).unwrap_or_default()
    }

    fn of(&mut self, user: u8) -> &mut Relations {
        self.users.entry(user).or_default()
    }
}

/// A note, as the rules see it.
pub(crate) fn facts(head: &NoteHead<'_>) -> Note {
    Note {
        author: author(&head.author),
        visibility: visibility(head.visibility),
        visible_users: head.visible_user_ids.iter().map(|id| key_of(id)).collect(),
        mentions: head.mentions.iter().map(|id| key_of(id)).collect(),
        channel: head.channel_id.as_ref().map(|id| channel_key(number(id))),
        has_files: head.has_files,
        pure_renote: head.pure_renote,
        created_ms: head.created_ms,
        tags: head
            .tags
            .iter()
            .map(|tag| tag.to_lowercase().into())
            .collect(),
        reply: head.reply.as_ref().map(|reply| Reply {
            author: author(&reply.author),
            visibility: visibility(reply.visibility),
            visible_users: reply.visible_user_ids.iter().map(|id| key_of(id)).collect(),
            mentions: reply.mentions.iter().map(|id| key_of(id)).collect(),
            created_ms: reply.created_ms,
        }),
        renote: head.renote.as_ref().map(|renote| Box::new(facts(renote))),
    }
}

fn author(head: &AuthorHead<'_>) -> Author {
    Author {
        key: key_of(&head.id),
        origin: match &head.host {
            HostHead::Local => Origin::Local,
            HostHead::Remote(host) => Origin::Remote(host.as_str().into()),
            HostHead::Unknown => Origin::Unknown,
        },
        requires_signin: head.requires_signin,
        hidden_before_s: head.hidden_before_s,
        followers_only_before_s: head.followers_only_before_s,
    }
}

/// A visibility, as the rules name it.
pub(crate) fn visibility(head: Head) -> Visibility {
    match head {
        Head::Public => Visibility::Public,
        Head::Home => Visibility::Home,
        Head::Followers => Visibility::Followers,
        Head::Specified => Visibility::Specified,
    }
}

/// The policies of everyone.
pub(crate) fn policies() -> PolicyRecord {
    PolicyRecord {
        local_timeline: true,
        global_timeline: true,
    }
}

/// The key of a user: any, as long as equal ones are equal.
pub(crate) fn key(user: u8) -> UserKey {
    UserKey(u32::from(user))
}

/// The key of a Misskey channel.
pub(crate) fn channel_key(channel: u8) -> ChannelKey {
    ChannelKey(u32::from(channel))
}

fn key_of(id: &str) -> UserKey {
    key(number(id))
}

/// The number in an id such as `u3`.
pub(crate) fn number(id: &str) -> u8 {
    id[1..].parse().unwrap()
}

pub(crate) fn user_id(user: u8) -> UserId {
    UserId::parse(&name(user)).unwrap()
}

fn channel_id(channel: u8) -> ChannelId {
    ChannelId::parse(&format!("c{channel}")).unwrap()
}

fn follows(all: &BTreeMap<u8, bool>) -> Follows {
    Follows::new(all.iter().map(|(&user, &with_replies)| Follow {
        user: key(user),
        with_replies,
    }))
}

fn records(all: &BTreeMap<u8, bool>) -> Vec<FollowRecord> {
    let record = |(&user, &with_replies): (&u8, &bool)| FollowRecord {
        user: user_id(user),
        with_replies,
    };
    all.iter().map(record).collect()
}

fn set(all: &mut BTreeSet<u8>, member: u8, on: bool) {
    if on {
        all.insert(member);
    } else {
        all.remove(&member);
    }
}
