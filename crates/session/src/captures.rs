//! The notes that a client has captured, counted.

use protocol::id::NoteId;

/// Captured notes, sorted by id.
#[derive(Debug, Default)]
pub(crate) struct Captures {
    entries: Vec<Entry>,
    /// The number of the next capture.
    next: u32,
}

/// One captured note.
#[derive(Debug)]
struct Entry {
    note: NoteId,
    /// How many releases it needs.
    count: u32,
    /// The number of its latest capture.
    latest: u32,
}

/// What a capture changes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Captured {
    /// The note was captured before.
    Again,
    /// The note is new, and perhaps another gave way to it.
    New { evicted: Option<NoteId> },
}

impl Captures {
    /// Captures a note; beyond `max` notes the least recently captured one gives way.
    pub(crate) fn capture(&mut self, note: &NoteId, max: usize) -> Captured {
        let latest = self.number();
        if let Ok(at) = self.find(note) {
            let entry = &mut self.entries[at];
            entry.count = entry.count.saturating_add(1);
            entry.latest = latest;
            return Captured::Again;
        }
        let evicted = (self.entries.len() >= max).then(|| self.evict());
        let at = self.find(note).unwrap_or_else(|at| at);
        let entry = Entry {
            note: note.clone(),
            count: 1,
            latest,
        };
        self.entries.insert(at, entry);
        Captured::New { evicted }
    }

    /// Releases a note once. Returns whether it is captured no more.
    pub(crate) fn release(&mut self, note: &NoteId) -> bool {
        let Ok(at) = self.find(note) else {
            return false;
        };
        self.entries[at].count -= 1;
        let last = self.entries[at].count == 0;
        if last {
            self.entries.remove(at);
            if self.entries.len() * 4 <= self.entries.capacity() {
                self.entries.shrink_to(self.entries.len() * 2);
            }
        }
        last
    }

    fn find(&self, note: &NoteId) -> Result<usize, usize> {
        self.entries.binary_search_by(|entry| entry.note.cmp(note))
    }

    /// Takes out the least recently captured note; there is one.
    fn evict(&mut self) -> NoteId {
        let oldest = (0..self.entries.len()).min_by_key(|&at| self.entries[at].latest);
        let oldest = oldest.expect("the limit is at least 1");
        self.entries.remove(oldest).note
    }

    /// The number of a new capture. When the numbers run out, they begin anew in the same order.
    fn number(&mut self) -> u32 {
        if self.next == u32::MAX {
            let mut by_age: Vec<&mut Entry> = self.entries.iter_mut().collect();
            by_age.sort_by_key(|entry| entry.latest);
            self.next = 0;
            for entry in by_age {
                entry.latest = self.next;
                self.next += 1;
            }
        }
        self.next += 1;
        self.next - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(id: &str) -> NoteId {
        NoteId::parse(id).unwrap()
    }

    #[test]
    fn two_captures_need_two_releases() {
        let mut captures = Captures::default();
        let a = note("a");
        assert_eq!(captures.capture(&a, 2), Captured::New { evicted: None });
        assert_eq!(captures.capture(&a, 2), Captured::Again);
        assert!(!captures.release(&a));
        assert!(captures.release(&a));
        assert!(!captures.release(&a), "it is not captured");
    }

    #[test]
    fn the_least_recently_captured_gives_way_even_when_numbers_run_out() {
        let mut captures = Captures::default();
        for id in ["b", "a", "c", "b"] {
            captures.capture(&note(id), 3);
        }
        captures.next = u32::MAX;
        let evicted = Some(note("a"));
        assert_eq!(captures.capture(&note("d"), 3), Captured::New { evicted });
        let evicted = Some(note("c"));
        assert_eq!(captures.capture(&note("e"), 3), Captured::New { evicted });
        assert!(!captures.release(&note("b")), "it was captured twice");
        assert!(captures.release(&note("b")));
    }
}
