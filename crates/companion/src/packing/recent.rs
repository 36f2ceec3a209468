//! What was asked a moment ago.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{self, BoxFuture};
use protocol::id::{NoteId, UserId};
use tokio::time::Instant;

use super::PackError;

/// An answer that several may wait for.
pub(super) type Shared = future::Shared<BoxFuture<'static, Result<Option<Bytes>, PackError>>>;

/// How long an answer holds, from when it was asked for: as long as one note takes to reach all of
/// a user's antennas and notifications. What is older may not be true any more.
const KEEP: Duration = Duration::from_secs(2);
/// How many answers are kept.
const ENTRIES_MAX: usize = 4096;
/// How many bytes of notes are kept.
const BYTES_MAX: usize = 8 * 1024 * 1024;

/// Answers, and questions that are under way.
#[derive(Debug, Default)]
pub(super) struct Recent(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    by_key: HashMap<(NoteId, UserId), Entry>,
    /// The keys of all entries, oldest first.
    order: VecDeque<(Instant, (NoteId, UserId))>,
    bytes: usize,
}

#[derive(Debug)]
struct Entry {
    answer: Shared,
    bytes: usize,
}

impl Recent {
    /// What was asked a moment ago about a note and a user, or what `start` begins; and whether it
    /// did.
    pub(super) fn find_or(
        &self,
        (note, viewer): (&NoteId, &UserId),
        start: impl FnOnce() -> Shared,
    ) -> (Shared, bool) {
        let key = (note.clone(), viewer.clone());
        let mut entries = self.lock();
        entries.forget_old();
        if let Some(entry) = entries.by_key.get(&key) {
            return (entry.answer.clone(), false);
        }
        let answer = start();
        let entry = Entry {
            answer: answer.clone(),
            bytes: 0,
        };
        entries.by_key.insert(key.clone(), entry);
        entries.order.push_back((Instant::now(), key));
        (answer, true)
    }

    /// Notes that a question was answered with so many bytes.
    pub(super) fn settle(&self, (note, viewer): (&NoteId, &UserId), bytes: usize) {
        let mut entries = self.lock();
        // A new question may have taken its place.
        if let Some(entry) = entries.by_key.get_mut(&(note.clone(), viewer.clone())) {
            let before = std::mem::replace(&mut entry.bytes, bytes);
            entries.bytes = entries.bytes - before + bytes;
        }
        entries.forget_old();
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    /// Forgets what is too old, and the oldest where there is too much.
    fn forget_old(&mut self) {
        while let Some((asked, _)) = self.order.front()
            && (asked.elapsed() > KEEP || self.order.len() > ENTRIES_MAX || self.bytes > BYTES_MAX)
            && let Some((_, key)) = self.order.pop_front()
            && let Some(entry) = self.by_key.remove(&key)
        {
            self.bytes -= entry.bytes;
        }
    }
}
