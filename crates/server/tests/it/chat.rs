//! Chats: who hears of them, and what is read.

use std::time::Duration;

use backend::Chat;
use protocol::id::RoomId;
use serde_json::json;

use crate::support::{Server, soon, user};

#[tokio::test]
async fn whoever_leaves_a_room_hears_no_more_of_it() {
    let server = Server::start_rereading(Duration::from_millis(20));
    let mut alice = server.login("alice").await;
    let params = json!({"roomId": "room-of-alice"});
    alice.join("chatRoom", "room", params.clone()).await;
    alice.join("localTimeline", "local", json!({})).await;
    let room = RoomId::parse("room-of-alice").unwrap();
    server.backend.left_rooms.lock().unwrap().insert(room);
    // The note that follows a message of the room comes without it, in the end.
    soon(async {
        loop {
            let message = json!({"type": "message", "body": {}});
            let topic = "chatRoomStream:room-of-alice";
            server.backend.publish(topic, &message).await;
            server.backend.note("bob", "behind").await;
            let (id, ..) = alice.event().await;
            if id == "local" {
                return;
            }
            assert_eq!(alice.note().await.1, "behind");
        }
    })
    .await;
    // She doesn't get in again either.
    let body = json!({"channel": "chatRoom", "id": "again", "params": params, "pong": true});
    alice.send("connect", body).await;
    alice.join("globalTimeline", "global", json!({})).await;
}

#[tokio::test]
async fn chats_are_read_by_those_who_joined_them() {
    let server = Server::start();
    let mut alice = server.login("alice").await;
    let room = json!({"roomId": "room-of-alice"});
    alice.join("chatRoom", "room", room).await;
    alice
        .join("chatUser", "user", json!({"otherId": "bob"}))
        .await;
    alice.join("main", "main", json!({})).await;
    for id in ["nobody", "main", "user", "room"] {
        let read = json!({"id": id, "type": "read", "body": {}});
        alice.send("channel", read).await;
    }
    let reads = &server.backend.chat_reads;
    soon(async {
        while reads.lock().unwrap().len() < 2 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let alice = user("alice");
    let with = (alice.clone(), Chat::With(user("bob")));
    let within = (alice, Chat::In(RoomId::parse("room-of-alice").unwrap()));
    let reads = reads.lock().unwrap().clone();
    assert!(
        reads.len() == 2 && reads.contains(&with) && reads.contains(&within),
        "{reads:?}"
    );
    // The one on `main` means nothing.
    server
        .metric_becomes("seseragi_operations_ignored_total", 1.0)
        .await;
}
