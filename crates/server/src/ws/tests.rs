use proptest::prelude::*;
use protocol::limits::Limits;

use super::{Decoder, Message, Violation, encode};

const LIMIT: usize = 4_096;

fn decoder(compression: bool) -> Decoder {
    let limits = Limits {
        message_bytes_max: LIMIT,
        ..Limits::default()
    };
    Decoder::new(&limits, compression)
}
const MASK: [u8; 4] = [0x37, 0xFA, 0x21, 0x3D];

/// A frame as a client sends it, with any first byte.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = vec![first];
    match payload.len() {
        len @ 0..=125 => out.push(0x80 | len as u8),
        len @ 126..=0xFFFF => {
            out.push(0x80 | 126);
            out.extend_from_slice(&(len as u16).to_be_bytes());
        }
        len => {
            out.push(0x80 | 127);
            out.extend_from_slice(&(len as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(&MASK);
    out.extend(
        payload
            .iter()
            .zip(MASK.iter().cycle())
            .map(|(byte, mask)| byte ^ mask),
    );
    out
}

/// What came of some bytes, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Seen {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong,
    Close(Option<u16>),
    Broken(Violation),
}

fn text(text: &str) -> Seen {
    Seen::Text(text.to_owned())
}

/// Feeds the pieces one after another until the end or the first violation.
fn read(pieces: &[&[u8]]) -> Vec<Seen> {
    read_with(decoder(false), pieces)
}

/// The same, where compression was agreed on.
fn read_compressed(frames: &[Vec<u8>]) -> Vec<Seen> {
    let bytes = frames.concat();
    let whole = read_with(decoder(true), &[&bytes]);
    let single: Vec<&[u8]> = bytes.chunks(1).collect();
    assert_eq!(read_with(decoder(true), &single), whole, "{bytes:x?}");
    whole
}

fn read_with(mut decoder: Decoder, pieces: &[&[u8]]) -> Vec<Seen> {
    let mut seen = Vec::new();
    for piece in pieces {
        let mut piece = piece.to_vec();
        let mut at = 0;
        while at < piece.len() {
            let (used, message) = match decoder.feed(&mut piece[at..]) {
                Ok(fed) => fed,
                Err(violation) => {
                    seen.push(Seen::Broken(violation));
                    return seen;
                }
            };
            at += used;
            seen.extend(message.map(|message| match message {
                Message::Text(text) => Seen::Text(text.into_owned()),
                Message::Binary(bytes) => Seen::Binary(bytes.into_owned()),
                Message::Ping(bytes) => Seen::Ping(bytes.into_owned()),
                Message::Pong => Seen::Pong,
                Message::Close(code) => Seen::Close(code),
            }));
        }
    }
    seen
}

fn check(frames: &[Vec<u8>], expected: &[Seen]) {
    let bytes = frames.concat();
    assert_eq!(read(&[&bytes]), expected, "in one piece: {bytes:x?}");
    let single: Vec<&[u8]> = bytes.chunks(1).collect();
    assert_eq!(read(&single), expected, "byte by byte: {bytes:x?}");
}

fn framing(frames: &[Vec<u8>]) {
    let seen = read(&[&frames.concat()]);
    assert!(
        matches!(seen.last(), Some(Seen::Broken(Violation::Framing(_)))),
        "{frames:x?} gave {seen:?}"
    );
    check(frames, &seen);
}

#[test]
fn whole_messages_come_out() {
    check(&[frame(0x81, b"h")], &[text("h")]);
    check(&[frame(0x81, b"")], &[text("")]);
    check(&[frame(0x81, "せせらぎ".as_bytes())], &[text("せせらぎ")]);
    check(&[frame(0x82, b"{}")], &[Seen::Binary(b"{}".to_vec())]);
    check(&[frame(0x82, &[0xFF])], &[Seen::Binary(vec![0xFF])]);
    check(&[frame(0x89, b"hello")], &[Seen::Ping(b"hello".to_vec())]);
    check(&[frame(0x8A, b"late")], &[Seen::Pong]);
    let long = "x".repeat(LIMIT);
    check(&[frame(0x81, long.as_bytes())], &[text(&long)]);
    check(
        &[frame(0x81, b"a"), frame(0x81, b"b")],
        &[text("a"), text("b")],
    );
}

#[test]
fn fragments_are_put_together() {
    check(
        &[frame(0x01, b"a"), frame(0x00, b"b"), frame(0x80, b"c")],
        &[text("abc")],
    );
    check(&[frame(0x01, b""), frame(0x80, b"")], &[text("")]);
    check(
        &[frame(0x02, b"a"), frame(0x80, &[0xFF])],
        &[Seen::Binary(b"a\xFF".to_vec())],
    );
    // A character may be cut by a fragment.
    let (left, right) = "せ".as_bytes().split_at(1);
    check(&[frame(0x01, left), frame(0x80, right)], &[text("せ")]);
    let between = [
        frame(0x01, b"a"),
        frame(0x89, b"p"),
        frame(0x8A, b""),
        frame(0x80, b"b"),
    ];
    check(
        &between,
        &[Seen::Ping(b"p".to_vec()), Seen::Pong, text("ab")],
    );
}

#[test]
fn broken_frames_are_refused() {
    framing(&[vec![0x81, 0x01, b'h']]);
    framing(&[frame(0xC1, b"h")]);
    framing(&[frame(0xA1, b"h")]);
    framing(&[frame(0x91, b"h")]);
    for opcode in [0x3, 0x4, 0x5, 0x6, 0x7, 0xB, 0xC, 0xD, 0xE, 0xF] {
        framing(&[frame(0x80 | opcode, b"")]);
    }
    framing(&[frame(0x80, b"first")]);
    framing(&[frame(0x01, b"a"), frame(0x81, b"b")]);
    framing(&[frame(0x01, b"a"), frame(0x82, b"b")]);
    framing(&[frame(0x09, b"p")]);
    framing(&[frame(0x89, &[0; 126])]);
    framing(&[vec![0x81, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0]]);
}

#[test]
fn broken_text_is_refused_as_soon_as_it_shows() {
    let broken = [Seen::Broken(Violation::Utf8)];
    check(&[frame(0x81, &[0xFF])], &broken);
    check(&[frame(0x81, &[0xE3, 0x81])], &broken);
    check(&[frame(0x01, &[0xE3]), frame(0x80, b"a")], &broken);
    check(&[frame(0x01, &[0xE3]), frame(0x80, b"")], &broken);
    // The second byte makes a surrogate: no need to wait for the end of the message.
    check(&[frame(0x01, &[0xED, 0xA0])], &broken);
    check(&[frame(0x88, &[0x03, 0xE8, 0xFF])], &broken);
}

#[test]
fn messages_over_the_limit_are_refused_by_their_headers() {
    let over = LIMIT + 1;
    let header = |len: usize| frame(0x81, &vec![b'x'; len])[..8].to_vec();
    check(&[header(over)], &[Seen::Broken(Violation::TooBig)]);
    check(&[header(over - 1)], &[]);
    let fragments = [frame(0x01, &vec![b'x'; over - 2]), frame(0x80, b"ab")];
    check(&fragments, &[Seen::Broken(Violation::TooBig)]);
    check(
        &[vec![
            0x82, 0xFF, 0x7F, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0,
        ]],
        &[Seen::Broken(Violation::TooBig)],
    );
}

#[test]
fn close_codes_are_checked() {
    check(&[frame(0x88, b"")], &[Seen::Close(None)]);
    framing(&[frame(0x88, &[3])]);
    for code in [
        1000_u16, 1001, 1002, 1003, 1007, 1011, 1012, 1014, 3000, 4999,
    ] {
        check(
            &[frame(0x88, &code.to_be_bytes())],
            &[Seen::Close(Some(code))],
        );
    }
    for code in [
        0_u16, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65_535,
    ] {
        framing(&[frame(0x88, &code.to_be_bytes())]);
    }
    let reason = [&1000_u16.to_be_bytes()[..], "さようなら".as_bytes()].concat();
    check(&[frame(0x88, &reason)], &[Seen::Close(Some(1000))]);
}

#[test]
fn nothing_is_held_between_messages() {
    let mut decoder = decoder(false);
    let bytes = [
        frame(0x01, b"a"),
        frame(0x89, b"p"),
        frame(0x80, b"b"),
        frame(0x81, b"c"),
    ]
    .concat();
    let (last, rest) = bytes.split_last().expect("there are bytes");
    for byte in rest {
        decoder.feed(&mut [*byte]).expect("good frames");
    }
    assert!(decoder.holds_memory());
    let (_, message) = decoder
        .feed(&mut [*last])
        .map(|(used, message)| (used, message.is_some()))
        .unwrap();
    assert!(message);
    assert!(!decoder.holds_memory());
}

/// The examples of RFC 7692 section 7.2.3.
#[test]
fn compressed_messages_are_inflated() {
    let hello: &[u8] = &[0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00];
    let stored: &[u8] = &[
        0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00,
    ];
    let last_block: &[u8] = &[0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00];
    let two_blocks: &[u8] = &[
        0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00,
    ];
    for payload in [hello, stored, last_block, two_blocks] {
        let seen = read_compressed(&[frame(0xC1, payload)]);
        assert_eq!(seen, [text("Hello")], "{payload:x?}");
    }
    let fragments = [
        frame(0x41, &hello[..3]),
        frame(0x89, b"p"),
        frame(0x80, &hello[3..]),
        frame(0x81, b"plain"),
    ];
    let ping = Seen::Ping(b"p".to_vec());
    let expected = [ping, text("Hello"), text("plain")];
    assert_eq!(read_compressed(&fragments), expected);
    assert_eq!(read_compressed(&[frame(0xC1, &[0x00])]), [text("")]);
}

#[test]
fn broken_compression_is_refused() {
    let broken = |seen: Violation| [Seen::Broken(seen)];
    assert_eq!(
        read_compressed(&[frame(0xC1, &[0xFF; 8])]),
        broken(Violation::Deflate)
    );
    // Inflated, it isn't UTF-8.
    let not_text = [0x00, 0x01, 0x00, 0xFE, 0xFF, 0xFF, 0x00];
    assert_eq!(
        read_compressed(&[frame(0xC1, &not_text)]),
        broken(Violation::Utf8)
    );
    let reserved = broken(Violation::Framing("a reserved bit is set"));
    for first in [0xC0, 0xC8, 0xC9, 0xCA, 0xA1, 0x91, 0xE1] {
        assert_eq!(read_compressed(&[frame(first, b"")]), reserved, "{first:x}");
    }
    let continued = [frame(0x41, &[0xF2]), frame(0xC0, &[0x48])];
    assert_eq!(read_compressed(&continued), reserved);
}

#[test]
fn a_bomb_is_refused_at_the_limit() {
    let deflate = |size: usize| {
        let mut out = Vec::with_capacity(64 + size / 100);
        let mut compress = flate2::Compress::new(flate2::Compression::best(), false);
        compress
            .compress_vec(&vec![b'x'; size], &mut out, flate2::FlushCompress::Sync)
            .unwrap();
        out.truncate(out.len() - 4);
        frame(0xC1, &out)
    };
    let most = "x".repeat(LIMIT);
    assert_eq!(read_compressed(&[deflate(LIMIT)]), [text(&most)]);
    for size in [LIMIT + 1, 1_000_000] {
        let seen = read_compressed(&[deflate(size)]);
        assert_eq!(seen, [Seen::Broken(Violation::TooBig)], "{size}");
    }
}

#[test]
fn control_frames_of_the_server() {
    let mut out = Vec::new();
    encode::ping(&mut out);
    encode::pong(b"hello", &mut out);
    encode::close(None, "", &mut out);
    encode::close(Some(1000), "", &mut out);
    encode::close(Some(1012), "bye", &mut out);
    assert_eq!(
        out,
        b"\x89\x00\x8A\x05hello\x88\x00\x88\x02\x03\xE8\x88\x05\x03\xF4bye"
    );
    out.clear();
    encode::close(Some(1000), &"せ".repeat(60), &mut out);
    assert_eq!(out.len(), 2 + 2 + 123);
    assert!(std::str::from_utf8(&out[4..]).is_ok());
}

/// One frame of a client: good ones, and some that break a rule.
fn any_frame() -> impl Strategy<Value = Vec<u8>> {
    let first = prop_oneof![
        8 => prop::sample::select(vec![0x81_u8, 0x01, 0x00, 0x80, 0x82, 0x02, 0x89, 0x8A]),
        1 => any::<u8>(),
        1 => Just(0x88),
    ];
    let payload = prop_oneof![
        "\\PC{0,40}".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..20),
        "[a-z]{120,300}".prop_map(String::into_bytes),
    ];
    (first, payload).prop_map(|(first, payload)| frame(first, &payload))
}

proptest! {
    #[test]
    fn any_split_gives_the_same(
        frames in prop::collection::vec(any_frame(), 0..12),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let bytes = frames.concat();
        let mut ends: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        ends.push(bytes.len());
        ends.sort_unstable();
        let mut pieces: Vec<&[u8]> = Vec::new();
        let mut at = 0;
        for end in ends {
            pieces.push(&bytes[at..end]);
            at = end;
        }
        prop_assert_eq!(read(&pieces), read(&[&bytes]));
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read(&[&bytes]);
        read_compressed(&[frame(0xC2, &bytes)]);
    }
}
