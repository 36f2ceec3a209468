//! Section 7: how a connection ends.

use super::{CONNECT, Case, Cut, Frame, check, close, command, connected};
use crate::support::masked;

/// A close frame with a code and a reason.
fn closing(code: u16, reason: &[u8]) -> Vec<u8> {
    masked(0x88, &[&code.to_be_bytes(), reason].concat())
}

#[tokio::test]
async fn nothing_counts_behind_a_close() {
    let text = || masked(0x81, CONNECT.as_bytes());
    let end = || closing(1000, b"");
    let (left, right) = CONNECT.as_bytes().split_at(20);
    let within = vec![masked(0x01, left), end(), masked(0x80, right)];
    let long = vec![masked(0x81, &command(65_536)), end(), masked(0x89, b"")];
    check(vec![
        Case(
            "7.1.1",
            Cut::Whole,
            vec![text(), end()],
            vec![connected(), close(1000)],
        ),
        Case("7.1.2", Cut::Whole, vec![end(), end()], vec![close(1000)]),
        Case(
            "7.1.3",
            Cut::Whole,
            vec![end(), masked(0x89, b"late")],
            vec![close(1000)],
        ),
        Case("7.1.4", Cut::Whole, vec![end(), text()], vec![close(1000)]),
        Case("7.1.5", Cut::Whole, within, vec![close(1000)]),
        Case("7.1.6", Cut::Whole, long, vec![connected(), close(1000)]),
    ])
    .await;
}

#[tokio::test]
async fn a_close_is_answered_with_its_code() {
    let empty = vec![Frame::Close(None, String::new())];
    let mut cases = vec![
        Case("7.3.1", Cut::Whole, vec![masked(0x88, b"")], empty),
        Case(
            "7.3.2",
            Cut::Whole,
            vec![masked(0x88, b"a")],
            vec![close(1002)],
        ),
        Case(
            "7.3.3",
            Cut::Whole,
            vec![closing(1000, b"")],
            vec![close(1000)],
        ),
        Case(
            "7.3.4",
            Cut::Whole,
            vec![closing(1000, b"Hello World!")],
            vec![close(1000)],
        ),
        Case(
            "7.3.5",
            Cut::Octets(1),
            vec![closing(1000, &[b'*'; 123])],
            vec![close(1000)],
        ),
        Case(
            "7.3.6",
            Cut::Whole,
            vec![closing(1000, &[b'*'; 124])],
            vec![close(1002)],
        ),
        Case(
            "7.5.1",
            Cut::Whole,
            vec![closing(1000, b"\xCE\xBA\xED\xA0\x80")],
            vec![close(1007)],
        ),
    ];
    let good = [
        1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014,
    ];
    for code in good.into_iter().chain([3000, 3999, 4000, 4999]) {
        cases.push(Case(
            "7.7",
            Cut::Whole,
            vec![closing(code, b"")],
            vec![close(code)],
        ));
    }
    let bad = [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999];
    for (number, codes) in [("7.9", &bad[..]), ("7.13", &[5000, 65_535])] {
        for &code in codes {
            cases.push(Case(
                number,
                Cut::Whole,
                vec![closing(code, b"")],
                vec![close(1002)],
            ));
        }
    }
    check(cases).await;
}
