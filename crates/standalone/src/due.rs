//! What the passing of time brings about: two seconds after a notification its user is told that
//! it is still unread, three seconds after a chat message those are who have not read it, those
//! whom a poll concerns are told that it ended, games begin whose players are ready, and roles
//! come and go.
//!
//! The store itself is the queue: notifications and messages are in the order of their ids, polls
//! in that of their ends. So nothing piles up in memory, and a poll that ended while the server was down is
//! told of at the next start. A write that adds something sets the [`Alarm`]; nothing is polled.

mod roles;

use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use protocol::id::{NoteId, UserId};
use rusqlite::{Connection, OptionalExtension, params};
use tokio::sync::{Mutex, Notify};

use crate::limits::{CHAT_UNREAD_DELAY_MS, DUE_BATCH_MAX, DUE_RETRY_MS, UNREAD_DELAY_MS};
use crate::model::chat::Message;
use crate::model::note;
use crate::model::notification::Notification;
use crate::notifications::{self, Notice};
use crate::reversi::{matching, operations};
use crate::store::{Col, StoreError, Tx};
use crate::{Standalone, chat, id};

/// When something falls due next, as far as writes know.
#[derive(Debug)]
pub(crate) struct Alarm {
    at_ms: AtomicU64,
    changed: Notify,
}

impl Default for Alarm {
    fn default() -> Self {
        Self {
            at_ms: AtomicU64::new(u64::MAX),
            changed: Notify::new(),
        }
    }
}

impl Alarm {
    /// Something falls due at this moment, in Unix milliseconds.
    pub(crate) fn set(&self, at_ms: u64) {
        self.at_ms.fetch_min(at_ms, Ordering::SeqCst);
        self.changed.notify_one();
    }

    fn take(&self) -> u64 {
        self.at_ms.swap(u64::MAX, Ordering::SeqCst)
    }
}

/// How far what leaves no trace in the store has come.
#[derive(Debug)]
pub(crate) struct Due(Mutex<Progress>);

#[derive(Debug, Clone)]
struct Progress {
    /// No notification up to this id is looked at any more.
    notification: String,
    /// No chat message up to this id is looked at any more.
    message: String,
    /// Of accounts that reached an age by this moment all has been told.
    aged_ms: u64,
}

impl Due {
    /// Reminds of what is made from this moment on, in Unix milliseconds.
    pub(crate) fn from(now_ms: u64) -> Self {
        Self(Mutex::new(Progress {
            notification: id::first_of(now_ms),
            message: id::first_of(now_ms),
            aged_ms: now_ms,
        }))
    }
}

impl Standalone {
    /// Does what falls due, when it does, for ever. One call per store: without it nobody is
    /// reminded of anything, and no poll is told to have ended.
    pub async fn run_due(&self) -> Infallible {
        let surroundings = self.store.surroundings();
        let (alarm, clock) = (&surroundings.alarm, &surroundings.clock);
        let mut next_ms = 0;
        loop {
            next_ms = alarm.take().min(next_ms);
            let now_ms = clock.now_ms();
            if next_ms > now_ms {
                let wait = Duration::from_millis(next_ms - now_ms);
                tokio::select! {
                    () = alarm.changed.notified() => {}
                    () = tokio::time::sleep(wait) => {}
                }
                continue;
            }
            next_ms = self.do_due().await.unwrap_or_else(|error| {
                tracing::error!(error = ?error, "cannot do what is due");
                now_ms + DUE_RETRY_MS
            });
        }
    }

    /// Does what is due now, up to a limit. Gives back when the next thing is, in Unix
    /// milliseconds; `u64::MAX`: nothing is.
    pub(crate) async fn do_due(&self) -> Result<u64, StoreError> {
        let mut progress = self.due.0.lock().await;
        let before = progress.clone();
        let (after, next_ms) = self
            .store
            .write(move |tx| {
                end_polls(tx)?;
                operations::start_due(tx)?;
                roles::end(tx)?;
                roles::tell_ages(tx, before.aged_ms)?;
                let after = Progress {
                    notification: remind(tx, before.notification)?,
                    message: remind_of_messages(tx, before.message)?,
                    aged_ms: tx.now_ms(),
                };
                let next_ms = next_reminder(tx, &after.notification)?
                    .min(next_message_reminder(tx, &after.message)?)
                    .min(next_end(tx)?)
                    .min(matching::next_start(tx)?)
                    .min(roles::next(tx, tx.now_ms())?);
                Ok::<_, StoreError>((after, next_ms))
            })
            .await?;
        *progress = after;
        Ok(next_ms)
    }
}

/// Reminds of what was made after the id `after` and has waited long enough; gives back the id of
/// the last notification that was looked at.
fn remind(tx: &mut Tx<'_>, after: String) -> Result<String, StoreError> {
    let before = id::first_of((tx.now_ms() + 1).saturating_sub(UNREAD_DELAY_MS));
    let waiting: Vec<Notification> = tx
        .prepare_cached(
            "SELECT * FROM notification WHERE id > ?1 AND id < ?2 ORDER BY id LIMIT ?3",
        )?
        .query_map(
            params![after, before, DUE_BATCH_MAX],
            Notification::from_row,
        )?
        .collect::<Result<_, _>>()?;
    let mut last = after;
    for notification in waiting {
        notifications::remind(tx, &notification)?;
        last = notification.id;
    }
    Ok(last)
}

fn next_reminder(connection: &Connection, after: &str) -> rusqlite::Result<u64> {
    let next: Option<String> = connection
        .prepare_cached("SELECT min(id) FROM notification WHERE id > ?1")?
        .query_row([after], |row| row.get(0))?;
    let made_ms = next.and_then(|id| id::created_ms(&id));
    Ok(made_ms.map_or(u64::MAX, |made_ms| made_ms + UNREAD_DELAY_MS))
}

/// The same for chat messages.
fn remind_of_messages(tx: &mut Tx<'_>, after: String) -> Result<String, StoreError> {
    let before = id::first_of((tx.now_ms() + 1).saturating_sub(CHAT_UNREAD_DELAY_MS));
    let waiting: Vec<Message> = tx
        .prepare_cached(
            "SELECT * FROM chat_message WHERE id > ?1 AND id < ?2 ORDER BY id LIMIT ?3",
        )?
        .query_map(params![after, before, DUE_BATCH_MAX], Message::from_row)?
        .collect::<Result<_, _>>()?;
    let mut last = after;
    for message in waiting {
        chat::remind(tx, &message)?;
        last = message.id;
    }
    Ok(last)
}

fn next_message_reminder(connection: &Connection, after: &str) -> rusqlite::Result<u64> {
    let next: Option<String> = connection
        .prepare_cached("SELECT min(id) FROM chat_message WHERE id > ?1")?
        .query_row([after], |row| row.get(0))?;
    let made_ms = next.and_then(|id| id::created_ms(&id));
    Ok(made_ms.map_or(u64::MAX, |made_ms| made_ms + CHAT_UNREAD_DELAY_MS))
}

/// Tells the author and the voters of polls that those have ended.
fn end_polls(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let ended: Vec<NoteId> = tx
        .prepare_cached(
            "SELECT note_id FROM poll WHERE is_told = 0 AND expires_at <= ?1
             ORDER BY expires_at LIMIT ?2",
        )?
        .query_map(params![tx.now_ms(), DUE_BATCH_MAX], |row| {
            Ok(row.get::<_, Col<NoteId>>(0)?.0)
        })?
        .collect::<Result<_, _>>()?;
    for id in ended {
        tx.execute("UPDATE poll SET is_told = 1 WHERE note_id = ?1", [Col(&id)])?;
        let Some(note) = note::by_id(tx, id.as_str())? else {
            continue;
        };
        notifications::notify(tx, &note.user_id, Notice::new("pollEnded").about(&note))?;
        for voter in voters(tx, &note)? {
            notifications::notify(tx, &voter, Notice::new("pollEnded").about(&note))?;
        }
    }
    Ok(())
}

/// Who voted, beside the author, in the order of their first votes.
fn voters(connection: &Connection, note: &note::Note) -> rusqlite::Result<Vec<UserId>> {
    connection
        .prepare_cached(
            "SELECT user_id FROM poll_vote WHERE note_id = ?1 AND user_id <> ?2
             GROUP BY user_id ORDER BY min(id)",
        )?
        .query_map([note.id.as_str(), note.user_id.as_str()], |row| {
            Ok(row.get::<_, Col<UserId>>(0)?.0)
        })?
        .collect()
}

fn next_end(connection: &Connection) -> rusqlite::Result<u64> {
    let next: Option<u64> = connection
        .prepare_cached(
            "SELECT expires_at FROM poll WHERE is_told = 0 AND expires_at IS NOT NULL
             ORDER BY expires_at LIMIT 1",
        )?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(next.unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests;
