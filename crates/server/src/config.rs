//! What the server is told at its start.

use protocol::limits::Limits;

/// The settings of [`run`](crate::run).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerConfig {
    /// How many threads own connections; at least 1.
    pub workers: usize,
    /// Whether clients that offer it get compressed messages.
    pub compression: bool,
    /// All limits and times.
    pub limits: Limits,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            workers: std::thread::available_parallelism().map_or(1, usize::from),
            compression: false,
            limits: Limits::default(),
        }
    }
}
