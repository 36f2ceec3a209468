use serde_json::{Value, json};

use super::{friends, reminders, room, texts};
use crate::limits::{CHAT_ROOM_MEMBERS_MAX, CHAT_ROOM_NAME_MAX};
use crate::testing::{Person, World, keys};

const START_MS: u64 = 1_795_462_686_720;

async fn say(world: &World, who: &Person, room: &str, text: &str) -> Value {
    let body = json!({ "toRoomId": room, "text": text });
    world.ok("chat/messages/create-to-room", who, body).await
}

#[tokio::test]
async fn an_invitation_is_told_of_and_becomes_a_membership() {
    let mut world = World::new();
    let (alice, bob) = friends(&mut world).await;
    let created = world
        .ok("chat/rooms/create", &alice, json!({ "name": "room" }))
        .await;
    assert_eq!(
        keys(&created),
        [
            "id",
            "createdAt",
            "name",
            "description",
            "ownerId",
            "owner",
            "isMuted",
            "invitationExists"
        ]
    );
    let here = json!({ "roomId": created["id"] });
    let invite = json!({ "roomId": created["id"], "userId": bob.id });
    world.events();
    let invitation = world
        .ok("chat/rooms/invitations/create", &alice, invite.clone())
        .await;
    assert_eq!(
        keys(&invitation),
        ["id", "createdAt", "roomId", "room", "userId", "user"]
    );
    let events = world.events();
    let told = events
        .iter()
        .find(|(topic, _)| topic.starts_with("mainStream"))
        .unwrap();
    let notification = &told.1["body"];
    assert_eq!(told.0, format!("mainStream:{}", bob.id));
    assert_eq!(notification["type"], "chatRoomInvitationReceived");
    assert_eq!(
        notification["invitation"]["room"]["invitationExists"],
        json!(true)
    );
    let again = world
        .err("chat/rooms/invitations/create", Some(&alice), invite)
        .await;
    assert_eq!(again, (400, "ALREADY_INVITED".to_owned()));
    let inbox = world
        .ok("chat/rooms/invitations/inbox", &bob, json!({}))
        .await;
    assert_eq!(inbox[0]["id"], invitation["id"]);
    let outbox = world
        .ok("chat/rooms/invitations/outbox", &alice, here.clone())
        .await;
    assert_eq!(outbox[0]["user"]["id"], bob.id);
    world
        .ok("chat/rooms/invitations/ignore", &bob, here.clone())
        .await;
    let inbox = world
        .ok("chat/rooms/invitations/inbox", &bob, json!({}))
        .await;
    assert_eq!(inbox, json!([]));

    world.ok("chat/rooms/join", &bob, here.clone()).await;
    let joining = world.ok("chat/rooms/joining", &bob, json!({})).await;
    assert_eq!(joining[0]["room"]["id"], created["id"]);
    let members = world.ok("chat/rooms/members", &bob, here).await;
    assert_eq!(members[0]["user"]["id"], bob.id);
    let owned = world.ok("chat/rooms/owned", &alice, json!({})).await;
    assert_eq!(owned[0]["id"], created["id"]);
    assert_eq!(
        world.ok("chat/rooms/owned", &bob, json!({})).await,
        json!([])
    );
}

#[tokio::test]
async fn everyone_in_a_room_but_who_mutes_it_is_reminded() {
    let mut world = World::new();
    let (alice, bob) = friends(&mut world).await;
    let (carol, dave) = (world.signup("carol").await, world.signup("dave").await);
    let id = room(&world, &alice, &[&bob, &carol, &dave]).await;
    world
        .ok(
            "chat/rooms/mute",
            &dave,
            json!({ "roomId": id, "mute": true }),
        )
        .await;
    world.events();
    let message = say(&world, &bob, &id, "hi").await;
    assert_eq!(
        keys(&message),
        [
            "id",
            "createdAt",
            "text",
            "fromUserId",
            "fromUser",
            "toRoomId",
            "fileId",
            "file",
            "reactions"
        ]
    );
    assert_eq!(
        world.events(),
        [(
            format!("chatRoomStream:{id}"),
            json!({ "type": "message", "body": message })
        )]
    );
    let read = world
        .ok(
            "chat/messages/room-timeline",
            &carol,
            json!({ "roomId": id }),
        )
        .await;
    assert_eq!(texts(&read), ["hi"]);
    world.clock.set(START_MS + 3_000);
    let people = [
        ("alice", &alice),
        ("bob", &bob),
        ("carol", &carol),
        ("dave", &dave),
    ];
    assert_eq!(reminders(&mut world, &people).await, ["alice hi"]);
}

#[tokio::test]
async fn a_reaction_in_a_room_says_whose_it_is() {
    let mut world = World::new();
    let (alice, bob) = friends(&mut world).await;
    let id = room(&world, &alice, &[&bob]).await;
    let message = say(&world, &alice, &id, "hi").await;
    world.events();
    let body = json!({ "messageId": message["id"], "reaction": ":nosuch:" });
    world.ok("chat/messages/react", &bob, body).await;
    let events = world.events();
    assert_eq!(events[0].0, format!("chatRoomStream:{id}"));
    assert_eq!(events[0].1["type"], "react");
    assert_eq!(
        keys(&events[0].1["body"]),
        ["messageId", "user", "reaction"]
    );
    assert_eq!(events[0].1["body"]["reaction"], "❤");
}

#[tokio::test]
async fn a_room_is_for_those_who_are_in_it() {
    let mut world = World::new();
    let (alice, bob) = friends(&mut world).await;
    let carol = world.signup("carol").await;
    let id = room(&world, &alice, &[&bob]).await;
    let message = say(&world, &alice, &id, "hi").await;
    let here = json!({ "roomId": id });
    let rename = json!({ "roomId": id, "name": "x" });
    let invite = json!({ "roomId": id, "userId": carol.id });
    let at_message = json!({ "messageId": message["id"] });
    let react = json!({ "messageId": message["id"], "reaction": "👍" });
    let write = json!({ "toRoomId": id, "text": "x" });
    let search = json!({ "query": "hi", "roomId": id });
    let mute = json!({ "roomId": id, "mute": true });
    let of_strangers = [
        ("chat/messages/create-to-room", &write, "NO_SUCH_ROOM"),
        ("chat/messages/room-timeline", &here, "NO_SUCH_ROOM"),
        ("chat/messages/search", &search, "NO_SUCH_ROOM"),
        ("chat/messages/show", &at_message, "NO_SUCH_MESSAGE"),
        ("chat/messages/react", &react, "NO_SUCH_MESSAGE"),
        ("chat/messages/unreact", &react, "NO_SUCH_MESSAGE"),
        ("chat/rooms/show", &here, "NO_SUCH_ROOM"),
        ("chat/rooms/members", &here, "NO_SUCH_ROOM"),
        ("chat/rooms/join", &here, "NO_SUCH_ROOM"),
        ("chat/rooms/leave", &here, "NO_SUCH_ROOM"),
        ("chat/rooms/mute", &mute, "NO_SUCH_ROOM"),
        ("chat/rooms/invitations/ignore", &here, "NO_SUCH_ROOM"),
    ];
    let of_members = [
        ("chat/rooms/update", &rename, "NO_SUCH_ROOM"),
        ("chat/rooms/delete", &here, "NO_SUCH_ROOM"),
        ("chat/rooms/invitations/create", &invite, "NO_SUCH_ROOM"),
        ("chat/rooms/invitations/outbox", &here, "NO_SUCH_ROOM"),
    ];
    let strangers = of_strangers
        .iter()
        .chain(&of_members)
        .map(|row| (&carol, row));
    let members = of_members.iter().map(|row| (&bob, row));
    for (who, (endpoint, body, code)) in strangers.chain(members) {
        let error = world.err(endpoint, Some(who), (*body).clone()).await;
        assert_eq!(error, (400, (*code).to_owned()), "{endpoint}");
    }
    // One who leaves becomes a stranger.
    world.ok("chat/rooms/leave", &bob, here.clone()).await;
    for (endpoint, body, code) in of_strangers {
        let error = world.err(endpoint, Some(&bob), body.clone()).await;
        assert_eq!(error, (400, code.to_owned()), "{endpoint}");
    }
}

#[tokio::test]
async fn an_owner_cannot_leave_a_room_but_delete_it() {
    let mut world = World::new();
    let (alice, bob) = friends(&mut world).await;
    let carol = world.signup("carol").await;
    let id = room(&world, &bob, &[&carol]).await;
    say(&world, &bob, &id, "hi").await;
    let here = json!({ "roomId": id });
    let error = world
        .err("chat/rooms/leave", Some(&bob), here.clone())
        .await;
    assert_eq!(error, (400, "OWNER_CANNOT_LEAVE".to_owned()));
    let renamed = world
        .ok(
            "chat/rooms/update",
            &bob,
            json!({ "roomId": id, "name": "new" }),
        )
        .await;
    assert_eq!(renamed["name"], "new");
    world.ok("chat/rooms/delete", &bob, here.clone()).await;
    let error = world
        .err("chat/rooms/show", Some(&carol), here.clone())
        .await;
    assert_eq!(error, (400, "NO_SUCH_ROOM".to_owned()));
    let me = world.ok("i", &carol, json!({})).await;
    assert_eq!(me["hasUnreadChatMessages"], false);
    // An administrator deletes rooms of others.
    let id = room(&world, &bob, &[]).await;
    world
        .ok("chat/rooms/delete", &alice, json!({ "roomId": id }))
        .await;
}

#[tokio::test]
async fn a_room_has_room_for_so_many() {
    let mut world = World::new();
    let (alice, bob) = friends(&mut world).await;
    let id = room(&world, &alice, &[]).await;
    for n in 0..CHAT_ROOM_MEMBERS_MAX {
        world
            .sql(&format!(
                "INSERT INTO user (id, username, username_lower) VALUES ('u{n}', 'u{n}', 'u{n}');
                 INSERT INTO chat_room_member (id, room_id, user_id) VALUES ('m{n}', '{id}', 'u{n}')"
            ))
            .await;
    }
    let invite = json!({ "roomId": id, "userId": bob.id });
    let error = world
        .err("chat/rooms/invitations/create", Some(&alice), invite)
        .await;
    assert_eq!(error, (400, "TOO_MANY_MEMBERS".to_owned()));
    let name = "x".repeat(CHAT_ROOM_NAME_MAX + 1);
    let error = world
        .err("chat/rooms/create", Some(&alice), json!({ "name": name }))
        .await;
    assert_eq!(error, (400, "INVALID_PARAM".to_owned()));
}
