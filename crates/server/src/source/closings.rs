//! Whose connections were closed lately.
//!
//! A connection that was on its way meanwhile, its token looked up and its socket not yet with
//! a worker, would miss that. It is measured against what was closed since its user is watched.

use std::collections::VecDeque;

use hub::{Closing, Login, Publication};
use protocol::close::CloseReason;

/// How many are remembered. A handshake that takes longer than so many is not let in.
const CLOSINGS_MAX: usize = 1_024;

/// Whose connections were closed lately, in their order.
#[derive(Debug, Default)]
pub(super) struct Closings {
    /// How many there were ever.
    count: u64,
    recent: VecDeque<Closing>,
}

/// A moment between two closings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Since(u64);

impl Closings {
    /// Remembers what a publication closes.
    pub(super) fn heed(&mut self, publication: &Publication) {
        if let Some(closing) = publication.closing() {
            self.push(closing);
        }
    }

    /// This moment.
    pub(super) fn now(&self) -> Since {
        Since(self.count)
    }

    /// Why a connection that was on its way since then must be closed, if it must.
    pub(super) fn reason_for(&self, login: &Login, since: Since) -> Option<CloseReason> {
        let missed = self.count - since.0;
        let known = usize::try_from(missed).ok();
        let Some(known) = known.filter(|&known| known <= self.recent.len()) else {
            return Some(CloseReason::Restart);
        };
        let mut recent = self.recent.iter().rev().take(known);
        recent.find_map(|closing| closing.reason_for(login))
    }

    fn push(&mut self, closing: Closing) {
        if self.recent.len() == CLOSINGS_MAX {
            self.recent.pop_front();
        }
        self.recent.push_back(closing);
        self.count += 1;
    }
}
