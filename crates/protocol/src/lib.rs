//! The wire of Misskey's streaming API: ids, what a client sends, what a server sends, the
//! events a backend publishes, and the limits of it all.
//!
//! Every Misskey spelling and alias lives in this crate and nowhere else. It knows no clock, no
//! socket and no randomness, and no input can make it panic.

pub mod id;
pub mod record;
