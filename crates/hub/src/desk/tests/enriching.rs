//! Events that wait for an answer, and the order around them.

use super::*;

#[test]
fn an_event_that_waits_holds_back_those_behind_it() {
    let mut bench = Bench::watching(&["a", "b"]);
    bench.message("notesStream", &renote("1", 20, &["a/👍"]));
    bench.message("notesStream", &note("2", "x"));
    bench.internal("follow", json!({"followerId": "a", "followeeId": "x"}));
    bench.watch(user_watch("b"));
    bench.check(&["ask MyReactions shown a b"]);
    let found = vec![
        (user_id("b"), "❤".to_owned()),
        (user_id("a"), "👍".to_owned()),
    ];
    bench.answer(Answer::MyReactions(found));
    bench.check(&[
        "note 1 0:👍 1:❤",
        "note 2",
        "viewer a follows x",
        "2: viewer b",
    ]);
}

#[test]
fn nothing_is_asked_that_the_note_says() {
    let mut bench = Bench::watching(&["a"]);
    bench.message("notesStream", &renote("1", 2, &["a/:a:", "x/👍"]));
    bench.message("notesStream", &renote("2", 0, &[]));
    let mut quote = renote("3", 20, &[]);
    quote["text"] = json!("look");
    bench.message("notesStream", &quote);
    bench.check(&["note 1 0::a@.:", "note 2", "note 3"]);
    bench.unwatch(&user_watch("a"));
    bench.message("notesStream", &renote("4", 20, &[]));
    bench.check(&["note 4"]);
}

#[test]
fn what_is_not_answered_in_time_goes_without_or_not_at_all() {
    let mut bench = Bench::watching(&["a"]);
    bench.message("notesStream", &renote("1", 20, &["a/👍"]));
    let hidden = json!({"id": "m", "userId": "x", "isHidden": true});
    bench.message("mainStream:a", &json!({"type": "mention", "body": hidden}));
    bench.message("notesStream", &note("2", "x"));
    bench.check(&["ask MyReactions shown a", "ask PackNote m a"]);
    assert_eq!(bench.desk.held(), 3);
    assert_eq!(bench.desk.poll_timeout(), Some(START_MS + HOLD_MS));
    bench.pass(HOLD_MS);
    bench.check(&["note 1 0:👍", "note 2"]);
    let counts = bench.desk.take_counts();
    assert_eq!((counts.given_up, counts.failed), (1, 2));
    bench.answer(Answer::MyReactions(Vec::new()));
    bench.check(&[]);
}

#[test]
fn hidden_notes_are_packed_for_their_receiver() {
    let mut bench = Bench::watching(&["a"]);
    let packed = || Answer::PackNote(Some(Bytes::from_static(br#"{"id":"m","text":"T"}"#)));
    let hidden = json!({"id": "m", "userId": "x", "text": null, "isHidden": true});
    bench.message("mainStream:a", &json!({"type": "mention", "body": hidden}));
    let notification = json!({"id": "1", "userId": "x", "note": hidden, "type": "mention"});
    bench.message(
        "mainStream:a",
        &json!({"type": "notification", "body": notification}),
    );
    bench.message("mainStream:a", &json!({"type": "reply", "body": hidden}));
    bench.check(&["ask PackNote m a", "ask PackNote m a"]);
    bench.answer(packed());
    bench.check(&[r#"main a ,"type":"mention","body":{"id":"m","text":"T"}}}"#]);
    bench.answer(packed());
    let lines = bench.outputs();
    let body: Value = serde_json::from_str(&format!(
        "{{{}",
        &lines[0]["main a ,".len()..lines[0].len() - 1]
    ))
    .unwrap();
    assert_eq!(body["body"]["note"], json!({"id": "m", "text": "T"}));
    assert_eq!(body["body"]["type"], "mention");
    assert_eq!(lines.len(), 2);
    bench.message("mainStream:a", &json!({"type": "mention", "body": hidden}));
    bench.check(&["ask PackNote m a"]);
    bench.answer(Answer::PackNote(None));
    bench.check(&[]);
    assert_eq!(bench.desk.take_counts().given_up, 1);
}

#[test]
fn an_event_that_is_packed_holds_back_its_own_channel_alone() {
    let mut bench = Bench::watching(&["a", "b"]);
    let packed = || Answer::PackNote(Some(Bytes::from_static(br#"{"id":"m"}"#)));
    let hidden = json!({"id": "m", "userId": "x", "isHidden": true});
    let mention = json!({"type": "mention", "body": hidden});
    let read = json!({"type": "readAllNotifications", "body": null});
    bench.message("mainStream:a", &mention);
    bench.message("mainStream:a", &read);
    bench.message("mainStream:a", &mention);
    bench.message("mainStream:a", &read);
    bench.message("mainStream:b", &read);
    bench.message("notesStream", &note("1", "x"));
    let told =
        |user: &str| format!(r#"main {user} ,"type":"readAllNotifications","body":null}}}}"#);
    let shown = r#"main a ,"type":"mention","body":{"id":"m"}}}"#;
    bench.check(&["ask PackNote m a", "ask PackNote m a", &told("b"), "note 1"]);
    // The second is answered first.
    let (ask, _) = bench.asks.remove(1);
    bench.desk.handle_answer(ask, packed(), bench.now_ms);
    bench.check(&[]);
    assert_eq!(bench.desk.held(), 4);
    bench.answer(packed());
    bench.check(&[shown, &told("a"), shown, &told("a")]);
    assert_eq!(bench.desk.held(), 0);
    bench.message("mainStream:a", &read);
    bench.check(&[&told("a")]);
}

#[test]
fn where_too_many_wait_to_be_packed_the_first_is_given_up() {
    let mut bench = Bench::with(&Limits {
        held_events_max: 3,
        ..Limits::default()
    });
    bench.watch(user_watch("a"));
    bench.outputs();
    bench.answer(Answer::Viewers(vec![viewer("a")]));
    bench.outputs();
    let hidden =
        |id: &str| json!({"type": "mention", "body": {"id": id, "userId": "x", "isHidden": true}});
    for id in ["1", "2", "3", "4", "5"] {
        bench.message("mainStream:a", &hidden(id));
    }
    bench.outputs();
    assert_eq!(bench.desk.held(), 3);
    assert_eq!(bench.desk.take_counts().given_up, 2);
    // An answer that comes too late is no other event's.
    let note = |id: &str| Answer::PackNote(Some(json!({"id": id}).to_string().into()));
    for id in ["1", "2", "3", "4", "5"] {
        bench.answer(note(id));
    }
    let shown = |id: &str| format!(r#"main a ,"type":"mention","body":{{"id":"{id}"}}}}}}"#);
    bench.check(&[&shown("3"), &shown("4"), &shown("5")]);
    assert_eq!(bench.desk.held(), 0);
}

#[test]
fn notes_of_an_antenna_are_packed_for_its_owner() {
    let mut bench = Bench::new();
    let antenna = AntennaId::parse("n").unwrap();
    bench.watch(Watch::Antenna(antenna.clone()));
    bench.check(&["ask AntennaOwners n"]);
    bench.answer(antenna_answer(Some("o")));
    bench.check(&["0: Antenna(UserId(o))"]);
    let row = json!({"type": "note", "body": {"id": "1", "userId": "x", "text": "row"}});
    bench.message("antennaStream:n", &row);
    bench.check(&["ask PackNote 1 o"]);
    bench.answer(Answer::PackNote(Some(note("1", "x").to_string().into())));
    bench.check(&["antenna n note 1"]);
    bench.internal("antennaDeleted", json!({"id": "n"}));
    bench.message("antennaStream:n", &row);
    bench.check(&[]);
    bench.unwatch(&Watch::Antenna(antenna));
    assert!(bench.desk.antennas.is_empty());
}

#[test]
fn an_older_server_is_asked_once_who_may_hear_of_a_note() {
    let mut bench = Bench::new();
    let event = |kind: &str| json!({"type": kind, "body": {"id": "n", "body": {}}});
    bench.message("noteStream:n", &event("reacted"));
    bench.message("noteStream:n", &event("unreacted"));
    bench.check(&["ask Audience(NoteId(n))"]);
    let record = AudienceRecord {
        author: user_id("x"),
        local: true,
        visibility: "specified".to_owned(),
        visible_users: vec![user_id("a")],
    };
    bench.answer(Answer::Audience(Some(record)));
    let told = |kind: &str| {
        let frame =
            format!(r#"{{"type":"noteUpdated","body":{{"id":"n","type":"{kind}","body":{{}}}}}}"#);
        format!("captured n of x Specified true {frame}")
    };
    bench.check(&[&told("reacted"), &told("unreacted")]);
    bench.message("noteStream:n", &event("deleted"));
    bench.check(&[&told("deleted")]);
    bench.message("noteStream:n", &event("reacted"));
    bench.check(&["ask Audience(NoteId(n))"]);
    bench.answer(Answer::Failed);
    bench.check(&[]);
    bench.message("noteStream:n", &event("reacted"));
    bench.check(&["ask Audience(NoteId(n))"]);
    bench.answer(Answer::Audience(None));
    bench.message("noteStream:n", &event("reacted"));
    bench.check(&[]);
}

#[test]
fn where_visitors_see_local_notes_the_origin_is_looked_up() {
    let mut bench = Bench::new();
    bench.internal("metaUpdated", json!({}));
    bench.outputs();
    bench.answer(Answer::Site(site(VisitorScope::Local)));
    bench.outputs();
    let mut event = json!({"type": "reacted", "body": {
        "id": "n", "userId": "x", "visibility": "public", "visibleUserIds": [], "body": {},
    }});
    bench.message("noteStream:n", &event);
    bench.check(&["ask Audience(NoteId(n))"]);
    bench.answer(Answer::Failed);
    let lines = bench.outputs();
    assert!(
        lines[0].starts_with("captured n of x Public false"),
        "{lines:?}"
    );
    for (host, local) in [(json!(null), true), (json!("far.example"), false)] {
        event["body"]["userHost"] = host;
        bench.message("noteStream:n", &event);
        let lines = bench.outputs();
        let told = format!("captured n of x Public {local}");
        assert!(lines[0].starts_with(&told), "{lines:?}");
    }
}

#[test]
fn where_too_many_wait_the_first_goes_without() {
    let mut bench = Bench::with(&Limits {
        held_events_max: 3,
        ..Limits::default()
    });
    bench.watch(user_watch("a"));
    bench.outputs();
    bench.answer(Answer::Viewers(vec![viewer("a")]));
    bench.outputs();
    for id in ["1", "2", "3"] {
        bench.message("notesStream", &renote(id, 20, &[]));
    }
    let asks = bench.outputs();
    assert_eq!(asks, ["ask MyReactions shown a"]);
    bench.message("notesStream", &note("4", "x"));
    bench.check(&["note 1"]);
    bench.message("notesStream", &note("5", "x"));
    bench.check(&["note 2"]);
    assert_eq!(bench.desk.held(), 3);
}
