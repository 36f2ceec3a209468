use serde_json::{Value, json};

use super::Stage;

#[tokio::test]
async fn a_note_is_deleted_by_its_author_or_an_administrator() {
    let mut stage = Stage::new(&["admin", "alice", "bob"]).await;
    let note = stage.note("alice", json!({ "text": "a" })).await;
    let secret = stage
        .note("alice", json!({ "text": "s", "visibility": "specified" }))
        .await;
    let delete = "notes/delete";
    for (note, error) in [
        (note.as_str(), "ACCESS_DENIED"),
        (secret.as_str(), "NO_SUCH_NOTE"),
        ("none", "NO_SUCH_NOTE"),
    ] {
        let body = json!({ "noteId": note });
        assert_eq!(stage.refused("bob", delete, body).await, error, "{note}");
    }
    stage.world.events();
    assert_eq!(
        stage.ok("alice", delete, json!({ "noteId": note })).await,
        Value::Null
    );
    let events = stage.world.events();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].0, format!("noteStream:{note}"));
    assert_eq!(
        events[0].1,
        json!({ "type": "deleted", "body": {
            "id": note, "userId": stage.id("alice"), "userHost": null, "visibility": "public", "visibleUserIds": [],
            "body": { "deletedAt": "2026-11-23T19:38:06.720Z" },
        } })
    );
    stage.ok("admin", delete, json!({ "noteId": secret })).await;
    assert_eq!(stage.ok("alice", "i", json!({})).await["notesCount"], 0);
}

#[tokio::test]
async fn what_answers_to_a_deleted_note_goes_with_it_and_the_counts_stay_right() {
    let mut stage = Stage::new(&["alice", "bob"]).await;
    let root = stage.note("alice", json!({ "text": "root" })).await;
    let other = stage.note("alice", json!({ "text": "other" })).await;
    let reply = stage
        .note("bob", json!({ "text": "r", "replyId": root }))
        .await;
    // It replies to a note that stays and quotes one that goes.
    let both = json!({ "text": "b", "replyId": other, "renoteId": reply });
    let both = stage.note("alice", both).await;
    assert_eq!(stage.show("alice", &other).await["repliesCount"], 1);
    stage.world.events();
    stage
        .ok("alice", "notes/delete", json!({ "noteId": root }))
        .await;
    assert_eq!(stage.heard(), ["noteStream deleted"]);
    for gone in [&reply, &both] {
        let answer = stage
            .refused("alice", "notes/show", json!({ "noteId": gone }))
            .await;
        assert_eq!(answer, "NO_SUCH_NOTE");
    }
    assert_eq!(stage.show("alice", &other).await["repliesCount"], 0);
    for (who, count) in [("alice", 1), ("bob", 0)] {
        assert_eq!(stage.ok(who, "i", json!({})).await["notesCount"], count);
    }
    let reply = stage
        .note("bob", json!({ "text": "r", "replyId": other }))
        .await;
    let renote = stage.note("bob", json!({ "renoteId": other })).await;
    for note in [reply, renote] {
        stage
            .ok("bob", "notes/delete", json!({ "noteId": note }))
            .await;
    }
    let other = stage.show("alice", &other).await;
    assert_eq!(
        (&other["repliesCount"], &other["renoteCount"]),
        (&json!(0), &json!(0))
    );
}

#[tokio::test]
async fn a_conversation_of_any_length_can_be_deleted() {
    let mut stage = Stage::new(&["alice"]).await;
    let root = stage.note("alice", json!({ "text": "root" })).await;
    let mut last = root.clone();
    // More than SQLite's limit of nested deletions.
    for _ in 0..1_100 {
        last = stage
            .note("alice", json!({ "text": "r", "replyId": last }))
            .await;
        stage.world.events();
    }
    stage
        .ok("alice", "notes/delete", json!({ "noteId": root }))
        .await;
    assert_eq!(stage.ok("alice", "i", json!({})).await["notesCount"], 0);
}

#[tokio::test]
async fn unrenote_takes_back_all_of_ones_renotes_the_newest_first() {
    let mut stage = Stage::new(&["alice", "bob", "carol"]).await;
    let note = stage.note("alice", json!({ "text": "a" })).await;
    let first = stage.note("bob", json!({ "renoteId": note })).await;
    let quote = stage
        .note("bob", json!({ "renoteId": note, "text": "q" }))
        .await;
    let answer = json!({ "renoteId": note, "replyId": quote, "text": "to my own quote" });
    let answer = stage.note("bob", answer).await;
    let theirs = stage.note("carol", json!({ "renoteId": note })).await;
    stage.world.events();
    stage
        .ok("bob", "notes/unrenote", json!({ "noteId": note }))
        .await;
    let topics: Vec<String> = stage
        .world
        .events()
        .into_iter()
        .map(|(topic, _)| topic)
        .collect();
    let expected = [answer, quote, first].map(|id| format!("noteStream:{id}"));
    assert_eq!(topics, expected);
    assert_eq!(stage.show("alice", &note).await["renoteCount"], 1);
    stage.show("alice", &theirs).await;
    let none = json!({ "noteId": "none" });
    assert_eq!(
        stage.refused("bob", "notes/unrenote", none).await,
        "NO_SUCH_NOTE"
    );
}
