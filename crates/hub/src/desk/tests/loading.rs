//! Watching: loads, changes on top of them, failures.

use super::*;

#[test]
fn one_load_serves_all_who_wait() {
    let mut bench = Bench::new();
    for user in ["a", "b", "a"] {
        bench.watch(user_watch(user));
    }
    bench.check(&["ask Viewers a b"]);
    bench.watch(user_watch("a"));
    bench.check(&[]);
    let a = ViewerRecord {
        following: following(&["x", "y"]),
        ..viewer("a")
    };
    bench.answer(Answer::Viewers(vec![viewer("b"), a]));
    bench.check(&[
        "0: viewer a follows x y",
        "2: viewer a follows x y",
        "3: viewer a follows x y",
        "1: viewer b",
    ]);
    bench.watch(user_watch("a"));
    bench.check(&["4: viewer a follows x y"]);
    for _ in 0..4 {
        bench.unwatch(&user_watch("a"));
    }
    bench.watch(user_watch("a"));
    bench.check(&["ask Viewers a"]);
}

#[test]
fn changes_seen_while_loading_are_applied_on_top() {
    let mut bench = Bench::new();
    bench.watch(user_watch("a"));
    bench.check(&["ask Viewers a"]);
    bench.internal(
        "follow",
        json!({"followerId": "a", "followeeId": "x", "withReplies": true}),
    );
    bench.internal("unfollow", json!({"followerId": "a", "followeeId": "y"}));
    bench.internal(
        "mute",
        json!({"muterId": "a", "muteeId": "m", "expiresAt": START_MS + 5}),
    );
    bench.internal(
        "blockingCreated",
        json!({"blockerId": "z", "blockeeId": "a"}),
    );
    bench.internal("follow", json!({"followerId": "b", "followeeId": "x"}));
    bench.check(&[]);
    let read = ViewerRecord {
        following: following(&["w", "y"]),
        ..viewer("a")
    };
    bench.answer(Answer::Viewers(vec![read]));
    bench.check(&["0: viewer a follows w x+ mutes m blocked by z"]);
    bench.pass(5);
    bench.check(&["viewer a follows w x+ blocked by z"]);
}

/// Its end was not waited for: until the answer there was nobody to wait for it.
#[test]
fn a_mute_that_ends_while_its_user_loads_is_over() {
    let mut bench = Bench::new();
    bench.watch(user_watch("a"));
    bench.check(&["ask Viewers a"]);
    bench.internal(
        "mute",
        json!({"muterId": "a", "muteeId": "m", "expiresAt": START_MS + 5}),
    );
    bench.pass(5);
    bench.answer(Answer::Viewers(vec![viewer("a")]));
    bench.check(&["0: viewer a"]);
}

#[test]
fn nobody_and_nothing() {
    let mut bench = Bench::new();
    let watches = [
        user_watch("a"),
        Watch::List(list_id("l")),
        Watch::Antenna(AntennaId::parse("n").unwrap()),
        Watch::Role(RoleId::parse("r").unwrap()),
        Watch::Room(room_id("r")),
    ];
    let nothing = || {
        [
            Answer::Role(None),
            Answer::Viewers(Vec::new()),
            list_answer(None),
            antenna_answer(None),
            room_answer(None),
        ]
    };
    for round in 0..2 {
        watches
            .clone()
            .into_iter()
            .for_each(|watch| bench.watch(watch));
        bench.outputs();
        for answer in nothing() {
            bench.answer(if round == 0 { answer } else { Answer::Failed });
        }
        let said = if round == 0 { "Nothing" } else { "Failed" };
        let ticket = |at: u64| format!("{}: {said}", round * 5 + at);
        assert_eq!(bench.outputs(), [3, 0, 1, 2, 4].map(ticket));
        assert_eq!(
            bench.desk.poll_timeout(),
            None,
            "nobody is left to try again for"
        );
    }
    assert!(bench.desk.users.is_empty() && bench.desk.lists.is_empty());
    assert!(bench.desk.antennas.is_empty() && bench.desk.roles.is_empty());
    assert!(bench.desk.rooms.is_empty());
}

#[test]
fn a_reload_that_fails_is_tried_again() {
    let mut bench = Bench::watching(&["a"]);
    bench.internal("userRoleAssigned", json!({"userId": "a", "roleId": "r"}));
    bench.check(&["ask Viewers a"]);
    bench.answer(Answer::Failed);
    bench.check(&[]);
    bench.pass(999);
    bench.check(&[]);
    bench.pass(1);
    bench.check(&["ask Viewers a"]);
    let promoted = ViewerRecord {
        moderator: true,
        ..viewer("a")
    };
    bench.answer(Answer::Viewers(vec![promoted]));
    bench.check(&["viewer a"]);
    assert_eq!(bench.desk.take_counts().failed, 1);
}

#[test]
fn roles_and_policies_load_everyone_again_once_at_a_time() {
    let mut bench = Bench::watching(&["a", "b"]);
    for kind in ["roleCreated", "roleUpdated", "roleDeleted"] {
        bench.internal(kind, json!({"id": "r"}));
        bench.internal("policiesUpdated", json!({}));
    }
    bench.check(&["ask Site", "ask Viewers a b"]);
    bench.internal("roleDeleted", json!({"id": "r"}));
    bench.check(&[]);
    bench.asks.remove(0);
    bench.answer(Answer::Viewers(vec![viewer("a"), viewer("b")]));
    bench.check(&["ask Viewers a b"]);
}

#[test]
fn many_users_are_asked_for_in_parts() {
    let mut bench = Bench::new();
    for user in 0..USERS_PER_QUESTION + 1 {
        bench.watch(user_watch(&format!("u{user}")));
    }
    assert_eq!(bench.outputs().len(), 2);
}

#[test]
fn an_answer_counts_once_and_only_the_latest() {
    let mut bench = Bench::new();
    bench.watch(user_watch("a"));
    bench.check(&["ask Viewers a"]);
    let (first, _) = bench.asks.remove(0);
    bench.desk.handle_gap();
    bench.outputs();
    let stale = ViewerRecord {
        following: following(&["x"]),
        ..viewer("a")
    };
    bench
        .desk
        .handle_answer(first, Answer::Viewers(vec![stale]), bench.now_ms);
    bench.desk.check_invariants();
    bench.check(&[]);
    let users = bench
        .asks
        .iter()
        .position(|(_, question)| matches!(question, Question::Viewers(_)));
    let (second, _) = bench.asks.remove(users.unwrap());
    bench.answer(Answer::Site(site(VisitorScope::All)));
    for _ in 0..2 {
        bench
            .desk
            .handle_answer(second, Answer::Viewers(vec![viewer("a")]), bench.now_ms);
    }
    bench.check(&["0: viewer a"]);
}

#[test]
fn records_may_name_someone_twice() {
    let mut bench = Bench::new();
    bench.watch(user_watch("a"));
    bench.outputs();
    let twice = ViewerRecord {
        following: following(&["x", "x", "a"]),
        blocked_by: vec![user_id("x"), user_id("x")],
        following_channels: vec![ChannelId::parse("c").unwrap(); 2],
        ..viewer("a")
    };
    bench.answer(Answer::Viewers(vec![twice]));
    bench.check(&["0: viewer a follows a x blocked by x channels 1"]);
    bench.unwatch(&user_watch("a"));
}

#[test]
fn mutes_of_a_record_that_are_over_don_t_count() {
    let mut bench = Bench::new();
    bench.watch(user_watch("a"));
    bench.outputs();
    let until = |ms: u64| Some(std::time::UNIX_EPOCH + std::time::Duration::from_millis(ms));
    let mute = |id: &str, expires_at| MuteRecord {
        target: user_id(id),
        expires_at,
    };
    let record = ViewerRecord {
        muting: vec![
            mute("over", until(START_MS)),
            mute("soon", until(START_MS + 1)),
            mute("never", None),
        ],
        muting_channels: vec![MuteRecord {
            target: ChannelId::parse("c").unwrap(),
            expires_at: until(START_MS + 1),
        }],
        ..viewer("a")
    };
    bench.answer(Answer::Viewers(vec![record]));
    bench.check(&["0: viewer a mutes never soon muted channels 1"]);
    assert_eq!(bench.desk.poll_timeout(), Some(START_MS + 1));
    bench.pass(1);
    bench.check(&["viewer a mutes never"]);
    assert_eq!(bench.desk.poll_timeout(), None);
}
