//! The lists that a worker's subscriptions show.

use std::collections::HashMap;
use std::sync::Arc;

use protocol::id::ListId;
use rules::{Follows, UserKey};
use slab::Slab;

use super::List;
use super::postings::{Postings, index, insert_sorted, remove_sorted, small};

/// The lists of a worker, by their members.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    slots: Slab<Slot>,
    slot_by_id: HashMap<ListId, u32>,
    slots_by_member: Postings,
}

/// One list.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) list: Arc<List>,
    /// The subscriptions that show it.
    pub(crate) subs: Vec<u32>,
}

impl Lists {
    /// The list of a slot.
    pub(crate) fn slot(&self, slot: u32) -> &Slot {
        &self.slots[index(slot)]
    }

    /// A list by its id, if it is shown here.
    pub(crate) fn find(&self, id: &str) -> Option<&Slot> {
        self.slot_by_id.get(id).map(|&slot| self.slot(slot))
    }

    /// The lists that a user is on.
    pub(crate) fn with_member(&self, user: UserKey) -> impl Iterator<Item = &Slot> {
        let slots = self.slots_by_member.of(user.0);
        slots.iter().map(|&slot| self.slot(slot))
    }

    /// Shows a list in a subscription.
    pub(crate) fn subscribe(&mut self, list: &Arc<List>, sub: u32) -> u32 {
        let slot = self.slot_by_id.get(&list.id).copied();
        let slot = slot.unwrap_or_else(|| {
            let slot = small(self.slots.insert(Slot {
                list: Arc::clone(list),
                subs: Vec::new(),
            }));
            self.slot_by_id.insert(list.id.clone(), slot);
            for member in list.members.iter() {
                self.slots_by_member.insert(member.user.0, slot);
            }
            slot
        });
        insert_sorted(&mut self.slots[index(slot)].subs, sub);
        slot
    }

    /// A subscription shows its list no more.
    pub(crate) fn unsubscribe(&mut self, slot: u32, sub: u32) {
        let left = &mut self.slots[index(slot)];
        remove_sorted(&mut left.subs, sub);
        if left.subs.is_empty() {
            let Slot { list, .. } = self.slots.remove(index(slot));
            self.slot_by_id.remove(&list.id);
            for member in list.members.iter() {
                self.slots_by_member.remove(member.user.0, slot);
            }
        }
    }

    /// Takes a newer snapshot of a list, if it is shown here.
    pub(crate) fn replace(&mut self, list: &Arc<List>) {
        let Some(&slot) = self.slot_by_id.get(&list.id) else {
            return;
        };
        let old = std::mem::replace(&mut self.slots[index(slot)].list, Arc::clone(list));
        for user in missing(&old.members, &list.members) {
            self.slots_by_member.remove(user.0, slot);
        }
        for user in missing(&list.members, &old.members) {
            self.slots_by_member.insert(user.0, slot);
        }
    }

    /// Panics where the maps don't agree with the lists.
    pub(crate) fn check_invariants(&self) {
        assert_eq!(self.slots.len(), self.slot_by_id.len(), "one slot per list");
        let mut members = 0;
        for (slot, Slot { list, subs }) in &self.slots {
            assert_eq!(
                self.slot_by_id.get(&list.id),
                Some(&small(slot)),
                "lists are found"
            );
            assert!(!subs.is_empty(), "no list without a subscription");
            for member in list.members.iter() {
                let slots = self.slots_by_member.of(member.user.0);
                assert!(slots.contains(&small(slot)), "members lead to their lists");
                members += 1;
            }
        }
        assert_eq!(self.slots_by_member.count(), members, "nobody else does");
    }
}

/// Who is in one set and not in the other.
fn missing<'a>(of: &'a Follows, from: &'a Follows) -> impl Iterator<Item = UserKey> {
    let users = of.iter().map(|member| member.user);
    users.filter(|&user| !from.contains(user))
}
