//! One connection as a state machine, without I/O.
//!
//! A [`Session`] takes the commands of a client, the answers to its own questions and the time,
//! and gives out what is to be done. It knows what is joined and captured; who may join is asked
//! of `rules`, and what is delivered is the hub's.
//!
//! Invariants: commands take effect in the order in which they came; what a session keeps is
//! bounded by [`Limits`](protocol::limits::Limits); an idle session owns no buffers.

mod captures;
mod output;
mod session;
mod timers;

pub use output::{Answer, AskId, Login, Output, Question};
pub use session::Session;
