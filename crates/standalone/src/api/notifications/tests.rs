use serde_json::{Value, json};

use crate::testing::{Person, World, keys};

async fn people() -> (World, Person, Person) {
    let mut world = World::new();
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    (world, alice, bob)
}

async fn tell(world: &World, person: &Person, body: &str) {
    let body = json!({ "body": body });
    world.ok("notifications/create", person, body).await;
}

async fn note(world: &World, person: &Person) -> Value {
    let body = json!({ "text": "a note" });
    world.ok("notes/create", person, body).await["createdNote"]["id"].clone()
}

fn bodies(list: &Value) -> Vec<&str> {
    let list = list.as_array().unwrap().iter();
    list.map(|item| item["body"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_apps_notification_has_the_recorded_shape() {
    let (mut world, alice, _) = people().await;
    let body = json!({ "body": "app notif", "header": "hdr" });
    world.ok("notifications/create", &alice, body).await;
    let events = world.events();
    let shown = &events[0].1["body"];
    assert_eq!(
        keys(shown),
        ["id", "createdAt", "type", "body", "header", "icon"]
    );
    assert_eq!(
        (&shown["type"], &shown["header"], &shown["icon"]),
        (&json!("app"), &json!("hdr"), &Value::Null)
    );
}

#[tokio::test]
async fn a_test_is_told_of_twice_at_once() {
    let (mut world, alice, _) = people().await;
    world
        .ok("notifications/test-notification", &alice, json!({}))
        .await;
    let events = world.events();
    let [(_, first), (_, second)] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!(
        (&first["type"], &second["type"]),
        (&json!("notification"), &json!("unreadNotification"))
    );
    assert_eq!(first["body"], second["body"]);
    assert_eq!(keys(&first["body"]), ["id", "createdAt", "type"]);
}

#[tokio::test]
async fn reading_marks_as_read_once() {
    let (mut world, alice, _) = people().await;
    tell(&world, &alice, "one").await;
    world.events();
    let unread =
        async || world.ok("i", &alice, json!({})).await["unreadNotificationsCount"].clone();
    let body = json!({ "markAsRead": false });
    world.ok("i/notifications", &alice, body).await;
    assert_eq!(unread().await, 1);
    let list = world.ok("i/notifications", &alice, json!({})).await;
    assert_eq!(bodies(&list), ["one"]);
    assert_eq!(unread().await, 0);
    world.ok("i/notifications", &alice, json!({})).await;
    let expected = json!({ "type": "readAllNotifications", "body": null });
    assert_eq!(
        world.events(),
        [(format!("mainStream:{}", alice.id), expected)]
    );
}

#[tokio::test]
async fn they_are_read_in_parts_and_by_type() {
    let (world, alice, bob) = people().await;
    for body in ["one", "two", "three"] {
        tell(&world, &alice, body).await;
    }
    let body = json!({ "userId": alice.id });
    world.ok("following/create", &bob, body).await;
    let read = async |body: Value| world.ok("i/notifications", &alice, body).await;
    let newest = read(json!({ "limit": 2 })).await;
    assert_eq!(
        (&newest[0]["type"], &newest[1]["body"]),
        (&json!("follow"), &json!("three"))
    );
    let older = read(json!({ "untilId": newest[1]["id"] })).await;
    assert_eq!(bodies(&older), ["two", "one"]);
    let newer = read(json!({ "sinceId": older[1]["id"], "limit": 2 })).await;
    assert_eq!(bodies(&newer), ["two", "three"]);
    let apps = read(json!({ "includeTypes": ["app"] })).await;
    assert_eq!(bodies(&apps), ["three", "two", "one"]);
    let others = read(json!({ "excludeTypes": ["app"] })).await;
    assert_eq!(
        (&others[0]["type"], others.as_array().unwrap().len()),
        (&json!("follow"), 1)
    );
    assert_eq!(read(json!({ "includeTypes": [] })).await, json!([]));
    let wrong = json!({ "includeTypes": ["nonsense"] });
    let error = world.err("i/notifications", Some(&alice), wrong).await;
    assert_eq!(error.1, "INVALID_PARAM");
}

#[tokio::test]
async fn nothing_is_shown_of_whom_one_mutes_or_who_is_suspended() {
    let (mut world, alice, bob) = people().await;
    let carol = world.signup("carol").await;
    for person in [&bob, &carol] {
        let body = json!({ "userId": alice.id });
        world.ok("following/create", person, body).await;
    }
    let from = async || {
        let list = world.ok("i/notifications", &alice, json!({})).await;
        let list = list.as_array().unwrap().iter();
        list.map(|item| item["user"]["username"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(from().await, ["carol", "bob"]);
    let body = json!({ "userId": carol.id });
    world.ok("mute/create", &alice, body).await;
    assert_eq!(from().await, ["bob"]);
    world
        .sql("UPDATE user SET is_suspended = 1 WHERE username = 'bob'")
        .await;
    assert!(from().await.is_empty());
}

#[tokio::test]
async fn reactions_and_renotes_come_in_groups() {
    let (mut world, alice, bob) = people().await;
    let carol = world.signup("carol").await;
    let (first, second) = (note(&world, &alice).await, note(&world, &alice).await);
    let react = async |person: &Person, note: &Value| {
        let body = json!({ "noteId": note, "reaction": "👍" });
        world.ok("notes/reactions/create", person, body).await;
    };
    let renote = async |person: &Person, note: &Value| {
        let body = json!({ "renoteId": note });
        world.ok("notes/create", person, body).await;
    };
    react(&bob, &first).await;
    react(&carol, &first).await;
    react(&bob, &second).await;
    renote(&bob, &first).await;
    renote(&carol, &first).await;
    let single = world.ok("i/notifications", &alice, json!({})).await;
    let grouped = world.ok("i/notifications-grouped", &alice, json!({})).await;
    let kinds: Vec<&Value> = grouped
        .as_array()
        .unwrap()
        .iter()
        .map(|n| &n["type"])
        .collect();
    assert_eq!(kinds, ["renote:grouped", "reaction", "reaction:grouped"]);
    let (renotes, reactions) = (&grouped[0], &grouped[2]);
    assert_eq!(keys(renotes), ["id", "createdAt", "type", "note", "users"]);
    assert_eq!(renotes["users"][0]["username"], "carol");
    assert_eq!(renotes["users"][1]["username"], "bob");
    assert_eq!(renotes["note"]["renoteId"], first);
    assert_eq!(renotes["id"], single[1]["id"], "the id of the oldest");
    assert_eq!(
        keys(reactions),
        ["id", "createdAt", "type", "note", "reactions"]
    );
    assert_eq!(
        (
            &reactions["reactions"][1]["user"]["username"],
            &reactions["reactions"][1]["reaction"]
        ),
        (&json!("bob"), &json!("👍"))
    );
    assert_eq!(reactions["note"]["id"], first);
    assert_eq!(grouped[1], single[2]);
}

#[tokio::test]
async fn all_are_marked_as_read_or_dropped_at_once() {
    let (mut world, alice, bob) = people().await;
    for person in [&alice, &bob] {
        tell(&world, person, "one").await;
    }
    world.events();
    let people = [("alice", &alice), ("bob", &bob)];
    world
        .ok("notifications/mark-all-as-read", &alice, json!({}))
        .await;
    assert_eq!(world.told(&people), ["main:alice readAllNotifications"]);
    assert_eq!(
        world.ok("i", &alice, json!({})).await["hasUnreadNotification"],
        false
    );
    world.ok("notifications/flush", &alice, json!({})).await;
    assert_eq!(world.told(&people), ["main:alice notificationFlushed"]);
    assert_eq!(
        world.ok("i/notifications", &alice, json!({})).await,
        json!([])
    );
    let bobs = world.ok("i/notifications", &bob, json!({})).await;
    assert_eq!(bodies(&bobs), ["one"]);
}
