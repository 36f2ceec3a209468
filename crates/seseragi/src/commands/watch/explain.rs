//! Why a server can't be watched, and what to do about it.

use std::io::ErrorKind;

use tokio_tungstenite::tungstenite::{self, http::header::LOCATION};

/// Why a connection could not be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    /// A sentence for people, with what to do.
    pub(super) why: String,
    /// Whether the same attempt may succeed later.
    pub(super) passing: bool,
}

impl Refusal {
    fn passing(why: String) -> Self {
        Self { why, passing: true }
    }

    fn lasting(why: String) -> Self {
        Self {
            why,
            passing: false,
        }
    }

    /// No answer came in time.
    pub(super) fn timeout(url: &str, seconds: u64) -> Self {
        Self::passing(format!("`{url}` gave no answer within {seconds} s"))
    }

    /// The handshake failed.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "what has no advice of its own is told in its own words"
    )]
    pub(super) fn of(error: &tungstenite::Error, url: &str) -> Self {
        match error {
            tungstenite::Error::Http(response) => {
                let to = response.headers().get(LOCATION);
                status(
                    response.status().as_u16(),
                    to.and_then(|to| to.to_str().ok()),
                    url,
                )
            }
            tungstenite::Error::Io(error) => io(error, url),
            tungstenite::Error::Protocol(error) => Self::lasting(format!(
                "`{url}` answered, but not as a stream: {error}; is it a server of the Misskey world?"
            )),
            tungstenite::Error::Tls(error) => Self::lasting(format!(
                "cannot speak TLS with `{url}`: {error}; if it has none, begin with `http://`"
            )),
            other => Self::lasting(format!("cannot connect to `{url}`: {other}")),
        }
    }
}

fn status(status: u16, location: Option<&str>, url: &str) -> Refusal {
    match (status, location) {
        (401, _) => Refusal::lasting(format!(
            "`{url}` refused the token: check `--token` or SESERAGI_TOKEN"
        )),
        (403, _) => Refusal::lasting(format!(
            "`{url}` refused the user: the account is suspended, or something in front of the server refuses"
        )),
        (300..=399, Some(location)) => {
            Refusal::lasting(format!("`{url}` has moved: watch `{location}` instead"))
        }
        (404, _) => Refusal::lasting(format!(
            "there is no stream at `{url}`: is it a server of the Misskey world?"
        )),
        (429 | 500..=599, _) => Refusal::passing(format!(
            "`{url}` is not ready: it answered with HTTP status {status}"
        )),
        _ => Refusal::lasting(format!(
            "`{url}` answered with HTTP status {status}, not a stream"
        )),
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "what has no advice of its own is told in its own words"
)]
fn io(error: &std::io::Error, url: &str) -> Refusal {
    match error.kind() {
        ErrorKind::ConnectionRefused => Refusal::passing(format!(
            "nothing listens at `{url}`: is the server running, and the port right?"
        )),
        ErrorKind::InvalidData if url.starts_with("wss:") => Refusal::lasting(format!(
            "cannot speak TLS with `{url}`: {error}; if it has none, begin with `http://`"
        )),
        ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => {
            Refusal::passing(format!("`{url}` hung up without an answer"))
        }
        // The system's own word for a host that nobody knows, which has no kind of its own.
        _ if error.to_string().starts_with("failed to lookup address") => Refusal::passing(
            format!("no such host in `{url}`: check its spelling and the network"),
        ),
        _ => Refusal::passing(format!("cannot reach `{url}`: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_says_what_to_do() {
        let url = "wss://example.com/streaming";
        let cases = [
            (401, None, "--token", false),
            (403, None, "suspended", false),
            (
                301,
                Some("https://other.example/"),
                "watch `https://other.example/`",
                false,
            ),
            (404, None, "no stream at", false),
            (503, None, "not ready", true),
            (429, None, "not ready", true),
            (200, None, "HTTP status 200", false),
        ];
        for (code, location, words, passing) in cases {
            let refusal = status(code, location, url);
            assert!(refusal.why.contains(words), "{}", refusal.why);
            assert_eq!(refusal.passing, passing, "{code}");
        }
    }

    #[test]
    fn each_failure_of_the_network_says_what_it_is() {
        let cases = [
            (ErrorKind::ConnectionRefused, "nothing listens", true),
            (ErrorKind::InvalidData, "http://", false),
            (ErrorKind::ConnectionReset, "hung up", true),
            (ErrorKind::HostUnreachable, "cannot reach", true),
        ];
        for (kind, words, passing) in cases {
            let refusal = io(&kind.into(), "wss://example.com/streaming");
            assert!(refusal.why.contains(words), "{}", refusal.why);
            assert_eq!(refusal.passing, passing, "{kind:?}");
        }
    }
}
