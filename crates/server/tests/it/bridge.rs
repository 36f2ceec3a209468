//! Channels that only the server upstream can feed, over real sockets on both sides.

use backend::Upstream;
use serde_json::{Value, json};

use crate::support::{Client, FakeUpstream, Frame, Http, Server, soon, user};

/// Asks to join a channel upstream.
async fn ask(client: &mut Client, channel: &str, id: &str) {
    let body = json!({"channel": channel, "id": id, "params": {"p": 1}, "pong": true});
    client.send("connect", body).await;
}

async fn is_connected(client: &mut Client, id: &str) {
    let expected = json!({"type": "connected", "body": {"id": id}});
    assert_eq!(client.json().await, expected);
}

/// Events of the server's own channels come behind, so nothing else has come before.
async fn hears_nothing_upstream(server: &Server, client: &mut Client) {
    client.join("localTimeline", "local", json!({})).await;
    server.backend.note("bob", "behind").await;
    assert_eq!(client.note().await, ("local".into(), "behind".into()));
}

#[tokio::test]
async fn a_viewer_has_one_stream_upstream_for_all_connections() {
    let upstream = FakeUpstream::start().await;
    let server = Server::start_beside(&upstream, |_| {});
    let (mut first, mut second) = (server.login("alice").await, server.login("alice").await);
    ask(&mut first, "forkTimeline", "a").await;
    let mut line = upstream.accept().await;
    assert_eq!(line.target, "/streaming?i=alice%2Dtoken");
    assert!(line.mark.as_ref().is_some_and(|mark| mark.len() == 16));
    let (channel, up, params) = line.connect().await;
    assert_eq!((&*channel, params), ("forkTimeline", json!({"p": 1})));
    line.send("connected", json!({"id": up})).await;
    is_connected(&mut first, "a").await;
    // The same id of another connection is another channel.
    ask(&mut second, "forkGame", "a").await;
    let (channel, game, _) = line.connect().await;
    assert!(channel == "forkGame" && game != up);
    line.send("connected", json!({"id": game})).await;
    is_connected(&mut second, "a").await;
    line.event(&game, "log", json!({"pos": 1})).await;
    line.event(&up, "note", json!({"text": "x", "n": 1.0}))
        .await;
    let (id, kind, body) = first.event().await;
    assert_eq!((&*id, &*kind), ("a", "note"));
    assert_eq!(body, json!({"text": "x", "n": 1.0}));
    assert_eq!(second.event().await.1, "log");
    // An operation goes up, under the id of there.
    let body = json!({"id": "a", "type": "putStone", "body": {"pos": 4, "id": "q"}});
    second.send("ch", body).await;
    let expected = json!({"id": game, "type": "putStone", "body": {"pos": 4, "id": "q"}});
    let sent = line.json().await;
    assert_eq!(sent, json!({"type": "channel", "body": expected}));
    second.send("disconnect", json!({"id": "a"})).await;
    let expected = json!({"type": "disconnect", "body": {"id": game}});
    assert_eq!(line.json().await, expected);
    drop(first);
    line.closed().await;
    hears_nothing_upstream(&server, &mut second).await;
}

/// What is done in a game goes to where it is decided; what comes of it is an event like others, and
/// doesn't come twice.
#[tokio::test]
async fn moves_of_a_game_go_up_and_come_as_events() {
    let upstream = FakeUpstream::start().await;
    let server = Server::start_beside(&upstream, |_| {});
    let mut alice = server.login("alice").await;
    alice.join("reversiGame", "g", json!({"gameId": "1"})).await;
    let moved = |from: &str| json!({"type": "log", "body": {"from": from}});
    let topic = "reversiGameStream:1";
    server.backend.publish(topic, &moved("before")).await;
    assert_eq!(alice.event().await.2, json!({"from": "before"}));
    let body = json!({"id": "g", "type": "putStone", "body": {"pos": 19, "id": "q"}});
    alice.send("ch", body).await;
    let mut line = upstream.accept().await;
    let (channel, up, params) = line.connect().await;
    assert_eq!((&*channel, params), ("reversiGame", json!({"gameId": "1"})));
    let expected = json!({"id": up, "type": "putStone", "body": {"pos": 19, "id": "q"}});
    assert_eq!(line.json().await["body"], expected);
    line.send("connected", json!({"id": up})).await;
    line.event(&up, "log", json!({"from": "upstream"})).await;
    server
        .metric_becomes("seseragi_bridge_messages_total", 2.0)
        .await;
    server.backend.publish(topic, &moved("after")).await;
    assert_eq!(alice.event().await.2, json!({"from": "after"}));
    drop(alice);
    line.closed().await;
    // A visitor has no move.
    let mut visitor = server.visitor().await;
    visitor
        .join("reversiGame", "g", json!({"gameId": "1"}))
        .await;
    let body = json!({"id": "g", "type": "putStone", "body": {}});
    visitor.send("ch", body).await;
    let ignored = "seseragi_operations_ignored_total";
    server.metric_becomes(ignored, 1.0).await;
    assert_eq!(server.metric("seseragi_bridges").await, 0.0);
}

/// Whatever is not for a channel of ours goes nowhere: a stream upstream gets every broadcast, and
/// so do the clients, on their own way.
#[tokio::test]
async fn only_what_was_joined_comes_back() {
    let upstream = FakeUpstream::start().await;
    let server = Server::start_beside(&upstream, |_| {});
    let mut alice = server.login("alice").await;
    ask(&mut alice, "fork", "a").await;
    let mut line = upstream.accept().await;
    let up = line.admit().await;
    is_connected(&mut alice, "a").await;
    line.send("emojiAdded", json!({"emoji": {}})).await;
    line.send("announcementCreated", json!({})).await;
    let update = json!({"id": "n", "type": "reacted", "body": {}});
    line.send("noteUpdated", update).await;
    line.event("main", "notification", json!({})).await;
    line.text("not JSON".to_owned()).await;
    line.event("999", "x", json!({})).await;
    line.event(&up, "last", Value::Null).await;
    assert_eq!(
        alice.event().await,
        ("a".into(), "last".into(), Value::Null)
    );
    let dropped = "seseragi_bridge_dropped_total{what=\"message\"}";
    server.metric_becomes(dropped, 5.0).await;
}

#[tokio::test]
async fn another_token_is_another_viewer() {
    let upstream = FakeUpstream::start().await;
    let server = Server::start_beside(&upstream, |_| {});
    let may = vec!["read:account".to_owned()];
    let apps = &server.backend.apps;
    apps.lock().unwrap().insert("app.alice-token".into(), may);
    let mut native = server.login("alice").await;
    ask(&mut native, "fork", "a").await;
    let mut line = upstream.accept().await;
    let up = line.admit().await;
    is_connected(&mut native, "a").await;
    let mut app = server.login("app.alice").await;
    ask(&mut app, "fork", "a").await;
    let mut other = upstream.accept().await;
    assert_eq!(other.target, "/streaming?i=app%2Ealice%2Dtoken");
    other.admit().await;
    is_connected(&mut app, "a").await;
    line.event(&up, "secret", json!({})).await;
    assert_eq!(native.event().await.1, "secret");
    hears_nothing_upstream(&server, &mut app).await;
}

#[tokio::test]
async fn visitors_share_what_can_be_shared_and_nothing_else() {
    let upstream = FakeUpstream::start().await;
    let server = Server::start_beside(&upstream, |_| {});
    let (mut first, mut second) = (server.visitor().await, server.visitor().await);
    ask(&mut first, "serverStats", "a").await;
    let mut line = upstream.accept().await;
    assert_eq!(line.target, "/streaming");
    let up = line.admit().await;
    is_connected(&mut first, "a").await;
    ask(&mut second, "serverStats", "b").await;
    is_connected(&mut second, "b").await;
    line.event(&up, "stats", json!({"cpu": 0.5})).await;
    for (client, id) in [(&mut first, "a"), (&mut second, "b")] {
        let expected = (id.into(), "stats".into(), json!({"cpu": 0.5}));
        assert_eq!(client.event().await, expected);
    }
    // A log is for whoever asked.
    let request = json!({"id": "b", "type": "requestLog", "body": {"id": "x", "length": 2}});
    second.send("channel", request).await;
    assert_eq!(line.json().await["body"]["type"], "requestLog");
    line.event(&up, "statsLog", json!([])).await;
    line.event(&up, "stats", json!({})).await;
    assert_eq!(second.event().await.1, "statsLog");
    assert_eq!(second.event().await.1, "stats");
    assert_eq!(first.event().await.1, "stats");
    // A channel that might not be for all of them has a stream for each of them.
    ask(&mut first, "fork", "f").await;
    let mut own = upstream.accept().await;
    own.admit().await;
    is_connected(&mut first, "f").await;
    drop(first);
    own.closed().await;
    drop(second);
    line.closed().await;
    server.metric_becomes("seseragi_bridges", 0.0).await;
}

#[tokio::test]
async fn a_stream_that_breaks_is_opened_and_joined_again() {
    let upstream = FakeUpstream::start().await;
    let server = Server::start_beside(&upstream, |_| {});
    let mut alice = server.login("alice").await;
    ask(&mut alice, "fork", "a").await;
    let mut line = upstream.accept().await;
    line.admit().await;
    is_connected(&mut alice, "a").await;
    drop(line);
    let broken = "seseragi_bridge_streams_total{result=\"ended\"}";
    server.metric_becomes(broken, 1.0).await;
    // An operation waits until the channel is there again.
    let body = json!({"id": "a", "type": "x", "body": 1});
    alice.send("ch", body).await;
    let mut line = upstream.accept().await;
    let up = line.admit().await;
    assert_eq!(line.json().await["body"]["type"], "x");
    line.event(&up, "again", json!({})).await;
    // No second `connected`: the client has asked once.
    assert_eq!(alice.event().await.1, "again");
}

#[tokio::test]
async fn the_end_of_a_login_ends_its_stream_upstream() {
    let upstream = FakeUpstream::start().await;
    let server = Server::start_beside(&upstream, |_| {});
    let mut alice = server.login("alice").await;
    ask(&mut alice, "fork", "a").await;
    let mut line = upstream.accept().await;
    line.admit().await;
    is_connected(&mut alice, "a").await;
    let suspended = json!({"id": "alice", "isSuspended": true});
    let backend = &server.backend;
    backend.suspended.lock().unwrap().insert(user("alice"));
    backend
        .internal("userChangeSuspendedState", suspended)
        .await;
    assert_eq!(alice.closed().await, Some(1008));
    line.closed().await;
}

#[tokio::test]
async fn a_server_upstream_that_refuses_is_asked_later() {
    let upstream = FakeUpstream::start().await;
    let server = Server::start_beside(&upstream, |_| {});
    let mut alice = server.login("alice").await;
    ask(&mut alice, "fork", "a").await;
    upstream.refuse(502).await;
    // The connection goes on meanwhile, and gets its answer in the end.
    hears_nothing_upstream(&server, &mut alice).await;
    upstream.accept().await.admit().await;
    is_connected(&mut alice, "a").await;
    let refused = "seseragi_bridge_streams_total{result=\"refused\"}";
    assert_eq!(server.metric(refused).await, 1.0);
}

#[tokio::test]
async fn a_message_over_the_limit_ends_its_stream_alone() {
    let upstream = FakeUpstream::start().await;
    let server = Server::start_beside(&upstream, |limits| limits.bridge_frame_bytes_max = 65_536);
    let mut alice = server.login("alice").await;
    ask(&mut alice, "fork", "a").await;
    let mut line = upstream.accept().await;
    let up = line.admit().await;
    is_connected(&mut alice, "a").await;
    line.event(&up, "long", json!("x".repeat(70_000))).await;
    let mut line = upstream.accept().await;
    let up = line.admit().await;
    line.event(&up, "short", json!({})).await;
    assert_eq!(alice.event().await.1, "short");
    let too_big = "seseragi_bridge_streams_total{result=\"too_big\"}";
    assert_eq!(server.metric(too_big).await, 1.0);
}

#[tokio::test]
async fn one_of_us_is_no_server_upstream() {
    let elsewhere = FakeUpstream::start().await;
    let server = Server::start_beside(&elsewhere, |_| {});
    let mark = "x-seseragi-bridge: 0123456789abcdef\r\n";
    let (_, head) = Http::upgrade(&server.address, "/streaming", mark).await;
    assert!(head.starts_with("HTTP/1.1 508 "), "{head}");
    let refused = "seseragi_handshakes_total{result=\"loop\"}";
    assert_eq!(server.metric(refused).await, 1.0);
    // And so it does with the bridge of another.
    let address = upstream::Address::parse(&format!("http://{}", server.address)).unwrap();
    let client = upstream::StreamClient::new(address, 65_536);
    let opened = client.open(Some("alice-token")).await;
    assert_eq!(opened.err().map(|error| error.label()), Some("loop"));
}

/// A client that asks for more than the server upstream takes loses what is too much, and nobody
/// else notices.
#[tokio::test]
async fn what_waits_for_the_server_upstream_is_bounded() {
    let upstream = FakeUpstream::start().await;
    let server = Server::start_beside(&upstream, |_| {});
    let mut alice = server.login("alice").await;
    ask(&mut alice, "fork", "a").await;
    // The stream is not accepted yet: operations wait.
    let long = "x".repeat(50_000);
    for _ in 0..4 {
        let body = json!({"id": "a", "type": "x", "body": long});
        alice.send("ch", body).await;
        alice.settle().await;
    }
    let ignored = "seseragi_operations_ignored_total";
    let dropped = "seseragi_bridge_dropped_total{what=\"operation\"}";
    soon(async {
        while server.metric(ignored).await + server.metric(dropped).await < 3.0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let mut line = upstream.accept().await;
    line.admit().await;
    assert_eq!(line.json().await["type"], "channel");
    is_connected(&mut alice, "a").await;
}

/// A client that joins and leaves by turns makes one connection upstream, not one each time.
#[tokio::test]
async fn who_comes_and_goes_keeps_one_stream() {
    let upstream = FakeUpstream::start().await;
    let server = Server::start_beside(&upstream, |_| {});
    let mut visitor = server.visitor().await;
    for _ in 0..20 {
        ask(&mut visitor, "fork", "a").await;
        visitor.send("disconnect", json!({"id": "a"})).await;
    }
    ask(&mut visitor, "fork", "b").await;
    let mut line = upstream.accept().await;
    loop {
        let message = line.json().await;
        let id = message["body"]["id"].as_str().unwrap().to_owned();
        if message["type"] == "connect" {
            line.send("connected", json!({"id": id})).await;
        }
        if id == "20" {
            break;
        }
    }
    is_connected(&mut visitor, "b").await;
    let opened = "seseragi_bridge_streams_total{result=\"opened\"}";
    assert_eq!(server.metric(opened).await, 1.0);
}

/// What one visitor asks of statistics reaches neither others nor the server upstream, unless it
/// is a request for a log.
#[tokio::test]
async fn a_visitor_cannot_fill_the_stream_of_all_visitors() {
    let upstream = FakeUpstream::start().await;
    let server = Server::start_beside(&upstream, |_| {});
    let (mut flood, mut other) = (server.visitor().await, server.visitor().await);
    ask(&mut flood, "serverStats", "a").await;
    let mut line = upstream.accept().await;
    let up = line.admit().await;
    is_connected(&mut flood, "a").await;
    let long = "x".repeat(30_000);
    for kind in ["requestLog", "x"] {
        for _ in 0..10 {
            let body = json!({"id": "a", "type": kind, "body": long});
            flood.send("ch", body).await;
        }
    }
    for at in 0..20 {
        let body = json!({"id": "a", "type": "requestLog", "body": {"id": at}});
        flood.send("ch", body).await;
    }
    let dropped = "seseragi_bridge_dropped_total{what=\"operation\"}";
    let ignored = "seseragi_operations_ignored_total";
    soon(async {
        while server.metric(dropped).await + server.metric(ignored).await < 32.0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    for at in 0..8 {
        assert_eq!(line.json().await["body"]["body"], json!({"id": at}));
    }
    ask(&mut other, "serverStats", "b").await;
    is_connected(&mut other, "b").await;
    line.event(&up, "stats", json!({})).await;
    assert_eq!(other.event().await.1, "stats");
}

/// What comes for a client that doesn't read waits for it like everything else, up to the limit.
#[tokio::test]
async fn a_slow_client_is_closed_and_its_stream_with_it() {
    let upstream = FakeUpstream::start().await;
    let server = Server::start_beside(&upstream, |limits| limits.mailbox_bytes_max = 65_536);
    let mut slow = server.visitor().await;
    ask(&mut slow, "fork", "a").await;
    let mut line = upstream.accept().await;
    let up = line.admit().await;
    is_connected(&mut slow, "a").await;
    let body = json!({"id": up, "type": "x", "body": "x".repeat(60_000)});
    let text = json!({"type": "channel", "body": body}).to_string();
    let overflows = "seseragi_mailbox_overflows_total";
    soon(async {
        while server.metric(overflows).await == 0.0 {
            // The stream ends with the client, perhaps before that is counted.
            drop(line.try_text(text.clone()).await);
        }
    })
    .await;
    server.metric_becomes("seseragi_bridges", 0.0).await;
    loop {
        match slow.frame().await {
            Frame::Text(_) => {}
            Frame::Close(code, _) => {
                assert_eq!(code, Some(1013));
                return;
            }
            other @ (Frame::Ping | Frame::Pong(_) | Frame::End) => panic!("unexpected {other:?}"),
        }
    }
}

#[tokio::test]
async fn channels_upstream_count() {
    let upstream = FakeUpstream::start().await;
    let server = Server::start_beside(&upstream, |limits| limits.channels_max = 2);
    let mut alice = server.login("alice").await;
    alice.join("localTimeline", "l", json!({})).await;
    for id in ["a", "b"] {
        ask(&mut alice, "fork", id).await;
    }
    let mut line = upstream.accept().await;
    line.admit().await;
    is_connected(&mut alice, "a").await;
    for (id, kind) in [("b", "x"), ("a", "y")] {
        let body = json!({"id": id, "type": kind, "body": 1});
        alice.send("ch", body).await;
    }
    assert_eq!(line.json().await["body"]["type"], "y");
}
