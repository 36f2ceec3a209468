//! One event on its way from the desk to all workers: decoded, interned, immutable.

/// One event for all workers.
#[derive(Debug)]
pub struct Publication {}

/// The two channels of statistics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stats {
    /// `serverStats`.
    Server,
    /// `queueStats`.
    Queue,
}
