//! What may happen to a hub.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use protocol::id::{AntennaId, ChannelId, GameId, ListId, RoleId, RoomId, UserId};
use protocol::join::{Join, TimelineParams};
use rules::arbitrary::{self as any_of, CHANNELS, TAGS, USERS};
use rules::{Audience, Follows, MainKind, Note, Origin, UserKey, Viewer};

use crate::publication::{Stats, Tokens};

/// How many connections, lists, roles, antennas, rooms, games and captured notes there are.
pub(super) const CONNS: u32 = 5;
pub(super) const THINGS: u8 = 2;

/// One thing that happens.
#[derive(Debug, Clone)]
pub(super) enum Op {
    Open {
        conn: u32,
        user: Option<u32>,
        native: bool,
    },
    Close {
        conn: u32,
    },
    Join {
        conn: u32,
        sub: u8,
        join: Join,
    },
    Leave {
        conn: u32,
        sub: u8,
    },
    Capture {
        conn: u32,
        note: u8,
    },
    Release {
        conn: u32,
        note: u8,
    },
    Viewer(Viewer),
    List {
        list: u8,
        members: Follows,
    },
    Role {
        role: u8,
        open: bool,
    },
    Room {
        room: u8,
        members: Vec<UserKey>,
    },
    Site(rules::Moment),
    Note {
        note: Note,
        reactions: Vec<(UserKey, u8)>,
    },
    RoleNote {
        role: u8,
        note: Note,
    },
    AntennaNote {
        antenna: u8,
        note: Note,
    },
    Captured {
        note: u8,
        audience: Audience,
    },
    Main {
        owner: UserKey,
        kind: MainKind,
        from: Option<UserKey>,
        origin: Origin,
    },
    Drive(UserKey),
    Admin(UserKey),
    Reversi(UserKey),
    ChatUser {
        me: UserKey,
        other: u32,
    },
    UserList(u8),
    ChatRoom(u8),
    ReversiGame(u8),
    Broadcast,
    Stats(Stats),
    CloseUser {
        user: UserKey,
        tokens: Tokens,
    },
    Reply {
        conn: u32,
        sub: u8,
    },
}

/// Long enough for things to meet.
pub(super) fn ops() -> impl Strategy<Value = Vec<Op>> {
    vec(op(), 1..120)
}

fn op() -> impl Strategy<Value = Op> {
    let conn = || 0..CONNS;
    let sub = || 0..6_u8;
    let thing = || 0..THINGS;
    let user = || any_of::user();
    let kinds = vec![
        MainKind::Notification,
        MainKind::Mention,
        MainKind::Reply,
        MainKind::Other,
    ];
    let connections = prop_oneof![
        4 => (conn(), prop::option::weighted(0.8, 0..USERS), any::<bool>())
            .prop_map(|(conn, user, native)| Op::Open { conn, user, native }),
        1 => conn().prop_map(|conn| Op::Close { conn }),
        14 => (conn(), sub(), join()).prop_map(|(conn, sub, join)| Op::Join { conn, sub, join }),
        2 => (conn(), sub()).prop_map(|(conn, sub)| Op::Leave { conn, sub }),
        3 => (conn(), thing()).prop_map(|(conn, note)| Op::Capture { conn, note }),
        1 => (conn(), thing()).prop_map(|(conn, note)| Op::Release { conn, note }),
        1 => (conn(), sub()).prop_map(|(conn, sub)| Op::Reply { conn, sub }),
    ];
    let changes = prop_oneof![
        4 => any_of::viewer().prop_map(Op::Viewer),
        2 => (thing(), any_of::follows()).prop_map(|(list, members)| Op::List { list, members }),
        1 => (thing(), any::<bool>()).prop_map(|(role, open)| Op::Role { role, open }),
        1 => (thing(), vec(user(), 0..4)).prop_map(|(room, members)| Op::Room { room, members }),
        1 => any_of::moment().prop_map(Op::Site),
        1 => (user(), select(vec![Tokens::Native, Tokens::App, Tokens::All]))
            .prop_map(|(user, tokens)| Op::CloseUser { user, tokens }),
    ];
    let notes = prop_oneof![
        8 => (any_of::note(), vec((user(), thing()), 0..4))
            .prop_map(|(note, reactions)| Op::Note { note, reactions }),
        1 => (thing(), any_of::note()).prop_map(|(role, note)| Op::RoleNote { role, note }),
        1 => (thing(), any_of::note())
            .prop_map(|(antenna, note)| Op::AntennaNote { antenna, note }),
        2 => (thing(), any_of::note()).prop_map(|(note, facts)| Op::Captured {
            note,
            audience: any_of::audience_of(&facts),
        }),
    ];
    let others = prop_oneof![
        2 => (user(), select(kinds), prop::option::of(user()), any_of::origin())
            .prop_map(|(owner, kind, from, origin)| Op::Main { owner, kind, from, origin }),
        1 => user().prop_map(Op::Drive),
        1 => user().prop_map(Op::Admin),
        1 => user().prop_map(Op::Reversi),
        1 => (user(), 0..USERS).prop_map(|(me, other)| Op::ChatUser { me, other }),
        1 => thing().prop_map(Op::UserList),
        1 => thing().prop_map(Op::ChatRoom),
        1 => thing().prop_map(Op::ReversiGame),
        1 => Just(Op::Broadcast),
        1 => select(vec![Stats::Server, Stats::Queue]).prop_map(Op::Stats),
    ];
    prop_oneof![5 => connections, 2 => changes, 4 => notes, 2 => others]
}

fn join() -> impl Strategy<Value = Join> {
    let thing = || (0..THINGS).prop_map(|thing| thing.to_string());
    let params = || {
        let flags = (
            prop::bool::weighted(0.8),
            any::<bool>(),
            prop::bool::weighted(0.2),
        );
        flags.prop_map(|(with_renotes, with_replies, with_files)| TimelineParams {
            with_renotes,
            with_replies,
            with_files,
        })
    };
    let tag = || select(&TAGS[..]).prop_map(Box::<str>::from);
    let timelines = prop_oneof![
        3 => params().prop_map(Join::HomeTimeline),
        2 => params().prop_map(Join::LocalTimeline),
        3 => params().prop_map(Join::HybridTimeline),
        1 => params().prop_map(Join::GlobalTimeline),
        2 => (thing(), params()).prop_map(|(list, params)| Join::UserList {
            list: ListId::parse(&list).unwrap(),
            params,
        }),
        2 => vec(vec(tag(), 1..3), 1..4).prop_map(|groups| Join::Hashtag { groups }),
        1 => thing().prop_map(|role| Join::RoleTimeline { role: RoleId::parse(&role).unwrap() }),
        1 => thing().prop_map(|id| Join::Antenna { antenna: AntennaId::parse(&id).unwrap() }),
        2 => (0..CHANNELS).prop_map(|channel| Join::Channel {
            channel: ChannelId::parse(&channel.to_string()).unwrap(),
        }),
    ];
    let others = prop_oneof![
        2 => Just(Join::Main),
        1 => Just(Join::Drive),
        1 => Just(Join::ServerStats),
        1 => Just(Join::QueueStats),
        1 => Just(Join::Admin),
        1 => (0..USERS).prop_map(|other| Join::ChatUser { other: user_id(other) }),
        1 => thing().prop_map(|room| Join::ChatRoom { room: RoomId::parse(&room).unwrap() }),
        1 => Just(Join::Reversi),
        1 => thing().prop_map(|game| Join::ReversiGame { game: GameId::parse(&game).unwrap() }),
    ];
    prop_oneof![3 => timelines, 1 => others]
}

/// The id of a user.
pub(super) fn user_id(user: u32) -> UserId {
    UserId::parse(&format!("u{user}")).unwrap()
}
