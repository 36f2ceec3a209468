//! Chat rooms. Misskey has no event that says who comes and goes: the store is read again now and
//! then. An event of ours says who is in a room from then on.

use std::collections::BTreeMap;
use std::mem;
use std::sync::Arc;

use protocol::id::{RoomId, UserId};
use protocol::record::RoomRecord;

use super::super::ids::Ids;
use super::super::question::{Answer, AskId, Output, Ticket, Watched};
use super::super::sets::hold_all;
use super::super::shelf::{Again, Wish};
use super::super::{Desk, RETRY_MS, Timer};
use crate::publication::Event;
use crate::worker::Room;

impl Desk {
    pub(in crate::desk) fn watch_room(&mut self, id: RoomId, ticket: Ticket) {
        match self.rooms.watch(id.clone(), ticket) {
            Wish::Granted(room) => {
                let watched = Watched::Room(Arc::clone(room));
                self.queue.push(Output::Answer { ticket, watched }, 0);
            }
            Wish::Begins => self.due.rooms.push(id),
            Wish::Waits => {}
        }
    }

    pub(in crate::desk) fn unwatch_room(&mut self, id: &RoomId) {
        if let Some(item) = self.rooms.unwatch(id) {
            self.release_room(item.value);
        }
    }

    pub(in crate::desk) fn load_rooms(
        &mut self,
        ask: AskId,
        ids: &[RoomId],
        answer: Answer,
        now_ms: u64,
    ) {
        let Answer::Rooms(records) = answer else {
            for id in ids {
                self.fail_room(ask, id, now_ms);
            }
            return;
        };
        let records = records
            .into_iter()
            .map(|record| (record.room.clone(), record));
        let mut records: BTreeMap<RoomId, RoomRecord> = records.collect();
        for id in ids {
            self.load_room(ask, id, records.remove(id));
        }
    }

    /// Others may read a room than before: these.
    pub(in crate::desk) fn alter_room(&mut self, id: &RoomId, members: Vec<UserId>) {
        let Some(item) = self.rooms.get_mut(id) else {
            return;
        };
        // The last change says it all.
        item.changes.clear();
        item.remember(members.clone());
        if !item.is_current() {
            return;
        }
        let room = Arc::new(load(id, members, &mut self.ids));
        let before = item.value.replace(Arc::clone(&room));
        if before.as_ref() != Some(&room) {
            self.publish(Event::Room(room), 0);
        }
        self.release_room(before);
    }

    pub(in crate::desk) fn retry_room(&mut self, id: RoomId) {
        if self.rooms.retry(&id) {
            self.due.rooms.push(id);
        }
    }

    /// A room was read; `None`: there is none.
    fn load_room(&mut self, ask: AskId, id: &RoomId, found: Option<RoomRecord>) {
        let was_current = self.rooms.is_current(id);
        let Some((item, again)) = self.rooms.answer(id, ask, true) else {
            return;
        };
        let changed = mem::take(&mut item.changes).pop();
        let before = item.value.take();
        // Nobody is in a deleted room that is still shown.
        let members = match (found, &before) {
            (Some(record), _) => Some(record.members),
            (None, Some(_)) => Some(Vec::new()),
            (None, None) => None,
        };
        let members = members.map(|members| changed.unwrap_or(members));
        let room = members.map(|members| Arc::new(load(id, members, &mut self.ids)));
        item.value.clone_from(&room);
        let (tickets, watched) = match room.clone() {
            Some(room) => (item.admit(), Watched::Room(room)),
            None => (mem::take(&mut item.waiting), Watched::Nothing),
        };
        if again == Again::Now {
            self.due.rooms.push(id.clone());
        }
        if let (Some(before), Some(room)) = (&before, room)
            && **before != *room
        {
            let output = self.publication(Event::Room(room));
            if was_current {
                self.queue.push(output, 0);
            } else {
                self.queue.push_before_barrier(output);
            }
        }
        self.release_room(before);
        self.answer_all(tickets, &watched);
        self.keep_room(id, None);
    }

    /// The store could not say.
    fn fail_room(&mut self, ask: AskId, id: &RoomId, now_ms: u64) {
        let Some((item, _)) = self.rooms.answer(id, ask, false) else {
            return;
        };
        let tickets = mem::take(&mut item.waiting);
        self.answer_all(tickets, &Watched::Failed);
        self.keep_room(id, Some(now_ms + RETRY_MS));
    }

    /// Forgets a room that nobody needs, else tries it again at some time.
    fn keep_room(&mut self, id: &RoomId, retry_at: Option<u64>) {
        if let Some(item) = self.rooms.drop_unneeded(id) {
            self.release_room(item.value);
        } else if let Some(retry_at) = retry_at {
            self.timers.insert((retry_at, Timer::Room(id.clone())));
        }
    }

    fn release_room(&mut self, room: Option<Arc<Room>>) {
        for &member in room.iter().flat_map(|room| &room.members) {
            self.ids.release_user(member);
        }
    }
}

/// The room of a record. Each id in it is held.
fn load(id: &RoomId, mut members: Vec<UserId>, ids: &mut Ids) -> Room {
    members.sort_unstable();
    members.dedup();
    Room {
        id: id.clone(),
        members: hold_all(members.iter().map(UserId::as_str), ids),
        member_ids: members.into(),
    }
}
