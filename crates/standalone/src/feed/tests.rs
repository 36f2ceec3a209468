//! The lists of notes over REST.

mod around;
mod found;
mod oracle;
mod plans;
mod worlds;

use serde_json::{Value, json};

use crate::testing::{Person, World};

impl World {
    /// Writes a note; its id.
    async fn note(&self, person: &Person, body: Value) -> String {
        let answer = self.ok("notes/create", person, body).await;
        answer["createdNote"]["id"].as_str().unwrap().to_owned()
    }

    async fn say(&self, person: &Person, text: &str) -> String {
        self.note(person, json!({ "text": text })).await
    }

    /// The texts of a list of notes, `-` for a note without one.
    async fn texts(&self, endpoint: &str, person: Option<&Person>, body: Value) -> String {
        let (status, answer) = self.post(endpoint, person, body).await;
        assert_eq!(status, 200, "{endpoint}: {answer}");
        let notes = answer.as_array().unwrap().iter();
        let texts: Vec<&str> = notes
            .map(|note| note["text"].as_str().unwrap_or("-"))
            .collect();
        texts.join(" ")
    }
}

#[tokio::test]
async fn pages_of_a_timeline_follow_each_other_in_both_directions() {
    let mut world = World::new();
    let alice = world.signup("alice").await;
    let mut ids = Vec::new();
    let start = 1_795_462_686_720_u64;
    for second in 1..=5 {
        world.clock.set(start + second * 1000);
        ids.push(world.say(&alice, &second.to_string()).await);
    }
    let page = async |body: Value| world.texts("notes/local-timeline", None, body).await;
    assert_eq!(page(json!({})).await, "5 4 3 2 1");
    assert_eq!(page(json!({ "limit": 2 })).await, "5 4");
    assert_eq!(page(json!({ "limit": 2, "untilId": ids[3] })).await, "3 2");
    assert_eq!(page(json!({ "limit": 2, "sinceId": ids[1] })).await, "3 4");
    let between = json!({ "sinceId": ids[0], "untilId": ids[4], "limit": 2 });
    assert_eq!(page(between).await, "4 3");
    let dates = json!({ "sinceDate": start + 1000, "untilDate": start + 4000 });
    assert_eq!(page(dates).await, "3 2");
    for limit in [0, 101] {
        let body = json!({ "limit": limit });
        let error = world.err("notes/local-timeline", None, body).await;
        assert_eq!(error, (400, "INVALID_PARAM".to_owned()));
    }
}

#[tokio::test]
async fn home_has_the_notes_of_those_whom_a_user_follows() {
    let mut world = World::new();
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    let carol = world.signup("carol").await;
    world
        .ok("following/create", &alice, json!({ "userId": bob.id }))
        .await;
    world.say(&alice, "a").await;
    let first = world.say(&bob, "b").await;
    world.say(&carol, "c").await;
    world
        .note(&bob, json!({ "text": "f", "visibility": "followers" }))
        .await;
    world.note(&carol, json!({ "renoteId": first })).await;
    world.note(&bob, json!({ "renoteId": first })).await;
    let home = async |body: Value| world.texts("notes/timeline", Some(&alice), body).await;
    assert_eq!(home(json!({})).await, "- f b a");
    assert_eq!(home(json!({ "withRenotes": false })).await, "f b a");
    assert_eq!(home(json!({ "withFiles": true })).await, "");
    let local = world.texts("notes/local-timeline", Some(&alice), json!({}));
    assert_eq!(local.await, "- - c b a");
    let error = world.err("notes/timeline", None, json!({})).await;
    assert_eq!(error, (401, "CREDENTIAL_REQUIRED".to_owned()));
}

#[tokio::test]
async fn a_users_notes_are_shown_to_whom_they_are_for() {
    let mut world = World::new();
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    let first = world.say(&alice, "p").await;
    for (text, visibility) in [("h", "home"), ("f", "followers")] {
        let body = json!({ "text": text, "visibility": visibility });
        world.note(&alice, body).await;
    }
    let secret = json!({ "text": "s", "visibility": "specified", "visibleUserIds": [bob.id] });
    world.note(&alice, secret).await;
    let own = json!({ "text": "own", "replyId": first });
    world.note(&alice, own).await;
    let bobs = world.say(&bob, "b").await;
    world
        .note(&alice, json!({ "text": "re", "replyId": bobs }))
        .await;
    world.note(&alice, json!({ "renoteId": bobs })).await;
    let notes = async |who: Option<&Person>, mut body: Value| {
        body["userId"] = alice.id.clone().into();
        world.texts("users/notes", who, body).await
    };
    assert_eq!(notes(None, json!({})).await, "- own h p");
    assert_eq!(notes(Some(&bob), json!({})).await, "- own s h p");
    assert_eq!(notes(Some(&alice), json!({})).await, "- own s f h p");
    let replies = json!({ "withReplies": true, "withRenotes": false });
    assert_eq!(notes(None, replies).await, "re own h p");
    let error = world.err("users/notes", None, json!({ "userId": "nobody" }));
    assert_eq!(error.await, (400, "NO_SUCH_USER".to_owned()));
}
