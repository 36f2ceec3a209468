//! HTTP: the listeners' requests, up to the moment at which one becomes a stream.
//!
//! A request for `/streaming` is checked, its token looked up and its user loaded *before* the
//! answer, so that whatever can fail fails as an HTTP status. Then the socket leaves tokio and
//! goes to a worker.
//!
//! Invariant: no query string and no header reaches a log.

mod compression;
mod gate;
mod handshake;
pub(crate) mod serve;
mod token;

pub(crate) use gate::{Gate, stream};
pub(crate) use token::Token;
