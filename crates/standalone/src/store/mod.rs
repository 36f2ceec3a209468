//! The store: one SQLite database, and the order of its events.
//!
//! Writes run one after another, each in a transaction of its own, on a blocking thread. The
//! events of a write go out after its commit and before the next write begins, so their order is
//! that of the commits; a write that fails publishes nothing. Reads see one moment each and never
//! wait for a write to publish: a full event queue holds back writes alone. For that the turn of
//! a write (which covers publishing) and the connection (which doesn't) are two locks.
//!
//! Whoever drains the events must not wait for a write while doing so.

mod col;
mod deadline;
mod migrate;
mod open;
mod readers;
mod tx;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use backend::SourceEvent;
use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::mpsc;

pub use col::{Col, json_col};
pub use open::{Data, OpenError};
use tx::Aftermath;
pub use tx::{Tx, View};

use crate::clock::Clock;
use crate::due::Alarm;
use crate::id::IdGenerator;
use crate::limits::EVENT_QUEUE_MAX;
use crate::site::Site;
use deadline::Deadline;
use readers::Readers;

/// The store. Cheap to clone: clones are the same store.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    /// Who may write: held from the begin of a transaction until its events are out.
    turn: Arc<tokio::sync::Mutex<()>>,
    writer: Mutex<Connection>,
    /// Where reads run; `None`: on the writer's connection, for a store in memory.
    readers: Option<Readers>,
    events: Mutex<Option<mpsc::Sender<SourceEvent>>>,
    surroundings: Surroundings,
}

/// What every read and write sees beside the database.
#[derive(Clone)]
pub(crate) struct Surroundings {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<IdGenerator>,
    pub(crate) site: Arc<Site>,
    pub(crate) alarm: Arc<Alarm>,
    /// Whether clients of older servers are served too.
    pub(crate) legacy: bool,
    /// How long a read takes before it is ended.
    pub(crate) read_within: Duration,
}

/// The store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite refused: a full disk, a read-only file, a broken database.
    #[error("cannot use the database")]
    Sqlite(#[from] rusqlite::Error),
    /// The closure of a read or write panicked; its transaction was rolled back.
    #[error("an operation on the database panicked")]
    Panicked,
    /// The system gave no random bytes.
    #[error("cannot make random bytes")]
    Random(#[from] getrandom::Error),
    /// What is kept in a column could not be written as JSON.
    #[error("cannot write a column of table `{table}` as JSON")]
    Column {
        /// The table.
        table: &'static str,
        /// Why not.
        #[source]
        source: serde_json::Error,
    },
    /// An event could not be written as JSON.
    #[error("cannot write an event on topic `{topic}` as JSON")]
    Event {
        /// The topic of the event.
        topic: String,
        /// Why not.
        #[source]
        source: serde_json::Error,
    },
}

impl Store {
    /// Runs `work` in a transaction, commits if it succeeds, then publishes its events.
    ///
    /// # Errors
    ///
    /// Those of `work`, and a [`StoreError`] where the transaction can't begin or commit. After an
    /// error nothing is written and nothing published.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let inner = Arc::clone(&self.0);
        let turn = Arc::clone(&inner.turn).lock_owned().await;
        let task = tokio::task::spawn_blocking(move || {
            let (value, after) = inner.commit(work)?;
            inner.send(after.events);
            if let Some(at_ms) = after.alarm_ms {
                inner.surroundings.alarm.set(at_ms);
            }
            drop(turn);
            Ok(value)
        });
        task.await
            .unwrap_or_else(|_| Err(StoreError::Panicked.into()))
    }

    /// Runs `work` on a view of one moment.
    ///
    /// # Errors
    ///
    /// Those of `work`, and a [`StoreError`] where the database can't be read, or not in time.
    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&View<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let inner = Arc::clone(&self.0);
        let permit = match &inner.readers {
            Some(readers) => Some(readers.permit().await),
            None => None,
        };
        let task = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            match &inner.readers {
                Some(readers) => readers.with(|connection| inner.view(connection, work)),
                None => inner.view(&inner.lock_writer(), work),
            }
        });
        task.await
            .unwrap_or_else(|_| Err(StoreError::Panicked.into()))
    }

    /// Takes the stream of events; `None` from the second time on. What was written before is not
    /// among them.
    #[must_use]
    pub fn events(&self) -> Option<mpsc::Receiver<SourceEvent>> {
        let mut events = self.0.events.lock().unwrap_or_else(PoisonError::into_inner);
        if events.is_some() {
            return None;
        }
        let (sender, receiver) = mpsc::channel(EVENT_QUEUE_MAX);
        *events = Some(sender);
        Some(receiver)
    }

    /// Whether someone took the events and then went away.
    #[must_use]
    pub fn events_are_lost(&self) -> bool {
        let events = self.0.events.lock().unwrap_or_else(PoisonError::into_inner);
        events.as_ref().is_some_and(mpsc::Sender::is_closed)
    }

    pub(crate) fn now_ms(&self) -> u64 {
        self.0.surroundings.clock.now_ms()
    }

    pub(crate) fn site(&self) -> &Site {
        &self.0.surroundings.site
    }

    pub(crate) fn surroundings(&self) -> &Surroundings {
        &self.0.surroundings
    }
}

impl Inner {
    fn lock_writer(&self) -> std::sync::MutexGuard<'_, Connection> {
        // A panic in a transaction rolls it back while it unwinds, so the connection stays good.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `work` in a transaction and commits it; gives back what is to be done after that.
    fn commit<T, E>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<(T, Aftermath), E>
    where
        E: From<StoreError>,
    {
        let mut writer = self.lock_writer();
        let transaction = writer
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(StoreError::from)?;
        let mut tx = Tx::new(View::new(&transaction, &self.surroundings));
        let value = work(&mut tx)?;
        let after = tx.into_aftermath();
        transaction.commit().map_err(StoreError::from)?;
        Ok((value, after))
    }

    /// Runs `work` in a read transaction, so that all its queries see one moment.
    fn view<T, E>(
        &self,
        connection: &Connection,
        work: impl FnOnce(&View<'_>) -> Result<T, E>,
    ) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        let _deadline = Deadline::set(connection, self.surroundings.read_within);
        let transaction = connection
            .unchecked_transaction()
            .map_err(StoreError::from)?;
        work(&View::new(&transaction, &self.surroundings))
    }

    /// Sends events in order, waiting where the queue is full. With nobody to take them they are
    /// dropped.
    fn send(&self, events: Vec<SourceEvent>) {
        let sender = {
            let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
            events.clone()
        };
        let Some(sender) = sender else { return };
        for event in events {
            if sender.blocking_send(event).is_err() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests;
