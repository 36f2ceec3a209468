//! What a read and a write see of the store.

use std::ops::Deref;

use backend::{RawEvent, SourceEvent};
use rusqlite::Connection;
use serde::Serialize;

use super::{StoreError, Surroundings};
use crate::pack::Packer;
use crate::site::Site;

/// One moment of the database. Derefs to the [`Connection`] for queries.
pub struct View<'a> {
    connection: &'a Connection,
    surroundings: &'a Surroundings,
    now_ms: u64,
}

impl<'a> View<'a> {
    pub(super) fn new(connection: &'a Connection, surroundings: &'a Surroundings) -> Self {
        Self {
            connection,
            surroundings,
            now_ms: surroundings.clock.now_ms(),
        }
    }

    /// The time of the whole operation, in Unix milliseconds.
    #[must_use]
    pub fn now_ms(&self) -> u64 {
        self.now_ms
    }

    /// What the server is called.
    #[must_use]
    pub fn site(&self) -> &'a Site {
        &self.surroundings.site
    }

    /// Whether clients of older servers are served too: `--compat legacy`.
    #[must_use]
    pub fn legacy(&self) -> bool {
        self.surroundings.legacy
    }

    /// Writes users and notes the way the API shows them.
    #[must_use]
    pub fn pack(&self) -> Packer<'a> {
        Packer::new(self.connection, self.site(), self.now_ms)
    }
}

impl Deref for View<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
    }
}

/// A transaction, and the events that go out when it is committed. Derefs to [`View`].
pub struct Tx<'a> {
    view: View<'a>,
    events: Vec<SourceEvent>,
    alarm_ms: Option<u64>,
}

/// What is to be done after the commit of a [`Tx`].
pub(super) struct Aftermath {
    pub(super) events: Vec<SourceEvent>,
    pub(super) alarm_ms: Option<u64>,
}

impl<'a> Tx<'a> {
    pub(super) fn new(view: View<'a>) -> Self {
        Self {
            view,
            events: Vec::new(),
            alarm_ms: None,
        }
    }

    pub(super) fn into_aftermath(self) -> Aftermath {
        Aftermath {
            events: self.events,
            alarm_ms: self.alarm_ms,
        }
    }

    /// Has [`due`](crate::due) look at the store again at this moment, in Unix milliseconds, once
    /// the transaction is committed.
    pub(crate) fn set_alarm(&mut self, at_ms: u64) {
        self.alarm_ms = Some(self.alarm_ms.map_or(at_ms, |other| other.min(at_ms)));
    }

    /// A new id. Ids made in transactions are committed in their order.
    #[must_use]
    pub fn new_id(&self) -> String {
        self.view.surroundings.ids.next(self.view.now_ms)
    }

    /// Publishes `payload` on `topic` once the transaction is committed. `events.rs` has a
    /// function for each kind of event; call those.
    ///
    /// # Errors
    ///
    /// If the payload can't be written as JSON.
    pub fn publish(&mut self, topic: &str, payload: &impl Serialize) -> Result<(), StoreError> {
        let payload = serde_json::to_vec(payload).map_err(|source| StoreError::Event {
            topic: topic.to_owned(),
            source,
        })?;
        self.events.push(SourceEvent::Message(RawEvent {
            topic: topic.into(),
            payload: payload.into(),
        }));
        Ok(())
    }
}

impl<'a> Deref for Tx<'a> {
    type Target = View<'a>;

    fn deref(&self) -> &View<'a> {
        &self.view
    }
}
