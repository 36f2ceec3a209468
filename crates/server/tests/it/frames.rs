//! What frames of a client are answered, as recorded.

use serde_json::json;

use crate::support::{Client, Frame, Server, masked};

const CONNECT: &[u8] =
    br#"{"type":"connect","body":{"channel":"localTimeline","id":"f","pong":true}}"#;
const CONNECTED: &str = r#"{"type":"connected","body":{"id":"f"}}"#;

/// The bytes of a case and what comes back, a close without its text.
async fn check(server: &Server, label: &str, bytes: &[Vec<u8>], expected: &[Frame]) {
    let mut client = server.visitor().await;
    client.bytes(&bytes.concat()).await;
    for frame in expected {
        assert_eq!(&client.frame().await, frame, "{label}");
    }
    match expected.last() {
        Some(Frame::Close(..)) => assert_eq!(client.frame().await, Frame::End, "{label}"),
        _ => client.settle().await,
    }
}

fn close(code: u16) -> Frame {
    Frame::Close(Some(code), String::new())
}

#[tokio::test]
async fn frames_are_answered_as_recorded() {
    let server = Server::start().await;
    let (left, right) = CONNECT.split_at(20);
    let connected = Frame::Text(CONNECTED.to_owned());
    let pong = |payload: &[u8]| Frame::Pong(payload.to_vec());
    let code = |code: u16| masked(0x88, &code.to_be_bytes());
    let cases: &[(&str, Vec<Vec<u8>>, Vec<Frame>)] = &[
        (
            "masked connect",
            vec![masked(0x81, CONNECT)],
            vec![connected.clone()],
        ),
        (
            "binary connect",
            vec![masked(0x82, CONNECT)],
            vec![connected.clone()],
        ),
        (
            "fragmented connect",
            vec![masked(0x01, left), masked(0x89, b"p"), masked(0x80, right)],
            vec![pong(b"p"), connected.clone()],
        ),
        (
            "unmasked text",
            vec![[&[0x81, CONNECT.len() as u8], CONNECT].concat()],
            vec![close(1002)],
        ),
        ("rsv1 set", vec![masked(0xC1, CONNECT)], vec![close(1002)]),
        (
            "reserved opcode 3",
            vec![masked(0x83, CONNECT)],
            vec![close(1002)],
        ),
        (
            "invalid utf8 text",
            vec![masked(0x81, &[0xFF, 0xFE])],
            vec![close(1007)],
        ),
        (
            "invalid utf8 in binary",
            vec![masked(0x82, &[0xFF, 0xFE])],
            vec![],
        ),
        (
            "continuation first",
            vec![masked(0x80, CONNECT)],
            vec![close(1002)],
        ),
        (
            "fragmented ping",
            vec![masked(0x09, b"p")],
            vec![close(1002)],
        ),
        ("ping", vec![masked(0x89, b"hello")], vec![pong(b"hello")]),
        (
            "close empty",
            vec![masked(0x88, b"")],
            vec![Frame::Close(None, String::new())],
        ),
        ("close 1 byte", vec![masked(0x88, &[3])], vec![close(1002)]),
        ("close 1000", vec![code(1000)], vec![close(1000)]),
        ("close 1005", vec![code(1005)], vec![close(1002)]),
        ("close 4999", vec![code(4999)], vec![close(4999)]),
        ("close 999", vec![code(999)], vec![close(1002)]),
        (
            "ping 126 bytes",
            vec![masked(0x89, &[b'x'; 126])],
            vec![close(1002)],
        ),
        (
            "heartbeats",
            vec![masked(0x81, b"h"), masked(0x81, b"ping")],
            vec![],
        ),
        (
            "not a command",
            vec![masked(0x81, b"[1]"), masked(0x81, b"{")],
            vec![],
        ),
    ];
    for (label, bytes, expected) in cases {
        check(&server, label, bytes, expected).await;
    }
}

#[tokio::test]
async fn what_came_before_a_broken_frame_is_answered() {
    let server = Server::start().await;
    let mut client = server.visitor().await;
    client
        .bytes(&[masked(0x81, CONNECT), masked(0x83, b"")].concat())
        .await;
    assert_eq!(client.frame().await, Frame::Text(CONNECTED.to_owned()));
    assert_eq!(client.closed().await, Some(1002));
}

#[tokio::test]
async fn a_message_over_the_limit_ends_the_stream() {
    let server = Server::start_with(|limits| limits.message_bytes_max = 2_000).await;
    let mut client = server.visitor().await;
    client.text(&"x".repeat(2_000)).await;
    client.settle().await;
    client.text(&"x".repeat(2_001)).await;
    assert_eq!(client.closed().await, Some(1009));
}

#[tokio::test]
async fn bytes_may_come_one_by_one() {
    let server = Server::start().await;
    let mut client = server.visitor().await;
    for byte in masked(0x81, CONNECT) {
        client.bytes(&[byte]).await;
    }
    assert_eq!(
        client.json().await,
        json!({"type": "connected", "body": {"id": "f"}})
    );
}

#[tokio::test]
async fn an_end_without_a_close_frame_is_noticed() {
    let server = Server::start().await;
    let client: Client = server.visitor().await;
    server.metric_becomes("seseragi_connections", 1.0).await;
    drop(client);
    server.metric_becomes("seseragi_connections", 0.0).await;
    let lost = server
        .metric("seseragi_connections_closed_total{reason=\"lost\"}")
        .await;
    assert_eq!(lost, 1.0);
}
