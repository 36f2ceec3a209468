//! Failures that come in thousands are told of once in a while: the metrics count each.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How long the log is silent about the same failure.
const SILENCE: Duration = Duration::from_secs(5);

/// What was told of lately.
#[derive(Debug, Default)]
pub(super) struct Complaints(Mutex<HashMap<&'static str, Complaint>>);

#[derive(Debug)]
struct Complaint {
    told: Instant,
    untold: u64,
}

impl Complaints {
    /// Whether to tell of a failure of this name; gives the number of those since the last that
    /// were not told of.
    pub(super) fn is_due(&self, name: &'static str, now: Instant) -> Option<u64> {
        let mut complaints = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(complaint) = complaints.get_mut(name) else {
            let first = Complaint {
                told: now,
                untold: 0,
            };
            complaints.insert(name, first);
            return Some(0);
        };
        if now.duration_since(complaint.told) < SILENCE {
            complaint.untold += 1;
            return None;
        }
        complaint.told = now;
        Some(std::mem::take(&mut complaint.untold))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_told_of_once_in_a_while() {
        let (complaints, start) = (Complaints::default(), Instant::now());
        assert_eq!(complaints.is_due("a", start), Some(0));
        for _ in 0..3 {
            assert_eq!(complaints.is_due("a", start), None);
        }
        assert_eq!(complaints.is_due("b", start), Some(0));
        assert_eq!(complaints.is_due("a", start + SILENCE), Some(3));
        assert_eq!(complaints.is_due("a", start + 2 * SILENCE), Some(0));
    }
}
