//! Ids as small numbers.
//!
//! An id keeps its number while relations hold it or a publication that carried it may still be
//! compared. To know the latter, time is cut into epochs: each publication keeps its epoch alive,
//! and a number that nothing holds is free once no epoch since it was last seen is alive.

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

use super::id_text::IdText;
use crate::worker::{index, small};

/// The ids of one kind.
#[derive(Debug, Default)]
pub(super) struct Interner {
    entries: Vec<Entry>,
    /// Numbers that stand for nothing.
    free: Vec<u32>,
    key_by_id: HashTable<u32>,
    hasher: RandomState,
    /// Numbers that nothing held when they came here, each once.
    unheld: VecDeque<u32>,
}

/// One id, or none if its number is free.
#[derive(Debug)]
struct Entry {
    id: IdText,
    holds: u32,
    /// The epoch in which it was last seen; with [`QUEUED`], if it is in `unheld`.
    seen: u32,
}

/// The bit above all epochs.
const QUEUED: u32 = 1 << 31;

impl Interner {
    /// The number of an id that is known.
    pub(super) fn find(&self, id: &str) -> Option<u32> {
        let is_it = |key: &u32| self.entries[index(*key)].id.as_bytes() == id.as_bytes();
        let hash = self.hasher.hash_one(id.as_bytes());
        self.key_by_id.find(hash, is_it).copied()
    }

    /// The id of a number that stands for one.
    pub(super) fn id(&self, key: u32) -> &str {
        self.entries[index(key)].id.as_str()
    }

    /// The number of an id that a publication of this epoch carries.
    pub(super) fn see(&mut self, id: &str, epoch: u32) -> u32 {
        let key = self.find(id).unwrap_or_else(|| self.add(id));
        self.mark(key, epoch);
        key
    }

    /// The same, only if the id is known.
    pub(super) fn see_known(&mut self, id: &str, epoch: u32) -> Option<u32> {
        let key = self.find(id)?;
        self.mark(key, epoch);
        Some(key)
    }

    /// The number of an id that a relation holds from here on.
    pub(super) fn hold(&mut self, id: &str) -> u32 {
        let key = self.find(id).unwrap_or_else(|| self.add(id));
        self.entries[index(key)].holds += 1;
        key
    }

    /// A relation holds a number no more.
    pub(super) fn release(&mut self, key: u32, epoch: u32) {
        let entry = &mut self.entries[index(key)];
        debug_assert!(entry.holds > 0, "what is released was held");
        entry.holds -= 1;
        self.mark(key, epoch);
    }

    /// Frees numbers that nothing holds and that were last seen before `oldest`, the oldest
    /// epoch alive. Looks at no more than `budget` of them.
    pub(super) fn collect(&mut self, oldest: u32, budget: usize) {
        for _ in 0..budget.min(self.unheld.len()) {
            let Some(key) = self.unheld.pop_front() else {
                return;
            };
            let entry = &mut self.entries[index(key)];
            if entry.holds > 0 {
                entry.seen &= !QUEUED;
            } else if entry.seen & !QUEUED >= oldest {
                self.unheld.push_back(key);
            } else {
                self.forget(key);
            }
        }
    }

    /// How many ids wait to be freed, or to be found in use after all.
    pub(super) fn waiting(&self) -> usize {
        self.unheld.len()
    }

    /// How many ids are known.
    pub(super) fn len(&self) -> usize {
        self.key_by_id.len()
    }

    /// How often an id is held; for checks.
    pub(super) fn holds(&self, key: u32) -> u32 {
        self.entries[index(key)].holds
    }

    /// How often all ids are held; for checks.
    pub(super) fn all_holds(&self) -> u32 {
        self.entries.iter().map(|entry| entry.holds).sum()
    }

    /// Notes when a number was last seen, and remembers to free it if nothing holds it.
    fn mark(&mut self, key: u32, epoch: u32) {
        let entry = &mut self.entries[index(key)];
        let queued = entry.seen & QUEUED != 0;
        entry.seen = epoch | QUEUED;
        if entry.holds > 0 {
            entry.seen = epoch | if queued { QUEUED } else { 0 };
        } else if !queued {
            self.unheld.push_back(key);
        }
    }

    fn add(&mut self, id: &str) -> u32 {
        let entry = Entry {
            id: IdText::new(id),
            holds: 0,
            seen: 0,
        };
        let key = match self.free.pop() {
            Some(key) => {
                self.entries[index(key)] = entry;
                key
            }
            None => {
                self.entries.push(entry);
                small(self.entries.len() - 1)
            }
        };
        let Self {
            entries,
            key_by_id,
            hasher,
            ..
        } = self;
        let rehash = |key: &u32| hasher.hash_one(entries[index(*key)].id.as_bytes());
        key_by_id.insert_unique(hasher.hash_one(id.as_bytes()), key, rehash);
        key
    }

    fn forget(&mut self, key: u32) {
        let entry = &mut self.entries[index(key)];
        let hash = self.hasher.hash_one(entry.id.as_bytes());
        entry.id = IdText::new("");
        entry.seen = 0;
        if let Ok(found) = self.key_by_id.find_entry(hash, |known| *known == key) {
            found.remove();
        }
        self.free.push(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_ids_have_equal_numbers() {
        let mut interner = Interner::default();
        let a = interner.see("a", 0);
        assert_eq!(interner.hold("a"), a);
        assert_ne!(interner.see("b", 0), a);
        assert_eq!(interner.find("a"), Some(a));
        assert_eq!(interner.find("c"), None);
        assert_eq!(interner.see_known("c", 0), None);
        assert_eq!(interner.id(a), "a");
    }

    #[test]
    fn a_number_is_used_again_only_when_nobody_can_compare_it() {
        let mut interner = Interner::default();
        let a = interner.see("a", 3);
        interner.collect(3, 9);
        assert_eq!(interner.find("a"), Some(a), "epoch 3 is alive");
        interner.hold("a");
        interner.collect(9, 9);
        assert_eq!(interner.find("a"), Some(a), "a relation holds it");
        interner.see("a", 10);
        interner.release(a, 11);
        interner.collect(11, 9);
        assert_eq!(interner.find("a"), Some(a), "the release was in epoch 11");
        interner.collect(12, 9);
        assert_eq!((interner.find("a"), interner.len()), (None, 0));
        assert_eq!(interner.see("b", 12), a, "free numbers are used first");
        assert_eq!(interner.unheld.len(), 1);
    }

    #[test]
    fn an_id_waits_once_however_often_it_is_seen() {
        let mut interner = Interner::default();
        for epoch in 0..5 {
            let a = interner.hold("a");
            interner.see("a", epoch);
            interner.release(a, epoch);
            interner.see("a", epoch);
        }
        assert_eq!(interner.unheld.len(), 1);
        interner.collect(4, 1);
        assert_eq!(interner.len(), 1);
        interner.collect(5, 1);
        assert_eq!(interner.len(), 0);
    }
}
