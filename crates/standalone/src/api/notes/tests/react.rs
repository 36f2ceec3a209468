use serde_json::{Value, json};

use super::Stage;

const EMOJI: &str = "INSERT INTO emoji VALUES (?1, ?1, json_object(
    'name', ?1, 'isSensitive', json(?2)), ?1, 'image/gif', 1)";

async fn stage() -> Stage {
    let stage = Stage::new(&["alice", "bob", "carol", "dave@far.example"]).await;
    stage.sql(EMOJI, &["blob", "false"]).await;
    stage.sql(EMOJI, &["rude", "true"]).await;
    stage
}

async fn react(stage: &Stage, who: &str, note: &str, reaction: &str) {
    let body = json!({ "noteId": note, "reaction": reaction });
    stage.ok(who, "notes/reactions/create", body).await;
}

#[tokio::test]
async fn reactions_come_and_go_as_recorded() {
    let mut stage = stage().await;
    let note = stage.note("bob", json!({ "text": "b" })).await;
    stage.world.events();
    react(&stage, "alice", &note, "👍").await;
    let events = stage.world.events();
    assert_eq!(
        events[0].1["body"],
        json!({
            "id": note, "userId": stage.id("bob"), "userHost": null, "visibility": "public", "visibleUserIds": [],
            "body": { "reaction": "👍", "emoji": null, "userId": stage.id("alice") },
        })
    );
    let told = &events[1].1["body"];
    assert_eq!(
        crate::testing::keys(told),
        [
            "id",
            "createdAt",
            "type",
            "userId",
            "user",
            "note",
            "reaction"
        ]
    );
    assert_eq!(told["note"]["reactions"], json!({ "👍": 1 }));
    react(&stage, "carol", &note, ":blob@.:").await;
    let events = stage.world.events();
    let emoji = json!({ "name": "blob@.", "url": "https://example.com/files/blob" });
    assert_eq!(
        events[0].1["body"]["body"],
        json!({ "reaction": ":blob@.:", "emoji": emoji, "userId": stage.id("carol") })
    );
    assert_eq!(events[1].1["body"]["reaction"], ":blob:");
    assert_eq!(stage.show("carol", &note).await["myReaction"], ":blob@.:");
    stage
        .ok("carol", "notes/reactions/delete", json!({ "noteId": note }))
        .await;
    let events = stage.world.events();
    assert_eq!(events.len(), 1);
    assert_eq!(
        (&events[0].1["type"], &events[0].1["body"]["body"]),
        (
            &json!("unreacted"),
            &json!({ "reaction": ":blob@.:", "userId": stage.id("carol") })
        )
    );
    let shown = stage.show("carol", &note).await;
    assert_eq!(
        (&shown["reactions"], shown.get("myReaction")),
        (&json!({ "👍": 1 }), None)
    );
}

#[tokio::test]
async fn another_reaction_takes_the_place_of_the_one_before() {
    let mut stage = stage().await;
    let note = stage.note("bob", json!({ "text": "b" })).await;
    react(&stage, "bob", &note, "👍").await;
    stage.world.events();
    react(&stage, "bob", &note, "🎉").await;
    // Nobody is notified of what they do themself.
    assert_eq!(
        stage.heard(),
        ["noteStream unreacted", "noteStream reacted"]
    );
    assert_eq!(
        stage.show("bob", &note).await["reactions"],
        json!({ "🎉": 1 })
    );
    let renote = stage.note("alice", json!({ "renoteId": note })).await;
    let events = stage.world.events();
    assert_eq!(
        events[0].1["renote"]["reactionAndUserPairCache"],
        json!([format!("{}/🎉", stage.id("bob"))])
    );
    let delete = "notes/reactions/delete";
    let create = "notes/reactions/create";
    let of = |note: &str| json!({ "noteId": note, "reaction": "🎉" });
    assert_eq!(
        stage.refused("bob", create, of(&note)).await,
        "ALREADY_REACTED"
    );
    assert_eq!(
        stage.refused("carol", delete, of(&note)).await,
        "NOT_REACTED"
    );
    assert_eq!(
        stage.refused("bob", create, of(&renote)).await,
        "CANNOT_REACT_TO_RENOTE"
    );
    let secret = stage
        .note("bob", json!({ "text": "s", "visibility": "specified" }))
        .await;
    for note in [secret.as_str(), "none"] {
        assert_eq!(
            stage.refused("carol", create, of(note)).await,
            "NO_SUCH_NOTE"
        );
        assert_eq!(
            stage.refused("carol", delete, of(note)).await,
            "NO_SUCH_NOTE"
        );
    }
    let block = "INSERT INTO block VALUES ('b', ?1, ?2)";
    stage.sql(block, &["@bob", "@carol"]).await;
    assert_eq!(
        stage.refused("carol", create, of(&note)).await,
        "YOU_HAVE_BEEN_BLOCKED"
    );
}

#[tokio::test]
async fn a_note_takes_the_reactions_that_it_accepts() {
    let stage = stage().await;
    let far = "dave@far.example";
    for (acceptance, who, asked, kept) in [
        (Value::Null, "alice", "❤️", "❤"),
        (Value::Null, "alice", ":blob:", ":blob@.:"),
        (Value::Null, "alice", ":rude:", ":rude@.:"),
        (Value::Null, "alice", ":none:", "❤"),
        (Value::Null, "alice", "no emoji", "❤"),
        (json!("likeOnly"), "alice", "👍", "❤"),
        (json!("likeOnlyForRemote"), "alice", "👍", "👍"),
        (json!("likeOnlyForRemote"), far, "👍", "❤"),
        (json!("nonSensitiveOnly"), "alice", ":rude:", "❤"),
        (json!("nonSensitiveOnly"), "alice", ":blob:", ":blob@.:"),
        (
            json!("nonSensitiveOnlyForLocalLikeOnlyForRemote"),
            "alice",
            ":rude:",
            "❤",
        ),
        (
            json!("nonSensitiveOnlyForLocalLikeOnlyForRemote"),
            far,
            ":blob:",
            "❤",
        ),
    ] {
        let body = json!({ "text": "b", "reactionAcceptance": acceptance });
        let note = stage.note("bob", body).await;
        react(&stage, who, &note, asked).await;
        let shown = stage.show("bob", &note).await;
        assert_eq!(
            shown["reactions"],
            json!({ kept: 1 }),
            "{acceptance} {who} {asked}"
        );
    }
}

#[tokio::test]
async fn a_note_carries_its_first_sixteen_reactions_along() {
    let names: Vec<String> = (0..17).map(|n| format!("u{n}")).collect();
    let accts: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut stage = Stage::new(&accts).await;
    let note = stage.note("u0", json!({ "text": "b" })).await;
    for who in &accts {
        react(&stage, who, &note, "👍").await;
    }
    stage.world.events();
    stage.note("u1", json!({ "renoteId": note })).await;
    let renote = &stage.world.events()[0].1["renote"];
    assert_eq!(renote["reactionCount"], 17);
    let pairs = renote["reactionAndUserPairCache"].as_array().unwrap();
    assert_eq!(pairs.len(), 16);
    assert_eq!(pairs[15], format!("{}/👍", stage.id("u15")));
}
