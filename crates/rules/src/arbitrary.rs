//! Strategies for property tests: small worlds, in which everyone meets everyone soon.
//!
//! Few users, hosts, Misskey channels and tags, and times close to the limits that authors set,
//! so that each rule applies often and each exception to it as well.

use std::collections::BTreeSet;
use std::ops::Range;

use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use protocol::limits::CHAIN_LINKS_MAX;
use protocol::record::{PolicyRecord, VisitorScope};

use crate::{
    Audience, Author, Channel, ChannelKey, Follow, Follows, Keys, Moment, Note, Origin, Reply,
    UserKey, Viewer, Visibility,
};

/// How many users there are: their keys are those below it.
pub const USERS: u32 = 5;

/// How many Misskey channels there are, likewise.
pub const CHANNELS: u32 = 3;

/// The hosts of other servers.
pub const HOSTS: [&str; 2] = ["one.example", "two.example"];

/// The hashtags.
pub const TAGS: [&str; 3] = ["river", "stone", "moss"];

/// The seconds since 1970 around which everything happens.
const TIMES_S: Range<u64> = 1_000_000..1_000_020;

/// A [`Channel`] that owns what it is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnedChannel {
    /// One that borrows nothing.
    Plain(Channel<'static>),
    /// [`Channel::UserList`].
    UserList {
        /// Who is on the list.
        members: Follows,
        /// Pure renotes come along.
        with_renotes: bool,
        /// Only notes with files.
        with_files: bool,
    },
    /// [`Channel::Hashtag`].
    Hashtag {
        /// An OR of ANDs of tags.
        groups: Vec<Vec<Box<str>>>,
    },
}

impl OwnedChannel {
    /// The channel, as the rules take it.
    #[must_use]
    pub fn as_channel(&self) -> Channel<'_> {
        match self {
            Self::Plain(channel) => *channel,
            Self::UserList {
                members,
                with_renotes,
                with_files,
            } => Channel::UserList {
                members,
                with_renotes: *with_renotes,
                with_files: *with_files,
            },
            Self::Hashtag { groups } => Channel::Hashtag { groups },
        }
    }
}

/// One of the users.
pub fn user() -> impl Strategy<Value = UserKey> {
    (0..USERS).prop_map(UserKey)
}

/// One of the Misskey channels.
pub fn misskey_channel() -> impl Strategy<Value = ChannelKey> {
    (0..CHANNELS).prop_map(ChannelKey)
}

/// One of the hosts.
pub fn host() -> impl Strategy<Value = Box<str>> {
    select(&HOSTS[..]).prop_map(Into::into)
}

/// Somewhere a user is from; most are local.
pub fn origin() -> impl Strategy<Value = Origin> {
    prop_oneof![
        4 => Just(Origin::Local),
        3 => host().prop_map(Origin::Remote),
        1 => Just(Origin::Unknown),
    ]
}

/// Any of the four.
pub fn visibility() -> impl Strategy<Value = Visibility> {
    select(vec![
        Visibility::Public,
        Visibility::Public,
        Visibility::Home,
        Visibility::Followers,
        Visibility::Specified,
    ])
}

/// An author, who seldom asks for anything.
pub fn author() -> impl Strategy<Value = Author> {
    let before_s = || {
        let now_s = i64::try_from(TIMES_S.start).expect("a small number fits");
        option::weighted(0.15, prop_oneof![-20_i64..=0, now_s - 20..now_s + 20])
    };
    (
        user(),
        origin(),
        prop::bool::weighted(0.15),
        before_s(),
        before_s(),
    )
        .prop_map(
            |(key, origin, requires_signin, hidden_before_s, followers_only_before_s)| Author {
                key,
                origin,
                requires_signin,
                hidden_before_s,
                followers_only_before_s,
            },
        )
}

/// What a note replies to.
pub fn reply() -> impl Strategy<Value = Reply> {
    (author(), visibility(), users(), users(), created_ms()).prop_map(
        |(author, visibility, visible_users, mentions, created_ms)| Reply {
            author,
            visibility,
            visible_users,
            mentions,
            created_ms,
        },
    )
}

/// A note with its chain of renotes: mostly a link or two, at times more than may be delivered.
pub fn note() -> impl Strategy<Value = Note> {
    let links = prop_oneof![
        30 => vec(link(), 1..=3),
        1 => vec(link(), CHAIN_LINKS_MAX..=CHAIN_LINKS_MAX + 1),
    ];
    links.prop_map(|links| {
        let chain = links.into_iter().rev().fold(None, |renote, (link, bare)| {
            let pure_renote = bare && renote.is_some() && link.reply.is_none() && !link.has_files;
            Some(Box::new(Note {
                renote,
                pure_renote,
                ..link
            }))
        });
        *chain.expect("there is one link at least")
    })
}

/// A viewer with relations to many.
pub fn viewer() -> impl Strategy<Value = Viewer> {
    let channels = || vec(misskey_channel(), 0..2).prop_map(Keys::from_iter);
    (
        (user(), follows(), few_users(), few_users(), few_users()),
        (
            btree_set(host(), 0..2),
            channels(),
            channels(),
            policies(),
            any::<bool>(),
        ),
    )
        .prop_map(
            |((key, following, muting, blocked_by, renote_muting), rest)| {
                let (muted_instances, following_channels, muting_channels, policies, moderator) =
                    rest;
                Viewer {
                    key,
                    following,
                    muting,
                    blocked_by,
                    renote_muting,
                    muted_instances,
                    following_channels,
                    muting_channels,
                    policies,
                    moderator,
                }
            },
        )
}

/// A viewer who is nobody's author, follower or anything else.
#[must_use]
pub fn stranger() -> Viewer {
    Viewer {
        key: UserKey(USERS),
        following: Follows::default(),
        muting: Keys::default(),
        blocked_by: Keys::default(),
        renote_muting: Keys::default(),
        muted_instances: BTreeSet::new(),
        following_channels: Keys::default(),
        muting_channels: Keys::default(),
        policies: PolicyRecord {
            local_timeline: true,
            global_timeline: true,
        },
        moderator: false,
    }
}

/// Some users, with and without their replies.
pub fn follows() -> impl Strategy<Value = Follows> {
    let follow = (user(), any::<bool>());
    let follow = follow.prop_map(|(user, with_replies)| Follow { user, with_replies });
    vec(follow, 0..4).prop_map(Follows::new)
}

/// Any channel that carries notes.
pub fn channel() -> impl Strategy<Value = OwnedChannel> {
    let flags = (
        prop::bool::weighted(0.8),
        any::<bool>(),
        prop::bool::weighted(0.2),
    );
    let kinds = (0..9_u8, flags, follows(), groups(), misskey_channel());
    kinds.prop_map(
        |(kind, (with_renotes, with_replies, with_files), members, groups, channel)| {
            OwnedChannel::Plain(match kind {
                0 => Channel::Home {
                    with_renotes,
                    with_files,
                },
                1 => Channel::Local {
                    with_renotes,
                    with_replies,
                    with_files,
                },
                2 => Channel::Hybrid {
                    with_renotes,
                    with_replies,
                    with_files,
                },
                3 => Channel::Global {
                    with_renotes,
                    with_files,
                },
                4 => Channel::Role {
                    explorable: with_renotes,
                },
                5 => Channel::Antenna,
                6 => Channel::MisskeyChannel { channel },
                7 => {
                    return OwnedChannel::UserList {
                        members,
                        with_renotes,
                        with_files,
                    };
                }
                _ => return OwnedChannel::Hashtag { groups },
            })
        },
    )
}

/// A moment among the times of the notes.
pub fn moment() -> impl Strategy<Value = Moment> {
    let scopes = vec![
        VisitorScope::All,
        VisitorScope::Local,
        VisitorScope::Nothing,
    ];
    (TIMES_S, select(scopes)).prop_map(|(now_s, visitors_see)| Moment {
        now_ms: now_s * 1000,
        visitors_see,
    })
}

/// What captures know of a note: the truth, as far as events tell it.
#[must_use]
pub fn audience_of(note: &Note) -> Audience {
    Audience {
        author: note.author.key,
        local: note.author.origin.is_local(),
        visibility: note.visibility,
        visible_users: note.visible_users.clone(),
    }
}

/// A note without its chain, and whether it would like to be a pure renote.
fn link() -> impl Strategy<Value = (Note, bool)> {
    (
        (
            author(),
            visibility(),
            users(),
            users(),
            option::weighted(0.3, misskey_channel()),
        ),
        (
            prop::bool::weighted(0.2),
            created_ms(),
            tags(),
            option::weighted(0.4, reply()),
        ),
        prop::bool::weighted(0.6),
    )
        .prop_map(|(who, what, bare)| {
            let (author, visibility, visible_users, mentions, channel) = who;
            let (has_files, created_ms, tags, reply) = what;
            let note = Note {
                author,
                visibility,
                visible_users,
                mentions,
                channel,
                has_files,
                pure_renote: false,
                created_ms,
                tags,
                reply,
                renote: None,
            };
            (note, bare)
        })
}

fn users() -> impl Strategy<Value = Box<[UserKey]>> {
    vec(user(), 0..3).prop_map(Vec::into_boxed_slice)
}

fn few_users() -> impl Strategy<Value = Keys<UserKey>> {
    vec(user(), 0..2).prop_map(Keys::from_iter)
}

fn created_ms() -> impl Strategy<Value = Option<u64>> {
    option::weighted(0.9, TIMES_S.prop_map(|time_s| time_s * 1000))
}

fn tag() -> impl Strategy<Value = Box<str>> {
    select(&TAGS[..]).prop_map(Into::into)
}

fn tags() -> impl Strategy<Value = Box<[Box<str>]>> {
    vec(tag(), 0..3).prop_map(Vec::into_boxed_slice)
}

fn groups() -> impl Strategy<Value = Vec<Vec<Box<str>>>> {
    vec(vec(tag(), 0..3), 0..3)
}

fn policies() -> impl Strategy<Value = PolicyRecord> {
    any::<(bool, bool)>().prop_map(|(local_timeline, global_timeline)| PolicyRecord {
        local_timeline,
        global_timeline,
    })
}
