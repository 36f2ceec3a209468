//! Chat rooms, and what is read again for want of events.

use super::*;

fn room_watch() -> Watch {
    Watch::Room(room_id("r"))
}

/// A desk that watches room `r` with these members.
fn in_room(members: &[&str]) -> Bench {
    let mut bench = Bench::new();
    bench.watch(room_watch());
    bench.outputs();
    bench.answer(room_answer(Some(members)));
    bench.outputs();
    bench
}

#[test]
fn whoever_leaves_a_room_is_out_of_it_at_the_next_reading() {
    let mut bench = Bench::new();
    bench.watch(room_watch());
    bench.check(&["ask Rooms r"]);
    bench.answer(room_answer(Some(&["b", "a", "a"])));
    bench.check(&["0: room r: a b"]);
    bench.watch(room_watch());
    bench.check(&["1: room r: a b"]);
    bench.desk.handle_reread();
    bench.check(&["ask Site", "ask Rooms r"]);
    bench.answer(Answer::Site(site(VisitorScope::All)));
    bench.answer(room_answer(Some(&["a", "b"])));
    bench.check(&[]);
    bench.desk.handle_reread();
    bench.outputs();
    bench.asks.remove(0);
    bench.answer(room_answer(Some(&["b", "c"])));
    bench.message("chatRoomStream:r", &json!({"type": "x", "body": 1}));
    bench.check(&[
        "room r: b c",
        r#"topic ChatRoom(RoomId(r)) ,"type":"x","body":1}}"#,
    ]);
    bench.unwatch(&room_watch());
    bench.unwatch(&room_watch());
    assert!(bench.desk.rooms.is_empty());
}

#[test]
fn an_event_says_who_is_in_a_room_from_then_on() {
    let mut bench = in_room(&["a", "b"]);
    let now = |users: &[&str]| json!({"roomId": "r", "userIds": users});
    let said = json!({"type": "x", "body": 1});
    let heard = r#"topic ChatRoom(RoomId(r)) ,"type":"x","body":1}}"#;
    bench.internal("chatRoomUpdated", now(&["c", "b"]));
    bench.message("chatRoomStream:r", &said);
    bench.internal("chatRoomUpdated", now(&["b", "c"]));
    bench.internal("chatRoomUpdated", now(&[]));
    bench.internal(
        "chatRoomUpdated",
        json!({"roomId": "other", "userIds": ["a"]}),
    );
    bench.check(&["room r: b c", heard, "room r"]);
    // What was read before the event is older than it.
    bench.desk.handle_reread();
    bench.outputs();
    bench.internal("chatRoomUpdated", now(&["d"]));
    bench.internal("chatRoomUpdated", now(&["e"]));
    bench.asks.remove(0);
    bench.answer(room_answer(Some(&["a", "b"])));
    bench.check(&["room r: d", "room r: e"]);
    // After a gap nothing goes before the reading, and the event is part of that.
    bench.desk.handle_gap();
    bench.outputs();
    bench.internal("chatRoomUpdated", now(&["f"]));
    bench.message("chatRoomStream:r", &said);
    bench.answer(Answer::Site(site(VisitorScope::All)));
    bench.check(&[]);
    bench.answer(room_answer(Some(&["a"])));
    bench.check(&["room r: f", heard]);
    bench.unwatch(&room_watch());
    assert!(bench.desk.rooms.is_empty());
}

#[test]
fn nobody_is_in_a_deleted_room() {
    let mut bench = in_room(&["a"]);
    bench.desk.handle_reread();
    bench.outputs();
    bench.asks.remove(0);
    bench.answer(room_answer(None));
    bench.check(&["room r"]);
    bench.watch(room_watch());
    bench.check(&["1: room r"]);
}

/// What is known counts until the store answers again.
#[test]
fn a_reading_that_fails_is_tried_again() {
    let mut bench = in_room(&["a"]);
    bench.desk.handle_reread();
    bench.outputs();
    bench.asks.remove(0);
    bench.answer(Answer::Failed);
    bench.check(&[]);
    bench.watch(room_watch());
    bench.check(&["1: room r: a"]);
    bench.pass(RETRY_MS);
    bench.check(&["ask Rooms r"]);
    bench.answer(room_answer(Some(&[])));
    bench.check(&["room r"]);
}

#[test]
fn after_a_gap_no_event_goes_before_the_room_is_known() {
    let mut bench = in_room(&["a", "b"]);
    bench.desk.handle_gap();
    bench.message("chatRoomStream:r", &json!({"type": "x", "body": 1}));
    bench.check(&["ask Site", "ask Rooms r"]);
    bench.answer(Answer::Site(site(VisitorScope::All)));
    bench.check(&[]);
    bench.answer(room_answer(Some(&["b"])));
    bench.check(&[
        "room r: b",
        r#"topic ChatRoom(RoomId(r)) ,"type":"x","body":1}}"#,
    ]);
}

/// Changes without an event are found, each kind in one question; nothing is told twice.
#[test]
fn all_that_is_in_use_is_read_again() {
    let mut bench = Bench::watching(&["a", "b"]);
    bench.watch(Watch::List(list_id("l")));
    bench.watch(Watch::Antenna(AntennaId::parse("n").unwrap()));
    bench.watch(Watch::Role(RoleId::parse("r").unwrap()));
    bench.outputs();
    let list = |members: &[&str]| {
        list_answer(Some(ListRecord {
            owner: user_id("a"),
            members: following(members),
        }))
    };
    let role = Answer::Role(Some(RoleRecord {
        public: true,
        explorable: true,
    }));
    for answer in [role.clone(), list(&["x"]), antenna_answer(Some("a"))] {
        bench.answer(answer);
    }
    bench.outputs();
    bench.desk.handle_reread();
    let asked = [
        "ask Role(RoleId(r))",
        "ask Site",
        "ask Viewers a b",
        "ask Lists l",
        "ask AntennaOwners n",
    ];
    bench.check(&asked);
    // A second one meanwhile asks nothing.
    bench.desk.handle_reread();
    bench.check(&[]);
    let muting = vec![MuteRecord {
        target: user_id("m"),
        expires_at: None,
    }];
    let a = ViewerRecord {
        muting,
        ..viewer("a")
    };
    bench.answer(role);
    bench.answer(Answer::Site(site(VisitorScope::All)));
    bench.answer(Answer::Viewers(vec![a, viewer("b")]));
    bench.answer(list(&["y"]));
    bench.answer(antenna_answer(None));
    bench.check(&["viewer a mutes m", "list l of a: y"]);
    let row = json!({"type": "note", "body": {"id": "1", "userId": "x"}});
    bench.message("antennaStream:n", &row);
    bench.check(&[]);
}
