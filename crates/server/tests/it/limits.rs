//! The limits of connections, and the silence of clients.

use std::sync::atomic::Ordering;

use serde_json::json;

use crate::support::{Client, Fake, Frame, Http, Server, masked, soon};

#[tokio::test]
async fn a_user_has_so_many_connections() {
    let server = Server::start_with(|limits| limits.connections_per_user_max = 2);
    let mut first = server.login("alice").await;
    let _second = server.login("alice").await;
    let mut third = server.login("alice").await;
    let text = "too many connections of this user".to_owned();
    assert_eq!(third.frame().await, Frame::Close(Some(1008), text));
    let mut bob = server.login("bob").await;
    bob.settle().await;
    first.settle().await;
    drop((first, third));
    server.metric_becomes("seseragi_connections", 2.0).await;
    server.login("alice").await.settle().await;
}

#[tokio::test]
async fn an_address_has_so_many_connections() {
    let server = Server::start_with(|limits| limits.connections_per_address_max = 1);
    let from = |address: &str| format!("X-Forwarded-For: 192.0.2.9, {address}\r\n");
    let (http, _) = Http::upgrade(&server.address, "/streaming", &from("192.0.2.1")).await;
    let mut first = Client::of(http);
    let (http, _) = Http::upgrade(&server.address, "/streaming", &from("192.0.2.1")).await;
    assert_eq!(Client::of(http).closed().await, Some(1008));
    let (http, _) = Http::upgrade(&server.address, "/streaming", &from("192.0.2.2")).await;
    Client::of(http).settle().await;
    first.settle().await;
}

#[tokio::test]
async fn a_full_server_refuses() {
    let server = Server::start_with(|limits| limits.connections_max = 1);
    let _first = server.visitor().await;
    let (_, head) = Http::upgrade(&server.address, "/streaming", "").await;
    assert!(head.starts_with("HTTP/1.1 503 "), "{head}");
}

#[tokio::test]
async fn a_silent_client_is_pinged_and_then_dropped() {
    let server = Server::start_with(|limits| {
        limits.ping_interval_ms = 100;
        limits.silence_timeout_ms = 250;
    });
    let mut client = server.visitor().await;
    assert_eq!(client.frame().await, Frame::Ping);
    assert_eq!(client.frame().await, Frame::Ping);
    assert_eq!(client.frame().await, Frame::End);
    let name = "seseragi_connections_closed_total{reason=\"silent\"}";
    server.metric_becomes(name, 1.0).await;
}

#[tokio::test]
async fn any_sign_of_life_keeps_a_connection() {
    let server = Server::start_with(|limits| {
        limits.ping_interval_ms = 100;
        limits.silence_timeout_ms = 250;
    });
    let mut client = server.visitor().await;
    // Five pings are twice the silence that would end it.
    for _ in 0..5 {
        assert_eq!(client.frame().await, Frame::Ping);
        client.text("h").await;
    }
    client.settle().await;
}

#[tokio::test]
async fn a_request_that_does_not_come_is_not_waited_for() {
    let server = Server::start_with(|limits| limits.handshake_timeout_ms = 100);
    let mut http = Http::connect(&server.address).await;
    http.send(b"GET /streaming HTTP/1.1\r\n").await;
    http.rest().await;
}

#[tokio::test]
async fn a_user_is_active_from_the_start() {
    let server = Server::start();
    server.login("alice").await.settle().await;
    touched(&server.backend, 1).await;
}

#[tokio::test]
async fn touches_of_one_user_are_merged_while_one_is_under_way() {
    let server = Server::start();
    let held = server.backend.touching.lock().await;
    let mut connections = Vec::new();
    for _ in 0..10 {
        let mut alice = server.login("alice").await;
        alice.settle().await;
        connections.push(alice);
    }
    // Behind the ten in the queue of requests: once he is in, they were taken.
    server.login("bob").await.settle().await;
    server.login("carol").await.settle().await;
    drop(held);
    touched(&server.backend, 3).await;
    // Touches are let go in the order in which they came, so those of ten would be among them.
    server.login("dave").await.settle().await;
    touched(&server.backend, 4).await;
    assert_eq!(server.backend.touches.load(Ordering::Relaxed), 4);
}

#[tokio::test]
async fn logs_of_statistics_are_not_asked_for_without_end() {
    const ASKED: u32 = 1_000;
    let server = Server::start();
    let mut client = server.visitor().await;
    client.join("serverStats", "stats", json!({})).await;
    let ask = json!({"type": "ch", "body": {
        "id": "stats", "type": "requestLog", "body": {"id": "1", "length": 1},
    }});
    let flood = masked(0x81, ask.to_string().as_bytes()).repeat(ASKED as usize);
    client.bytes(&flood).await;
    let mut answered = 0;
    let name = "seseragi_operations_ignored_total";
    loop {
        let ignored = server.metric(name).await;
        if f64::from(answered) + ignored >= f64::from(ASKED) {
            assert!(ignored > 0.0, "none of {ASKED} was ignored");
            break;
        }
        // Statistics of the moment come in between.
        if client.event().await.1 == "statsLog" {
            answered += 1;
        }
    }
    // Who waited for the answers may ask again.
    client.text(&ask.to_string()).await;
    while client.event().await.1 != "statsLog" {}
}

#[tokio::test]
async fn a_token_that_ends_before_its_user_is_watched_opens_nothing() {
    let server = Server::start();
    let token = "alice-token";
    server
        .backend
        .expiring
        .lock()
        .unwrap()
        .insert(token.to_owned());
    let (_, head) = Http::upgrade(&server.address, &format!("/streaming?i={token}"), "").await;
    assert!(head.starts_with("HTTP/1.1 401 "), "{head}");
}

/// Waits until last-active dates were moved so many times.
async fn touched(backend: &Fake, times: u32) {
    soon(async {
        while backend.touches.load(Ordering::Relaxed) < times {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
