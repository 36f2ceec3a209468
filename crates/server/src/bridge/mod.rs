//! The bridge: channels that only the server upstream can feed.
//!
//! A *line* is one stream upstream, opened as one viewer: all that viewer's connections with the
//! same token share it, and all visitors share one for the channels that can be shared. It is
//! opened for the first channel that is joined in it and closed a moment after the last; one that
//! breaks is opened again after a while, and joins again what was joined. [`Lines`](lines::Lines) keeps the
//! books without any I/O; the task around it moves the messages.
//!
//! Invariants: what comes over a line reaches only connections of the very viewer as whom it was
//! opened (`rules::decide_bridged`), under the ids that these gave; a token is kept no longer than
//! its connection and its line, and shows nowhere; what waits for the server upstream is bounded
//! in bytes, per line and per connection; what one viewer does keeps no other from a line or a
//! channel that is for all.

mod books;
mod line;
mod lines;
mod link;
mod pump;
mod task;

pub(crate) use books::{BridgeSide, TooMuch};
pub(crate) use lines::Counts;
pub(crate) use link::{Asker, BridgeLink, Bridged};
pub(crate) use task::BridgeTask;
