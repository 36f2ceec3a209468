//! The wire of Misskey's streaming API: ids, what a client sends, what a server sends, the
//! events a backend publishes, and the limits of it all.
//!
//! Every Misskey spelling and alias lives in this crate and nowhere else. It knows no clock, no
//! socket and no randomness, and no input can make it panic.

pub mod change;
pub mod channel;
pub mod close;
pub mod command;
pub mod event;
pub mod frame;
pub mod id;
pub mod join;
mod json;
pub mod limits;
pub mod note;
pub mod record;
pub mod tag;
pub mod text;
pub mod time;
pub mod topic;
