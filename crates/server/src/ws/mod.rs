//! The frames of RFC 6455, seen from the server.
//!
//! [`Decoder`] reads what a client sends: masked frames only, whole messages out, control
//! frames in between, UTF-8 checked as it arrives. It works on a buffer that it is lent and
//! keeps memory only for a frame or message that has begun and not ended, so an idle
//! connection owns nothing here. [`encode`] writes what the server sends.
//!
//! Not here: the negotiation of compression, and sockets.
//!
//! Invariant: how the bytes were cut into reads never changes what comes out.

mod decode;
pub(crate) mod encode;
mod header;
mod inflate;
#[cfg(test)]
mod tests;

/// What was agreed on about compressed messages: `permessage-deflate` without context takeover
/// on either side, RFC 7692.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Compression {
    /// The window that the client keeps for what the server compresses, as a power of two.
    pub(crate) window_bits: u8,
}

pub(crate) use decode::{Decoder, Message};

/// How a client broke the framing. After one of these nothing it sends is read any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Violation {
    /// Not a frame that a client may send: close code 1002.
    #[error("broken frame: {0}")]
    Framing(&'static str),
    /// A text or a close reason that isn't UTF-8: close code 1007.
    #[error("text that is not UTF-8")]
    Utf8,
    /// A compressed message that can't be inflated: close code 1007.
    #[error("message that cannot be inflated")]
    Deflate,
    /// A message longer than the limit: close code 1009.
    #[error("message over the limit")]
    TooBig,
}

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opcode {
    /// A further fragment of the message that is under way.
    Continuation,
    /// The first fragment of a text, or all of it.
    Text,
    /// The first fragment of a binary message, or all of it.
    Binary,
    /// The end of the connection.
    Close,
    /// A question for life.
    Ping,
    /// The answer to it.
    Pong,
}

impl Opcode {
    /// The opcode with this number, unless it is a reserved one.
    fn parse(nibble: u8) -> Option<Self> {
        match nibble {
            0x0 => Some(Self::Continuation),
            0x1 => Some(Self::Text),
            0x2 => Some(Self::Binary),
            0x8 => Some(Self::Close),
            0x9 => Some(Self::Ping),
            0xA => Some(Self::Pong),
            _ => None,
        }
    }

    /// The number of this opcode.
    fn nibble(self) -> u8 {
        match self {
            Self::Continuation => 0x0,
            Self::Text => 0x1,
            Self::Binary => 0x2,
            Self::Close => 0x8,
            Self::Ping => 0x9,
            Self::Pong => 0xA,
        }
    }

    /// Whether this is a control frame: short, whole, allowed between fragments.
    fn is_control(self) -> bool {
        match self {
            Self::Close | Self::Ping | Self::Pong => true,
            Self::Continuation | Self::Text | Self::Binary => false,
        }
    }
}

/// The longest payload of a control frame, in bytes.
pub(crate) const CONTROL_BYTES_MAX: usize = 125;
