//! The two machines between a backend and the sockets, without I/O.
//!
//! - [`Desk`]: one per process. It decodes each message of the backend once, interns its ids,
//!   keeps the viewers, lists, antennas, roles and chat rooms that are in use, and gives out one ordered
//!   stream of [`Publication`]s for all workers.
//! - [`Hub`]: one per worker. It indexes the subscriptions of the worker's connections by what
//!   an event can match, asks `rules` about each candidate and puts frames into [`Mailbox`]es.
//!
//! Neither knows a clock, a socket or a thread: time is an argument, effects are polled.
//!
//! Invariants: the index only ever narrows, `rules` decide; publications leave the desk in the
//! order of the messages they came from, and relation changes travel among them; what clients
//! get for an event is serialised at most once per form and process; no client delays another.

mod desk;
mod publication;
mod worker;

pub use desk::{
    Answer, AskId, Counts as DeskCounts, Desk, HOLD_MS, Output, Question, Ticket, Watch, Watched,
};
pub use publication::{Closing, Publication, Stats};
pub use worker::{
    ConnId, Counts as HubCounts, Hold, Hub, List, Login, Mailbox, MailboxLimits, Room, Shown, Wire,
};
