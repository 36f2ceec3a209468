//! What may happen: messages of a backend, connections that come and go, time.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

/// How many connections, users, Misskey channels and lists there are.
pub(crate) const CONNS: u32 = 6;
pub(crate) const USERS: u8 = 4;
pub(crate) const LISTS: u8 = 2;

/// One thing that happens.
#[derive(Debug, Clone)]
pub(crate) enum Op {
    Open {
        conn: u32,
        user: Option<u8>,
    },
    Close {
        conn: u32,
    },
    Join {
        conn: u32,
        sub: u8,
        what: What,
    },
    Leave {
        conn: u32,
        sub: u8,
    },
    Capture {
        conn: u32,
        note: u8,
    },
    Change(Change),
    /// A change that is lost, and a gap that says so.
    Lost(Change),
    Note(Value),
    /// Something happens to a note.
    Update {
        note: u8,
        author: u8,
        visibility: &'static str,
        to: u8,
    },
    /// A notification for one user from another.
    Notify {
        to: u8,
        from: u8,
        host: Option<&'static str>,
    },
    /// The backend answers its oldest question, by what it read then or by what holds now.
    Answer {
        early: bool,
    },
    Pass {
        ms: u64,
    },
}

/// What is joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    Home,
    Local { with_replies: bool },
    Hybrid { with_replies: bool },
    Global,
    List(u8),
    Tag(u8),
    Channel(u8),
    Main,
}

/// A change of relations or lists.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    Follow {
        who: u8,
        whom: u8,
        with_replies: Option<bool>,
    },
    FollowAnew {
        who: u8,
        whom: u8,
        with_replies: bool,
    },
    Unfollow {
        who: u8,
        whom: u8,
    },
    Block {
        who: u8,
        whom: u8,
        on: bool,
    },
    Mute {
        who: u8,
        whom: u8,
        for_ms: Option<u64>,
    },
    Unmute {
        who: u8,
        whom: u8,
    },
    RenoteMute {
        who: u8,
        whom: u8,
        on: bool,
    },
    FollowChannel {
        who: u8,
        channel: u8,
        on: bool,
    },
    MuteChannel {
        who: u8,
        channel: u8,
        on: bool,
    },
    Instances {
        who: u8,
        hosts: Vec<&'static str>,
    },
    Member {
        list: u8,
        whom: u8,
        with_replies: Option<bool>,
    },
    NoMember {
        list: u8,
        whom: u8,
    },
}

/// Anything that may happen.
pub(crate) fn op() -> impl Strategy<Value = Op> {
    let conn = || 0..CONNS;
    let sub = || 0..4_u8;
    prop_oneof![
        4 => (conn(), prop::option::weighted(0.8, user()))
            .prop_map(|(conn, user)| Op::Open { conn, user }),
        1 => conn().prop_map(|conn| Op::Close { conn }),
        12 => (conn(), sub(), what()).prop_map(|(conn, sub, what)| Op::Join { conn, sub, what }),
        1 => (conn(), sub()).prop_map(|(conn, sub)| Op::Leave { conn, sub }),
        2 => (conn(), 0..2_u8).prop_map(|(conn, note)| Op::Capture { conn, note }),
        12 => change().prop_map(Op::Change),
        1 => change().prop_map(Op::Lost),
        16 => note(2).prop_map(Op::Note),
        2 => (0..2_u8, user(), visibility(), user()).prop_map(|(note, author, visibility, to)| {
            Op::Update { note, author, visibility, to }
        }),
        1 => (user(), user(), host()).prop_map(|(to, from, host)| Op::Notify { to, from, host }),
        10 => any::<bool>().prop_map(|early| Op::Answer { early }),
        3 => (0..2_000_u64).prop_map(|ms| Op::Pass { ms }),
    ]
}

fn user() -> impl Strategy<Value = u8> {
    0..USERS
}

fn host() -> impl Strategy<Value = Option<&'static str>> {
    select(vec![None, None, Some("one.example")])
}

fn visibility() -> impl Strategy<Value = &'static str> {
    select(vec!["public", "public", "home", "followers", "specified"])
}

fn what() -> impl Strategy<Value = What> {
    prop_oneof![
        4 => Just(What::Home),
        1 => any::<bool>().prop_map(|with_replies| What::Local { with_replies }),
        3 => any::<bool>().prop_map(|with_replies| What::Hybrid { with_replies }),
        1 => Just(What::Global),
        3 => (0..LISTS).prop_map(What::List),
        1 => (0..2_u8).prop_map(What::Tag),
        1 => (0..2_u8).prop_map(What::Channel),
        1 => Just(What::Main),
    ]
}

fn change() -> impl Strategy<Value = Change> {
    let two = || (user(), user());
    let until = prop::option::of(1..3_000_u64);
    let people = prop_oneof![
        5 => (two(), any::<Option<bool>>()).prop_map(|((who, whom), with_replies)| {
            Change::Follow { who, whom, with_replies }
        }),
        1 => (two(), any::<bool>()).prop_map(|((who, whom), with_replies)| {
            Change::FollowAnew { who, whom, with_replies }
        }),
        1 => two().prop_map(|(who, whom)| Change::Unfollow { who, whom }),
        1 => (two(), any::<bool>()).prop_map(|((who, whom), on)| Change::Block { who, whom, on }),
        2 => (two(), until).prop_map(|((who, whom), for_ms)| Change::Mute { who, whom, for_ms }),
        1 => two().prop_map(|(who, whom)| Change::Unmute { who, whom }),
        1 => (two(), any::<bool>())
            .prop_map(|((who, whom), on)| Change::RenoteMute { who, whom, on }),
    ];
    let things = prop_oneof![
        2 => (user(), 0..2_u8, any::<bool>())
            .prop_map(|(who, channel, on)| Change::FollowChannel { who, channel, on }),
        1 => (user(), 0..2_u8, any::<bool>())
            .prop_map(|(who, channel, on)| Change::MuteChannel { who, channel, on }),
        1 => (user(), vec(Just("One.example"), 0..2))
            .prop_map(|(who, hosts)| Change::Instances { who, hosts }),
        3 => (0..LISTS, user(), any::<Option<bool>>()).prop_map(|(list, whom, with_replies)| {
            Change::Member { list, whom, with_replies }
        }),
        1 => (0..LISTS, user()).prop_map(|(list, whom)| Change::NoMember { list, whom }),
    ];
    prop_oneof![3 => people, 2 => things]
}

/// A note as a backend packs it, with a chain of so many renotes at most.
fn note(depth: u32) -> BoxedStrategy<Value> {
    let inner = if depth == 0 {
        Just(None).boxed()
    } else {
        prop::option::weighted(0.4, note(depth - 1)).boxed()
    };
    let who = (
        user(),
        host(),
        visibility(),
        vec(user(), 0..2),
        vec(user(), 0..2),
    );
    let what = (
        prop::option::weighted(0.2, 0..2_u8),
        prop::option::weighted(0.3, (user(), visibility())),
        vec(0..2_u8, 0..2),
        any::<bool>(),
    );
    (who, what, inner)
        .prop_map(|((user, host, visibility, to, mentions), (channel, reply, tags, bare), renote)| {
            let names = |users: Vec<u8>| users.into_iter().map(name).collect::<Vec<_>>();
            let mut note = json!({
                "id": "n", "createdAt": "2024-01-01T00:00:00.000Z",
                "userId": name(user), "user": {"id": name(user), "host": host},
                "visibility": visibility, "visibleUserIds": names(to), "mentions": names(mentions),
                "text": "t", "cw": null, "fileIds": [], "replyId": null, "renoteId": null,
                "channelId": channel.map(|channel| format!("c{channel}")),
                "tags": tags.into_iter().map(|tag| format!("T{tag}")).collect::<Vec<_>>(),
            });
            if let Some((user, visibility)) = reply {
                note["replyId"] = json!("r");
                note["reply"] = json!({
                    "id": "r", "userId": name(user), "user": {"id": name(user), "host": null},
                    "visibility": visibility, "text": "r", "createdAt": "2024-01-01T00:00:00.000Z",
                });
            }
            if let Some(renote) = renote {
                note["renoteId"] = json!("x");
                note["renote"] = renote;
                if bare {
                    note["text"] = Value::Null;
                }
            }
            note
        })
        .boxed()
}

/// The id of a user.
pub(crate) fn name(user: u8) -> String {
    format!("u{user}")
}
