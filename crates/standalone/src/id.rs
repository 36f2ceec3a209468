//! New ids: `aidx`, strictly increasing within a process.

use std::sync::{Mutex, PoisonError};

use protocol::id::aidx;

/// The digits of a counter: 4 in base 36.
const COUNTER_END: u32 = 36 * 36 * 36 * 36;

/// Makes the ids of one process.
#[derive(Debug)]
pub struct IdGenerator {
    node: [u8; 4],
    last: Mutex<(u64, u32)>,
}

impl IdGenerator {
    /// A generator with a random node.
    ///
    /// # Errors
    ///
    /// If the system gives no random bytes.
    pub fn new() -> Result<Self, getrandom::Error> {
        let mut node = [0_u8; 4];
        crate::secret::fill(&mut node, b"0123456789abcdefghijklmnopqrstuvwxyz")?;
        Ok(Self::with_node(node))
    }

    /// A generator of the given node: four base-36 digits in lower case.
    #[must_use]
    pub fn with_node(node: [u8; 4]) -> Self {
        Self {
            node,
            last: Mutex::new((0, 0)),
        }
    }

    /// The next id. Where the clock stands still or goes back, the counter goes on; where the
    /// counter is used up, the id borrows the next millisecond.
    #[must_use]
    pub fn next(&self, now_ms: u64) -> String {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        *last = match *last {
            (ms, _) if now_ms > ms => (now_ms, 0),
            (ms, counter) if counter + 1 < COUNTER_END => (ms, counter + 1),
            (ms, _) => (ms + 1, 0),
        };
        aidx(last.0, self.node, last.1)
    }
}

/// 2000-01-01T00:00:00Z in Unix milliseconds: where the time of an `aidx` begins.
const EPOCH_MS: u64 = 946_684_800_000;

/// When a thing was made, in Unix milliseconds, out of its `aidx`; `None` if it isn't one.
#[must_use]
pub fn created_ms(id: &str) -> Option<u64> {
    u64::from_str_radix(id.get(..8)?, 36)
        .ok()
        .map(|ms| ms + EPOCH_MS)
}

/// The smallest `aidx` of a moment in Unix milliseconds: what `sinceDate` and `untilDate`
/// compare with.
#[must_use]
pub fn first_of(unix_ms: u64) -> String {
    aidx(unix_ms, *b"0000", 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_increase_when_the_clock_stands_still_or_goes_back() {
        let ids = IdGenerator::with_node(*b"abcd");
        let made: Vec<String> = [
            1_795_462_686_720,
            1_795_462_686_720,
            1_000,
            1_795_462_686_721,
        ]
        .into_iter()
        .map(|now| ids.next(now))
        .collect();
        assert!(made.is_sorted_by(|a, b| a < b), "{made:?}");
        assert_eq!(created_ms(&made[3]), Some(1_795_462_686_721));
    }

    #[test]
    fn a_used_up_counter_borrows_the_next_millisecond() {
        let ids = IdGenerator::with_node(*b"abcd");
        *ids.last.lock().unwrap() = (1_795_462_686_720, COUNTER_END - 1);
        let id = ids.next(1_795_462_686_720);
        assert_eq!(created_ms(&id), Some(1_795_462_686_721));
    }
}
