//! Loading what connections need, and keeping it up to date.
//!
//! Each kind goes the same way: it is asked for when the first watch wants it; changes that come
//! meanwhile are applied on top of the answer; afterwards a change makes a new snapshot that
//! travels among the events. While a thing must be loaded again after a gap, changes are only
//! kept, and the new snapshot goes before all that the barrier holds back.

mod list;
mod others;
mod room;
mod user;

pub(super) use list::ListChange;

use std::sync::Arc;

use protocol::id::{AntennaId, ListId, RoomId};
use rules::UserKey;

use super::question::{AskId, Output, Question, Ticket, Watched};
use super::shelf::Shelf;
use super::{Asked, Desk};

/// What is to be asked for, each kind together.
#[derive(Debug, Default)]
pub(super) struct Due {
    users: Vec<UserKey>,
    lists: Vec<ListId>,
    antennas: Vec<AntennaId>,
    rooms: Vec<RoomId>,
}

/// How many lists, antennas or rooms are asked for at once. Each may have many members.
const THINGS_PER_QUESTION: usize = 64;

impl Desk {
    /// Whatever is known may be wrong: all of it is loaded again.
    pub(super) fn distrust_all(&mut self) {
        self.due = Due {
            users: self.users.distrust(),
            lists: self.lists.distrust(),
            antennas: self.antennas.distrust(),
            rooms: self.rooms.distrust(),
        };
        for role in self.roles.distrust() {
            self.ask_for_role(role);
        }
        if !self.site.distrust().is_empty() {
            self.ask_for_site();
        }
    }

    /// Whatever is known is loaded again, and counts until then.
    pub(super) fn reread_all(&mut self) {
        self.due.users.extend(self.users.reload_all());
        self.due.lists.extend(self.lists.reload_all());
        self.due.antennas.extend(self.antennas.reload_all());
        self.due.rooms.extend(self.rooms.reload_all());
        for role in self.roles.reload_all() {
            self.ask_for_role(role);
        }
        if !self.site.reload_all().is_empty() {
            self.ask_for_site();
        }
    }

    /// Asks for what is due, some at a time.
    pub(super) fn ask_for_due(&mut self) {
        self.ask_for_due_users();
        let Due {
            lists,
            antennas,
            rooms,
            ..
        } = &mut self.due;
        let (lists, antennas, rooms) = (
            std::mem::take(lists),
            std::mem::take(antennas),
            std::mem::take(rooms),
        );
        for lists in lists.chunks(THINGS_PER_QUESTION) {
            if let Some(lists) = still_due(lists, &mut self.lists, AskId(self.next_ask)) {
                self.ask(Question::Lists(Arc::clone(&lists)), Asked::Lists(lists));
            }
        }
        for antennas in antennas.chunks(THINGS_PER_QUESTION) {
            let next = AskId(self.next_ask);
            if let Some(antennas) = still_due(antennas, &mut self.antennas, next) {
                let question = Question::AntennaOwners(Arc::clone(&antennas));
                self.ask(question, Asked::Antennas(antennas));
            }
        }
        for rooms in rooms.chunks(THINGS_PER_QUESTION) {
            if let Some(rooms) = still_due(rooms, &mut self.rooms, AskId(self.next_ask)) {
                self.ask(Question::Rooms(Arc::clone(&rooms)), Asked::Rooms(rooms));
            }
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

/// Those things that it still makes sense to ask for, which are asked for from here on. `None`:
/// there are none.
fn still_due<K: Ord + Clone, T, C>(
    due: &[K],
    shelf: &mut Shelf<K, T, C>,
    ask: AskId,
) -> Option<Arc<[K]>> {
    let due = due.iter().filter(|key| shelf.ask(key, ask));
    let due: Arc<[K]> = due.cloned().collect();
    (!due.is_empty()).then_some(due)
}
