//! Loading what connections need, and keeping it up to date.
//!
//! Each kind goes the same way: it is asked for when the first watch wants it; changes that come
//! meanwhile are applied on top of the answer; afterwards a change makes a new snapshot that
//! travels among the events. While a thing must be loaded again after a gap, changes are only
//! kept, and the new snapshot goes before all that the barrier holds back.

mod list;
mod others;
mod user;

pub(super) use list::ListChange;

use super::Desk;
use super::question::{Output, Ticket, Watched};

impl Desk {
    /// Whatever is known may be wrong: all of it is loaded again.
    pub(super) fn distrust_all(&mut self) {
        self.due_users = self.users.distrust();
        for list in self.lists.distrust() {
            self.ask_for_list(list);
        }
        for antenna in self.antennas.distrust() {
            self.ask_for_antenna(antenna);
        }
        for role in self.roles.distrust() {
            self.ask_for_role(role);
        }
        if !self.site.distrust().is_empty() {
            self.ask_for_site();
        }
    }

    /// Answers those who wait, each with the same.
    fn answer_all(&mut self, tickets: Vec<Ticket>, watched: &Watched) {
        for ticket in tickets {
            let watched = watched.clone();
            self.queue.push(Output::Answer { ticket, watched }, 0);
        }
    }
}
