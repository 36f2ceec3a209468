//! The desk: one per process. Messages of the backend in, ordered publications out.

mod question;

use bytes::Bytes;
use protocol::id::{AntennaId, ListId, UserId};

pub use question::{Answer, AskId, Output, Question, Ticket, Watched};

/// Turns what the backend tells into one ordered stream for the workers.
///
/// Its methods are of four kinds: `handle_*` take what happened, `watch_*` and `unwatch_*` what
/// connections need, `poll_output` gives effects and must be called until it is empty after each
/// of the former, and `poll_timeout` says when [`handle_timeout`](Self::handle_timeout) is due.
/// All times are Unix milliseconds.
#[derive(Debug)]
pub struct Desk {}

impl Desk {
    /// An empty desk, which asks for the site first.
    #[must_use]
    pub fn new(_now_ms: u64) -> Self {
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

    /// Watches a user; answered by [`Watched::User`]. Counted: as many
    /// [`unwatch_user`](Self::unwatch_user) as watches that were answered so.
    pub fn watch_user(&mut self, _user: &UserId, _ticket: Ticket, _now_ms: u64) {}

    /// Gives back one watch of a user.
    pub fn unwatch_user(&mut self, _user: &UserId) {}

    /// Watches a list; answered by [`Watched::List`].
    pub fn watch_list(&mut self, _list: &ListId, _ticket: Ticket, _now_ms: u64) {}

    /// Gives back one watch of a list.
    pub fn unwatch_list(&mut self, _list: &ListId) {}

    /// Watches an antenna; answered by [`Watched::Antenna`].
    pub fn watch_antenna(&mut self, _antenna: &AntennaId, _ticket: Ticket, _now_ms: u64) {}

    /// Gives back one watch of an antenna.
    pub fn unwatch_antenna(&mut self, _antenna: &AntennaId) {}
}
