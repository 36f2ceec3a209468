//! Section 6: UTF-8, whole and in pieces, and told at the first octet that breaks it.

use super::{CONNECT, Case, Cut, Frame, check, close, connected, fragments};
use crate::support::masked;

/// "κόσμε".
const GREEK: &[u8] = b"\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5";

/// Texts that are good.
const GOOD: &[(&str, &[u8])] = &[
    ("6.5.1", b"\xCE\xBA"),
    ("6.5.2", b"\xCE\xBA\xE1\xBD\xB9"),
    ("6.5.5", GREEK),
    ("6.7.1", b"\x00"),
    ("6.7.2", b"\xC2\x80"),
    ("6.7.3", b"\xE0\xA0\x80"),
    ("6.7.4", b"\xF0\x90\x80\x80"),
    ("6.9.1", b"\x7F"),
    ("6.9.2", b"\xDF\xBF"),
    ("6.9.3", b"\xEF\xBF\xBF"),
    ("6.9.4", b"\xF4\x8F\xBF\xBF"),
    ("6.11.1", b"\xED\x9F\xBF"),
    ("6.11.2", b"\xEE\x80\x80"),
    ("6.11.3", b"\xEF\xBF\xBD"),
    ("6.11.4", b"\xF4\x8F\xBF\xBF"),
    ("6.23.1", b"\xEF\xBF\xBD"),
];

/// Texts that are not.
const BAD: &[(&str, &[u8])] = &[
    (
        "6.3.1",
        b"\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5\xED\xA0\x80edited",
    ),
    ("6.8.1", b"\xF8\x88\x80\x80\x80"),
    ("6.8.2", b"\xFC\x84\x80\x80\x80\x80"),
    ("6.10.1", b"\xF7\xBF\xBF\xBF"),
    ("6.10.2", b"\xFB\xBF\xBF\xBF\xBF"),
    ("6.10.3", b"\xFD\xBF\xBF\xBF\xBF\xBF"),
    ("6.11.5", b"\xF4\x90\x80\x80"),
    ("6.12.1", b"\x80"),
    ("6.12.2", b"\xBF"),
    ("6.12.3", b"\x80\xBF"),
    ("6.12.7", b"\x80\xBF\x80\xBF\x80\xBF"),
    ("6.13.1", b"\xC0 \xC1 \xC2 \xDF "),
    ("6.13.2", b"\xE0 \xE1 \xEF "),
    ("6.13.3", b"\xF0 \xF4 \xF7 "),
    ("6.13.4", b"\xF8 \xFB "),
    ("6.13.5", b"\xFC \xFD "),
    ("6.14.1", b"\xC0"),
    ("6.14.2", b"\xE0\x80"),
    ("6.14.3", b"\xF0\x80\x80"),
    ("6.14.4", b"\xF8\x80\x80\x80"),
    ("6.14.5", b"\xFC\x80\x80\x80\x80"),
    ("6.14.6", b"\xDF"),
    ("6.14.7", b"\xEF\xBF"),
    ("6.14.8", b"\xF7\xBF\xBF"),
    ("6.14.9", b"\xFB\xBF\xBF\xBF"),
    ("6.14.10", b"\xFD\xBF\xBF\xBF\xBF"),
    (
        "6.15.1",
        b"\xC0\xE0\x80\xF0\x80\x80\xDF\xEF\xBF\xF7\xBF\xBF",
    ),
    ("6.16.1", b"\xFE"),
    ("6.16.2", b"\xFF"),
    ("6.16.3", b"\xFE\xFE\xFF\xFF"),
    ("6.17.1", b"\xC0\xAF"),
    ("6.17.2", b"\xE0\x80\xAF"),
    ("6.17.3", b"\xF0\x80\x80\xAF"),
    ("6.17.4", b"\xF8\x80\x80\x80\xAF"),
    ("6.17.5", b"\xFC\x80\x80\x80\x80\xAF"),
    ("6.18.1", b"\xC1\xBF"),
    ("6.18.2", b"\xE0\x9F\xBF"),
    ("6.18.3", b"\xF0\x8F\xBF\xBF"),
    ("6.18.4", b"\xF8\x87\xBF\xBF\xBF"),
    ("6.18.5", b"\xFC\x83\xBF\xBF\xBF\xBF"),
    ("6.19.1", b"\xC0\x80"),
    ("6.19.2", b"\xE0\x80\x80"),
    ("6.19.3", b"\xF0\x80\x80\x80"),
    ("6.19.4", b"\xF8\x80\x80\x80\x80"),
    ("6.19.5", b"\xFC\x80\x80\x80\x80\x80"),
    ("6.20.1", b"\xED\xA0\x80"),
    ("6.20.2", b"\xED\xAD\xBF"),
    ("6.20.3", b"\xED\xAE\x80"),
    ("6.20.4", b"\xED\xAF\xBF"),
    ("6.20.5", b"\xED\xB0\x80"),
    ("6.20.6", b"\xED\xBE\x80"),
    ("6.20.7", b"\xED\xBF\xBF"),
    ("6.21.1", b"\xED\xA0\x80\xED\xB0\x80"),
    ("6.21.4", b"\xED\xAD\xBF\xED\xBF\xBF"),
    ("6.21.8", b"\xED\xAF\xBF\xED\xBF\xBF"),
];

/// A `connect` under an id of this text, and what answers it; nothing does where JSON doesn't
/// take the text as it stands.
fn under(id: &[u8]) -> (Vec<u8>, Vec<Frame>) {
    let text = std::str::from_utf8(id).unwrap();
    let connect = CONNECT.replace(r#""f""#, &format!(r#""{text}""#));
    let answer = format!(r#"{{"type":"connected","body":{{"id":"{text}"}}}}"#);
    let plain = id.iter().all(|&octet| octet >= 0x20);
    (
        connect.into_bytes(),
        plain.then_some(Frame::Text(answer)).into_iter().collect(),
    )
}

#[tokio::test]
async fn good_texts_are_taken_whole_and_in_pieces() {
    let mut cases = vec![
        Case("6.1.1", Cut::Whole, vec![masked(0x81, b"")], vec![]),
        Case(
            "6.1.2",
            Cut::Whole,
            vec![masked(0x01, b""), masked(0x00, b""), masked(0x80, b"")],
            vec![],
        ),
        Case(
            "6.1.3",
            Cut::Whole,
            vec![
                masked(0x01, b""),
                masked(0x00, CONNECT.as_bytes()),
                masked(0x80, b""),
            ],
            vec![connected()],
        ),
    ];
    let (greek, answer) = under(GREEK);
    let (left, right) = greek.split_at(greek.len() - 14);
    let halves = vec![masked(0x01, left), masked(0x80, right)];
    cases.extend([
        Case(
            "6.2.1",
            Cut::Whole,
            vec![masked(0x81, &greek)],
            answer.clone(),
        ),
        Case("6.2.2", Cut::Whole, halves, answer.clone()),
        Case(
            "6.2.3",
            Cut::Whole,
            fragments(0x01, &greek, 1),
            answer.clone(),
        ),
        Case("6.2.4", Cut::Octets(1), fragments(0x01, &greek, 1), answer),
    ]);
    for &(number, text) in GOOD {
        let (command, answer) = under(text);
        cases.push(Case(
            number,
            Cut::Whole,
            vec![masked(0x81, &command)],
            answer.clone(),
        ));
        cases.push(Case(
            number,
            Cut::Frames,
            fragments(0x01, &command, 1),
            answer,
        ));
    }
    check(cases).await;
}

/// Section 6.22: the last two of each plane are no characters, and good all the same.
#[tokio::test]
async fn code_points_that_are_no_characters_are_good() {
    let last = (0..17).flat_map(|plane| [plane << 16 | 0xFFFE, plane << 16 | 0xFFFF]);
    let case = |point| {
        let text = char::from_u32(point).unwrap().to_string();
        let (command, answer) = under(text.as_bytes());
        Case("6.22", Cut::Whole, vec![masked(0x81, &command)], answer)
    };
    check(last.map(case).collect()).await;
}

#[tokio::test]
async fn bad_texts_end_the_stream_whole_and_in_pieces() {
    let mut cases = Vec::new();
    for &(number, text) in BAD {
        let ends = || vec![close(1007)];
        cases.push(Case(number, Cut::Whole, vec![masked(0x81, text)], ends()));
        cases.push(Case(number, Cut::Whole, fragments(0x01, text, 1), ends()));
        cases.push(Case(
            number,
            Cut::Octets(1),
            vec![masked(0x81, text)],
            ends(),
        ));
    }
    for length in 1..=GREEK.len() {
        let prefix = &GREEK[..length];
        let ends = match std::str::from_utf8(prefix) {
            Ok(_) => vec![],
            Err(_) => vec![close(1007)],
        };
        cases.push(Case("6.6", Cut::Whole, vec![masked(0x81, prefix)], ends));
    }
    check(cases).await;
}

/// Section 6.4: nobody waits for the end of a text that is bad already.
#[tokio::test]
async fn a_bad_text_ends_the_stream_before_it_is_whole() {
    let first = masked(0x01, GREEK);
    let ends = || vec![close(1007)];
    // Of a frame of 30 octets as many come as the text is good, and those that break it.
    let text = [GREEK, b"\xF4\x90\x80\x80 and what never comes"].concat();
    let cut = |octets: usize| {
        let frame = masked(0x81, &text);
        frame[..frame.len() - text.len() + octets].to_vec()
    };
    let good = GREEK.len();
    check(vec![
        Case(
            "6.4.1",
            Cut::Frames,
            vec![first.clone(), masked(0x00, b"\xF4\x90\x80\x80")],
            ends(),
        ),
        Case(
            "6.4.2",
            Cut::Frames,
            vec![first, masked(0x00, b"\xF4\x90")],
            ends(),
        ),
        Case("6.4.3", Cut::Whole, vec![cut(good + 4)], ends()),
        Case("6.4.4", Cut::Octets(1), vec![cut(good + 2)], ends()),
    ])
    .await;
}
