//! A whole server on real sockets, with a backend that lives in the test.

mod admin;
mod drain;
mod frames;
mod handshake;
mod library;
mod limits;
mod stream;
mod support;
