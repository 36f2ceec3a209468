//! Who may join, and with which token.

use protocol::channel::Channel;
use protocol::id::{AntennaId, ChannelId, GameId, ListId, RoleId, RoomId, UserId};
use protocol::join::{Join, TimelineParams};
use protocol::record::{Grant, PolicyRecord, RoleRecord};

use crate::join::{admit, gate, may_play};
use crate::{Cleared, JoinFacts, Recipients, Refusal, Verdict, Viewpoint, Who, decide_topic};

fn user(id: &str) -> UserId {
    UserId::parse(id).expect("the rows use ids that are ids")
}

fn app(permissions: &[&str]) -> Grant {
    Grant::App {
        permissions: permissions.iter().map(|&name| name.into()).collect(),
    }
}

/// One way to join each channel.
fn join(channel: Channel) -> Join {
    let params = TimelineParams::default();
    match channel {
        Channel::Main => Join::Main,
        Channel::HomeTimeline => Join::HomeTimeline(params),
        Channel::LocalTimeline => Join::LocalTimeline(params),
        Channel::HybridTimeline => Join::HybridTimeline(params),
        Channel::GlobalTimeline => Join::GlobalTimeline(params),
        Channel::UserList => Join::UserList {
            list: ListId::parse("list").unwrap(),
            params,
        },
        Channel::Hashtag => Join::Hashtag {
            groups: vec![vec!["tag".into()]],
        },
        Channel::RoleTimeline => Join::RoleTimeline {
            role: RoleId::parse("role").unwrap(),
        },
        Channel::Antenna => Join::Antenna {
            antenna: AntennaId::parse("antenna").unwrap(),
        },
        Channel::Channel => Join::Channel {
            channel: ChannelId::parse("channel").unwrap(),
        },
        Channel::Drive => Join::Drive,
        Channel::ServerStats => Join::ServerStats,
        Channel::QueueStats => Join::QueueStats,
        Channel::Admin => Join::Admin,
        Channel::ChatUser => Join::ChatUser { other: user("bob") },
        Channel::ChatRoom => Join::ChatRoom {
            room: RoomId::parse("room").unwrap(),
        },
        Channel::Reversi => Join::Reversi,
        Channel::ReversiGame => Join::ReversiGame {
            game: GameId::parse("game").unwrap(),
        },
        Channel::Messaging => Join::Messaging { other: user("bob") },
        Channel::MessagingIndex => Join::MessagingIndex,
    }
}

/// Everything that could be asked is known and speaks for `me`.
fn all_good() -> JoinFacts {
    JoinFacts {
        policies: Some(PolicyRecord {
            local_timeline: true,
            global_timeline: true,
        }),
        moderator: Some(true),
        owner: Some(user("me")),
        role: Some(RoleRecord {
            public: true,
            explorable: true,
        }),
        in_room: Some(true),
    }
}

#[test]
fn a_channel_that_needs_a_login_is_ignored_for_a_visitor() {
    for channel in Channel::ALL.into_iter().chain(Channel::LEGACY) {
        let open = match channel {
            Channel::LocalTimeline
            | Channel::GlobalTimeline
            | Channel::Hashtag
            | Channel::RoleTimeline
            | Channel::Channel
            | Channel::ServerStats
            | Channel::QueueStats
            | Channel::ReversiGame => Ok(()),
            Channel::Main
            | Channel::HomeTimeline
            | Channel::HybridTimeline
            | Channel::UserList
            | Channel::Antenna
            | Channel::Drive
            | Channel::Admin
            | Channel::ChatUser
            | Channel::ChatRoom
            | Channel::Messaging
            | Channel::MessagingIndex
            | Channel::Reversi => Err(Refusal::NeedsLogin),
        };
        assert_eq!(gate(channel, Who::Visitor), open, "{channel:?}");
        let admitted = admit(&join(channel), Who::Visitor, &all_good());
        assert_eq!(admitted.map(drop), open, "{channel:?}");
    }
}

#[test]
fn the_users_own_token_has_all_permissions() {
    let id = user("me");
    let who = Who::User {
        id: &id,
        grant: &Grant::Native,
    };
    for channel in Channel::ALL.into_iter().chain(Channel::LEGACY) {
        assert_eq!(gate(channel, who), Ok(()), "{channel:?}");
        assert_eq!(
            admit(&join(channel), who, &all_good()).map(drop),
            Ok(()),
            "{channel:?}"
        );
    }
}

#[test]
fn an_app_plays_only_where_it_may_act_for_its_user() {
    let id = user("me");
    let may = |grant: &Grant| may_play(Who::User { id: &id, grant });
    assert!(!may_play(Who::Visitor));
    assert!(may(&Grant::Native));
    assert!(may(&app(&["read:account", "write:account"])));
    assert!(!may(&app(&["read:account"])));
}

#[test]
fn an_app_token_needs_the_channels_permission() {
    const ALL: [&str; 4] = [
        "read:account",
        "read:admin:stream",
        "read:chat",
        "read:messaging",
    ];
    let id = user("me");
    let allows = |permissions: &[&str], channel: Channel| {
        let grant = app(permissions);
        let who = Who::User {
            id: &id,
            grant: &grant,
        };
        let gated = gate(channel, who);
        assert_eq!(
            admit(&join(channel), who, &all_good()).map(drop),
            gated,
            "{channel:?}"
        );
        gated == Ok(())
    };
    for channel in Channel::ALL.into_iter().chain(Channel::LEGACY) {
        let needed = match channel {
            Channel::Main
            | Channel::HomeTimeline
            | Channel::HybridTimeline
            | Channel::Antenna
            | Channel::Drive
            | Channel::Reversi => Some("read:account"),
            Channel::Admin => Some("read:admin:stream"),
            Channel::ChatUser | Channel::ChatRoom => Some("read:chat"),
            Channel::Messaging | Channel::MessagingIndex => Some("read:messaging"),
            // A channel that needs a login and names no permission is closed to app tokens.
            Channel::UserList => {
                assert!(!allows(&ALL, channel), "{channel:?}");
                continue;
            }
            Channel::LocalTimeline
            | Channel::GlobalTimeline
            | Channel::Hashtag
            | Channel::RoleTimeline
            | Channel::Channel
            | Channel::ServerStats
            | Channel::QueueStats
            | Channel::ReversiGame => None,
        };
        assert_eq!(allows(&[], channel), needed.is_none(), "{channel:?}");
        for permission in ALL {
            let expected = needed.is_none_or(|needed| needed == permission);
            assert_eq!(
                allows(&[permission], channel),
                expected,
                "{channel:?} {permission}"
            );
        }
        let near_misses = [
            "read:accounts",
            "read",
            "write:account",
            "read:admin",
            "READ:ACCOUNT",
        ];
        assert_eq!(
            allows(&near_misses, channel),
            needed.is_none(),
            "{channel:?}"
        );
    }
}

#[track_caller]
fn check(name: &str, channel: Channel, facts: JoinFacts, expected: Result<(), Refusal>) {
    let id = user("me");
    let who = Who::User {
        id: &id,
        grant: &Grant::Native,
    };
    assert_eq!(
        admit(&join(channel), who, &facts).map(drop),
        expected,
        "{name}"
    );
}

#[test]
fn timelines_need_a_policy() {
    let no = Err(Refusal::ClosedByPolicy);
    let policies = |local_timeline, global_timeline| JoinFacts {
        policies: Some(PolicyRecord {
            local_timeline,
            global_timeline,
        }),
        ..JoinFacts::default()
    };
    let name = "`localTimeline` and `hybridTimeline` need the viewer's policy `ltlAvailable`";
    for channel in [Channel::LocalTimeline, Channel::HybridTimeline] {
        check(name, channel, policies(true, false), Ok(()));
        check(name, channel, policies(false, true), no);
        check(name, channel, JoinFacts::default(), no);
    }
    let name = "`globalTimeline` `gtlAvailable`";
    check(name, Channel::GlobalTimeline, policies(false, true), Ok(()));
    check(name, Channel::GlobalTimeline, policies(true, false), no);
    check(name, Channel::GlobalTimeline, JoinFacts::default(), no);
    let name = "visitors get the base";
    let by_visitor = |facts| admit(&join(Channel::LocalTimeline), Who::Visitor, &facts).map(drop);
    assert_eq!(by_visitor(policies(true, false)), Ok(()), "{name}");
    assert_eq!(by_visitor(policies(false, true)), no, "{name}");
}

#[test]
fn lists_and_antennas_are_their_owners() {
    let name = "`userList` and `antenna` must be the viewer's own";
    let owned_by = |owner| JoinFacts {
        owner,
        ..all_good()
    };
    for channel in [Channel::UserList, Channel::Antenna] {
        check(name, channel, owned_by(Some(user("me"))), Ok(()));
        check(
            name,
            channel,
            owned_by(Some(user("bob"))),
            Err(Refusal::NotTheirs),
        );
        check(name, channel, owned_by(None), Err(Refusal::NotTheirs));
    }
}

#[test]
fn roles_rooms_and_moderators() {
    let name = "`roleTimeline` needs a public, explorable role";
    let role = |role| JoinFacts { role, ..all_good() };
    for (public, explorable) in [(true, true), (true, false), (false, true), (false, false)] {
        let expected = if public && explorable {
            Ok(())
        } else {
            Err(Refusal::NotTheirs)
        };
        let record = RoleRecord { public, explorable };
        check(name, Channel::RoleTimeline, role(Some(record)), expected);
    }
    check(
        name,
        Channel::RoleTimeline,
        role(None),
        Err(Refusal::NotTheirs),
    );

    let name = "`chatRoom` needs its owner, a member or an invited user";
    let in_room = |in_room| JoinFacts {
        in_room,
        ..all_good()
    };
    check(name, Channel::ChatRoom, in_room(Some(true)), Ok(()));
    check(
        name,
        Channel::ChatRoom,
        in_room(Some(false)),
        Err(Refusal::NotTheirs),
    );
    check(
        name,
        Channel::ChatRoom,
        in_room(None),
        Err(Refusal::NotTheirs),
    );

    let name = "`admin` needs a moderator";
    let moderator = |moderator| JoinFacts {
        moderator,
        ..all_good()
    };
    check(name, Channel::Admin, moderator(Some(true)), Ok(()));
    check(
        name,
        Channel::Admin,
        moderator(Some(false)),
        Err(Refusal::NeedsModerator),
    );
    check(
        name,
        Channel::Admin,
        moderator(None),
        Err(Refusal::NeedsModerator),
    );
}

#[test]
fn the_rest_asks_for_nothing_more() {
    for channel in [
        Channel::Main,
        Channel::HomeTimeline,
        Channel::Hashtag,
        Channel::Channel,
        Channel::Drive,
        Channel::ServerStats,
        Channel::QueueStats,
        Channel::ChatUser,
        Channel::Reversi,
        Channel::ReversiGame,
    ] {
        check(
            "no fact is asked for",
            channel,
            JoinFacts::default(),
            Ok(()),
        );
    }
}

#[test]
fn whoever_was_admitted_gets_what_the_channel_shows() {
    let id = user("me");
    let who = Who::User {
        id: &id,
        grant: &Grant::Native,
    };
    let admission =
        admit(&join(Channel::ReversiGame), who, &all_good()).expect("games are open to all");
    let verdict = decide_topic(Recipients::Admitted(admission), Viewpoint::Visitor);
    assert_eq!(verdict, Verdict::Deliver(Cleared::whole()));
}
