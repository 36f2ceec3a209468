use serde_json::json;

use super::Stage;

#[tokio::test]
async fn a_muted_conversation_says_nothing_until_it_is_unmuted() {
    let mut stage = Stage::new(&["alice", "bob"]).await;
    let root = stage.note("alice", json!({ "text": "root" })).await;
    let reply = stage
        .note("bob", json!({ "text": "r", "replyId": root }))
        .await;
    let muted = async |stage: &Stage, who: &str| {
        let state = stage
            .ok(who, "notes/state", json!({ "noteId": root }))
            .await;
        assert_eq!(state["isFavorited"], false);
        state["isMutedThread"].as_bool().unwrap()
    };
    assert!(!muted(&stage, "alice").await);
    for _ in 0..2 {
        // Any note of the conversation names it.
        stage
            .ok(
                "alice",
                "notes/thread-muting/create",
                json!({ "noteId": reply }),
            )
            .await;
    }
    assert!(muted(&stage, "alice").await);
    assert!(!muted(&stage, "bob").await);
    stage.world.events();
    stage
        .note("bob", json!({ "text": "@alice", "replyId": root }))
        .await;
    stage
        .ok(
            "bob",
            "notes/reactions/create",
            json!({ "noteId": root, "reaction": "👍" }),
        )
        .await;
    assert_eq!(stage.heard(), ["notesStream", "noteStream reacted"]);
    stage
        .ok(
            "alice",
            "notes/thread-muting/delete",
            json!({ "noteId": root }),
        )
        .await;
    stage
        .note("bob", json!({ "text": "again", "replyId": root }))
        .await;
    assert_eq!(
        stage.heard(),
        [
            "notesStream",
            "alice: mention",
            "alice: reply",
            "alice: notification reply"
        ]
    );
}

#[tokio::test]
async fn a_conversation_that_is_not_there_cannot_be_muted() {
    let stage = Stage::new(&["alice", "bob"]).await;
    let secret = stage
        .note("bob", json!({ "text": "s", "visibility": "specified" }))
        .await;
    for note in [secret.as_str(), "none"] {
        for endpoint in ["notes/thread-muting/create", "notes/thread-muting/delete"] {
            let answer = stage
                .refused("alice", endpoint, json!({ "noteId": note }))
                .await;
            assert_eq!(answer, "NO_SUCH_NOTE", "{endpoint} {note}");
        }
        let state = stage
            .ok("alice", "notes/state", json!({ "noteId": note }))
            .await;
        assert_eq!(
            state,
            json!({ "isFavorited": false, "isMutedThread": false })
        );
    }
}
