//! Sets of small numbers, by name.

use std::collections::HashMap;

use super::postings::{insert_sorted, remove_sorted};

/// For each name a sorted set of values. A name without values is forgotten.
#[derive(Debug, Default)]
pub(crate) struct Names(HashMap<Box<str>, Vec<u32>>);

impl Names {
    /// The values of a name, in order.
    pub(crate) fn of(&self, name: &str) -> &[u32] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    /// Adds a value; nothing happens if it is there.
    pub(crate) fn insert(&mut self, name: &str, value: u32) {
        if let Some(set) = self.0.get_mut(name) {
            insert_sorted(set, value);
        } else {
            self.0.insert(name.into(), vec![value]);
        }
    }

    /// Takes a value away; nothing happens if it isn't there.
    pub(crate) fn remove(&mut self, name: &str, value: u32) {
        if let Some(set) = self.0.get_mut(name) {
            remove_sorted(set, value);
            if set.is_empty() {
                self.0.remove(name);
            }
        }
        if self.0.is_empty() {
            self.0.shrink_to_fit();
        }
    }

    /// How many values there are in all; slow, for checks.
    #[expect(clippy::disallowed_methods, reason = "a sum has no order")]
    pub(crate) fn count(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }
}
