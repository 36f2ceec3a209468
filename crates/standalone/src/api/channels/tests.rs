use serde_json::{Value, json};

use crate::testing::{Person, World, keys};

async fn people() -> (World, Person, Person) {
    let mut world = World::new();
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    (world, alice, bob)
}

async fn make(world: &World, owner: &Person, name: &str) -> String {
    let channel = world
        .ok("channels/create", owner, json!({ "name": name }))
        .await;
    channel["id"].as_str().unwrap().to_owned()
}

/// The names of the channels, or the texts of the notes, in an answer.
fn names(answer: &Value) -> Vec<&str> {
    let name = |item: &Value| {
        item["name"]
            .as_str()
            .or_else(|| item["text"].as_str())
            .is_some()
    };
    let items = answer.as_array().unwrap().iter().filter(|item| name(item));
    items
        .map(|item| {
            item["name"]
                .as_str()
                .or_else(|| item["text"].as_str())
                .unwrap()
        })
        .collect()
}

#[tokio::test]
async fn a_channel_is_made_and_changed_in_the_recorded_shape() {
    let (world, alice, bob) = people().await;
    let made = world
        .ok("channels/create", &bob, json!({ "name": "C1" }))
        .await;
    assert_eq!(
        keys(&made),
        [
            "id",
            "createdAt",
            "lastNotedAt",
            "name",
            "description",
            "userId",
            "bannerUrl",
            "bannerId",
            "pinnedNoteIds",
            "color",
            "isArchived",
            "usersCount",
            "notesCount",
            "isSensitive",
            "allowRenoteToExternal",
            "isFollowing",
            "isFavorited",
            "isMuting",
            "hasUnreadNote",
        ]
    );
    assert_eq!(
        (&made["color"], &made["userId"]),
        (&json!("#86b300"), &json!(bob.id))
    );
    let note = json!({ "text": "in", "channelId": made["id"] });
    let note = world.ok("notes/create", &alice, note).await["createdNote"].clone();
    let body = json!({
        "channelId": made["id"], "name": "C2", "description": "d", "isSensitive": true,
        "pinnedNoteIds": [note["id"]],
    });
    assert_eq!(
        world
            .err("channels/update", Some(&bob), json!({ "channelId": "x" }))
            .await
            .1,
        "NO_SUCH_CHANNEL"
    );
    // Alice is the administrator, and may.
    for who in [&bob, &alice] {
        world.ok("channels/update", who, body.clone()).await;
    }
    let id = json!({ "channelId": made["id"] });
    let shown = world.ok("channels/show", &bob, id.clone()).await;
    assert_eq!(
        (&shown["name"], &shown["notesCount"], &shown["usersCount"]),
        (&json!("C2"), &json!(1), &json!(1))
    );
    assert_eq!(shown["pinnedNotes"][0]["text"], "in");
    let clear = json!({ "channelId": made["id"], "description": null });
    let cleared = world.ok("channels/update", &bob, clear).await;
    assert_eq!(
        (&cleared["description"], &cleared["isSensitive"]),
        (&Value::Null, &json!(true))
    );
    let (_, visitors) = world.post("channels/show", None, id).await;
    assert!(visitors.get("isFollowing").is_none());
}

#[tokio::test]
async fn a_channel_is_changed_by_its_owner() {
    let (mut world, alice, bob) = people().await;
    let carol = world.signup("carol").await;
    let id = make(&world, &bob, "C").await;
    let body = json!({ "channelId": id, "name": "mine" });
    let answer = world.err("channels/update", Some(&carol), body).await;
    assert_eq!(answer.1, "ACCESS_DENIED");
    let banner = json!({ "name": "C", "bannerId": "nofile" });
    let answer = world.err("channels/create", Some(&alice), banner).await;
    assert_eq!(answer.1, "NO_SUCH_FILE");
}

#[tokio::test]
async fn following_a_channel_is_told_once() {
    let (mut world, alice, bob) = people().await;
    let id = make(&world, &bob, "C").await;
    let body = json!({ "channelId": id });
    for _ in 0..2 {
        world.ok("channels/follow", &alice, body.clone()).await;
    }
    let told = json!({ "userId": alice.id, "channelId": id });
    assert_eq!(
        world.events(),
        [(
            "internal".to_owned(),
            json!({ "type": "followChannel", "body": told })
        )]
    );
    let followed = world.ok("channels/followed", &alice, json!({})).await;
    assert_eq!(
        (names(&followed), &followed[0]["isFollowing"]),
        (vec!["C"], &json!(true))
    );
    for _ in 0..2 {
        world.ok("channels/unfollow", &alice, body.clone()).await;
    }
    assert_eq!(
        world.events(),
        [(
            "internal".to_owned(),
            json!({ "type": "unfollowChannel", "body": told })
        )]
    );
    assert_eq!(
        world.ok("channels/followed", &alice, json!({})).await,
        json!([])
    );
    for endpoint in [
        "follow",
        "unfollow",
        "show",
        "timeline",
        "mute/create",
        "mute/delete",
    ] {
        let endpoint = format!("channels/{endpoint}");
        let answer = world
            .err(&endpoint, Some(&alice), json!({ "channelId": "x" }))
            .await;
        assert_eq!(answer, (400, "NO_SUCH_CHANNEL".to_owned()), "{endpoint}");
    }
}

#[tokio::test]
async fn a_mute_of_a_channel_ends_by_itself_or_by_hand() {
    let (mut world, alice, bob) = people().await;
    let id = make(&world, &bob, "C").await;
    let now = 1_795_462_686_720_u64;
    let mute = |until: Value| json!({ "channelId": id, "expiresAt": until });
    let create = async |world: &World, until: Value| {
        world
            .post("channels/mute/create", Some(&alice), mute(until))
            .await
    };
    let past = create(&world, json!(now)).await.1;
    assert_eq!(past["error"]["code"], "EXPIRES_AT_IS_PAST");
    assert_eq!(create(&world, json!(now + 1000)).await.0, 204);
    assert_eq!(
        world.events(),
        [(
            "internal".to_owned(),
            json!({
                "type": "muteChannel",
                "body": { "userId": alice.id, "channelId": id, "expiresAt": now + 1000 },
            })
        )]
    );
    let again = create(&world, Value::Null).await.1;
    assert_eq!(again["error"]["code"], "ALREADY_MUTING_CHANNEL");
    assert_eq!(
        names(&world.ok("channels/mute/list", &alice, json!({})).await),
        ["C"]
    );
    world.clock.set(now + 1000);
    assert_eq!(
        world.ok("channels/mute/list", &alice, json!({})).await,
        json!([])
    );
    assert_eq!(create(&world, Value::Null).await.0, 204);
    let body = json!({ "channelId": id });
    world.ok("channels/mute/delete", &alice, body.clone()).await;
    assert_eq!(
        world.kinds(),
        ["internal muteChannel", "internal unmuteChannel"]
    );
    let answer = world.err("channels/mute/delete", Some(&alice), body).await;
    assert_eq!(answer.1, "NOT_MUTING_CHANNEL");
}

#[tokio::test]
async fn channels_are_found() {
    let (world, alice, bob) = people().await;
    let (cats, dogs) = (
        make(&world, &bob, "Cats").await,
        make(&world, &bob, "100% dogs").await,
    );
    let body = json!({ "channelId": cats, "description": "purr_purr" });
    world.ok("channels/update", &bob, body).await;
    for (query, found) in [
        (json!({ "query": "cat" }), vec!["Cats"]),
        (json!({ "query": "%" }), vec!["100% dogs"]),
        (json!({ "query": "r_p" }), vec!["Cats"]),
        (json!({ "query": "purr", "type": "nameOnly" }), vec![]),
        (json!({ "query": "" }), vec!["100% dogs", "Cats"]),
        (json!({ "query": "", "untilId": dogs }), vec!["Cats"]),
    ] {
        let answer = world.ok("channels/search", &alice, query.clone()).await;
        assert_eq!(names(&answer), found, "{query}");
    }
    assert_eq!(
        world.ok("channels/featured", &alice, json!({})).await,
        json!([])
    );
    let note = json!({ "text": "woof", "channelId": dogs });
    world.ok("notes/create", &alice, note).await;
    assert_eq!(
        names(&world.ok("channels/featured", &alice, json!({})).await),
        ["100% dogs"]
    );
    let owned = world
        .ok("channels/owned", &bob, json!({ "sinceId": "0" }))
        .await;
    assert_eq!(names(&owned), ["Cats", "100% dogs"]);
    let archive = json!({ "channelId": cats, "isArchived": true });
    world.ok("channels/update", &bob, archive).await;
    assert_eq!(
        names(&world.ok("channels/owned", &bob, json!({})).await),
        ["100% dogs"]
    );
}

#[tokio::test]
async fn a_channels_notes_are_for_those_who_want_and_may_see_them() {
    let (mut world, alice, bob) = people().await;
    let carol = world.signup("carol").await;
    let (id, other) = (make(&world, &bob, "C").await, make(&world, &bob, "D").await);
    let write = async |world: &World, who: &Person, body: Value| {
        world.ok("notes/create", who, body).await["createdNote"]["id"].clone()
    };
    write(&world, &bob, json!({ "text": "one", "channelId": id })).await;
    write(&world, &bob, json!({ "text": "elsewhere" })).await;
    let far = write(&world, &bob, json!({ "text": "far", "channelId": other })).await;
    let quote = json!({ "text": "quote", "renoteId": far, "channelId": id });
    write(&world, &carol, quote).await;
    write(&world, &carol, json!({ "text": "two", "channelId": id })).await;
    let read = async |who: Option<&Person>, more: Value| {
        let mut body = json!({ "channelId": id });
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        world.post("channels/timeline", who, body).await.1
    };
    let all = ["two", "quote", "one"];
    assert_eq!(names(&read(None, json!({})).await), all);
    assert_eq!(
        names(&read(Some(&alice), json!({ "limit": 1 })).await),
        ["two"]
    );
    assert_eq!(
        names(&read(Some(&alice), json!({ "sinceId": "0" })).await),
        ["one", "quote", "two"]
    );
    let mute = |id: &str| json!({ "channelId": id });
    world.ok("channels/mute/create", &alice, mute(&id)).await;
    assert_eq!(
        names(&read(Some(&alice), json!({})).await),
        all,
        "who looks at it sees it"
    );
    world.ok("channels/mute/create", &alice, mute(&other)).await;
    assert_eq!(names(&read(Some(&alice), json!({})).await), ["two", "one"]);
    world
        .sql(&format!(
            "INSERT INTO block VALUES ('b', '{}', '{}')",
            bob.id, alice.id
        ))
        .await;
    assert_eq!(names(&read(Some(&alice), json!({})).await), ["two"]);
    world
        .sql(&format!(
            "INSERT INTO mute VALUES ('m', '{}', '{}', NULL)",
            alice.id, carol.id
        ))
        .await;
    assert_eq!(
        names(&read(Some(&alice), json!({})).await),
        Vec::<&str>::new()
    );
    assert_eq!(names(&read(Some(&carol), json!({})).await), all);
    world
        .sql("UPDATE user SET require_signin = 1 WHERE username = 'carol'")
        .await;
    assert_eq!(names(&read(None, json!({})).await), ["one"]);
}

#[tokio::test]
async fn renotes_of_those_whose_renotes_are_muted_do_not_show() {
    let (world, alice, bob) = people().await;
    let id = make(&world, &bob, "C").await;
    let note = json!({ "text": "root", "channelId": id });
    let note = world.ok("notes/create", &alice, note).await;
    let renote = json!({ "renoteId": note["createdNote"]["id"], "channelId": id });
    world.ok("notes/create", &bob, renote).await;
    let count = async || {
        let notes = world
            .ok("channels/timeline", &alice, json!({ "channelId": id }))
            .await;
        notes.as_array().unwrap().len()
    };
    assert_eq!(count().await, 2);
    let sql = format!(
        "INSERT INTO renote_mute VALUES ('r', '{}', '{}')",
        alice.id, bob.id
    );
    world.sql(&sql).await;
    assert_eq!(count().await, 1);
}
