//! The two clocks: one for what was written down elsewhere, one that doesn't go back.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Milliseconds since the start of 1970.
pub(crate) fn unix_ms() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// A clock that starts at 0 and doesn't go back.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Steady(Instant);

impl Steady {
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// Milliseconds since the start.
    pub(crate) fn ms(self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
