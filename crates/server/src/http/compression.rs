//! The negotiation of `permessage-deflate`, RFC 7692 section 7.1.

use axum::http::header::{self, HeaderMap, HeaderValue};

use crate::ws::Compression;

/// The window of deflate itself, and the smallest that can be asked for.
const WINDOW_BITS: std::ops::RangeInclusive<u8> = 8..=15;

/// The first offer that can be taken, and the answer to it. Neither side keeps a context
/// between messages, whatever was asked.
pub(super) fn negotiate(headers: &HeaderMap) -> Option<(Compression, HeaderValue)> {
    let lines = headers.get_all(header::SEC_WEBSOCKET_EXTENSIONS);
    let offers = lines.iter().filter_map(|line| line.to_str().ok());
    let accepted = offers.flat_map(|line| line.split(',')).find_map(accept)?;
    let mut answer =
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover".to_owned();
    if let Some(bits) = accepted {
        answer.push_str("; server_max_window_bits=");
        answer.push_str(&bits.to_string());
    }
    let window_bits = accepted.unwrap_or(*WINDOW_BITS.end());
    let answer = HeaderValue::try_from(answer).expect("it is plain ASCII");
    Some((Compression { window_bits }, answer))
}

/// Whether an offer can be taken, and the window that it asks of the server. One with a
/// parameter that is unknown, doubled or badly valued can't be.
fn accept(offer: &str) -> Option<Option<u8>> {
    let mut words = offer.split(';').map(str::trim);
    if !words.next()?.eq_ignore_ascii_case("permessage-deflate") {
        return None;
    }
    let mut window = None;
    let mut seen: Vec<&str> = Vec::new();
    for word in words {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name.trim(), Some(bits(value.trim())?)),
            None => (word, None),
        };
        if seen.contains(&name) {
            return None;
        }
        seen.push(name);
        match (name, value) {
            ("server_no_context_takeover" | "client_no_context_takeover", None)
            | ("client_max_window_bits", _) => {}
            ("server_max_window_bits", Some(bits)) => window = Some(bits),
            _ => return None,
        }
    }
    Some(window)
}

/// The value of a window parameter, which may be quoted.
fn bits(value: &str) -> Option<u8> {
    let unquoted = value.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    let digits = unquoted.unwrap_or(value);
    if digits.starts_with(['0', '+']) {
        return None;
    }
    digits
        .parse()
        .ok()
        .filter(|bits| WINDOW_BITS.contains(bits))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The window that was agreed on and what the answer says of it.
    fn check(offer: &'static str, expected: Option<(u8, &str)>) {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::SEC_WEBSOCKET_EXTENSIONS,
            HeaderValue::from_static(offer),
        );
        let found = negotiate(&headers).map(|(compression, answer)| {
            let answer = answer.to_str().unwrap().to_owned();
            let fixed =
                "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
            (
                compression.window_bits,
                answer.strip_prefix(fixed).unwrap().to_owned(),
            )
        });
        let expected = expected.map(|(bits, more)| (bits, more.to_owned()));
        assert_eq!(found, expected, "{offer}");
    }

    #[test]
    fn the_first_good_offer_is_taken() {
        check("permessage-deflate", Some((15, "")));
        check("permessage-deflate; client_max_window_bits", Some((15, "")));
        check(
            "permessage-deflate; server_max_window_bits=12; client_max_window_bits=12",
            Some((12, "; server_max_window_bits=12")),
        );
        check(
            "permessage-deflate; server_max_window_bits=\"10\"",
            Some((10, "; server_max_window_bits=10")),
        );
        check(
            "x-other, permessage-deflate; future, PerMessage-Deflate;server_no_context_takeover",
            Some((15, "")),
        );
    }

    #[test]
    fn bad_offers_are_declined() {
        for offer in [
            "",
            "x-webkit-deflate-frame",
            "permessage-deflate; unknown",
            "permessage-deflate; server_max_window_bits",
            "permessage-deflate; server_max_window_bits=7",
            "permessage-deflate; server_max_window_bits=16",
            "permessage-deflate; server_max_window_bits=010",
            "permessage-deflate; server_no_context_takeover=1",
            "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
        ] {
            check(offer, None);
        }
    }
}
