//! `connect` and `disconnect`: `docs/PROTOCOL.md` section 2, a sentence each.

use super::*;

const CHANNELS: [(&str, &str); 18] = [
    ("main", ""),
    ("homeTimeline", ""),
    ("localTimeline", ""),
    ("hybridTimeline", ""),
    ("globalTimeline", ""),
    ("userList", r#","params":{"listId":"l"}"#),
    ("hashtag", r#","params":{"q":[["a"]]}"#),
    ("roleTimeline", r#","params":{"roleId":"r"}"#),
    ("antenna", r#","params":{"antennaId":"a"}"#),
    ("channel", r#","params":{"channelId":"c"}"#),
    ("drive", ""),
    ("serverStats", ""),
    ("queueStats", ""),
    ("admin", ""),
    ("chatUser", r#","params":{"otherId":"o"}"#),
    ("chatRoom", r#","params":{"roomId":"m"}"#),
    ("reversi", ""),
    ("reversiGame", r#","params":{"gameId":"g"}"#),
];

/// Which channels a client gets to join, with every answer in its favour.
fn joined(mut world: World) -> Vec<&'static str> {
    let mut names = Vec::new();
    for (asked, (name, params)) in CHANNELS.into_iter().enumerate() {
        let mut came = world.connect(&format!(r#""channel":"{name}","id":"{asked}"{params}"#));
        if let Some(pending) = &world.session.pending {
            let answer = match pending.question {
                Question::List(_) | Question::Antenna(_) => owner("u"),
                Question::Role(_) => Answer::Role(role()),
                Question::Room(_) => Answer::InRoom(true),
            };
            let ask = pending.ask;
            world.session.handle_answer(ask, &answer, &world.facts);
            came = world.outputs();
        }
        if came.iter().any(|line| line.starts_with("subscribe")) {
            names.push(name);
        }
    }
    names
}

#[test]
fn a_visitor_joins_what_needs_no_login() {
    let open = [
        "localTimeline",
        "globalTimeline",
        "hashtag",
        "roleTimeline",
        "channel",
        "serverStats",
        "queueStats",
        "reversiGame",
    ];
    assert_eq!(joined(World::visitor()), open);
    assert_eq!(
        joined(World::app(&[])),
        open,
        "nor does a bare token need more"
    );
}

#[test]
fn a_native_token_joins_everything() {
    assert_eq!(joined(World::native()), CHANNELS.map(|(name, _)| name));
}

#[test]
fn an_app_token_joins_what_its_permissions_name() {
    let check = |permission: &str, more: &[&str]| {
        let open = joined(World::app(&[]));
        let mut came = joined(World::app(&[permission]));
        came.retain(|name| !open.contains(name));
        assert_eq!(came, more, "{permission}");
    };
    check(
        "read:account",
        &[
            "main",
            "homeTimeline",
            "hybridTimeline",
            "antenna",
            "drive",
            "reversi",
        ],
    );
    check("read:chat", &["chatUser", "chatRoom"]);
    check("read:admin:stream", &["admin"]);
    check("write:notes", &[]);
}

#[test]
fn pong_is_answered_when_the_channel_is_joined() {
    let mut world = World::native();
    let came = world.connect(r#""channel":"main","id":"a \"b\"","pong":true"#);
    let connected = r#"{"type":"connected","body":{"id":"a \"b\""}}"#;
    assert_eq!(came, [r#"subscribe 0 a "b" main"#, connected]);
    let came = world.connect(r#""channel":"localTimeline","id":"1""#);
    assert_eq!(
        came,
        ["subscribe 1 1 localTimeline"],
        "unasked for, it isn't"
    );
}

#[test]
fn a_refused_join_is_not_answered() {
    let mut world = World::visitor();
    let none: &[&str] = &[];
    assert_eq!(
        world.connect(r#""channel":"main","id":"1","pong":true"#),
        none
    );
    world.facts.policies = None;
    assert_eq!(
        world.connect(r#""channel":"localTimeline","id":"1","pong":true"#),
        none
    );
    let mut world = World::native();
    world.facts.moderator = Some(false);
    assert_eq!(
        world.connect(r#""channel":"admin","id":"1","pong":true"#),
        none
    );
}

#[test]
fn at_most_32_channels() {
    let mut world = World::native();
    for at in 0..32 {
        let came = world.connect(&format!(r#""channel":"localTimeline","id":"{at}""#));
        assert_eq!(came, [format!("subscribe {at} {at} localTimeline")]);
    }
    let none: &[&str] = &[];
    assert_eq!(
        world.connect(r#""channel":"main","id":"x","pong":true"#),
        none
    );
    let came = world.connect(r#""channel":"main","id":"7""#);
    assert_eq!(
        came,
        ["unsubscribe 7", "subscribe 7 7 main"],
        "an id in use makes room"
    );
    world.check(
        Say(r#"{"type":"disconnect","body":{"id":"20"}}"#),
        &["unsubscribe 20"],
    );
    let came = world.connect(r#""channel":"drive","id":"y""#);
    assert_eq!(came, ["subscribe 20 y drive"]);
}

#[test]
fn an_id_in_use_first_leaves_the_old_channel() {
    let mut world = World::native();
    world.connect(r#""channel":"homeTimeline","id":"a""#);
    let came = world.connect(r#""channel":"localTimeline","id":"a""#);
    assert_eq!(came, ["unsubscribe 0", "subscribe 0 a localTimeline"]);
    world.check(
        Say(r#"{"type":"disconnect","body":{"id":"a"}}"#),
        &["unsubscribe 0"],
    );
    world.check(Say(r#"{"type":"disconnect","body":{"id":"a"}}"#), &[]);
}

#[test]
fn a_shared_channel_is_joined_once() {
    let mut world = World::native();
    for name in [
        "main",
        "drive",
        "serverStats",
        "queueStats",
        "admin",
        "reversi",
    ] {
        let first = world.connect(&format!(r#""channel":"{name}","id":"{name}""#));
        assert_eq!(first.len(), 1, "{name}");
        let second = world.connect(&format!(r#""channel":"{name}","id":"other","pong":true"#));
        assert!(second.is_empty(), "{name}");
    }
    let again = world.connect(r#""channel":"main","id":"main""#);
    assert_eq!(
        again,
        ["unsubscribe 0", "subscribe 0 main main"],
        "under its own id it is new"
    );
    for id in ["a", "b"] {
        assert_eq!(
            world
                .connect(&format!(r#""channel":"localTimeline","id":"{id}""#))
                .len(),
            1
        );
    }
}

#[test]
fn an_empty_id_is_an_id() {
    let mut world = World::native();
    let came = world.connect(r#""channel":"main","id":"","pong":true"#);
    assert_eq!(
        came,
        [
            "subscribe 0  main",
            r#"{"type":"connected","body":{"id":""}}"#
        ]
    );
}

#[test]
fn commands_wait_for_a_join_in_order() {
    let mut world = World::native();
    let list = r#"{"type":"connect","body":{"channel":"userList","id":"l","params":{"listId":"x"},"pong":true}}"#;
    world.check(Say(list), &["ask 0 List(ListId(x))"]);
    world.check(
        Say(r#"{"type":"ch","body":{"id":"l","type":"read","body":{}}}"#),
        &[],
    );
    world.check(Say(r#"{"type":"s","body":{"id":"n"}}"#), &[]);
    let room =
        r#"{"type":"connect","body":{"channel":"chatRoom","id":"r","params":{"roomId":"m"}}}"#;
    world.check(Say(room), &[]);
    world.check(Say(r#"{"type":"disconnect","body":{"id":"l"}}"#), &[]);
    world.check(Say(r#"{"type":"un","body":{"id":"n"}}"#), &[]);
    world.check(
        Input::Answer(0, owner("u")),
        &[
            "subscribe 0 l userList",
            r#"{"type":"connected","body":{"id":"l"}}"#,
            "operate 0 userList read {}",
            "capture n",
            "ask 1 Room(RoomId(m))",
        ],
    );
    world.check(Input::Answer(0, owner("u")), &[]);
    world.check(
        Input::Answer(1, Answer::InRoom(true)),
        &["subscribe 1 r chatRoom", "unsubscribe 0", "release n"],
    );
}

#[test]
fn what_was_watched_for_a_refused_join_is_given_back() {
    let check = |params: &str, answer: Answer, expected: &[&str]| {
        let mut world = World::native();
        let came = world.connect(params);
        assert_eq!(came.len(), 1, "{params}");
        world.check(Input::Answer(0, answer), expected);
        assert!(world.session.channels.is_empty() && world.session.pending.is_none());
    };
    let list = r#""channel":"userList","id":"l","params":{"listId":"x"},"pong":true"#;
    let antenna = r#""channel":"antenna","id":"l","params":{"antennaId":"x"}"#;
    let role_timeline = r#""channel":"roleTimeline","id":"l","params":{"roleId":"x"}"#;
    let room = r#""channel":"chatRoom","id":"l","params":{"roomId":"x"}"#;
    check(list, owner("other"), &["unwatch List(ListId(x))"]);
    check(list, Answer::Unknown, &[]);
    check(antenna, owner("other"), &["unwatch Antenna(AntennaId(x))"]);
    let closed = RoleRecord {
        explorable: false,
        ..role()
    };
    check(
        role_timeline,
        Answer::Role(closed),
        &["unwatch Role(RoleId(x))"],
    );
    check(room, Answer::InRoom(false), &["unwatch Room(RoomId(x))"]);
}

#[test]
fn an_answer_to_another_question_lets_nobody_in() {
    let mut world = World::native();
    world.connect(r#""channel":"antenna","id":"a","params":{"antennaId":"x"}"#);
    world.check(
        Input::Answer(0, Answer::InRoom(true)),
        &["unwatch Antenna(AntennaId(x))"],
    );
}

#[test]
fn a_socket_is_not_read_while_enough_commands_wait() {
    let limits = Limits {
        pending_commands_max: 3,
        ..Limits::default()
    };
    let mut world = World::new(Some(login(Grant::Native)), limits);
    assert!(world.session.wants_input());
    world.connect(r#""channel":"antenna","id":"a","params":{"antennaId":"x"}"#);
    for wants in [true, true, false] {
        assert!(world.session.wants_input());
        world.check(Say(r#"{"type":"readNotification","body":{}}"#), &[]);
        assert_eq!(world.session.wants_input(), wants);
    }
    let read = "read notifications u";
    world.check(
        Input::Answer(0, owner("u")),
        &["subscribe 0 a antenna", read, read, read],
    );
    assert!(world.session.wants_input());
}

#[test]
fn waiting_commands_are_bounded_in_bytes_too() {
    let mut world = World::native();
    world.connect(r#""channel":"antenna","id":"a","params":{"antennaId":"x"}"#);
    let long = format!(
        r#"{{"type":"ch","body":{{"id":"a","type":"x","body":"{}"}}}}"#,
        "x".repeat(40_000)
    );
    world.check(Say(&long), &[]);
    assert!(world.session.wants_input());
    world.check(Say(&long), &[]);
    assert!(!world.session.wants_input());
}

const LIST: &str = r#""channel":"userList","id":"l","params":{"listId":"x"},"pong":true"#;

#[test]
fn a_question_that_failed_is_asked_again() {
    let mut world = World::native();
    assert_eq!(world.connect(LIST), ["ask 0 List(ListId(x))"]);
    world.check(Say(r#"{"type":"s","body":{"id":"n"}}"#), &[]);
    world.check(Input::Answer(0, Answer::Failed), &["ask 1 List(ListId(x))"]);
    world.check(Input::Answer(0, owner("u")), &[]);
    let connected = r#"{"type":"connected","body":{"id":"l"}}"#;
    world.check(
        Input::Answer(1, owner("u")),
        &["subscribe 0 l userList", connected, "capture n"],
    );
}

#[test]
fn a_question_that_goes_on_to_fail_closes_the_connection() {
    let mut world = World::native();
    assert_eq!(world.connect(LIST), ["ask 0 List(ListId(x))"]);
    world.check(Say(r#"{"type":"s","body":{"id":"n"}}"#), &[]);
    world.check(Input::Answer(0, Answer::Failed), &["ask 1 List(ListId(x))"]);
    world.check(Input::Answer(1, Answer::Failed), &["ask 2 List(ListId(x))"]);
    world.check(Input::Answer(2, Answer::Failed), &["close Restart"]);
    assert!(!world.session.wants_input());
    world.check(Input::Answer(2, owner("u")), &[]);
    world.check(At(900_000), &[]);
}
