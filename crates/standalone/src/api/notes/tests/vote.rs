use serde_json::{Value, json};

use super::Stage;

const VOTE: &str = "notes/polls/vote";

async fn poll(stage: &Stage, poll: Value) -> String {
    stage
        .note("bob", json!({ "text": "p", "poll": poll }))
        .await
}

#[tokio::test]
async fn votes_are_counted_and_told() {
    let mut stage = Stage::new(&["alice", "bob"]).await;
    let note = poll(
        &stage,
        json!({ "choices": ["x", "y", "z"], "multiple": true }),
    )
    .await;
    stage.world.events();
    let answer = stage
        .ok("alice", VOTE, json!({ "noteId": note, "choice": 1 }))
        .await;
    assert_eq!(answer, Value::Null);
    let events = stage.world.events();
    assert_eq!(events.len(), 1);
    assert_eq!(
        events[0].1,
        json!({ "type": "pollVoted", "body": {
            "id": note, "userId": stage.id("bob"), "userHost": null, "visibility": "public", "visibleUserIds": [],
            "body": { "choice": 1, "userId": stage.id("alice") },
        } })
    );
    stage
        .ok("alice", VOTE, json!({ "noteId": note, "choice": 0 }))
        .await;
    stage
        .ok("bob", VOTE, json!({ "noteId": note, "choice": 0 }))
        .await;
    assert_eq!(
        stage.show("alice", &note).await["poll"]["choices"],
        json!([
            { "text": "x", "votes": 2, "isVoted": true },
            { "text": "y", "votes": 1, "isVoted": true },
            { "text": "z", "votes": 0, "isVoted": false },
        ])
    );
}

#[tokio::test]
async fn a_vote_that_is_wrong_gets_misskeys_error() {
    let stage = Stage::new(&["alice", "bob"]).await;
    let plain = stage.note("bob", json!({ "text": "b" })).await;
    let single = poll(&stage, json!({ "choices": ["x", "y"] })).await;
    let several = poll(&stage, json!({ "choices": ["x", "y"], "multiple": true })).await;
    let short = poll(
        &stage,
        json!({ "choices": ["x", "y"], "expiredAfter": 1000 }),
    )
    .await;
    let secret = json!({
        "text": "p", "visibility": "specified", "poll": { "choices": ["x", "y"] },
    });
    let secret = stage.note("bob", secret).await;
    for note in [&single, &several] {
        stage
            .ok("alice", VOTE, json!({ "noteId": note, "choice": 1 }))
            .await;
    }
    stage.world.clock.set(1_795_462_686_720 + 1001);
    for (note, choice, error) in [
        ("none", json!(0), "NO_SUCH_NOTE"),
        (&secret, json!(0), "NO_SUCH_NOTE"),
        (&plain, json!(0), "NO_POLL"),
        (&single, json!(2), "INVALID_CHOICE"),
        (&single, json!(-1), "INVALID_CHOICE"),
        (&single, json!("0"), "#/properties/choice/type"),
        (&single, json!(0), "ALREADY_VOTED"),
        (&several, json!(1), "ALREADY_VOTED"),
        (&short, json!(0), "ALREADY_EXPIRED"),
    ] {
        let body = json!({ "noteId": note, "choice": choice });
        assert_eq!(
            stage.refused("alice", VOTE, body.clone()).await,
            error,
            "{body}"
        );
    }
    stage
        .sql(
            "INSERT INTO block VALUES ('b', ?1, ?2)",
            &["@bob", "@alice"],
        )
        .await;
    let body = json!({ "noteId": several, "choice": 0 });
    assert_eq!(
        stage.refused("alice", VOTE, body).await,
        "YOU_HAVE_BEEN_BLOCKED"
    );
}
