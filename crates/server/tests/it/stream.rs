//! Events on their way to clients.

use std::sync::atomic::Ordering;

use backend::{FollowRecord, ListRecord, PolicyRecord, VisitorScope};
use protocol::id::ListId;
use serde_json::json;

use crate::support::{Fake, Server, masked, soon, user};

#[tokio::test]
async fn a_note_comes_on_the_local_timeline() {
    let server = Server::start();
    let mut client = server.visitor().await;
    client.join("localTimeline", "a", json!({})).await;
    server.backend.note("bob", "hello").await;
    assert_eq!(client.note().await, ("a".into(), "hello".into()));
}

#[tokio::test]
async fn notes_come_in_order_on_every_channel_and_connection() {
    let server = Server::start();
    let mut clients = Vec::new();
    for _ in 0..10 {
        let mut client = server.visitor().await;
        client.join("localTimeline", "local", json!({})).await;
        clients.push(client);
    }
    for index in 0..200 {
        server.backend.note("bob", &index.to_string()).await;
    }
    for client in &mut clients {
        for index in 0..200 {
            assert_eq!(client.note().await.1, index.to_string());
        }
    }
}

#[tokio::test]
async fn a_follow_counts_for_the_next_note() {
    let server = Server::start();
    let mut client = server.login("alice").await;
    client.join("homeTimeline", "home", json!({})).await;
    server.backend.note("bob", "before").await;
    server.backend.follow("alice", "bob").await;
    server.backend.note("bob", "after").await;
    assert_eq!(client.note().await, ("home".into(), "after".into()));
    // A second connection starts with the same relations.
    let mut second = server.login("alice").await;
    second.join("homeTimeline", "again", json!({})).await;
    server.backend.note("bob", "both").await;
    assert_eq!(client.note().await.1, "both");
    assert_eq!(second.note().await, ("again".into(), "both".into()));
}

#[tokio::test]
async fn a_mute_counts_for_the_next_note() {
    let server = Server::start();
    let mut client = server.login("alice").await;
    client.join("localTimeline", "a", json!({})).await;
    server.backend.note("bob", "before").await;
    let mute = json!({"muterId": "alice", "muteeId": "bob", "expiresAt": null});
    server.backend.internal("mute", mute.clone()).await;
    server.backend.note("bob", "muted").await;
    server.backend.note("carol", "other").await;
    server.backend.internal("unmute", mute).await;
    server.backend.note("bob", "after").await;
    for text in ["before", "other", "after"] {
        assert_eq!(client.note().await.1, text);
    }
}

#[tokio::test]
async fn captured_notes_tell_what_happens_to_them() {
    let server = Server::start();
    let mut client = server.login("alice").await;
    client.send("subNote", json!({"id": "n1"})).await;
    client.settle().await;
    let reacted = |note: &str| {
        let body = json!({"reaction": "👍", "userId": "bob"});
        json!({"type": "reacted", "body": {
            "id": note, "userId": "bob", "visibility": "public", "visibleUserIds": [], "body": body,
        }})
    };
    server
        .backend
        .publish("noteStream:n0", &reacted("n0"))
        .await;
    server
        .backend
        .publish("noteStream:n1", &reacted("n1"))
        .await;
    let event = client.json().await;
    assert_eq!(event["type"], "noteUpdated", "{event}");
    assert_eq!(event["body"]["id"], "n1");
    assert_eq!(
        event["body"]["body"],
        json!({"reaction": "👍", "userId": "bob"})
    );
    client.send("unsubNote", json!({"id": "n1"})).await;
    client.join("localTimeline", "a", json!({})).await;
    server
        .backend
        .publish("noteStream:n1", &reacted("n1"))
        .await;
    server.backend.note("bob", "next").await;
    assert_eq!(client.note().await.1, "next");
}

#[tokio::test]
async fn main_brings_what_comes_for_its_user() {
    let server = Server::start();
    let mut alice = server.login("alice").await;
    let mut bob = server.login("bob").await;
    alice.join("main", "m", json!({})).await;
    bob.join("main", "m", json!({})).await;
    let event = |text: &str| json!({"type": "meUpdated", "body": {"name": text}});
    server
        .backend
        .publish("mainStream:alice", &event("a"))
        .await;
    server.backend.publish("mainStream:bob", &event("b")).await;
    assert_eq!(
        alice.event().await,
        ("m".into(), "meUpdated".into(), json!({"name": "a"}))
    );
    assert_eq!(
        bob.event().await,
        ("m".into(), "meUpdated".into(), json!({"name": "b"}))
    );
}

#[tokio::test]
async fn a_list_is_its_owners_alone() {
    let server = Server::start();
    let member = FollowRecord {
        user: user("bob"),
        with_replies: false,
    };
    let list = ListRecord {
        owner: user("alice"),
        members: vec![member],
    };
    server
        .backend
        .lists
        .lock()
        .unwrap()
        .insert(ListId::parse("l").unwrap(), list);
    let mut alice = server.login("alice").await;
    alice.join("userList", "list", json!({"listId": "l"})).await;
    let mut carol = server.login("carol").await;
    let body = json!({"channel": "userList", "id": "x", "params": {"listId": "l"}, "pong": true});
    carol.send("connect", body).await;
    carol.join("localTimeline", "local", json!({})).await;
    server.backend.note("dave", "not on it").await;
    server.backend.note("bob", "on it").await;
    assert_eq!(alice.note().await, ("list".into(), "on it".into()));
    assert_eq!(carol.note().await, ("local".into(), "not on it".into()));
    assert_eq!(carol.note().await, ("local".into(), "on it".into()));
    let added = json!({"userListId": "l", "memberId": "dave"});
    server.backend.internal("userListMemberAdded", added).await;
    server.backend.note("dave", "on it now").await;
    assert_eq!(alice.note().await, ("list".into(), "on it now".into()));
}

#[tokio::test]
async fn a_room_is_for_those_who_are_in_it() {
    let server = Server::start();
    let mut alice = server.login("alice").await;
    alice
        .join("chatRoom", "room", json!({"roomId": "room-of-alice"}))
        .await;
    let strange = json!({"channel": "chatRoom", "id": "x", "params": {"roomId": "room-of-bob"}, "pong": true});
    alice.send("connect", strange).await;
    alice.settle().await;
    for room in ["room-of-bob", "room-of-alice"] {
        let message = json!({"type": "message", "body": {"room": room}});
        server
            .backend
            .publish(&format!("chatRoomStream:{room}"), &message)
            .await;
    }
    let (id, _, body) = alice.event().await;
    assert_eq!(
        (id.as_str(), body["room"].as_str()),
        ("room", Some("room-of-alice"))
    );
}

#[tokio::test]
async fn thirty_two_channels_and_no_more() {
    let server = Server::start();
    let mut client = server.visitor().await;
    for index in 0..32 {
        client
            .join("localTimeline", &format!("c{index}"), json!({}))
            .await;
    }
    let more = json!({"channel": "localTimeline", "id": "c32", "pong": true});
    client.send("connect", more).await;
    client.settle().await;
    server.backend.note("bob", "hello").await;
    let mut ids = Vec::new();
    for _ in 0..32 {
        ids.push(client.note().await.0);
    }
    ids.sort_by_key(|id| id[1..].parse::<u32>().unwrap());
    let expected: Vec<String> = (0..32).map(|index| format!("c{index}")).collect();
    assert_eq!(ids, expected);
    client.settle().await;
}

#[tokio::test]
async fn notifications_are_marked_as_read() {
    let server = Server::start();
    let mut client = server.login("alice").await;
    client.send("readNotification", json!({})).await;
    let backend = &server.backend;
    soon(async {
        while backend.reads.load(Ordering::Relaxed) == 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_suspended_user_is_shown_out() {
    let server = Server::start();
    let mut alice = server.login("alice").await;
    let mut bob = server.login("bob").await;
    alice.settle().await;
    let suspended = json!({"id": "alice", "isSuspended": true});
    server
        .backend
        .internal("userChangeSuspendedState", suspended)
        .await;
    assert_eq!(alice.closed().await, Some(1008));
    bob.settle().await;
}

#[tokio::test]
async fn a_slow_reader_goes_and_the_others_stay() {
    let server = Server::start_with(|limits| limits.mailbox_bytes_max = 65_536);
    let mut slow = server.visitor().await;
    let mut quick = server.visitor().await;
    slow.join("localTimeline", "a", json!({})).await;
    quick.join("localTimeline", "a", json!({})).await;
    let long = "x".repeat(50_000);
    // Enough for what the system keeps for a socket, and for the mailbox.
    let mut sent = 0;
    let name = "seseragi_mailbox_overflows_total";
    while server.metric(name).await == 0.0 {
        server.backend.note("bob", &long).await;
        assert_eq!(quick.note().await.1.len(), long.len());
        sent += 1;
        assert!(sent < 2_000, "the slow reader should have been closed");
    }
    assert_eq!(slow.closed().await, Some(1013));
    server.backend.note("bob", "still here").await;
    assert_eq!(quick.note().await.1, "still here");
}

#[tokio::test]
async fn a_gap_loads_everything_again() {
    let server = Server::start();
    let mut client = server.login("alice").await;
    client.join("homeTimeline", "home", json!({})).await;
    server.backend.gap().await;
    server.backend.note("alice", "mine").await;
    assert_eq!(client.note().await.1, "mine");
    assert_eq!(server.metric("seseragi_event_gaps_total").await, 1.0);
}

#[tokio::test]
async fn what_cannot_be_decoded_is_counted_and_passed_over() {
    let server = Server::start();
    let mut client = server.visitor().await;
    client.join("localTimeline", "a", json!({})).await;
    server
        .backend
        .publish("notesStream", &json!({"id": 5}))
        .await;
    server.backend.note("bob", "good").await;
    assert_eq!(client.note().await.1, "good");
    assert_eq!(server.metric("seseragi_event_errors_total").await, 1.0);
}

#[tokio::test]
async fn statistics_come_and_are_remembered() {
    let server = Server::start();
    let mut client = server.visitor().await;
    client.join("queueStats", "q", json!({})).await;
    let request = json!({"id": "q", "type": "requestLog", "body": {"id": "r", "length": 9}});
    client.send("ch", request).await;
    let (mut id, mut kind, mut body) = client.event().await;
    if kind == "stats" {
        // The server has only just started, and publishes what is in its log already.
        (id, kind, body) = client.event().await;
    }
    assert_eq!((id.as_str(), kind.as_str()), ("q", "statsLog"));
    let counts = json!({"activeSincePrevTick": 0, "active": 0, "waiting": 0, "delayed": 0});
    assert_eq!(body, json!([{"deliver": counts, "inbox": counts}]));
    client.join("serverStats", "s", json!({})).await;
    let (id, kind, body) = client.event().await;
    assert_eq!((id.as_str(), kind.as_str()), ("s", "stats"));
    assert!(body["mem"]["used"].as_u64().unwrap() > 0, "{body}");
    assert!(
        (0.0..=1.0).contains(&body["cpu"].as_f64().unwrap()),
        "{body}"
    );
}

#[tokio::test]
async fn commands_behind_a_join_that_waits_keep_their_order() {
    let server = Server::start_with(|limits| limits.pending_commands_max = 4);
    let mut client = server.login("alice").await;
    let mut all = Vec::new();
    for index in 0..30 {
        let body = match index {
            0 => {
                json!({"channel": "chatRoom", "id": "0", "params": {"roomId": "room-of-alice"}, "pong": true})
            }
            _ => json!({"channel": "localTimeline", "id": index.to_string(), "pong": true}),
        };
        let text = json!({"type": "connect", "body": body}).to_string();
        all.extend(masked(0x81, text.as_bytes()));
    }
    client.bytes(&all).await;
    for index in 0..30 {
        assert_eq!(client.json().await["body"]["id"], index.to_string());
    }
}

#[tokio::test]
async fn a_store_that_fails_lets_nobody_into_a_room() {
    let server = Server::start();
    let mut alice = server.login("alice").await;
    alice.settle().await;
    server.backend.failing.store(true, Ordering::Relaxed);
    let room = json!({"channel": "chatRoom", "id": "x", "params": {"roomId": "room-of-alice"}, "pong": true});
    alice.send("connect", room).await;
    // She is told to come back, rather than left without the channel.
    assert_eq!(alice.closed().await, Some(1012));
    let failed = "seseragi_backend_errors_total{question=\"rooms\"}";
    assert_eq!(server.metric(failed).await, 3.0);
    server.backend.failing.store(false, Ordering::Relaxed);
    let mut alice = server.login("alice").await;
    alice
        .join("chatRoom", "room", json!({"roomId": "room-of-alice"}))
        .await;
}

#[tokio::test]
async fn an_event_over_the_limit_of_a_mailbox_still_comes() {
    let server = Server::start_with(|limits| limits.mailbox_bytes_max = 65_536);
    let mut client = server.visitor().await;
    client.join("localTimeline", "a", json!({})).await;
    let long = "x".repeat(3_000_000);
    server.backend.note("bob", &long).await;
    assert_eq!(client.note().await.1.len(), long.len());
}

#[tokio::test]
async fn a_timeline_with_files_alone_brings_notes_with_files() {
    let server = Server::start();
    let mut client = server.login("alice").await;
    server.backend.follow("alice", "bob").await;
    let file = json!({"fileIds": ["f"], "files": [{"id": "f", "type": "image/png"}]});
    for channel in [
        "homeTimeline",
        "localTimeline",
        "hybridTimeline",
        "globalTimeline",
    ] {
        client
            .join(channel, channel, json!({"withFiles": true}))
            .await;
        server.backend.note("bob", "without").await;
        let mut with = file.clone();
        with["text"] = json!("with");
        server.backend.note_with("bob", with).await;
        assert_eq!(client.note().await, (channel.into(), "with".into()));
        client.send("disconnect", json!({"id": channel})).await;
    }
}

#[tokio::test]
async fn a_timeline_that_is_switched_off_is_not_joined() {
    let server = Server::start();
    let off = PolicyRecord {
        local_timeline: false,
        global_timeline: false,
    };
    *server.backend.policies.lock().unwrap() = off;
    server.backend.internal("policiesUpdated", json!({})).await;
    for mut client in [server.visitor().await, server.login("alice").await] {
        for channel in ["localTimeline", "hybridTimeline", "globalTimeline"] {
            let body = json!({"channel": channel, "id": channel, "pong": true});
            client.send("connect", body).await;
        }
        client.join("hashtag", "last", json!({"q": [["a"]]})).await;
    }
    let on = PolicyRecord {
        local_timeline: true,
        ..off
    };
    *server.backend.policies.lock().unwrap() = on;
    let mut bob = server.login("bob").await;
    let body = json!({"channel": "globalTimeline", "id": "g", "pong": true});
    bob.send("connect", body).await;
    bob.join("hybridTimeline", "h", json!({})).await;
    bob.join("localTimeline", "l", json!({})).await;
}

/// The store says that the token is good, then it is revoked, then the answer arrives.
#[tokio::test]
async fn a_login_that_ends_during_its_own_handshake_opens_nothing() {
    let server = Server::start();
    let backend = &server.backend;
    let mut before = server.login("alice").await;
    before.settle().await;
    let seen = backend.look_ups.load(Ordering::Relaxed);
    let held = backend.answering.write().await;
    let opening = server.login("alice");
    tokio::pin!(opening);
    let revoked = async {
        looked_up(backend, seen + 1).await;
        // Locks are given in the order of asking: the next one to wait is the second look-up,
        // which comes when the user is watched.
        let let_one_pass = async {
            tokio::task::yield_now().await;
            drop(held);
        };
        let (_held, ()) = tokio::join!(backend.answering.write(), let_one_pass);
        looked_up(backend, seen + 2).await;
        let body = json!({"id": "alice", "isSuspended": true});
        backend.internal("userChangeSuspendedState", body).await;
        assert_eq!(before.closed().await, Some(1008));
    };
    let (mut late, ()) = tokio::join!(opening, revoked);
    assert_eq!(late.closed().await, Some(1008));
}

async fn looked_up(backend: &Fake, times: u32) {
    soon(async {
        while backend.look_ups.load(Ordering::Relaxed) < times {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn visitors_see_what_the_server_shows_them() {
    let server = Server::start();
    let remote = json!({"id": "bob", "username": "bob", "name": null, "host": "remote.example"});
    for (scope, seen) in [
        (VisitorScope::All, &["local", "remote"][..]),
        (VisitorScope::Local, &["local"]),
        (VisitorScope::Nothing, &[]),
    ] {
        *server.backend.visitors_see.lock().unwrap() = scope;
        server.backend.internal("metaUpdated", json!({})).await;
        let mut visitor = server.visitor().await;
        visitor.join("globalTimeline", "g", json!({})).await;
        server.backend.note("bob", "local").await;
        let fields = json!({"text": "remote", "user": remote});
        server.backend.note_with("bob", fields).await;
        let last = json!({"type": "emojiAdded", "body": {"emoji": {"name": "last"}}});
        server.backend.publish("broadcast", &last).await;
        for text in seen {
            assert_eq!(visitor.note().await.1, *text, "{scope:?}");
        }
        assert_eq!(visitor.json().await, last, "{scope:?}");
    }
}

#[tokio::test]
async fn broadcasts_reach_every_connection() {
    let server = Server::start();
    let mut clients = [server.visitor().await, server.login("alice").await];
    for client in &mut clients {
        client.settle().await;
    }
    for kind in [
        "emojiAdded",
        "emojiUpdated",
        "emojiDeleted",
        "announcementCreated",
    ] {
        let broadcast = json!({"type": kind, "body": {"emojis": []}});
        server.backend.publish("broadcast", &broadcast).await;
        for client in &mut clients {
            assert_eq!(client.json().await, broadcast);
        }
    }
}
