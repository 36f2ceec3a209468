//! When which connection wants to be looked at.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// An ordered queue of deadlines in milliseconds. A deadline that is put off stays where it is:
/// when it comes, its owner looks at the time and arms the next one. So life on a connection
/// costs nothing here.
#[derive(Debug, Default)]
pub(super) struct Timers {
    queue: BinaryHeap<Reverse<(u64, usize, u32)>>,
}

impl Timers {
    /// Asks for a look at a connection, named by its slot and generation.
    pub(super) fn arm(&mut self, at_ms: u64, slot: usize, generation: u32) {
        self.queue.push(Reverse((at_ms, slot, generation)));
    }

    /// When the first deadline is.
    pub(super) fn next_ms(&self) -> Option<u64> {
        self.queue.peek().map(|Reverse((at_ms, ..))| *at_ms)
    }

    /// Takes a connection whose deadline has come.
    pub(super) fn take_due(&mut self, now_ms: u64) -> Option<(usize, u32)> {
        if self.next_ms()? > now_ms {
            return None;
        }
        self.queue
            .pop()
            .map(|Reverse((_, slot, generation))| (slot, generation))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deadlines_come_in_order() {
        let mut timers = Timers::default();
        timers.arm(20, 1, 0);
        timers.arm(10, 2, 0);
        timers.arm(30, 3, 0);
        assert_eq!(timers.next_ms(), Some(10));
        assert_eq!(timers.take_due(9), None);
        assert_eq!(timers.take_due(20), Some((2, 0)));
        assert_eq!(timers.take_due(20), Some((1, 0)));
        assert_eq!(timers.take_due(20), None);
        assert_eq!(timers.next_ms(), Some(30));
    }
}
