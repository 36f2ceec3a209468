//! One open connection, and the table of them.

use protocol::close::CloseReason;

use super::ConnId;
use super::mailbox::Mailbox;
use super::postings::index;

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
#[derive(Debug, Default)]
pub(crate) struct Connections(Vec<Option<Connection>>);

impl Connections {
    pub(crate) fn get(&self, conn: ConnId) -> Option<&Connection> {
        self.0.get(index(conn.0))?.as_ref()
    }

    pub(crate) fn get_mut(&mut self, conn: ConnId) -> Option<&mut Connection> {
        self.0.get_mut(index(conn.0))?.as_mut()
    }

    pub(crate) fn insert(&mut self, conn: ConnId, connection: Connection) {
        let at = index(conn.0);
        if self.0.len() <= at {
            self.0.resize_with(at + 1, || None);
        }
        self.0[at] = Some(connection);
    }

    pub(crate) fn remove(&mut self, conn: ConnId) -> Option<Connection> {
        self.0.get_mut(index(conn.0))?.take()
    }

    /// All of them, in order of their numbers.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (ConnId, &Connection)> {
        let numbers = (0..).map(ConnId);
        numbers
            .zip(&self.0)
            .filter_map(|(conn, connection)| Some((conn, connection.as_ref()?)))
    }

    /// One more than the highest number.
    pub(crate) fn end(&self) -> u32 {
        super::postings::small(self.0.len())
    }
}
