//! The chat rooms that a worker's subscriptions show.

use std::collections::BTreeMap;
use std::sync::Arc;

use protocol::id::RoomId;
use protocol::join::Join;

use super::Room;
use super::postings::{insert_sorted, remove_sorted};

/// The chat rooms of a worker.
#[derive(Debug, Default)]
pub(crate) struct Rooms(BTreeMap<RoomId, Slot>);

/// One chat room.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) room: Arc<Room>,
    /// The subscriptions that show it.
    pub(crate) subs: Vec<u32>,
}

impl Rooms {
    /// A room, if it is shown here.
    pub(crate) fn find(&self, room: &RoomId) -> Option<&Slot> {
        self.0.get(room)
    }

    /// Shows a room in a subscription.
    pub(crate) fn subscribe(&mut self, room: &Arc<Room>, sub: u32) {
        let slot = self.0.entry(room.id.clone()).or_insert_with(|| Slot {
            room: Arc::clone(room),
            subs: Vec::new(),
        });
        insert_sorted(&mut slot.subs, sub);
    }

    /// A subscription shows its room no more.
    pub(crate) fn unsubscribe(&mut self, room: &RoomId, sub: u32) {
        if let Some(slot) = self.0.get_mut(room) {
            remove_sorted(&mut slot.subs, sub);
            if slot.subs.is_empty() {
                self.0.remove(room);
            }
        }
    }

    /// Takes a newer snapshot of a room, if it is shown here.
    pub(crate) fn replace(&mut self, room: &Arc<Room>) {
        if let Some(slot) = self.0.get_mut(&room.id) {
            slot.room = Arc::clone(room);
        }
    }

    /// Panics where the rooms don't agree with the subscriptions.
    pub(crate) fn check_invariants<'a>(&self, join_of: impl Fn(u32) -> &'a Join) {
        for (id, Slot { room, subs }) in &self.0 {
            assert_eq!(*id, room.id, "rooms are found by their own ids");
            assert!(!subs.is_empty(), "no room without a subscription");
            for &sub in subs {
                let shows = matches!(join_of(sub), Join::ChatRoom { room } if room == id);
                assert!(shows, "rooms are shown by their own subscriptions");
            }
        }
    }
}
