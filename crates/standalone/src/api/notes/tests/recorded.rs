//! The situations of the recording, and the events that a real server published for them, in
//! their order. Role timelines aren't part of this server.

use serde_json::{Value, json};

use super::Stage;

/// A situation: who posts what, and what is heard of it. `$name` is the id of an earlier note.
struct Case {
    steps: &'static str,
    who: &'static str,
    body: Value,
    heard: &'static [&'static str],
    name: &'static str,
}

fn case(
    steps: &'static str,
    who: &'static str,
    name: &'static str,
    body: Value,
    heard: &'static [&'static str],
) -> Case {
    Case {
        steps,
        who,
        body,
        heard,
        name,
    }
}

const NOTE: &str = "notesStream";

fn plain() -> Vec<Case> {
    vec![
        case("61", "bob", "bob", json!({ "text": "bob public" }), &[NOTE]),
        case(
            "62",
            "bob",
            "home",
            json!({ "text": "h", "visibility": "home" }),
            &[NOTE],
        ),
        case(
            "63",
            "bob",
            "private",
            json!({ "text": "f", "visibility": "followers" }),
            &[NOTE],
        ),
        case(
            "64",
            "bob",
            "direct",
            json!({ "text": "s", "visibility": "specified", "visibleUserIds": ["@alice"] }),
            &[NOTE, "alice: mention", "alice: notification mention"],
        ),
        case(
            "65",
            "bob",
            "",
            json!({ "text": "s", "visibility": "specified", "visibleUserIds": [] }),
            &[NOTE],
        ),
        case("66", "eve", "eve", json!({ "text": "eve public" }), &[NOTE]),
        case(
            "70",
            "alice",
            "alice",
            json!({ "text": "alice public" }),
            &[NOTE],
        ),
        case(
            "78",
            "bob",
            "",
            json!({ "text": "unicode tag #ＴａｇＯｎｅ" }),
            &[NOTE],
        ),
        case(
            "82",
            "bob",
            "",
            json!({ "text": "mention @alice and @carol hello" }),
            &[
                NOTE,
                "alice: mention",
                "carol: mention",
                "alice: notification mention",
                "carol: notification mention",
            ],
        ),
        case(
            "83",
            "eve",
            "",
            json!({ "text": "mention @alice from eve", "visibility": "followers" }),
            &[NOTE, "alice: mention", "alice: notification mention"],
        ),
    ]
}

fn replies() -> Vec<Case> {
    vec![
        case(
            "88",
            "bob",
            "reply",
            json!({ "text": "bob replies to alice", "replyId": "$alice" }),
            &[
                NOTE,
                "alice: mention",
                "alice: reply",
                "alice: notification reply",
            ],
        ),
        case(
            "90, 98",
            "bob",
            "",
            json!({ "text": "bob self-reply", "replyId": "$bob" }),
            &[NOTE, "bob: reply"],
        ),
        case(
            "94",
            "carol",
            "",
            json!({ "text": "c", "replyId": "$private", "visibility": "followers" }),
            &[
                NOTE,
                "bob: mention",
                "bob: reply",
                "bob: notification reply",
            ],
        ),
        case(
            "97",
            "alice",
            "",
            json!({
                "text": "s", "replyId": "$direct", "visibility": "specified",
                "visibleUserIds": ["@bob"],
            }),
            &[
                NOTE,
                "bob: mention",
                "bob: reply",
                "bob: notification reply",
            ],
        ),
    ]
}

fn renotes() -> Vec<Case> {
    vec![
        case(
            "101",
            "bob",
            "",
            json!({ "renoteId": "$eve" }),
            &[NOTE, "eve: renote", "eve: notification renote"],
        ),
        case(
            "102",
            "bob",
            "",
            json!({ "renoteId": "$eve", "text": "bob quotes eve" }),
            &[NOTE, "eve: renote", "eve: notification quote"],
        ),
        case(
            "105",
            "bob",
            "",
            json!({ "renoteId": "$home", "visibility": "home" }),
            &[NOTE],
        ),
        case(
            "106",
            "bob",
            "",
            json!({ "renoteId": "$private", "visibility": "followers" }),
            &[NOTE],
        ),
        case(
            "112",
            "bob",
            "",
            json!({ "replyId": "$alice", "renoteId": "$eve", "text": "reply + quote" }),
            &[
                NOTE,
                "alice: mention",
                "alice: reply",
                "eve: renote",
                "alice: notification reply",
                "eve: notification quote",
            ],
        ),
        case(
            "113",
            "bob",
            "",
            json!({ "renoteId": "$eve", "poll": { "choices": ["a", "b"] } }),
            &[NOTE, "eve: renote", "eve: notification quote"],
        ),
        case(
            "115",
            "bob",
            "",
            json!({ "text": "p", "poll": { "choices": ["x", "y"] } }),
            &[NOTE],
        ),
    ]
}

/// Puts ids in the place of `@person` and `$note`.
fn fill(value: &mut Value, stage: &Stage, notes: &[(&str, String)]) {
    match value {
        Value::String(text) => {
            if let Some(acct) = text.strip_prefix('@').filter(|acct| !acct.contains(' ')) {
                *text = stage.id(acct).to_owned();
            } else if let Some(name) = text.strip_prefix('$') {
                let note = notes.iter().find(|(known, _)| *known == name);
                *text = note.unwrap().1.clone();
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|item| fill(item, stage, notes)),
        Value::Object(object) => object
            .values_mut()
            .for_each(|item| fill(item, stage, notes)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[tokio::test]
async fn the_events_of_a_note_are_the_recorded_ones() {
    let mut stage = Stage::new(&["alice", "bob", "carol", "eve"]).await;
    stage.follow("carol", "bob").await;
    let mut notes: Vec<(&str, String)> = Vec::new();
    for mut case in plain().into_iter().chain(replies()).chain(renotes()) {
        fill(&mut case.body, &stage, &notes);
        let id = stage.note(case.who, case.body).await;
        notes.push((case.name, id));
        assert_eq!(stage.heard(), case.heard, "step {}", case.steps);
    }
}

#[tokio::test]
async fn counts_in_events_are_from_before_the_note_and_in_notifications_from_after_it() {
    let mut stage = Stage::new(&["alice", "bob"]).await;
    let root = stage.note("alice", json!({ "text": "root" })).await;
    stage.world.events();
    let body = json!({ "text": "@alice", "replyId": root, "renoteId": root });
    let answer = stage.ok("bob", "notes/create", body).await;
    assert_eq!(answer["createdNote"]["reply"]["repliesCount"], 0);
    let events = stage.world.events();
    let counts: Vec<(&Value, &Value)> = events
        .iter()
        .map(|(_, event)| {
            let note = event.get("body").unwrap_or(event);
            let note = note.get("note").unwrap_or(note);
            (
                &note["reply"]["repliesCount"],
                &note["renote"]["renoteCount"],
            )
        })
        .collect();
    let (before, after) = ((&json!(0), &json!(0)), (&json!(1), &json!(1)));
    // The note stream, `mention`, `reply`, `renote`, and one notification: the last reason.
    assert_eq!(counts, [before, before, before, before, after]);
    assert_eq!(events[4].1["body"]["type"], "quote");
}

#[tokio::test]
async fn mention_is_packed_for_its_user_and_reply_as_on_the_note_stream() {
    let mut stage = Stage::new(&["alice", "bob"]).await;
    let root = stage.note("alice", json!({ "text": "root" })).await;
    stage.world.events();
    stage
        .note("bob", json!({ "text": "b", "replyId": root }))
        .await;
    let events = stage.world.events();
    let [(_, note), (_, mention), (_, reply), (_, notification)] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!(&reply["body"], note);
    assert!(note.get("reactionAndUserPairCache").is_some());
    assert!(mention["body"].get("reactionAndUserPairCache").is_none());
    assert_eq!(
        crate::testing::keys(&notification["body"]),
        ["id", "createdAt", "type", "userId", "user", "note"]
    );
}

#[tokio::test]
async fn a_muted_user_is_heard_but_causes_no_notification() {
    let mut stage = Stage::new(&["alice", "bob", "far@remote.example"]).await;
    let root = stage.note("alice", json!({ "text": "root" })).await;
    stage
        .world
        .sql(
            "INSERT INTO renote_mute SELECT 'r', a.id, b.id FROM user a, user b
                     WHERE a.username = 'alice' AND b.username = 'bob'",
        )
        .await;
    stage.world.events();
    // Step 175: a mute of renotes is no mute of their notifications.
    stage.note("bob", json!({ "renoteId": root })).await;
    assert_eq!(
        stage.heard(),
        ["notesStream", "alice: renote", "alice: notification renote"]
    );
    stage
        .sql(
            "INSERT INTO mute VALUES ('m', ?1, ?2, NULL)",
            &["@alice", "@bob"],
        )
        .await;
    let instance = "UPDATE user SET muted_instances = '[\"Remote.example\"]' WHERE id = ?1";
    stage.sql(instance, &["@alice"]).await;
    for who in ["bob", "far@remote.example"] {
        // Steps 166, 167 and 171.
        stage.note(who, json!({ "text": "@alice" })).await;
        assert_eq!(stage.heard(), ["notesStream", "alice: mention"], "{who}");
        stage
            .note(who, json!({ "text": "r", "replyId": root }))
            .await;
        assert_eq!(
            stage.heard(),
            ["notesStream", "alice: mention", "alice: reply"],
            "{who}"
        );
        let body = json!({ "noteId": root, "reaction": "👎" });
        stage.ok(who, "notes/reactions/create", body).await;
        assert_eq!(stage.heard(), ["noteStream reacted"], "{who}");
    }
}

#[tokio::test]
async fn antennas_hear_first_and_subscribers_last() {
    let mut stage = Stage::new(&["alice", "bob", "carol"]).await;
    for who in ["alice", "carol"] {
        stage.follow(who, "bob").await;
    }
    stage.world.sql("UPDATE follow SET notify = 'normal'").await;
    let antenna = "INSERT INTO antenna (id, user_id, name, src, users, keywords, exclude_keywords,
                       with_replies, last_used_at)
                   VALUES ('an', ?1, 'a', 'all', '[]', '[[\"word\"]]', '[]', 1, 1795462686720)";
    stage.sql(antenna, &["@carol"]).await;
    let root = stage.note("bob", json!({ "text": "word @alice" })).await;
    assert_eq!(
        stage.heard(),
        [
            "antennaStream note",
            "notesStream",
            "alice: mention",
            "alice: notification mention",
            "carol: notification note",
        ]
    );
    // Neither replies nor direct notes are what subscribers asked for.
    stage
        .note("bob", json!({ "text": "d", "visibility": "specified" }))
        .await;
    stage
        .note("bob", json!({ "text": "r", "replyId": root }))
        .await;
    assert_eq!(stage.heard(), ["notesStream", "notesStream", "bob: reply"]);
}
