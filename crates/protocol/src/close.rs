//! Why a connection ends: one table of WebSocket codes, reasons and labels.

/// Why a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CloseReason {
    /// The server stops for good.
    Shutdown,
    /// The server restarts, or drains before it does.
    Restart,
    /// The outgoing queue passed its limit.
    Slow,
    /// The token was revoked.
    TokenRevoked,
    /// One of the user's apps lost its token. Nobody knows here which, so all of them come
    /// again; those that still have one get in.
    AppRevoked,
    /// The user was suspended.
    UserSuspended,
    /// The user was deleted.
    UserDeleted,
    /// The user has too many connections.
    UserConnections,
    /// The address has too many connections.
    AddressConnections,
    /// A frame or a message over the limit.
    TooBig,
    /// Broken framing.
    BadFrame,
    /// Broken UTF-8 in a text message.
    BadText,
    /// Nothing came from the client for too long. No close frame: nobody would read it.
    Silent,
    /// The client closed the connection; its own code goes back.
    ClientLeft,
    /// The socket failed or ended without a close frame.
    Lost,
}

/// What a [`CloseReason`] means on the wire, in logs and in metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CloseSpec {
    /// The WebSocket close code; `None`: this side sends no close frame of its own.
    pub code: Option<u16>,
    /// The reason in the close frame.
    pub text: &'static str,
    /// The label in logs and metrics.
    pub label: &'static str,
    /// Whether a client should come back.
    pub retry: Retry,
}

/// Whether a client should come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// At once, with the usual backoff.
    Yes,
    /// When the server may be there again.
    Later,
    /// After a new login, or with fewer connections.
    AfterLogin,
    /// Not with the same messages.
    No,
}

impl CloseReason {
    /// All of them, for tables of metrics.
    pub const ALL: [Self; 15] = [
        Self::Shutdown,
        Self::Restart,
        Self::Slow,
        Self::TokenRevoked,
        Self::AppRevoked,
        Self::UserSuspended,
        Self::UserDeleted,
        Self::UserConnections,
        Self::AddressConnections,
        Self::TooBig,
        Self::BadFrame,
        Self::BadText,
        Self::Silent,
        Self::ClientLeft,
        Self::Lost,
    ];

    /// Its line of the table.
    #[must_use]
    pub fn spec(self) -> CloseSpec {
        use Retry::{AfterLogin, Later, No, Yes};
        match self {
            Self::Shutdown => row(1001, "server stops", "shutdown", Later),
            Self::Restart => row(1012, "server restarts", "restart", Yes),
            Self::Slow => row(1013, "too slow", "slow", Yes),
            Self::TokenRevoked => row(1008, "token revoked", "token_revoked", AfterLogin),
            Self::AppRevoked => row(1012, "an app was revoked", "app_revoked", Yes),
            Self::UserSuspended => row(1008, "user suspended", "user_suspended", AfterLogin),
            Self::UserDeleted => row(1008, "user deleted", "user_deleted", AfterLogin),
            Self::UserConnections => row(
                1008,
                "too many connections of this user",
                "user_connections",
                AfterLogin,
            ),
            Self::AddressConnections => row(
                1008,
                "too many connections of this address",
                "address_connections",
                AfterLogin,
            ),
            Self::TooBig => row(1009, "message too big", "too_big", No),
            Self::BadFrame => row(1002, "broken framing", "bad_frame", No),
            Self::BadText => row(1007, "broken UTF-8", "bad_text", No),
            Self::Silent => quiet("silent"),
            Self::ClientLeft => quiet("client_left"),
            Self::Lost => quiet("lost"),
        }
    }
}

/// A line of the table.
const fn row(code: u16, text: &'static str, label: &'static str, retry: Retry) -> CloseSpec {
    CloseSpec {
        code: Some(code),
        text,
        label,
        retry,
    }
}

/// A line for an end that this side doesn't announce.
const fn quiet(label: &'static str) -> CloseSpec {
    CloseSpec {
        code: None,
        text: "",
        label,
        retry: Retry::Yes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_those_of_the_contract() {
        let check = |reason: CloseReason, code: u16, retry: Retry| {
            let spec = reason.spec();
            assert_eq!((spec.code, spec.retry), (Some(code), retry), "{reason:?}");
        };
        check(CloseReason::Shutdown, 1001, Retry::Later);
        check(CloseReason::Restart, 1012, Retry::Yes);
        check(CloseReason::Slow, 1013, Retry::Yes);
        check(CloseReason::TokenRevoked, 1008, Retry::AfterLogin);
        check(CloseReason::UserSuspended, 1008, Retry::AfterLogin);
        check(CloseReason::UserDeleted, 1008, Retry::AfterLogin);
        check(CloseReason::UserConnections, 1008, Retry::AfterLogin);
        check(CloseReason::AddressConnections, 1008, Retry::AfterLogin);
        check(CloseReason::TooBig, 1009, Retry::No);
        check(CloseReason::BadFrame, 1002, Retry::No);
        check(CloseReason::BadText, 1007, Retry::No);
    }

    #[test]
    fn labels_differ_and_texts_fit_a_close_frame() {
        let mut labels: Vec<_> = CloseReason::ALL
            .iter()
            .map(|reason| reason.spec().label)
            .collect();
        labels.sort_unstable();
        labels.dedup();
        assert_eq!(labels.len(), CloseReason::ALL.len());
        for reason in CloseReason::ALL {
            let spec = reason.spec();
            assert!(spec.text.len() <= 123, "{reason:?}");
            assert_eq!(spec.text.is_empty(), spec.code.is_none(), "{reason:?}");
        }
    }
}
