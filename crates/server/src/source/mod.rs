//! The source task: the only one that talks to the hub's desk, and the only one that sends to
//! the workers.
//!
//! It takes the backend's events and the requests of connections, lets the desk turn them into
//! one ordered stream, and passes that on. Whatever the backend must be asked runs beside it,
//! in tasks of a bounded number, each with a time limit; a question without an answer is
//! answered as failed, and the desk fails closed.
//!
//! Invariant: a worker hears of publications, of new connections and of answers in the order in
//! which the desk gave them out.

mod apps;
mod ask;
mod closings;
mod complaints;
mod deeds;
mod link;
mod plays;
mod stats;
mod task;

pub(crate) use deeds::Deed;
pub(crate) use link::{Arrival, Ask, LogRequest, Place, Request, SourceLink, Watch};
pub(crate) use plays::Played;
pub(crate) use task::{Source, SourceEnd};
