//! The wire of Misskey's streaming API: ids, what a client sends, what a server sends, the
//! events a backend publishes, and the limits of it all.
//!
//! - A client's message: [`command`], with [`channel`] and [`join`] for a `connect`.
//! - A server's frame: [`frame`], and [`close`] for its last one.
//! - A backend's event: [`event`], with [`topic`], [`change`], and [`note`] for the head and the
//!   rewritten copies of a note.
//! - What a backend tells when asked: [`record`].
//! - What passes between the bridge and the server upstream: [`bridge`].
//!
//! Every Misskey spelling and alias lives in this crate and nowhere else. It knows no clock, no
//! socket and no randomness, and no input can make it panic.

pub mod bridge;
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
