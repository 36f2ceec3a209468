//! What a connection does by the clock: one table.

use protocol::limits::Limits;

/// What is due at some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Timer {
    /// The client has been silent for too long.
    Silence,
    /// The client is to be pinged.
    Ping,
    /// The user's last-active date is to be moved.
    Touch,
}

impl Timer {
    /// All of them; of several that are due, the first goes first.
    const ALL: [Self; 3] = [Self::Silence, Self::Ping, Self::Touch];

    /// How long it runs.
    fn period_ms(self, limits: &Limits) -> u64 {
        match self {
            Self::Silence => limits.silence_timeout_ms,
            Self::Ping => limits.ping_interval_ms,
            Self::Touch => limits.touch_interval_ms,
        }
    }
}

/// When each timer is due; [`NEVER`](Self::NEVER): it doesn't run.
#[derive(Debug)]
pub(crate) struct Timers([u64; Timer::ALL.len()]);

impl Timers {
    const NEVER: u64 = u64::MAX;

    /// No timer runs.
    pub(crate) fn new() -> Self {
        Self([Self::NEVER; Timer::ALL.len()])
    }

    /// Starts a timer, anew if it runs.
    pub(crate) fn start(&mut self, timer: Timer, now_ms: u64, limits: &Limits) {
        self.0[timer as usize] = now_ms.saturating_add(timer.period_ms(limits));
    }

    /// The first timer that is due. It stays due until it is started anew.
    pub(crate) fn due(&self, now_ms: u64) -> Option<Timer> {
        let is_due = |timer: &Timer| self.0[*timer as usize] <= now_ms;
        Timer::ALL.into_iter().find(is_due)
    }

    /// When the next timer is due.
    pub(crate) fn next(&self) -> u64 {
        self.0.into_iter().min().expect("there are timers")
    }

    /// Stops all timers.
    pub(crate) fn stop(&mut self) {
        *self = Self::new();
    }
}
