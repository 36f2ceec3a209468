//! Which connections have captured which notes.

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;
use protocol::id::NoteId;
use slab::Slab;

use super::postings::{Postings, index, small};

/// The captured notes of a worker, each stored once.
#[derive(Debug, Default)]
pub(crate) struct CapturedNotes {
    notes: Slab<NoteId>,
    note_by_id: HashTable<u32>,
    conns_by_note: Postings,
    hasher: RandomState,
}

impl CapturedNotes {
    /// The connections that have captured a note.
    pub(crate) fn conns_of(&self, note: &str) -> &[u32] {
        self.find(note)
            .map_or(&[], |key| self.conns_by_note.of(key))
    }

    /// The number of a captured note.
    pub(crate) fn find(&self, note: &str) -> Option<u32> {
        let is_it = |key: &u32| self.notes[index(*key)].as_str() == note;
        self.note_by_id
            .find(self.hasher.hash_one(note), is_it)
            .copied()
    }

    /// Captures a note for a connection; returns the note's number.
    pub(crate) fn insert(&mut self, note: &NoteId, conn: u32) -> u32 {
        let key = self.find(note.as_str()).unwrap_or_else(|| self.add(note));
        self.conns_by_note.insert(key, conn);
        key
    }

    /// Releases a note for a connection.
    pub(crate) fn remove(&mut self, key: u32, conn: u32) {
        self.conns_by_note.remove(key, conn);
        if self.conns_by_note.of(key).is_empty() {
            let note = self.notes.remove(index(key));
            let hash = self.hasher.hash_one(note.as_str());
            if let Ok(entry) = self.note_by_id.find_entry(hash, |found| *found == key) {
                entry.remove();
            }
            if self.notes.is_empty() {
                self.notes.shrink_to_fit();
            }
        }
    }

    /// How many pairs of a note and a connection there are; slow, for checks.
    pub(crate) fn count(&self) -> usize {
        assert_eq!(
            self.notes.len(),
            self.note_by_id.len(),
            "a note is stored once"
        );
        self.conns_by_note.count()
    }

    fn add(&mut self, note: &NoteId) -> u32 {
        let Self {
            notes,
            note_by_id,
            hasher,
            ..
        } = self;
        let key = small(notes.insert(note.clone()));
        let rehash = |key: &u32| hasher.hash_one(notes[index(*key)].as_str());
        note_by_id.insert_unique(hasher.hash_one(note.as_str()), key, rehash);
        key
    }
}
