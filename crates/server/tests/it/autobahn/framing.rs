//! Sections 1 to 5, 9 and 10: framing, pings, reserved bits, opcodes, fragments, limits.

use super::{CONNECT, Case, Cut, answer, check, close, command, connected, fragments, pong};
use crate::support::masked;

const SHORT: &[u8] = CONNECT.as_bytes();

#[tokio::test]
async fn sections_1_9_and_10_messages_of_all_sizes() {
    let mut cases = Vec::new();
    for (text, binary, bytes) in [
        ("1.1.1", "1.2.1", 0),
        ("1.1.2", "1.2.2", 125),
        ("1.1.3", "1.2.3", 126),
        ("1.1.4", "1.2.4", 127),
        ("1.1.5", "1.2.5", 128),
        ("1.1.6", "1.2.6", 65_535),
        ("1.1.7, 9.1.1", "1.2.7, 9.2.1", 65_536),
    ] {
        for (number, first) in [(text, 0x81), (binary, 0x82)] {
            let frames = vec![masked(first, &command(bytes))];
            cases.push(Case(number, Cut::Whole, frames, answer(bytes)));
        }
    }
    for (number, first) in [("1.1.8", 0x81), ("1.2.8", 0x82)] {
        let frames = vec![masked(first, &command(65_536))];
        cases.push(Case(number, Cut::Octets(997), frames, answer(65_536)));
    }
    // The suite goes on to 16 MiB, in one frame and in fragments of different sizes.
    for (number, first) in [("9.1.2", 0x81), ("9.2.2", 0x82)] {
        let frames = vec![masked(first, &command(65_537))];
        cases.push(Case(number, Cut::Whole, frames, vec![close(1009)]));
    }
    for (number, first, bytes) in [
        ("9.3.1", 0x01, 64),
        ("9.3.4", 0x01, 4_096),
        ("9.4.1", 0x02, 64),
        ("9.4.4", 0x02, 4_096),
        ("10.1.1", 0x01, 1_300),
    ] {
        let good = fragments(first, &command(65_536), bytes);
        cases.push(Case(number, Cut::Whole, good, answer(65_536)));
        let long = fragments(first, &command(65_537), bytes);
        cases.push(Case(number, Cut::Whole, long, vec![close(1009)]));
    }
    for (number, first, octets) in [
        ("9.5.1", 0x81, 64),
        ("9.5.5", 0x81, 1_024),
        ("9.6.1", 0x82, 64),
        ("9.6.5", 0x82, 1_024),
    ] {
        let frames = vec![masked(first, &command(65_536))];
        cases.push(Case(number, Cut::Octets(octets), frames, answer(65_536)));
    }
    for (number, first, bytes) in [
        ("9.7.1", 0x81, 0),
        ("9.7.4", 0x81, 256),
        ("9.8.4", 0x82, 256),
    ] {
        let frames = vec![masked(first, &command(bytes)); 1_000];
        let answers = std::iter::repeat_n(answer(bytes), 1_000).flatten();
        cases.push(Case(number, Cut::Whole, frames, answers.collect()));
    }
    check(cases).await;
}

#[tokio::test]
async fn section_2_pings_and_pongs() {
    let ping = |payload: &[u8]| vec![masked(0x89, payload)];
    let binary = [0x00, 0xFF, 0xFE, 0xFD, 0xFC, 0xFB, 0x00, 0xFF];
    let long = [0xFE; 125];
    let ten = || (0..10).map(|at| [b'p', b'0' + at]);
    let pings = || {
        ten()
            .map(|payload| masked(0x89, &payload))
            .collect::<Vec<_>>()
    };
    let pongs = || ten().map(|payload| pong(&payload)).collect::<Vec<_>>();
    let then_ping = vec![masked(0x8A, b"unsolicited"), masked(0x89, b"ping")];
    check(vec![
        Case("2.1", Cut::Whole, ping(b""), vec![pong(b"")]),
        Case("2.2", Cut::Whole, ping(b"Hello"), vec![pong(b"Hello")]),
        Case("2.3", Cut::Whole, ping(&binary), vec![pong(&binary)]),
        Case("2.4", Cut::Whole, ping(&long), vec![pong(&long)]),
        Case("2.5", Cut::Whole, ping(&[0xFE; 126]), vec![close(1002)]),
        Case("2.6", Cut::Octets(1), ping(&long), vec![pong(&long)]),
        Case("2.7", Cut::Whole, vec![masked(0x8A, b"")], vec![]),
        Case(
            "2.8",
            Cut::Whole,
            vec![masked(0x8A, b"unsolicited")],
            vec![],
        ),
        Case("2.9", Cut::Whole, then_ping, vec![pong(b"ping")]),
        Case("2.10", Cut::Whole, pings(), pongs()),
        Case("2.11", Cut::Octets(1), pings(), pongs()),
    ])
    .await;
}

#[tokio::test]
async fn section_3_reserved_bits() {
    let broken = || vec![close(1002)];
    let after_text = || vec![connected(), close(1002)];
    // What comes before is answered, what comes behind is not.
    let around = |first| vec![masked(0x81, SHORT), masked(first, SHORT), masked(0x89, b"")];
    check(vec![
        Case(
            "3.1",
            Cut::Whole,
            vec![masked(0x80 | 0x10 | 1, SHORT)],
            broken(),
        ),
        Case("3.2", Cut::Whole, around(0x80 | 0x20 | 1), after_text()),
        Case("3.3", Cut::Frames, around(0x80 | 0x30 | 1), after_text()),
        Case("3.4", Cut::Octets(1), around(0x80 | 0x40 | 1), after_text()),
        Case(
            "3.5",
            Cut::Whole,
            vec![masked(0x80 | 0x50 | 2, SHORT)],
            broken(),
        ),
        Case(
            "3.6",
            Cut::Whole,
            vec![masked(0x80 | 0x60 | 9, b"")],
            broken(),
        ),
        Case(
            "3.7",
            Cut::Whole,
            vec![masked(0x80 | 0x70 | 8, b"")],
            broken(),
        ),
    ])
    .await;
}

#[tokio::test]
async fn section_4_reserved_opcodes() {
    let broken = || vec![close(1002)];
    let after_text = || vec![connected(), close(1002)];
    let mut cases = Vec::new();
    for (opcode, numbers) in [
        (3, ["4.1.1", "4.1.2", "4.1.3", "4.1.4", "4.1.5"]),
        (11, ["4.2.1", "4.2.2", "4.2.3", "4.2.4", "4.2.5"]),
    ] {
        let frame = |at: u8, payload: &[u8]| masked(0x80 | (opcode + at), payload);
        let around = |frame| vec![masked(0x81, SHORT), frame, masked(0x89, b"")];
        let [a, b, c, d, e] = numbers;
        cases.extend([
            Case(a, Cut::Whole, vec![frame(0, b"")], broken()),
            Case(b, Cut::Whole, vec![frame(1, b"reserved")], broken()),
            Case(c, Cut::Frames, around(frame(2, b"")), after_text()),
            Case(d, Cut::Frames, around(frame(3, b"reserved")), after_text()),
            Case(
                e,
                Cut::Octets(1),
                around(frame(4, b"reserved")),
                after_text(),
            ),
        ]);
    }
    check(cases).await;
}

/// A text in five frames, with two pings between them.
fn five() -> Vec<Vec<u8>> {
    let parts: Vec<&[u8]> = SHORT.chunks(SHORT.len().div_ceil(5)).collect();
    let [a, b, c, d, e] = parts[..] else {
        unreachable!("there are five")
    };
    let mut frames = vec![masked(0x01, a), masked(0x00, b), masked(0x89, b"1")];
    frames.extend([
        masked(0x00, c),
        masked(0x00, d),
        masked(0x89, b"2"),
        masked(0x80, e),
    ]);
    frames
}

#[tokio::test]
async fn section_5_fragments() {
    let (left, right) = SHORT.split_at(20);
    let halves = || vec![masked(0x01, left), masked(0x80, right)];
    let around_ping = || {
        vec![
            masked(0x01, left),
            masked(0x89, b"ping"),
            masked(0x80, right),
        ]
    };
    let ponged = || vec![pong(b"ping"), connected()];
    let continued = |first| vec![masked(first, SHORT), masked(0x81, SHORT)];
    let broken = || vec![close(1002)];
    let twice_ponged = || vec![pong(b"1"), pong(b"2"), connected()];
    let unended = [halves(), continued(0x00)].concat();
    let again = [vec![masked(0x00, SHORT)], continued(0x80)].concat();
    let cases = vec![
        Case(
            "5.1",
            Cut::Whole,
            vec![masked(0x09, b"p"), masked(0x80, b"q")],
            broken(),
        ),
        Case(
            "5.2",
            Cut::Whole,
            vec![masked(0x0A, b"p"), masked(0x80, b"q")],
            broken(),
        ),
        Case("5.3", Cut::Whole, halves(), vec![connected()]),
        Case("5.4", Cut::Frames, halves(), vec![connected()]),
        Case("5.5", Cut::Octets(1), halves(), vec![connected()]),
        Case("5.6", Cut::Whole, around_ping(), ponged()),
        Case("5.7", Cut::Frames, around_ping(), ponged()),
        Case("5.8", Cut::Octets(1), around_ping(), ponged()),
        Case("5.9", Cut::Whole, continued(0x80), broken()),
        Case("5.10", Cut::Frames, continued(0x80), broken()),
        Case("5.11", Cut::Octets(1), continued(0x80), broken()),
        Case("5.12", Cut::Whole, continued(0x00), broken()),
        Case("5.13", Cut::Frames, continued(0x00), broken()),
        Case("5.14", Cut::Octets(1), continued(0x00), broken()),
        Case("5.15", Cut::Whole, unended, vec![connected(), close(1002)]),
        Case("5.16", Cut::Whole, again.clone(), broken()),
        Case("5.17", Cut::Frames, again, broken()),
        Case(
            "5.18",
            Cut::Whole,
            vec![masked(0x01, left), masked(0x81, right)],
            broken(),
        ),
        Case("5.19", Cut::Frames, five(), twice_ponged()),
        Case("5.20", Cut::Octets(1), five(), twice_ponged()),
    ];
    check(cases).await;
}
