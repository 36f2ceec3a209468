//! Sections 12 and 13: compressed messages of all sizes, whole and in fragments, under each of the
//! offers; and what of RFC 7692 the suite leaves out.

use flate2::{Compress, Compression, FlushCompress};

use super::{Case, Cut, answer, close, command, connected, fragments, pong};
use crate::support::{Client, Http, Server, masked};

/// A stream with this offer, which must be taken.
async fn open(server: &Server, offer: &str) -> Client {
    let header = format!("Sec-WebSocket-Extensions: {offer}\r\n");
    let (http, head) = Http::upgrade(&server.address, "/streaming", &header).await;
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    assert!(head.contains("permessage-deflate"), "{offer}: {head}");
    Client::of(http)
}

/// The payload of a compressed message, as a client makes it that keeps no context.
fn deflated(payload: &[u8], level: Compression) -> Vec<u8> {
    let mut blocks = Vec::with_capacity(payload.len() + 1_024);
    let mut compress = Compress::new(level, false);
    let done = compress.compress_vec(payload, &mut blocks, FlushCompress::Sync);
    done.unwrap();
    assert_eq!(compress.total_in(), payload.len() as u64);
    assert!(blocks.ends_with(&[0, 0, 0xFF, 0xFF]));
    blocks.truncate(blocks.len() - 4);
    blocks
}

#[tokio::test]
async fn messages_of_all_sizes_under_each_offer() {
    let server = Server::start();
    for (number, offer) in [
        ("12, 13.1", "permessage-deflate"),
        ("13.2", "permessage-deflate; server_no_context_takeover"),
        ("13.3", "permessage-deflate; server_max_window_bits=9"),
        ("13.4", "permessage-deflate; server_max_window_bits=15"),
        (
            "13.5",
            "permessage-deflate; server_no_context_takeover; server_max_window_bits=9",
        ),
        (
            "13.6",
            "permessage-deflate; server_no_context_takeover; server_max_window_bits=15",
        ),
        (
            "13.7",
            "permessage-deflate; server_no_context_takeover; server_max_window_bits=9, \
             permessage-deflate; server_no_context_takeover, permessage-deflate",
        ),
    ] {
        let mut client = open(&server, offer).await;
        for bytes in [0, 16, 64, 256, 1_024, 4_096, 8_192, 16_384, 32_768, 65_536] {
            for level in [
                Compression::none(),
                Compression::fast(),
                Compression::best(),
            ] {
                let payload = deflated(&command(bytes), level);
                // What is not compressed at all is longer than it was.
                if payload.len() > 65_536 {
                    continue;
                }
                let whole = vec![masked(0xC1, &payload)];
                Case(number, Cut::Whole, whole, answer(bytes))
                    .check_on(&mut client)
                    .await;
                let parts = fragments(0x41, &payload, payload.len().div_ceil(5));
                Case(number, Cut::Frames, parts, answer(bytes))
                    .check_on(&mut client)
                    .await;
                let binary = fragments(0x42, &payload, 256);
                Case(number, Cut::Whole, binary, answer(bytes))
                    .check_on(&mut client)
                    .await;
            }
        }
        // A message may be a plain one all the same.
        let plain = vec![masked(0x81, &command(1_024))];
        Case(number, Cut::Whole, plain, answer(1_024))
            .check_on(&mut client)
            .await;
    }
}

#[tokio::test]
async fn compressed_frames_that_are_odd_or_broken() {
    let server = Server::start();
    let payload = deflated(&command(256), Compression::best());
    let (left, right) = payload.split_at(payload.len() / 2);
    let ping_within = vec![masked(0x41, left), masked(0x89, b"p"), masked(0x80, right)];
    // A last block, and a stored one behind it that is empty.
    let mut ended = Vec::with_capacity(1_024);
    Compress::new(Compression::best(), false)
        .compress_vec(&command(256), &mut ended, FlushCompress::Finish)
        .unwrap();
    ended.push(0);
    let too_long = deflated(&vec![b' '; 65_537], Compression::best());
    let bomb = deflated(&vec![b' '; 16 * 1024 * 1024], Compression::best());
    let bad_text = deflated(b"\xCE\xBA\xED\xA0\x80", Compression::best());
    let close = |code| vec![close(code)];
    let case = |name, frames, expected| Case(name, Cut::Whole, frames, expected);
    let cases = vec![
        case(
            "a ping between fragments",
            ping_within,
            vec![pong(b"p"), connected()],
        ),
        case(
            "RFC 7692, 7.2.3.4: a last block",
            vec![masked(0xC1, &ended)],
            vec![connected()],
        ),
        case(
            "RFC 7692, 7.2.3.6: an empty message",
            vec![masked(0xC1, &[0])],
            vec![],
        ),
        case(
            "RSV1 in a fragment behind the first",
            vec![masked(0x41, left), masked(0xC0, right)],
            close(1002),
        ),
        case("RSV1 in a ping", vec![masked(0xC9, b"p")], close(1002)),
        case("RSV1 in a close", vec![masked(0xC8, b"")], close(1002)),
        case(
            "RSV2 beside RSV1",
            vec![masked(0xE1, &payload)],
            close(1002),
        ),
        case(
            "a reserved block type",
            vec![masked(0xC1, &[0x07])],
            close(1007),
        ),
        case(
            "one byte too long, inflated",
            vec![masked(0xC1, &too_long)],
            close(1009),
        ),
        case(
            "a thousand times too long, inflated",
            vec![masked(0xC1, &bomb)],
            close(1009),
        ),
        case(
            "no UTF-8, inflated",
            vec![masked(0xC1, &bad_text)],
            close(1007),
        ),
    ];
    for case in cases {
        let mut client = open(&server, "permessage-deflate").await;
        case.check_on(&mut client).await;
    }
}
