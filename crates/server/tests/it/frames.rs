//! What frames of a client are answered, as recorded.

use serde_json::json;

use crate::support::{Client, Frame, Server, masked};

const CONNECT: &[u8] =
    br#"{"type":"connect","body":{"channel":"localTimeline","id":"f","pong":true}}"#;
const CONNECTED: &str = r#"{"type":"connected","body":{"id":"f"}}"#;

/// What a client sends, frame by frame, and what comes back, a close without its text.
struct Case(&'static str, Vec<Vec<u8>>, Vec<Frame>);

async fn check(server: &Server, case: &Case) {
    let Case(label, bytes, expected) = case;
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

fn close(code: u16) -> Vec<Frame> {
    vec![Frame::Close(Some(code), String::new())]
}

fn pong(payload: &[u8]) -> Frame {
    Frame::Pong(payload.to_vec())
}

#[tokio::test]
async fn messages_are_answered_as_recorded() {
    let (left, right) = CONNECT.split_at(20);
    let fragments = vec![masked(0x01, left), masked(0x89, b"p"), masked(0x80, right)];
    let connected = Frame::Text(CONNECTED.to_owned());
    let server = Server::start();
    for case in [
        Case(
            "masked connect",
            vec![masked(0x81, CONNECT)],
            vec![connected.clone()],
        ),
        Case(
            "binary connect",
            vec![masked(0x82, CONNECT)],
            vec![connected.clone()],
        ),
        Case("fragmented connect", fragments, vec![pong(b"p"), connected]),
        Case(
            "invalid utf8 in binary",
            vec![masked(0x82, &[0xFF, 0xFE])],
            vec![],
        ),
        Case("ping", vec![masked(0x89, b"hello")], vec![pong(b"hello")]),
        Case(
            "heartbeats",
            vec![masked(0x81, b"h"), masked(0x81, b"ping")],
            vec![],
        ),
        Case(
            "not a command",
            vec![masked(0x81, b"[1]"), masked(0x81, b"{")],
            vec![],
        ),
    ] {
        check(&server, &case).await;
    }
}

#[tokio::test]
async fn broken_frames_end_the_stream_as_recorded() {
    let unmasked = [&[0x81, CONNECT.len() as u8], CONNECT].concat();
    let server = Server::start();
    for (label, bytes, code) in [
        ("unmasked text", unmasked, 1002),
        ("rsv1 set", masked(0xC1, CONNECT), 1002),
        ("reserved opcode 3", masked(0x83, CONNECT), 1002),
        ("invalid utf8 text", masked(0x81, &[0xFF, 0xFE]), 1007),
        ("continuation first", masked(0x80, CONNECT), 1002),
        ("fragmented ping", masked(0x09, b"p"), 1002),
        ("ping 126 bytes", masked(0x89, &[b'x'; 126]), 1002),
    ] {
        check(&server, &Case(label, vec![bytes], close(code))).await;
    }
}

#[tokio::test]
async fn closes_are_answered_as_recorded() {
    let server = Server::start();
    let empty = vec![Frame::Close(None, String::new())];
    check(
        &server,
        &Case("close empty", vec![masked(0x88, b"")], empty),
    )
    .await;
    check(
        &server,
        &Case("close 1 byte", vec![masked(0x88, &[3])], close(1002)),
    )
    .await;
    for (sent, answered) in [(1000_u16, 1000), (1005, 1002), (4999, 4999), (999, 1002)] {
        let bytes = masked(0x88, &sent.to_be_bytes());
        check(
            &server,
            &Case("close with a code", vec![bytes], close(answered)),
        )
        .await;
    }
}

#[tokio::test]
async fn what_came_before_a_broken_frame_is_answered() {
    let server = Server::start();
    let mut client = server.visitor().await;
    client
        .bytes(&[masked(0x81, CONNECT), masked(0x83, b"")].concat())
        .await;
    assert_eq!(client.frame().await, Frame::Text(CONNECTED.to_owned()));
    assert_eq!(client.closed().await, Some(1002));
}

#[tokio::test]
async fn a_message_over_the_limit_ends_the_stream() {
    let server = Server::start_with(|limits| limits.message_bytes_max = 2_000);
    let mut client = server.visitor().await;
    client.text(&"x".repeat(2_000)).await;
    client.settle().await;
    client.text(&"x".repeat(2_001)).await;
    assert_eq!(client.closed().await, Some(1009));
}

#[tokio::test]
async fn bytes_may_come_one_by_one() {
    let server = Server::start();
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
    let server = Server::start();
    let client: Client = server.visitor().await;
    server.metric_becomes("seseragi_connections", 1.0).await;
    drop(client);
    server.metric_becomes("seseragi_connections", 0.0).await;
    let lost = server
        .metric("seseragi_connections_closed_total{reason=\"lost\"}")
        .await;
    assert_eq!(lost, 1.0);
}
