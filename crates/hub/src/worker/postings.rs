//! Sets of small numbers, by dense small keys.

use std::slice;

use slab::Slab;

/// For each key a sorted set of values below 2³¹. A set of one, the usual one, costs 4 bytes.
#[derive(Debug, Default)]
pub(crate) struct Postings {
    heads: Vec<u32>,
    sets: Slab<Vec<u32>>,
}

/// The head of an empty set.
const EMPTY: u32 = u32::MAX;
/// Set in the head of a set of several: the rest is its place in `sets`. Otherwise the head is
/// the one value itself.
const SEVERAL: u32 = 1 << 31;

impl Postings {
    /// The values of a key, in order.
    pub(crate) fn of(&self, key: u32) -> &[u32] {
        match self.heads.get(index(key)) {
            None | Some(&EMPTY) => &[],
            Some(head) if head & SEVERAL == 0 => slice::from_ref(head),
            Some(head) => &self.sets[index(head & !SEVERAL)],
        }
    }

    /// Adds a value; nothing happens if it is there.
    pub(crate) fn insert(&mut self, key: u32, value: u32) {
        debug_assert!(value < SEVERAL, "values leave the top bit free");
        if self.heads.len() <= index(key) {
            self.heads.resize(index(key) + 1, EMPTY);
        }
        let head = &mut self.heads[index(key)];
        if *head == EMPTY {
            *head = value;
        } else if *head & SEVERAL != 0 {
            insert_sorted(&mut self.sets[index(*head & !SEVERAL)], value);
        } else if *head != value {
            let pair = vec![(*head).min(value), (*head).max(value)];
            *head = SEVERAL | small(self.sets.insert(pair));
        }
    }

    /// Takes a value away; nothing happens if it isn't there.
    pub(crate) fn remove(&mut self, key: u32, value: u32) {
        let Some(head) = self.heads.get_mut(index(key)) else {
            return;
        };
        if *head == value {
            *head = EMPTY;
        } else if *head != EMPTY && *head & SEVERAL != 0 {
            let at = index(*head & !SEVERAL);
            remove_sorted(&mut self.sets[at], value);
            if let [last] = self.sets[at][..] {
                self.sets.remove(at);
                *head = last;
            }
        }
    }

    /// How many values there are in all; slow, for checks.
    pub(crate) fn count(&self) -> usize {
        let keys = 0..small(self.heads.len());
        keys.map(|key| self.of(key).len()).sum()
    }
}

/// Adds to a sorted set; nothing happens if the value is there.
pub(crate) fn insert_sorted(set: &mut Vec<u32>, value: u32) {
    if let Err(at) = set.binary_search(&value) {
        set.insert(at, value);
    }
}

/// Takes from a sorted set, and gives memory back when most of it is unused.
pub(crate) fn remove_sorted(set: &mut Vec<u32>, value: u32) {
    if let Ok(at) = set.binary_search(&value) {
        set.remove(at);
        if set.len() * 4 <= set.capacity() {
            set.shrink_to(set.len() * 2);
        }
    }
}

/// A key as an index.
pub(crate) fn index(key: u32) -> usize {
    usize::try_from(key).expect("an address has at least 32 bits")
}

/// An index of a slab as a key.
pub(crate) fn small(index: usize) -> u32 {
    u32::try_from(index).expect("fewer than 2^32 things fit into memory")
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn postings_are_sets(ops in prop::collection::vec((any::<bool>(), 0..6_u32, 0..6_u32), 0..80)) {
            let mut postings = Postings::default();
            let mut model: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
            for (insert, key, value) in ops {
                if insert {
                    postings.insert(key, value);
                    model.entry(key).or_default().insert(value);
                } else {
                    postings.remove(key, value);
                    model.entry(key).or_default().remove(&value);
                }
                for key in 0..7 {
                    let expected: Vec<u32> = model.get(&key).into_iter().flatten().copied().collect();
                    prop_assert_eq!(postings.of(key), expected);
                }
            }
            prop_assert_eq!(postings.count(), model.values().map(BTreeSet::len).sum::<usize>());
        }
    }
}
