//! A whole server on real sockets, with a backend that lives in the test.

mod drain;
mod frames;
mod handshake;
mod limits;
mod stream;
mod support;
