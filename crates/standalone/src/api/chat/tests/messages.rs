use serde_json::{Value, json};

use super::{friends, reminders, room, texts, write};
use crate::limits::{CHAT_REACTIONS_MAX, CHAT_TEXT_MAX};
use crate::testing::{World, keys};

const START_MS: u64 = 1_795_462_686_720;

#[tokio::test]
async fn a_message_is_told_of_on_both_sides_and_later_on_main() {
    let mut world = World::new();
    let (alice, bob) = friends(&mut world).await;
    let message = write(&world, &alice, &bob, "hi").await;
    assert_eq!(
        keys(&message),
        [
            "id",
            "createdAt",
            "text",
            "fromUserId",
            "toUserId",
            "fileId",
            "file",
            "reactions"
        ]
    );
    let (a, b) = (&alice.id, &bob.id);
    let event = json!({ "type": "message", "body": message });
    assert_eq!(
        world.events(),
        [
            (format!("chatUserStream:{a}-{b}"), event.clone()),
            (format!("chatUserStream:{b}-{a}"), event),
        ]
    );
    world.clock.set(START_MS + 2_999);
    assert_eq!(world.app.do_due().await.unwrap(), START_MS + 3_000);
    assert_eq!(world.events(), []);
    world.clock.set(START_MS + 3_000);
    assert_eq!(world.app.do_due().await.unwrap(), u64::MAX);
    let [(topic, event)] = &world.events()[..] else {
        panic!("one event")
    };
    assert_eq!(*topic, format!("mainStream:{b}"));
    assert_eq!(event["type"], "newChatMessage");
    let shown = &event["body"];
    assert_eq!(
        (&shown["id"], &shown["toUser"]["id"], &shown["toRoomId"]),
        (&message["id"], &json!(b), &Value::Null)
    );
}

#[tokio::test]
async fn nobody_is_reminded_of_what_they_read_or_from_whom_they_mute() {
    let mut world = World::new();
    let (alice, bob) = friends(&mut world).await;
    let people = [("alice", &alice), ("bob", &bob)];
    write(&world, &alice, &bob, "read").await;
    let read = world.ok(
        "chat/messages/user-timeline",
        &bob,
        json!({ "userId": alice.id }),
    );
    assert_eq!(texts(&read.await), ["read"]);
    world.clock.set(START_MS + 4_000);
    assert_eq!(
        reminders(&mut world, &people).await,
        Vec::<String>::default()
    );

    write(&world, &alice, &bob, "unread").await;
    world.clock.set(START_MS + 8_000);
    assert_eq!(reminders(&mut world, &people).await, ["bob unread"]);

    world.ok("chat/read-all", &bob, json!({})).await;
    write(&world, &alice, &bob, "muted").await;
    world
        .ok("mute/create", &bob, json!({ "userId": alice.id }))
        .await;
    world.clock.set(START_MS + 12_000);
    assert_eq!(
        reminders(&mut world, &people).await,
        Vec::<String>::default()
    );
}

#[tokio::test]
async fn who_may_begin_is_for_the_recipient_to_say_and_answers_are_welcome() {
    let mut world = World::new();
    let (alice, bob) = friends(&mut world).await;
    let to_bob = json!({ "toUserId": bob.id, "text": "x" });
    let refused = (400, "RECIPIENT_TAKES_NO_CHATS".to_owned());
    let begin = async |world: &World| {
        let (status, answer) = world
            .post("chat/messages/create-to-user", Some(&alice), to_bob.clone())
            .await;
        match status {
            200 => true,
            _ => {
                assert_eq!(
                    (status, answer["error"]["code"].as_str().unwrap().to_owned()),
                    refused
                );
                false
            }
        }
    };
    let follow = |follower, followee: &crate::testing::Person| {
        world.ok(
            "following/create",
            follower,
            json!({ "userId": followee.id }),
        )
    };
    let scopes = ["everyone", "followers", "following", "mutual", "none"];
    let mut seen = Vec::new();
    for step in 0..3 {
        match step {
            1 => drop(follow(&alice, &bob).await),
            2 => drop(follow(&bob, &alice).await),
            _ => {}
        }
        for scope in scopes {
            // Straight to the store: `i/update` has a limit.
            let set = json!({ "chatScope": scope });
            world
                .sql(&format!(
                    "UPDATE user SET settings = '{set}' WHERE id = '{}'",
                    bob.id
                ))
                .await;
            if begin(&world).await {
                seen.push((step, scope));
            }
        }
    }
    assert_eq!(
        seen,
        [
            (0, "everyone"),
            (1, "everyone"),
            (1, "followers"),
            (2, "everyone"),
            (2, "followers"),
            (2, "following"),
            (2, "mutual"),
        ]
    );
    // Bob takes nothing from anyone, but has written to Alice.
    write(&world, &bob, &alice, "hello").await;
    assert!(begin(&world).await);
}

#[tokio::test]
async fn a_block_ends_a_chat_in_both_directions() {
    let mut world = World::new();
    let (alice, bob) = friends(&mut world).await;
    write(&world, &alice, &bob, "hi").await;
    world
        .ok("blocking/create", &bob, json!({ "userId": alice.id }))
        .await;
    for (from, to, code) in [
        (&alice, &bob, "YOU_HAVE_BEEN_BLOCKED"),
        (&bob, &alice, "RECIPIENT_IS_BLOCKED"),
    ] {
        let body = json!({ "toUserId": to.id, "text": "x" });
        let error = world
            .err("chat/messages/create-to-user", Some(from), body)
            .await;
        assert_eq!(error, (400, code.to_owned()));
    }
}

#[tokio::test]
async fn a_reaction_is_one_of_the_other_side() {
    let mut world = World::new();
    let (alice, bob) = friends(&mut world).await;
    let carol = world.signup("carol").await;
    let message = write(&world, &alice, &bob, "hi").await;
    let body = |reaction: &str| json!({ "messageId": message["id"], "reaction": reaction });
    for (who, code) in [
        (&alice, "CANNOT_REACT_TO_OWN_MESSAGE"),
        (&carol, "NO_SUCH_MESSAGE"),
    ] {
        let error = world
            .err("chat/messages/react", Some(who), body("👍"))
            .await;
        assert_eq!(error, (400, code.to_owned()));
    }
    world.events();
    for (endpoint, reaction) in [
        ("chat/messages/react", "❤️"),
        ("chat/messages/react", "❤"),
        ("chat/messages/react", "👍"),
        ("chat/messages/unreact", "❤️"),
        ("chat/messages/unreact", "❤️"),
    ] {
        world.ok(endpoint, &bob, body(reaction)).await;
    }
    let told: Vec<(String, Value)> = world.events();
    let told: Vec<_> = told
        .iter()
        .step_by(2)
        .map(|(_, event)| {
            (
                event["type"].as_str().unwrap(),
                event["body"]["reaction"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(told, [("react", "❤"), ("react", "👍"), ("unreact", "❤")]);
    let shown = world
        .ok(
            "chat/messages/show",
            &alice,
            json!({ "messageId": message["id"] }),
        )
        .await;
    assert_eq!(shown["reactions"][0]["reaction"], "👍");
    assert_eq!(shown["reactions"][0]["user"]["id"], bob.id);
    let id = message["id"].as_str().unwrap();
    for n in 1..CHAT_REACTIONS_MAX {
        world
            .sql(&format!(
                "INSERT INTO chat_reaction (message_id, user_id, reaction)
                 VALUES ('{id}', '{}', 'r{n}')",
                bob.id
            ))
            .await;
    }
    let error = world
        .err("chat/messages/react", Some(&bob), body("🎉"))
        .await;
    assert_eq!(error, (400, "TOO_MANY_REACTIONS".to_owned()));
}

#[tokio::test]
async fn history_has_the_last_message_of_each_chat_and_search_those_of_mine() {
    let mut world = World::new();
    let (alice, bob) = friends(&mut world).await;
    let carol = world.signup("carol").await;
    write(&world, &alice, &bob, "first").await;
    write(&world, &bob, &alice, "second").await;
    write(&world, &carol, &alice, "from Carol").await;
    write(&world, &carol, &bob, "not for Alice").await;
    let room_id = room(&world, &bob, &[&alice]).await;
    let body = json!({ "toRoomId": room_id, "text": "in the room, first" });
    world.ok("chat/messages/create-to-room", &bob, body).await;

    let with_users = world.ok("chat/history", &alice, json!({})).await;
    assert_eq!(texts(&with_users), ["from Carol", "second"]);
    assert_eq!(with_users[0]["isRead"], false);
    let in_rooms = world
        .ok("chat/history", &alice, json!({ "room": true }))
        .await;
    assert_eq!(texts(&in_rooms), ["in the room, first"]);
    assert_eq!(in_rooms[0]["toRoom"]["id"], room_id);

    let search = async |person, query: &str, among: Value| {
        let mut body = among;
        body["query"] = query.into();
        world.ok("chat/messages/search", person, body).await
    };
    let found = search(&alice, "FIRST", json!({})).await;
    assert_eq!(texts(&found), ["in the room, first", "first"]);
    let found = search(&alice, "first", json!({ "userId": bob.id })).await;
    assert_eq!(texts(&found), ["first"]);
    let found = search(&alice, "first", json!({ "roomId": room_id })).await;
    assert_eq!(texts(&found), ["in the room, first"]);
    assert_eq!(search(&carol, "first", json!({})).await, json!([]));
    assert_eq!(search(&alice, "%", json!({})).await, json!([]));

    let me = world.ok("i", &alice, json!({})).await;
    assert_eq!(me["hasUnreadChatMessages"], true);
    world.ok("chat/read-all", &alice, json!({})).await;
    let me = world.ok("i", &alice, json!({})).await;
    assert_eq!(me["hasUnreadChatMessages"], false);
    let with_users = world.ok("chat/history", &alice, json!({})).await;
    assert_eq!(with_users[0]["isRead"], true);
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused() {
    let mut world = World::new();
    let (alice, bob) = friends(&mut world).await;
    let remote = world.signup("far@away.example").await;
    let long = "x".repeat(CHAT_TEXT_MAX + 1);
    for (to, rest, code) in [
        (&alice.id, json!({ "text": "x" }), "RECIPIENT_IS_YOURSELF"),
        (&"nobody".to_owned(), json!({ "text": "x" }), "NO_SUCH_USER"),
        (
            &remote.id,
            json!({ "text": "x" }),
            "RECIPIENT_TAKES_NO_CHATS",
        ),
        (&bob.id, json!({}), "CONTENT_REQUIRED"),
        (&bob.id, json!({ "text": " " }), "CONTENT_REQUIRED"),
        (&bob.id, json!({ "text": long }), "INVALID_PARAM"),
        (&bob.id, json!({ "fileId": "nofile" }), "NO_SUCH_FILE"),
        (&bob.id, json!({ "fileId": "../x" }), "INVALID_PARAM"),
        (&bob.id, json!({ "text": ["x"] }), "INVALID_PARAM"),
    ] {
        let mut body = rest.clone();
        body["toUserId"] = to.as_str().into();
        let error = world
            .err("chat/messages/create-to-user", Some(&alice), body)
            .await;
        assert_eq!(error, (400, code.to_owned()), "{to} {rest}");
    }
}

#[tokio::test]
async fn a_message_is_its_authors_to_delete_and_for_both_to_see() {
    let mut world = World::new();
    let (alice, bob) = friends(&mut world).await;
    let carol = world.signup("carol").await;
    let message = write(&world, &alice, &bob, "hi").await;
    let body = json!({ "messageId": message["id"] });
    for (endpoint, who) in [
        ("chat/messages/delete", &bob),
        ("chat/messages/delete", &carol),
        ("chat/messages/show", &carol),
    ] {
        let error = world.err(endpoint, Some(who), body.clone()).await;
        assert_eq!(error, (400, "NO_SUCH_MESSAGE".to_owned()), "{endpoint}");
    }
    world.ok("chat/messages/show", &bob, body.clone()).await;
    world.ok("chat/messages/delete", &alice, body.clone()).await;
    let error = world.err("chat/messages/show", Some(&bob), body).await;
    assert_eq!(error, (400, "NO_SUCH_MESSAGE".to_owned()));
}

#[tokio::test]
async fn a_policy_closes_the_chat() {
    let mut world = World::new();
    let (alice, bob) = friends(&mut world).await;
    for (policy, reads, writes) in [
        ("readonly", true, false),
        ("unavailable", false, false),
        ("available", true, true),
    ] {
        let policies = json!({ "policies": { "chatAvailability": policy } });
        world
            .ok("admin/roles/update-default-policies", &alice, policies)
            .await;
        let (status, _) = world.post("chat/history", Some(&alice), json!({})).await;
        assert_eq!(status == 200, reads, "{policy}");
        let body = json!({ "toUserId": bob.id, "text": "x" });
        let (status, answer) = world
            .post("chat/messages/create-to-user", Some(&alice), body)
            .await;
        assert_eq!(status == 200, writes, "{policy} {answer}");
    }
}
