//! What passes between the workers and the bridge.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use protocol::command::BridgeConnect;
use protocol::id::SubId;
use rules::Who;
use serde_json::value::RawValue;
use session::Login;
use tokio::sync::mpsc;

use crate::http::Token;
use crate::source::Place;

/// The way to the bridge. Its queue has no bound of its own: each connection bounds what it has
/// put in.
#[derive(Debug, Clone)]
pub(crate) struct BridgeLink {
    sender: mpsc::UnboundedSender<Request>,
    /// How much of one connection may be on the way, in bytes.
    pub(super) bytes_max: usize,
}

/// What the bridge is asked.
#[derive(Debug)]
pub(crate) enum Request {
    /// Join a channel.
    Join(Box<Joining>, Weight),
    /// Leave it.
    Leave(Seat),
    /// Pass an operation on.
    Operate {
        /// The channel.
        seat: Seat,
        /// The operation.
        kind: String,
        /// What comes with it.
        body: Box<RawValue>,
        /// Counts it until it is passed on.
        weight: Weight,
    },
    /// A connection has ended.
    Gone(Place),
}

/// A channel of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Seat {
    /// The connection.
    pub(crate) place: Place,
    /// Its number for the channel.
    pub(crate) sub: SubId,
    /// Tells it from others that had the number before.
    pub(crate) serial: u32,
}

/// A channel to be joined.
#[derive(Debug)]
pub(crate) struct Joining {
    /// For whom.
    pub(crate) seat: Seat,
    /// As whom.
    pub(crate) asker: Arc<Asker>,
    /// Which, under whatever id.
    pub(crate) connect: BridgeConnect,
    /// Only operations are passed on: what comes of them is heard of elsewhere.
    pub(crate) silent: bool,
}

/// As whom a line is opened.
#[derive(Debug)]
pub(crate) struct Asker {
    /// Who that is; `None`: a visitor.
    pub(crate) login: Option<Login>,
    /// What proves it.
    pub(crate) token: Option<Token>,
}

/// A message of the server upstream, for one channel of one connection.
#[derive(Debug)]
pub(crate) struct Bridged {
    /// The channel.
    pub(crate) seat: Seat,
    /// As whom the server upstream was asked.
    pub(crate) asker: Arc<Asker>,
    /// What it said.
    pub(crate) frame: BridgeFrame,
}

/// What the server upstream said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BridgeFrame {
    /// The channel was joined.
    Joined,
    /// An event: what stands behind the head of its message.
    Event(Bytes),
}

/// Bytes of one connection on their way to the bridge, counted until this is dropped.
#[derive(Debug)]
pub(crate) struct Weight {
    bytes: usize,
    of: Arc<AtomicUsize>,
}

impl BridgeLink {
    pub(super) fn new(bytes_max: usize) -> (Self, mpsc::UnboundedReceiver<Request>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self { sender, bytes_max }, receiver)
    }

    /// Sends a request. Once the bridge has ended the server ends as well, and nobody waits for
    /// what is lost here.
    pub(super) fn send(&self, request: Request) {
        if self.sender.send(request).is_err() {
            tracing::debug!("a request came after the end of the bridge");
        }
    }
}

impl Asker {
    /// The viewer, as the rules see them.
    pub(crate) fn who(&self) -> Who<'_> {
        self.login.as_ref().map_or(Who::Visitor, |login| Who::User {
            id: &login.user,
            grant: &login.grant,
        })
    }
}

impl Weight {
    /// Adds bytes to what a connection has on the way; `None`: they are more than may be.
    pub(super) fn take(of: &Arc<AtomicUsize>, bytes: usize, bytes_max: usize) -> Option<Self> {
        // One connection takes from its own thread alone; the bridge only gives back.
        if of.load(Ordering::Relaxed) + bytes > bytes_max {
            return None;
        }
        of.fetch_add(bytes, Ordering::Relaxed);
        let of = Arc::clone(of);
        Some(Self { bytes, of })
    }
}

impl Drop for Weight {
    fn drop(&mut self) {
        self.of.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}
