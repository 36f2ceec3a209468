use serde_json::{Value, json};

use super::Stage;

/// What is wrong with the note itself.
fn wrong_notes() -> Vec<(Value, &'static str)> {
    let ids: Vec<String> = (0..17).map(|n| format!("f{n}")).collect();
    let at = |field: &str, body: Value| (body, format!("#/properties/{field}").leak() as &str);
    vec![
        (json!({}), "#/then/required"),
        (json!({ "text": null }), "#/then/required"),
        (json!({ "text": " \n　" }), "#/then/properties/text/pattern"),
        at("text/minLength", json!({ "text": "" })),
        at("text/maxLength", json!({ "text": "a".repeat(3001) })),
        at(
            "cw/maxLength",
            json!({ "text": "a", "cw": "a".repeat(101) }),
        ),
        at("text/type", json!({ "text": 1 })),
        at(
            "visibility/enum",
            json!({ "text": "a", "visibility": "all" }),
        ),
        at("fileIds/minItems", json!({ "text": "a", "fileIds": [] })),
        at("fileIds/maxItems", json!({ "text": "a", "fileIds": ids })),
        at(
            "fileIds/uniqueItems",
            json!({ "text": "a", "fileIds": ["a", "a"] }),
        ),
    ]
}

/// What is wrong with its poll.
fn wrong_polls() -> Vec<(Value, &'static str)> {
    let eleven: Vec<String> = (0..11).map(|n| n.to_string()).collect();
    let poll = |field: &str, poll: Value| {
        let param = format!("#/properties/poll/{field}");
        (json!({ "text": "p", "poll": poll }), param.leak() as &str)
    };
    let two = json!(["a", "b"]);
    vec![
        poll("required", json!({})),
        poll("properties/choices/minItems", json!({ "choices": ["a"] })),
        poll("properties/choices/maxItems", json!({ "choices": eleven })),
        poll(
            "properties/choices/uniqueItems",
            json!({ "choices": ["a", "a"] }),
        ),
        poll(
            "properties/choices/items/minLength",
            json!({ "choices": ["a", ""] }),
        ),
        poll(
            "properties/expiredAfter/minimum",
            json!({ "choices": two, "expiredAfter": 0 }),
        ),
        poll(
            "properties/expiresAt/maximum",
            json!({ "choices": two, "expiresAt": 1e300 }),
        ),
        (
            json!({ "text": "p", "poll": { "choices": two, "expiresAt": 1000 } }),
            "CANNOT_CREATE_ALREADY_EXPIRED_POLL",
        ),
    ]
}

#[tokio::test]
async fn a_note_that_is_wrong_gets_misskeys_error() {
    let stage = Stage::new(&["alice", "bob"]).await;
    let renote = stage.note("alice", json!({ "text": "a" })).await;
    let renote = stage.note("alice", json!({ "renoteId": renote })).await;
    make_far_people(&stage).await;
    let many: String = (0..21).map(|n| format!("@u{n}@far.example ")).collect();
    let around = [
        (json!({ "fileIds": ["none"] }), "NO_SUCH_FILE"),
        (json!({ "mediaIds": ["none"] }), "NO_SUCH_FILE"),
        (
            json!({ "text": "a", "channelId": "none" }),
            "NO_SUCH_CHANNEL",
        ),
        (
            json!({ "text": "a", "replyId": "none" }),
            "NO_SUCH_REPLY_TARGET",
        ),
        (
            json!({ "text": "a", "replyId": renote }),
            "CANNOT_REPLY_TO_A_PURE_RENOTE",
        ),
        (json!({ "renoteId": "none" }), "NO_SUCH_RENOTE_TARGET"),
        (
            json!({ "renoteId": renote }),
            "CANNOT_RENOTE_TO_A_PURE_RENOTE",
        ),
        (json!({ "text": many }), "CONTAINS_TOO_MANY_MENTIONS"),
    ];
    let wrong = wrong_notes().into_iter().chain(wrong_polls());
    for (body, error) in wrong.chain(around) {
        let answer = stage.refused("bob", "notes/create", body.clone()).await;
        assert_eq!(answer, error, "{body}");
    }
    assert_eq!(stage.ok("bob", "i", json!({})).await["notesCount"], 0);
}

async fn make_far_people(stage: &Stage) {
    for n in 0..21 {
        let sql = "INSERT INTO user (id, username, username_lower, host)
                   VALUES (?1, ?1, ?1, 'far.example')";
        stage.sql(sql, &[&format!("u{n}")]).await;
    }
}

#[tokio::test]
async fn a_note_keeps_what_it_names() {
    let stage = Stage::new(&["Alice", "bob", "carol@far.example"]).await;
    let text = "  @aLICE @bob@EXAMPLE.com @carol@Far.example @nobody #Tag #ＴＡＧ #b :blob:\n";
    let body = json!({ "text": text, "cw": "@bob #cw", "poll": { "choices": ["#p", "@bob"] } });
    let note = stage.ok("bob", "notes/create", body.clone()).await["createdNote"].clone();
    assert_eq!(note["text"], text.trim());
    let named = [
        stage.id("Alice"),
        stage.id("bob"),
        stage.id("carol@far.example"),
    ];
    assert_eq!(note["mentions"], json!(named));
    assert_eq!(note["tags"], json!(["tag", "b", "cw", "p"]));
    let mut left_alone = body;
    for key in ["noExtractMentions", "noExtractHashtags", "noExtractEmojis"] {
        left_alone[key] = true.into();
    }
    let note = stage.ok("bob", "notes/create", left_alone).await["createdNote"].clone();
    assert_eq!((note.get("mentions"), note.get("tags")), (None, None));
}

#[tokio::test]
async fn files_are_the_authors_own_and_keep_their_order() {
    let stage = Stage::new(&["alice", "bob"]).await;
    let file = "INSERT INTO drive_file (id, user_id, blob, name, type, md5, size)
                VALUES (?1, ?2, ?1, ?1, 'image/png', ?1, 1)";
    for (id, owner) in [("f1", "@alice"), ("f2", "@alice"), ("f3", "@bob")] {
        stage.sql(file, &[id, owner]).await;
    }
    let body = json!({ "text": " ", "fileIds": ["f2", "f1"] });
    let note = stage.ok("alice", "notes/create", body).await["createdNote"].clone();
    assert_eq!(note["text"], Value::Null);
    assert_eq!(note["fileIds"], json!(["f2", "f1"]));
    let names = |index: usize| note["files"][index]["name"].clone();
    assert_eq!(
        [names(0), names(1), names(2)],
        [json!("f2"), json!("f1"), json!(null)]
    );
    let body = json!({ "mediaIds": ["f1"] });
    let note = stage.ok("alice", "notes/create", body).await["createdNote"].clone();
    assert_eq!(note["fileIds"], json!(["f1"]));
    let theirs = json!({ "fileIds": ["f1", "f3"] });
    assert_eq!(
        stage.refused("alice", "notes/create", theirs).await,
        "NO_SUCH_FILE"
    );
}

#[tokio::test]
async fn a_poll_ends_when_it_says() {
    let stage = Stage::new(&["alice"]).await;
    let poll = async |poll: Value| {
        let body = json!({ "text": "p", "poll": poll });
        stage.ok("alice", "notes/create", body).await["createdNote"]["poll"].clone()
    };
    let choices = json!([
        { "text": "x", "votes": 0, "isVoted": false },
        { "text": "y", "votes": 0, "isVoted": false },
    ]);
    assert_eq!(
        poll(json!({ "choices": ["x", "y"], "multiple": true })).await,
        json!({ "multiple": true, "expiresAt": null, "choices": choices })
    );
    let ends = poll(json!({ "choices": ["x", "y"], "expiredAfter": 6000 })).await;
    assert_eq!(ends["expiresAt"], "2026-11-23T19:38:12.720Z");
    let ends = poll(json!({ "choices": ["x", "y"], "expiresAt": 1_795_462_690_353_u64 })).await;
    assert_eq!(ends["expiresAt"], "2026-11-23T19:38:10.353Z");
}

#[tokio::test]
async fn a_channels_notes_are_public_local_and_counted() {
    let stage = Stage::new(&["alice", "bob"]).await;
    let channel = "INSERT INTO channel (id, name, allow_renote_to_external, is_archived)
                   VALUES (?1, ?1, ?2, ?3)";
    for values in [["open", "1", "0"], ["closed", "0", "0"], ["old", "1", "1"]] {
        stage.sql(channel, &values).await;
    }
    let body = json!({ "text": "in", "channelId": "closed", "visibility": "followers" });
    let note = stage.ok("alice", "notes/create", body).await["createdNote"].clone();
    assert_eq!(
        (
            &note["visibility"],
            &note["localOnly"],
            &note["channel"]["name"]
        ),
        (&json!("public"), &json!(true), &json!("closed"))
    );
    // A reply stays in the channel of what it replies to, whatever it asks for.
    let body = json!({ "text": "r", "replyId": note["id"], "channelId": "open" });
    let reply = stage.ok("bob", "notes/create", body).await["createdNote"].clone();
    assert_eq!(reply["channelId"], "closed");
    let outside = json!({ "renoteId": note["id"] });
    let refused = stage.refused("bob", "notes/create", outside).await;
    assert_eq!(refused, "CANNOT_RENOTE_OUTSIDE_OF_CHANNEL");
    stage
        .note(
            "bob",
            json!({ "renoteId": note["id"], "channelId": "closed" }),
        )
        .await;
    let archived = json!({ "text": "a", "channelId": "old" });
    assert_eq!(
        stage.refused("bob", "notes/create", archived).await,
        "NO_SUCH_CHANNEL"
    );
    let counts = counts(&stage, "closed").await;
    assert_eq!(counts, (3, 2, Some(1_795_462_686_720)));
}

async fn counts(stage: &Stage, channel: &'static str) -> (u64, u64, Option<u64>) {
    let read = stage
        .world
        .app
        .store()
        .read::<_, crate::store::StoreError, _>(move |view| {
            let sql = "SELECT notes_count, users_count, last_noted_at FROM channel WHERE id = ?1";
            Ok(view.query_row(sql, [channel], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?)
        });
    read.await.unwrap()
}

#[tokio::test]
async fn nobody_sees_more_of_a_renote_or_reply_than_of_the_note() {
    let stage = Stage::new(&["alice", "bob"]).await;
    let visibility = async |body: Value| {
        stage.ok("alice", "notes/create", body).await["createdNote"]["visibility"].clone()
    };
    let home = stage
        .note("bob", json!({ "text": "h", "visibility": "home" }))
        .await;
    assert_eq!(visibility(json!({ "renoteId": home })).await, "home");
    assert_eq!(
        visibility(json!({ "text": "r", "replyId": home })).await,
        "home"
    );
    let mine = stage
        .note("alice", json!({ "text": "f", "visibility": "followers" }))
        .await;
    assert_eq!(visibility(json!({ "renoteId": mine })).await, "followers");
    let local = stage
        .note("bob", json!({ "text": "l", "localOnly": true }))
        .await;
    let body = json!({ "text": "r", "replyId": local });
    let reply = stage.ok("alice", "notes/create", body).await;
    assert_eq!(reply["createdNote"]["localOnly"], true);
}

#[tokio::test]
async fn a_name_in_a_direct_note_makes_nobody_a_recipient() {
    let mut stage = Stage::new(&["alice", "bob", "carol"]).await;
    stage.world.events();
    let to = [stage.id("bob")];
    let body = json!({ "text": "about @carol", "visibility": "specified", "visibleUserIds": to });
    let note = stage.note("alice", body).await;
    assert_eq!(
        stage.heard(),
        ["notesStream", "bob: mention", "bob: notification mention"]
    );
    let answer = stage
        .refused("carol", "notes/show", json!({ "noteId": note }))
        .await;
    assert_eq!(answer, "NO_SUCH_NOTE");
}

#[tokio::test]
async fn who_may_not_see_a_quote_hears_nothing_of_it() {
    let mut stage = Stage::new(&["alice", "bob"]).await;
    let note = stage.note("alice", json!({ "text": "a" })).await;
    stage.world.events();
    stage
        .note(
            "bob",
            json!({ "text": "q", "renoteId": note, "visibility": "followers" }),
        )
        .await;
    assert_eq!(stage.heard(), ["notesStream"]);
    // A reply that quotes what its addressee may not see is packed for them.
    let private = stage
        .note(
            "bob",
            json!({ "text": "secret", "visibility": "followers" }),
        )
        .await;
    stage.world.events();
    let body = json!({ "text": "r @alice", "replyId": note, "renoteId": private });
    stage.note("bob", body).await;
    let events = stage.world.events();
    let told = events
        .iter()
        .filter(|(topic, _)| topic.starts_with("mainStream"));
    let told: Vec<&Value> = told.map(|(_, event)| event).collect();
    assert_eq!(told.len(), 3);
    for event in told {
        let note = event["body"].get("note").unwrap_or_else(|| &event["body"]);
        assert_eq!(note["text"], "r @alice");
        assert_eq!(note["renote"]["isHidden"], true);
        assert!(!event.to_string().contains("secret"), "{event}");
    }
}
