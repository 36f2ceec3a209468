//! One open connection, and the table of them.

use std::collections::VecDeque;
use std::mem;

use protocol::close::CloseReason;
use rules::Cleared;

use super::ConnId;
use super::draft::Draft;
use super::mailbox::{Full, Mailbox, MailboxLimits, Wire};
use super::postings::{index, small};

/// One open connection.
#[derive(Debug)]
pub(crate) struct Connection {
    /// Where its user sits; `None`: a visitor.
    pub(crate) seat: Option<u32>,
    /// Whether it came with the user's own token.
    pub(crate) native: bool,
    /// Whether the shell will be told of it.
    pub(crate) dirty: bool,
    /// How long a text it takes deflated, in bytes; 0: none.
    pub(crate) deflate_window: usize,
    pub(crate) closing: Option<CloseReason>,
    pub(crate) subs: Vec<u32>,
    /// Its captured notes.
    pub(crate) captures: Vec<u32>,
    pub(crate) mailbox: Mailbox,
}

impl Connection {
    pub(crate) fn new(seat: Option<u32>, native: bool) -> Self {
        Self {
            seat,
            native,
            dirty: false,
            deflate_window: 0,
            closing: None,
            subs: Vec::new(),
            captures: Vec::new(),
            mailbox: Mailbox::default(),
        }
    }
}

/// The open connections, by their numbers.
#[derive(Debug)]
pub(crate) struct Connections {
    open: Vec<Option<Connection>>,
    limits: MailboxLimits,
    /// Those of which the shell will be told.
    dirty: VecDeque<ConnId>,
    /// How many mailboxes have overflowed.
    pub(crate) overflows: u64,
}

impl Connections {
    pub(crate) fn new(limits: MailboxLimits) -> Self {
        Self {
            open: Vec::new(),
            limits,
            dirty: VecDeque::new(),
            overflows: 0,
        }
    }

    pub(crate) fn get(&self, conn: ConnId) -> Option<&Connection> {
        self.open.get(index(conn.0))?.as_ref()
    }

    pub(crate) fn get_mut(&mut self, conn: ConnId) -> Option<&mut Connection> {
        self.open.get_mut(index(conn.0))?.as_mut()
    }

    pub(crate) fn insert(&mut self, conn: ConnId, connection: Connection) {
        let at = index(conn.0);
        if self.open.len() <= at {
            self.open.resize_with(at + 1, || None);
        }
        self.open[at] = Some(connection);
    }

    pub(crate) fn remove(&mut self, conn: ConnId) -> Option<Connection> {
        self.open.get_mut(index(conn.0))?.take()
    }

    /// All of them, in order of their numbers.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (ConnId, &Connection)> {
        let numbers = (0..).map(ConnId);
        numbers
            .zip(&self.open)
            .filter_map(|(conn, connection)| Some((conn, connection.as_ref()?)))
    }

    /// One more than the highest number.
    pub(crate) fn end(&self) -> u32 {
        small(self.open.len())
    }

    /// The next connection of which the shell must be told.
    pub(crate) fn next_dirty(&mut self) -> Option<ConnId> {
        while let Some(conn) = self.dirty.pop_front() {
            if let Some(connection) = self.get_mut(conn)
                && mem::take(&mut connection.dirty)
            {
                return Some(conn);
            }
        }
        None
    }

    /// Whether the shell will be told of a connection; slow, for checks.
    pub(crate) fn is_queued(&self, conn: ConnId) -> bool {
        self.dirty.contains(&conn)
    }

    /// Sends an event that the rules let through, and says whether the connection takes any.
    pub(crate) fn deliver(
        &mut self,
        conn: ConnId,
        cleared: Cleared,
        draft: Draft<'_>,
        wire: &mut dyn Wire,
    ) -> bool {
        self.push(conn, |mailbox, limits| {
            mailbox.push_event(cleared, draft, limits, conn, wire)
        })
    }

    /// Puts something into a connection's mailbox, unless it must close.
    pub(crate) fn push(
        &mut self,
        conn: ConnId,
        put: impl FnOnce(&mut Mailbox, MailboxLimits) -> Result<(), Full>,
    ) -> bool {
        let open = self.get(conn).is_some_and(|it| it.closing.is_none());
        if open {
            self.push_anyway(conn, put);
        }
        open
    }

    /// Puts something into a connection's mailbox. One that is full is too slow: what waits is
    /// forgotten and it must close.
    pub(crate) fn push_anyway(
        &mut self,
        conn: ConnId,
        put: impl FnOnce(&mut Mailbox, MailboxLimits) -> Result<(), Full>,
    ) {
        let limits = self.limits;
        let Some(connection) = self.get_mut(conn) else {
            return;
        };
        let was_empty = connection.mailbox.is_empty();
        match put(&mut connection.mailbox, limits) {
            Ok(()) if was_empty && !connection.mailbox.is_empty() => self.mark(conn),
            Ok(()) => {}
            Err(Full) => {
                connection.mailbox.clear();
                self.overflows += 1;
                self.must_close(conn, CloseReason::Slow);
            }
        }
    }

    /// From here on the connection gets no more events. The first reason counts.
    pub(crate) fn must_close(&mut self, conn: ConnId, reason: CloseReason) {
        if let Some(connection) = self.get_mut(conn)
            && connection.closing.is_none()
        {
            connection.closing = Some(reason);
            self.mark(conn);
        }
    }

    /// Tells the shell of a connection, once.
    fn mark(&mut self, conn: ConnId) {
        if let Some(connection) = self.get_mut(conn)
            && !mem::replace(&mut connection.dirty, true)
        {
            self.dirty.push_back(conn);
        }
    }
}
