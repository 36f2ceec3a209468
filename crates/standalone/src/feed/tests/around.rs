//! The notes around a note.

use protocol::limits::CHAIN_LINKS_MAX;
use protocol::note::NoteHead;
use serde_json::json;

use crate::testing::{Person, World};

#[tokio::test]
async fn replies_renotes_and_children_are_those_that_the_viewer_may_see() {
    let mut world = World::new();
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    let root = world.say(&alice, "root").await;
    world
        .note(&bob, json!({ "text": "r1", "replyId": root }))
        .await;
    let secret = json!({ "text": "r2", "replyId": root, "visibility": "specified",
                         "visibleUserIds": [alice.id] });
    world.note(&bob, secret).await;
    world
        .note(&bob, json!({ "text": "quote", "renoteId": root }))
        .await;
    world.note(&bob, json!({ "renoteId": root })).await;
    let list = async |endpoint: &str, who: Option<&Person>| {
        world.texts(endpoint, who, json!({ "noteId": root })).await
    };
    assert_eq!(list("notes/replies", Some(&alice)).await, "r2 r1");
    assert_eq!(list("notes/replies", None).await, "r1");
    assert_eq!(list("notes/renotes", None).await, "- quote");
    assert_eq!(list("notes/children", None).await, "quote r1");
    assert_eq!(list("notes/children", Some(&alice)).await, "quote r2 r1");
    let up = json!({ "noteId": root, "sinceId": root, "limit": 2 });
    let up = world.texts("notes/children", Some(&alice), up).await;
    assert_eq!(up, "r1 r2");
    world
        .ok("mute/create", &alice, json!({ "userId": bob.id }))
        .await;
    assert_eq!(list("notes/replies", Some(&alice)).await, "");
}

#[tokio::test]
async fn a_conversation_goes_up_from_a_note() {
    let mut world = World::new();
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    let mut last = world.say(&alice, "1").await;
    for text in ["2", "3", "4"] {
        let visibility = if text == "2" { "followers" } else { "home" };
        let body = json!({ "text": text, "replyId": last, "visibility": visibility });
        last = world.note(&alice, body).await;
    }
    let conversation = async |who: &Person, offset: usize| {
        let body = json!({ "noteId": last, "offset": offset, "limit": 2 });
        world.texts("notes/conversation", Some(who), body).await
    };
    assert_eq!(conversation(&alice, 0).await, "3 2");
    assert_eq!(conversation(&alice, 1).await, "2 1");
    assert_eq!(conversation(&bob, 0).await, "3 1");
}

#[tokio::test]
async fn what_hangs_on_a_hidden_note_is_not_told() {
    let mut world = World::new();
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    let secret = json!({ "text": "s", "visibility": "specified" });
    let secret = world.note(&alice, secret).await;
    let reaction = json!({ "noteId": secret, "reaction": "👍" });
    world.ok("notes/reactions/create", &alice, reaction).await;
    for endpoint in ["notes/conversation", "notes/renotes", "notes/reactions"] {
        let body = json!({ "noteId": secret });
        let error = world.err(endpoint, Some(&bob), body.clone()).await;
        assert_eq!(error, (400, "NO_SUCH_NOTE".to_owned()), "{endpoint}");
        let (status, _) = world.post(endpoint, Some(&alice), body).await;
        assert_eq!(status, 200, "{endpoint}");
    }
    let body = json!({ "userId": alice.id });
    let (_, seen) = world
        .post("users/reactions", Some(&bob), body.clone())
        .await;
    assert_eq!(seen, json!([]));
    let seen = world.ok("users/reactions", &alice, body).await;
    assert_eq!(seen[0]["note"]["id"], json!(secret));
}

#[tokio::test]
async fn reactions_are_listed_by_kind_and_by_user() {
    let mut world = World::new();
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    let note = world.say(&alice, "n").await;
    for (person, reaction) in [(&alice, "👍"), (&bob, "🎉")] {
        let body = json!({ "noteId": note, "reaction": reaction });
        world.ok("notes/reactions/create", person, body).await;
    }
    let kinds = async |kind: Option<&str>| {
        let body = json!({ "noteId": note, "type": kind });
        let (_, answer) = world.post("notes/reactions", None, body).await;
        let reactions = answer.as_array().unwrap().iter();
        let kinds = reactions.map(|one| {
            let (kind, user) = (&one["type"], &one["user"]["username"]);
            format!("{} {}", kind.as_str().unwrap(), user.as_str().unwrap())
        });
        kinds.collect::<Vec<_>>().join(", ")
    };
    assert_eq!(kinds(None).await, "🎉 bob, 👍 alice");
    assert_eq!(kinds(Some("👍")).await, "👍 alice");
    let body = json!({ "userId": bob.id });
    let mine = world.ok("users/reactions", &bob, body.clone()).await;
    assert_eq!(
        (&mine[0]["type"], &mine[0]["note"]["text"]),
        (&json!("🎉"), &json!("n"))
    );
    world.sql("UPDATE user SET public_reactions = 0").await;
    let error = world.err("users/reactions", Some(&alice), body).await;
    assert_eq!(error, (400, "REACTIONS_NOT_PUBLIC".to_owned()));
}

/// A note with more quotes below it than the stream follows was once not delivered at all.
#[tokio::test]
async fn a_long_chain_of_quotes_is_cut_where_the_stream_ceases_to_follow() {
    let mut world = World::new();
    let alice = world.signup("alice").await;
    let mut last = world.say(&alice, "1").await;
    world.events();
    for text in 2..=12 {
        let body = json!({ "text": text.to_string(), "renoteId": last });
        last = world.note(&alice, body).await;
        let published = world.events().into_iter();
        let note = published
            .filter(|(topic, _)| topic == "notesStream")
            .map(|(_, note)| note.to_string())
            .next()
            .unwrap();
        let head = NoteHead::decode(note.as_bytes()).unwrap();
        assert_eq!(head.chain().count(), CHAIN_LINKS_MAX.min(text));
    }
    let shown = world.texts("notes/timeline", Some(&alice), json!({ "limit": 2 }));
    assert_eq!(shown.await, "12 11");
}

#[tokio::test]
async fn a_visitor_learns_that_an_account_would_show_a_note() {
    let mut world = World::new();
    let alice = world.signup("alice").await;
    let open = world.say(&alice, "open").await;
    let closed = json!({ "text": "closed", "visibility": "followers" });
    let closed = world.note(&alice, closed).await;
    world.sql("UPDATE user SET require_signin = 1").await;
    for (id, code) in [(open, "SIGNIN_REQUIRED"), (closed, "NO_SUCH_NOTE")] {
        let error = world.err("notes/show", None, json!({ "noteId": id })).await;
        assert_eq!(error, (400, code.to_owned()));
    }
    let notes = json!({ "userId": alice.id });
    assert_eq!(world.texts("users/notes", None, notes).await, "");
    assert_eq!(
        world.texts("notes/local-timeline", None, json!({})).await,
        ""
    );
}
