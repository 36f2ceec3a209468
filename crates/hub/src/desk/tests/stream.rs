//! Events that need nothing.

use super::*;

#[test]
fn what_concerns_nobody_here_goes_nowhere() {
    let mut bench = Bench::watching(&["a"]);
    let event = json!({"type": "x", "body": {"id": "1"}});
    for topic in [
        "mainStream:b",
        "driveStream:b",
        "adminStream:b",
        "reversiStream:b",
        "chatUserStream:b-a",
        "userListStream:l",
        "chatRoomStream:r",
        "roleTimelineStream:r",
        "antennaStream:n",
        "nopeStream:a",
    ] {
        bench.message(topic, &event);
        bench.check(&[]);
    }
    bench.message(
        "roleTimelineStream:r",
        &json!({"type": "note", "body": note("1", "x")}),
    );
    bench.message(
        "antennaStream:n",
        &json!({"type": "note", "body": {"id": "1"}}),
    );
    bench.check(&[]);
}

#[test]
fn topics_go_as_they_come() {
    let mut bench = Bench::watching(&["a"]);
    bench.watch(Watch::List(list_id("l")));
    bench.outputs();
    let record = ListRecord {
        owner: user_id("a"),
        members: Vec::new(),
    };
    bench.answer(list_answer(Some(record)));
    bench.watch(Watch::Room(room_id("r")));
    bench.outputs();
    bench.answer(room_answer(Some(&["a"])));
    bench.outputs();
    let mut check = |topic: &str, expected: &str| {
        bench.message(topic, &json!({"type": "x", "body": {"n": 1}}));
        let rest = r#","type":"x","body":{"n":1}}}"#;
        bench.check(&[&format!("{expected} {rest}")]);
    };
    check("driveStream:a", "topic Drive(UserKey(0))");
    check("adminStream:a", "topic Admin(UserKey(0))");
    check("reversiStream:a", "topic Reversi(UserKey(0))");
    check(
        "chatUserStream:a-b",
        "topic ChatUser { me: UserKey(0), other: UserId(b) }",
    );
    check("chatRoomStream:r", "topic ChatRoom(RoomId(r))");
    check("reversiGameStream:g", "topic ReversiGame(GameId(g))");
    check("userListStream:l", "topic UserList(ListId(l))");
    check("mainStream:a", "main a");
    bench.message("mainStream:a", &json!({"type": "readAllNotifications"}));
    bench.check(&["main a }}"]);
    bench.message("broadcast", &json!({"type": "emojiAdded", "body": {}}));
    bench.check(&[r#"broadcast {"type":"emojiAdded","body":{}}"#]);
    bench.desk.handle_stats(Stats::Queue, "stats", b"{}");
    bench.check(&[r#"stats Queue ,"type":"stats","body":{}}}"#]);
}

#[test]
fn messages_that_make_no_sense_are_counted() {
    let mut bench = Bench::with(&Limits {
        event_bytes_max: 100,
        ..Limits::default()
    });
    let broken = bench
        .desk
        .handle_message("notesStream", &Bytes::from_static(b"{}"), 0);
    assert!(broken.unwrap_err().to_string().contains("notesStream"));
    bench.message("notesStream", &note("n", "x"));
    bench.check(&[]);
    let counts = bench.desk.take_counts();
    assert_eq!((counts.undecodable, counts.oversized), (1, 1));
}

#[test]
fn a_note_of_a_watched_role_goes_on_its_topic() {
    let mut bench = Bench::new();
    bench.watch(Watch::Role(RoleId::parse("r").unwrap()));
    bench.outputs();
    bench.answer(Answer::Role(Some(RoleRecord {
        public: true,
        explorable: true,
    })));
    bench.outputs();
    bench.message(
        "roleTimelineStream:r",
        &json!({"type": "note", "body": note("1", "x")}),
    );
    bench.check(&["role r note 1"]);
}

#[test]
fn an_event_of_a_note_says_who_may_hear_of_it() {
    let mut bench = Bench::new();
    let event = json!({"type": "reacted", "body": {
        "id": "n", "userId": "x", "visibility": "followers", "visibleUserIds": [], "body": {"reaction": "👍"},
    }});
    bench.message("noteStream:n", &event);
    let frame =
        r#"{"type":"noteUpdated","body":{"id":"n","type":"reacted","body":{"reaction":"👍"}}}"#;
    bench.check(&[&format!("captured n of x Followers false {frame}")]);
}
