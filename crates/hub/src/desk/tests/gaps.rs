//! When messages may have been lost.

use super::*;

/// Answers all questions, users with these records.
fn answer_all(bench: &mut Bench, records: &[ViewerRecord]) {
    while let Some((_, question)) = bench.asks.first() {
        bench.answer(match question {
            Question::Site => Answer::Site(site(VisitorScope::All)),
            Question::Viewers(_) => Answer::Viewers(records.to_vec()),
            other => panic!("not asked for: {other:?}"),
        });
    }
}

#[test]
fn after_a_gap_nothing_is_judged_by_what_was_known_before() {
    let mut bench = Bench::watching(&["a", "b"]);
    bench.message("notesStream", &note("1", "x"));
    bench.desk.handle_gap();
    bench.message("notesStream", &note("2", "x"));
    bench.check(&["ask Site", "ask Viewers a b", "note 1"]);
    bench.internal("mute", json!({"muterId": "a", "muteeId": "y"}));
    bench.watch(user_watch("a"));
    bench.check(&[]);
    let blocked = ViewerRecord {
        blocked_by: vec![user_id("x")],
        ..viewer("a")
    };
    bench.answer(Answer::Site(site(VisitorScope::All)));
    bench.check(&[]);
    bench.answer(Answer::Viewers(vec![blocked, viewer("b")]));
    bench.check(&[
        "viewer a mutes y blocked by x",
        "note 2",
        "2: viewer a mutes y blocked by x",
    ]);
}

#[test]
fn a_gap_that_can_t_be_closed_lets_nothing_through() {
    let mut bench = Bench::watching(&["a"]);
    bench.desk.handle_gap();
    bench.check(&["ask Site", "ask Viewers a"]);
    bench.message("notesStream", &note("1", "x"));
    bench.answer(Answer::Failed);
    bench.answer(Answer::Failed);
    bench.check(&[]);
    bench.pass(RETRY_MS);
    bench.check(&["ask Site", "ask Viewers a"]);
    answer_all(&mut bench, &[viewer("a")]);
    bench.check(&["note 1"]);
}

#[test]
fn too_much_behind_a_gap_is_dropped_and_counted_but_no_change() {
    let mut bench = Bench::with(&Limits {
        held_events_max: 2,
        ..Limits::default()
    });
    bench.watch(user_watch("a"));
    bench.outputs();
    bench.answer(Answer::Viewers(vec![viewer("a")]));
    bench.outputs();
    bench.desk.handle_gap();
    bench.outputs();
    for id in ["1", "2", "3", "4"] {
        bench.message("notesStream", &note(id, "x"));
    }
    bench.internal("follow", json!({"followerId": "a", "followeeId": "x"}));
    bench.internal(
        "userTokenRegenerated",
        json!({"id": "a", "oldToken": "", "newToken": ""}),
    );
    answer_all(&mut bench, &[viewer("a")]);
    bench.check(&["viewer a follows x", "note 1", "note 2"]);
    assert_eq!(bench.desk.take_counts().held_dropped, 2);
    bench.pass(1_000);
    bench.check(&["close a Native TokenRevoked"]);
}

#[test]
fn whoever_is_gone_after_a_gap_is_closed() {
    let mut bench = Bench::watching(&["a", "b"]);
    bench.desk.handle_gap();
    bench.outputs();
    bench.message("notesStream", &note("1", "x"));
    answer_all(&mut bench, &[viewer("b")]);
    bench.check(&["close a All UserDeleted", "note 1"]);
    bench.unwatch(&user_watch("a"));
    bench.unwatch(&user_watch("b"));
    assert!(bench.desk.users.is_empty() && bench.desk.is_fresh());
}

#[test]
fn whoever_leaves_during_a_gap_is_not_waited_for() {
    let mut bench = Bench::watching(&["a"]);
    bench.desk.handle_gap();
    bench.outputs();
    bench.message("notesStream", &note("1", "x"));
    bench.answer(Answer::Site(site(VisitorScope::All)));
    bench.check(&[]);
    bench.unwatch(&user_watch("a"));
    bench.check(&["note 1"]);
}

#[test]
fn lists_roles_and_antennas_are_loaded_again() {
    let mut bench = Bench::new();
    let role = |explorable: bool| {
        Answer::Role(Some(RoleRecord {
            public: true,
            explorable,
        }))
    };
    let list = |members: &[&str]| {
        list_answer(Some(ListRecord {
            owner: user_id("o"),
            members: following(members),
        }))
    };
    bench.watch(Watch::List(list_id("l")));
    bench.watch(Watch::Role(RoleId::parse("r").unwrap()));
    bench.watch(Watch::Antenna(AntennaId::parse("n").unwrap()));
    bench.outputs();
    bench.answer(role(true));
    bench.answer(list(&["x"]));
    bench.answer(antenna_answer(Some("o")));
    bench.outputs();
    bench.desk.handle_gap();
    bench.message("notesStream", &note("1", "x"));
    bench.check(&[
        "ask Role(RoleId(r))",
        "ask Site",
        "ask Lists l",
        "ask AntennaOwners n",
    ]);
    bench.answer(role(false));
    bench.answer(Answer::Site(site(VisitorScope::Local)));
    bench.answer(list(&["y"]));
    bench.check(&[]);
    bench.answer(antenna_answer(None));
    bench.check(&[
        "role r open false",
        "site Local",
        "list l of o: y",
        "note 1",
    ]);
    bench.message(
        "antennaStream:n",
        &json!({"type": "note", "body": {"id": "1"}}),
    );
    bench.check(&[]);
}
