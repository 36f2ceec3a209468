//! The desk: one per process. Messages of the backend in, ordered publications out.

mod question;

use bytes::Bytes;
use protocol::limits::Limits;

pub use question::{Answer, AskId, Output, Question, Ticket, Watch, Watched};

/// Turns what the backend tells into one ordered stream for the workers.
///
/// Its methods are of four kinds: `handle_*` take what happened, `watch` and `unwatch` what
/// connections need, `poll_output` gives effects and must be called until it is empty after each
/// of the former, and `poll_timeout` says when [`handle_timeout`](Self::handle_timeout) is due.
/// All times are Unix milliseconds.
#[derive(Debug)]
pub struct Desk {}

impl Desk {
    /// An empty desk, which asks for the site first.
    #[must_use]
    pub fn new(_limits: &Limits) -> Self {
        Self {}
    }

    /// Takes a message of the backend. Returns why it can't be understood; such a message is
    /// counted and otherwise ignored.
    ///
    /// # Errors
    ///
    /// The message is not what its topic promises.
    pub fn handle_message(
        &mut self,
        _topic: &str,
        _payload: &Bytes,
        _now_ms: u64,
    ) -> Result<(), protocol::event::DecodeError> {
        Ok(())
    }

    /// Messages may have been lost: all that was loaded is loaded again, and what comes waits.
    pub fn handle_gap(&mut self, _now_ms: u64) {}

    /// Takes the answer to a question.
    pub fn handle_answer(&mut self, _ask: AskId, _answer: Answer, _now_ms: u64) {}

    /// Does what is due: mutes that end, questions that got no answer in time, loads to retry.
    pub fn handle_timeout(&mut self, _now_ms: u64) {}

    /// Publishes statistics on `serverStats` or `queueStats`.
    pub fn handle_stats(&mut self, _stats: crate::publication::Stats, _kind: &str, _body: &[u8]) {}

    /// When [`handle_timeout`](Self::handle_timeout) is due next.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<u64> {
        None
    }

    /// The next effect.
    pub fn poll_output(&mut self) -> Option<Output> {
        None
    }

    /// Starts to watch something; answered by [`Output::Answer`]. Counted: it is kept until it
    /// is unwatched as often as a watch of it was answered with more than nothing.
    pub fn watch(&mut self, _what: Watch, _ticket: Ticket, _now_ms: u64) {}

    /// Gives back one watch.
    pub fn unwatch(&mut self, _what: &Watch) {}
}
