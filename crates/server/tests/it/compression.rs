//! Compressed messages, `permessage-deflate`.

use serde_json::json;

use crate::support::{Client, Http, Server, masked};

const ANSWER: &str = "sec-websocket-extensions: permessage-deflate; server_no_context_takeover; \
    client_no_context_takeover";

/// A visitor's stream that offers compression.
async fn offer(server: &Server, offer: &str) -> (Client, String) {
    let header = format!("Sec-WebSocket-Extensions: {offer}\r\n");
    let (http, head) = Http::upgrade(&server.address, "/streaming", &header).await;
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    (Client::of(http), head)
}

/// A text that repeats itself less than once in 100 bytes.
fn long_text(bytes: usize) -> String {
    let words = (0..).map(|at: u64| at.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_string());
    let mut text = String::new();
    for word in words {
        text.push_str(&word);
        text.push_str(" せせらぎ ");
        if text.len() > bytes {
            return text;
        }
    }
    text
}

#[tokio::test]
async fn a_note_is_compressed_for_those_who_offer_it_alone() {
    let server = Server::start();
    let mut plain = server.visitor().await;
    let (mut first, head) = offer(&server, "permessage-deflate; client_max_window_bits").await;
    assert!(head.to_lowercase().contains(ANSWER), "{head}");
    let (mut second, _) = offer(&server, "permessage-deflate").await;
    for (client, id) in [(&mut plain, "p"), (&mut first, "a"), (&mut second, "b-b")] {
        client.join("localTimeline", id, json!({})).await;
    }
    for bytes in [2_000, 5_000, 100_000] {
        let text = long_text(bytes);
        server.backend.note("bob", &text).await;
        assert_eq!(plain.note().await, ("p".into(), text.clone()));
        assert_eq!(plain.compressed_bytes, None);
        assert_eq!(first.note().await, ("a".into(), text.clone()));
        let compressed = first.compressed_bytes.expect("it is long enough");
        assert!(compressed < bytes, "{compressed} of {bytes}");
        assert_eq!(second.note().await, ("b-b".into(), text));
        // Each has its own head, and the rest is the same.
        assert_eq!(second.compressed_bytes, Some(compressed + 2));
    }
}

#[tokio::test]
async fn a_small_window_takes_no_more_than_it_holds() {
    let server = Server::start();
    let ask = "permessage-deflate; server_max_window_bits=12; client_max_window_bits=12";
    let (mut client, head) = offer(&server, ask).await;
    assert!(head.contains("; server_max_window_bits=12"), "{head}");
    client.join("localTimeline", "a", json!({})).await;
    for (bytes, compressed) in [(2_000, true), (5_000, false)] {
        let text = long_text(bytes);
        server.backend.note("bob", &text).await;
        assert_eq!(client.note().await.1, text);
        assert_eq!(client.compressed_bytes.is_some(), compressed, "{bytes}");
    }
}

#[tokio::test]
async fn compressed_commands_are_read() {
    let server = Server::start();
    let (mut client, _) = offer(&server, "permessage-deflate").await;
    let connect = json!({"type": "connect", "body": {
        "channel": "localTimeline", "id": "a", "pong": true,
    }});
    let text = connect.to_string();
    let mut blocks = Vec::with_capacity(1_024);
    flate2::Compress::new(flate2::Compression::best(), false)
        .compress_vec(text.as_bytes(), &mut blocks, flate2::FlushCompress::Sync)
        .unwrap();
    blocks.truncate(blocks.len() - 4);
    client.bytes(&masked(0xC1, &blocks)).await;
    assert_eq!(client.json().await["type"], "connected");
    // Inflated, it is no text.
    client
        .bytes(&masked(0xC1, &[0x00, 0x01, 0x00, 0xFE, 0xFF, 0xFF, 0x00]))
        .await;
    assert_eq!(client.closed().await, Some(1007));
}

#[tokio::test]
async fn broken_compression_ends_the_stream() {
    let server = Server::start();
    let mut plain = server.visitor().await;
    plain.bytes(&masked(0xC1, &[0x00])).await;
    assert_eq!(plain.closed().await, Some(1002));
    for (first, payload, code) in [
        (0xC1, vec![0xFF; 8], 1007),
        (0xC9, vec![], 1002),
        (0xC0, vec![], 1002),
    ] {
        let (mut client, _) = offer(&server, "permessage-deflate").await;
        client.bytes(&masked(first, &payload)).await;
        assert_eq!(client.closed().await, Some(code), "{first:x}");
    }
}
