//! A whole server on real sockets, with a backend that lives in the test.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something unexpected happens"
)]

mod admin;
mod apps;
mod autobahn;
mod bridge;
mod chat;
mod compression;
mod drain;
mod frames;
mod games;
mod handshake;
mod library;
mod limits;
mod secrets;
mod stream;
mod support;
mod tls;
