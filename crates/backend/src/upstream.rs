//! The server beside which this one runs, as far as the bridge needs it.

use async_trait::async_trait;

/// The header of a request for a stream that says it comes from a bridge. A server of our kind
/// answers it with 508 (loop detected): its operator has named one of us as the server upstream.
pub const BRIDGE_MARK: &str = "x-seseragi-bridge";

/// A Misskey server that has channels of its own.
#[async_trait]
pub trait Upstream: Send + Sync + 'static {
    /// Opens a stream there, as the user of a token or as a visitor. Waits no longer than it is
    /// worth: whoever calls bounds it too.
    ///
    /// The token goes into no error and no log.
    async fn open(&self, token: Option<&str>) -> Result<Box<dyn UpstreamStream>, UpstreamError>;
}

/// An open stream. Dropping it ends it without a word.
#[async_trait]
pub trait UpstreamStream: Send {
    /// Sends a text message.
    async fn send(&mut self, text: String) -> Result<(), UpstreamError>;

    /// The next text message; `None`: the stream has ended. May be dropped while it waits, and
    /// called again.
    async fn next(&mut self) -> Result<Option<String>, UpstreamError>;

    /// Takes leave, as far as that can be done in a moment.
    async fn close(&mut self);
}

/// Why there is no stream upstream, or no longer.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// It could not be reached, or did not speak WebSocket.
    #[error("cannot reach the server upstream")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It refused to open a stream.
    #[error("the server upstream refused a stream with status {0}")]
    Refused(u16),
    /// Its `/streaming` leads back to this server, or to another of its kind.
    #[error("the server upstream is no Misskey server: its `/streaming` leads back here")]
    Loop,
    /// The stream broke.
    #[error("a stream of the server upstream broke")]
    Broken(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It ended the stream.
    #[error("the server upstream ended a stream")]
    Ended,
    /// It did not read what was sent.
    #[error("the server upstream is too slow")]
    Slow,
    /// It sent a message over the limit.
    #[error("the server upstream sent a message over the limit")]
    TooBig,
}

impl UpstreamError {
    /// A word for logs and metrics.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "unreachable",
            Self::Refused(_) => "refused",
            Self::Loop => "loop",
            Self::Broken(_) => "broken",
            Self::Ended => "ended",
            Self::Slow => "slow",
            Self::TooBig => "too_big",
        }
    }
}
