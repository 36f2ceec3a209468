//! Notes that are looked for.

use serde_json::{Value, json};

use crate::testing::{Person, World};

#[tokio::test]
async fn notes_that_name_a_user_are_their_mentions() {
    let mut world = World::new();
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    let carol = world.signup("carol").await;
    world.say(&bob, "no one").await;
    world.say(&bob, "@alice p").await;
    let thread = world.say(&carol, "@alice").await;
    let direct = json!({ "text": "d", "visibility": "specified", "visibleUserIds": [alice.id] });
    world.note(&carol, direct).await;
    world
        .ok("following/create", &alice, json!({ "userId": bob.id }))
        .await;
    let mentions = async |body: Value| world.texts("notes/mentions", Some(&alice), body).await;
    assert_eq!(mentions(json!({})).await, "d @alice @alice p");
    assert_eq!(mentions(json!({ "visibility": "specified" })).await, "d");
    assert_eq!(mentions(json!({ "following": true })).await, "@alice p");
    let muted = json!({ "noteId": thread });
    world.ok("notes/thread-muting/create", &alice, muted).await;
    assert_eq!(mentions(json!({})).await, "d @alice p");
}

#[tokio::test]
async fn tags_find_notes_whatever_their_spelling() {
    let mut world = World::new();
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    let first = world.say(&alice, "#Tea").await;
    world.say(&alice, "#tea#milk").await;
    world
        .note(&alice, json!({ "text": "#tea re", "replyId": first }))
        .await;
    world.say(&alice, "#coffee").await;
    let secret = json!({ "text": "#tea psst", "visibility": "followers" });
    world.note(&alice, secret).await;
    let find = async |who: Option<&Person>, body: Value| {
        world.texts("notes/search-by-tag", who, body).await
    };
    let tea = json!({ "tag": "ＴＥＡ" });
    assert_eq!(find(None, tea.clone()).await, "#tea re #tea#milk #Tea");
    assert_eq!(
        find(Some(&bob), tea.clone()).await,
        "#tea re #tea#milk #Tea"
    );
    assert!(find(Some(&alice), tea).await.starts_with("#tea psst"));
    let both = json!({ "query": [["tea", "milk"]] });
    let found = find(None, both).await;
    assert!(found.is_empty() || found == "#tea#milk", "{found}");
    let either = json!({ "query": [["coffee"], ["tea"]], "reply": false, "limit": 2 });
    assert_eq!(find(None, either).await, "#coffee #tea#milk");
    for wrong in [
        json!({}),
        json!({ "query": [[]] }),
        json!({ "query": [] }),
        json!({ "tag": "" }),
    ] {
        let error = world.err("notes/search-by-tag", None, wrong).await;
        assert_eq!(error, (400, "INVALID_PARAM".to_owned()));
    }
}

#[tokio::test]
async fn texts_are_searched_by_those_who_may_read_them() {
    let mut world = World::new();
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    let far = world.signup("far@remote.example").await;
    world.say(&alice, "100%").await;
    world.say(&alice, "1000").await;
    world.say(&far, "100%far").await;
    let secret = json!({ "text": "100%secret", "visibility": "followers" });
    world.note(&alice, secret).await;
    let search = async |body: Value| world.texts("notes/search", Some(&bob), body).await;
    assert_eq!(search(json!({ "query": "00%" })).await, "100%far 100%");
    assert_eq!(search(json!({ "query": "00%", "offset": 1 })).await, "100%");
    assert_eq!(search(json!({ "query": "00%", "host": "." })).await, "100%");
    let there = json!({ "query": "0", "host": "Remote.example" });
    assert_eq!(search(there).await, "100%far");
    let hers = json!({ "query": "0", "userId": alice.id });
    assert_eq!(search(hers.clone()).await, "1000 100%");
    // Being found would tell what a hidden note says.
    world.clock.set(1_795_462_686_720 + 10_000);
    world.sql("UPDATE user SET hidden_before = -5").await;
    assert_eq!(search(hers).await, "");
    let notes = json!({ "userId": alice.id });
    assert_eq!(world.texts("users/notes", Some(&bob), notes).await, "- -");
    let error = world
        .err("notes/search", None, json!({ "query": "0" }))
        .await;
    assert_eq!(error, (400, "UNAVAILABLE".to_owned()));
}

#[tokio::test]
async fn public_notes_are_listed_by_what_they_are() {
    let mut world = World::new();
    let alice = world.signup("alice").await;
    let far = world.signup("far@remote.example").await;
    let first = world.say(&alice, "1").await;
    world
        .note(&alice, json!({ "text": "2", "replyId": first }))
        .await;
    world.note(&alice, json!({ "renoteId": first })).await;
    world.say(&far, "far").await;
    world
        .note(&alice, json!({ "text": "home", "visibility": "home" }))
        .await;
    world
        .note(&alice, json!({ "text": "here", "localOnly": true }))
        .await;
    let poll = json!({ "text": "poll", "poll": { "choices": ["a", "b"] } });
    let poll = world.note(&alice, poll).await;
    let notes = async |body: Value| world.texts("notes", Some(&alice), body).await;
    assert_eq!(notes(json!({})).await, "poll far - 2 1");
    assert_eq!(world.texts("notes", None, json!({})).await, "poll - 2 1");
    assert_eq!(notes(json!({ "local": true })).await, "poll - 2 1");
    assert_eq!(notes(json!({ "reply": true })).await, "2");
    assert_eq!(
        notes(json!({ "renote": false, "reply": false })).await,
        "poll far 1"
    );
    assert_eq!(notes(json!({ "poll": true })).await, "poll");
    assert_eq!(notes(json!({ "withFiles": true })).await, "");
    let polls = async |who: &Person| {
        world
            .texts("notes/polls/recommendation", Some(who), json!({}))
            .await
    };
    assert_eq!(polls(&alice).await, "");
    assert_eq!(polls(&far).await, "poll");
    world
        .ok(
            "notes/polls/vote",
            &far,
            json!({ "noteId": poll, "choice": 0 }),
        )
        .await;
    assert_eq!(polls(&far).await, "");
}

#[tokio::test]
async fn featured_notes_got_reactions_lately() {
    let mut world = World::new();
    let alice = world.signup("alice").await;
    let liked = world.say(&alice, "liked").await;
    world.say(&alice, "other").await;
    let home = json!({ "text": "home", "visibility": "home" });
    let home = world.note(&alice, home).await;
    for id in [liked, home] {
        let body = json!({ "noteId": id, "reaction": "👍" });
        world.ok("notes/reactions/create", &alice, body).await;
    }
    let featured = async || world.texts("notes/featured", None, json!({})).await;
    assert_eq!(featured().await, "liked");
    world.clock.set(1_795_462_686_720 + 4 * 24 * 60 * 60 * 1000);
    assert_eq!(featured().await, "");
}

#[tokio::test]
async fn hashtags_are_counted_where_everyone_may_read_them() {
    let mut world = World::new();
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    let far = world.signup("far@remote.example").await;
    for person in [&alice, &bob, &far] {
        world.say(person, "#tea").await;
    }
    world.say(&alice, "#tea #Team").await;
    let secret = json!({ "text": "#teapot", "visibility": "followers" });
    world.note(&alice, secret).await;
    let (_, tea) = world
        .post("hashtags/show", None, json!({ "tag": "TEA" }))
        .await;
    let counts = |tag: &Value| {
        ["", "Local", "Remote"].map(|who| tag[format!("mentioned{who}UsersCount")].clone())
    };
    assert_eq!(counts(&tea), [3, 2, 1].map(Value::from));
    let error = world.err("hashtags/show", None, json!({ "tag": "teapot" }));
    assert_eq!(error.await, (400, "NO_SUCH_HASHTAG".to_owned()));
    let (_, found) = world
        .post("hashtags/search", None, json!({ "query": "Te" }))
        .await;
    assert_eq!(found, json!(["tea", "team"]));
    let sort = json!({ "sort": "+mentionedUsers", "limit": 1 });
    let (_, most) = world.post("hashtags/list", None, sort).await;
    assert_eq!(most, json!([tea]));
    let (_, trend) = world.post("hashtags/trend", None, json!({})).await;
    assert_eq!(
        (
            &trend[0]["tag"],
            &trend[0]["usersCount"],
            &trend[0]["chart"][0]
        ),
        (&json!("tea"), &json!(3), &json!(3))
    );
    assert_eq!(trend[0]["chart"][1], 0);
    world.clock.set(1_795_462_686_720 + 61 * 60 * 1000);
    let (_, trend) = world.post("hashtags/trend", None, json!({})).await;
    assert_eq!(trend, json!([]));
}
