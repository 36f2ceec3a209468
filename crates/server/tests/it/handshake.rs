//! What a request for a stream is answered.

use std::sync::atomic::Ordering;

use crate::support::{Client, Http, Server, masked, user};

/// The first line of the answer to an upgrade.
async fn status(server: &Server, target: &str, more: &str) -> String {
    let (_, head) = Http::upgrade(&server.address, target, more).await;
    head.lines()
        .next()
        .unwrap()
        .trim_start_matches("HTTP/1.1 ")
        .to_owned()
}

const OK: &str = "101 Switching Protocols";
const WRONG: &str = "401 Unauthorized";

#[tokio::test]
async fn tokens_are_found_as_recorded() {
    let server = Server::start();
    let full = vec!["read:account".to_owned()];
    server
        .backend
        .apps
        .lock()
        .unwrap()
        .insert("app.alice-token".into(), full);
    let poor = vec!["write:notes".to_owned()];
    server
        .backend
        .apps
        .lock()
        .unwrap()
        .insert("poor.alice-token".into(), poor);
    server
        .backend
        .suspended
        .lock()
        .unwrap()
        .insert(user("mallory"));
    let good = "Authorization: Bearer alice-token\r\n";
    let bad = "Authorization: Bearer nope\r\n";
    for (target, more, expected) in [
        ("/streaming", "", OK),
        ("/streaming?i=alice-token", "", OK),
        ("/streaming?i=alice-token&_t=123", "", OK),
        ("/streaming?_t=123&i=alice-token", "", OK),
        ("/streaming?i=", "", WRONG),
        ("/streaming?i=bad", "", WRONG),
        ("/streaming?i=null", "", WRONG),
        ("/streaming?i=alice-token&i=bad", "", OK),
        ("/streaming?i=bad&i=alice-token", "", WRONG),
        ("/streaming", good, OK),
        ("/streaming", bad, WRONG),
        ("/streaming", "Authorization: bearer nope\r\n", WRONG),
        ("/streaming", "Authorization: bearer alice-token\r\n", OK),
        ("/streaming", "Authorization: Basic abc\r\n", OK),
        ("/streaming?i=alice-token", bad, WRONG),
        ("/streaming?i=bad", good, OK),
        ("/streaming", "Authorization: Bearer \r\n", OK),
        ("/streaming?i=poor.alice-token", "", WRONG),
        ("/streaming?i=app.alice-token", "", OK),
        ("/streaming?i=mallory-token", "", "403 Forbidden"),
        (
            "/streaming",
            "Sec-WebSocket-Extensions: permessage-deflate\r\n",
            OK,
        ),
        ("/streaming", "Origin: https://evil.example\r\n", OK),
        ("/", "", "200 OK"),
        ("/anything/else", "", "404 Not Found"),
        ("/streaming/", "", "404 Not Found"),
    ] {
        assert_eq!(
            status(&server, target, more).await,
            expected,
            "{target} {more}"
        );
    }
}

#[tokio::test]
async fn a_wrong_token_gets_a_challenge_and_no_body() {
    let server = Server::start();
    let (mut http, head) = Http::upgrade(&server.address, "/streaming?i=bad", "").await;
    let challenge = "www-authenticate: Bearer realm=\"Misskey\", error=\"invalid_token\", \
        error_description=\"Failed to authenticate\"";
    assert!(head.contains(challenge), "{head}");
    assert!(http.rest().await.is_empty());
}

#[tokio::test]
async fn a_failing_store_is_a_500() {
    let server = Server::start();
    server.visitor().await;
    server.backend.failing.store(true, Ordering::Relaxed);
    let expected = "500 Internal Server Error";
    assert_eq!(
        status(&server, "/streaming?i=alice-token", "").await,
        expected
    );
    assert_eq!(status(&server, "/streaming", "").await, OK);
    server.backend.failing.store(false, Ordering::Relaxed);
    assert_eq!(status(&server, "/streaming?i=alice-token", "").await, OK);
}

#[tokio::test]
async fn the_answer_names_the_key_and_the_first_subprotocol() {
    let server = Server::start();
    let more = "Sec-WebSocket-Protocol: a, b\r\n";
    let (_, head) = Http::upgrade(&server.address, "/streaming", more).await;
    assert!(
        head.contains("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
        "{head}"
    );
    assert!(
        head.contains("sec-websocket-protocol: a\r\n")
            || head.ends_with("sec-websocket-protocol: a"),
        "{head}"
    );
    let (_, head) = Http::upgrade(&server.address, "/streaming", "").await;
    assert!(!head.contains("sec-websocket-protocol"), "{head}");
}

#[tokio::test]
async fn broken_handshakes_are_answered_as_recorded() {
    let server = Server::start();
    let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let up = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
    let v13 = "Sec-WebSocket-Version: 13\r\n";
    let no_version = "Missing or invalid Sec-WebSocket-Version header";
    let no_key = "Missing or invalid Sec-WebSocket-Key header";
    for (line, headers, expected, body) in [
        (
            "GET",
            format!("{up}{key}Sec-WebSocket-Version: 8\r\n"),
            "101",
            "",
        ),
        (
            "GET",
            format!("{up}{key}Sec-WebSocket-Version: 12\r\n"),
            "400",
            no_version,
        ),
        ("GET", format!("{up}{key}"), "400", no_version),
        ("GET", format!("{up}{v13}"), "400", no_key),
        (
            "GET",
            format!("{up}{v13}Sec-WebSocket-Key: short\r\n"),
            "400",
            no_key,
        ),
        (
            "POST",
            format!("{up}{key}{v13}"),
            "405",
            "Invalid HTTP method",
        ),
        (
            "GET",
            format!("Upgrade: h2c\r\nConnection: Upgrade\r\n{key}{v13}"),
            "400",
            "Invalid Upgrade header",
        ),
        (
            "GET",
            format!("Upgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n{key}{v13}"),
            "101",
            "",
        ),
        ("POST", "Content-Length: 0\r\n".to_owned(), "404", ""),
        ("GET", String::new(), "426", ""),
    ] {
        let mut http = Http::connect(&server.address).await;
        http.send(format!("{line} /streaming HTTP/1.1\r\n{headers}\r\n").as_bytes())
            .await;
        let head = http.head().await;
        assert!(
            head.starts_with(&format!("HTTP/1.1 {expected} ")),
            "{headers}: {head}"
        );
        if !body.is_empty() {
            assert_eq!(http.rest().await, body.as_bytes(), "{headers}");
        }
        assert_eq!(
            head.contains("sec-websocket-version: 13, 8"),
            body == no_version,
            "{head}"
        );
    }
}

#[tokio::test]
async fn a_plain_get_is_told_to_upgrade_and_may_go_on() {
    let server = Server::start();
    let mut http = Http::connect(&server.address).await;
    for _ in 0..2 {
        http.send(b"GET /streaming?i=bad HTTP/1.1\r\nHost: h\r\n\r\n")
            .await;
        let head = http.head().await;
        assert!(head.starts_with("HTTP/1.1 426 Upgrade Required"), "{head}");
        assert!(head.contains("upgrade: websocket"), "{head}");
        assert!(head.contains("cache-control: no-store"), "{head}");
    }
}

#[tokio::test]
async fn a_frame_behind_the_request_counts() {
    let server = Server::start();
    let connect = br#"{"type":"connect","body":{"channel":"localTimeline","id":"f","pong":true}}"#;
    let mut client = Client::open_with(
        &server.address,
        "/streaming?i=alice-token",
        &masked(0x81, connect),
    )
    .await;
    assert_eq!(client.json().await["body"]["id"], "f");
}

#[tokio::test]
async fn handshakes_are_counted_by_what_came_of_them() {
    let server = Server::start();
    status(&server, "/streaming", "").await;
    status(&server, "/streaming?i=bad", "").await;
    Http::get(&server.address, "/streaming").await;
    for (result, count) in [("upgraded", 1.0), ("unauthorized", 1.0), ("refused", 1.0)] {
        let name = format!("seseragi_handshakes_total{{result=\"{result}\"}}");
        assert_eq!(server.metric(&name).await, count, "{result}");
    }
}
