//! The way to a worker, and its end there.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use hub::{ConnId, Login, Publication};
use mio::Waker;
use protocol::close::CloseReason;
use protocol::id::SubId;
use tokio::sync::mpsc;

use crate::bridge::Bridged;
use crate::source::Arrival;

/// How many messages may wait for a worker. When it is full the source task waits, and the
/// backend's events wait behind it: nothing is lost, and no memory grows.
const INBOX_MAX: usize = 4_096;

/// What a worker is told, in the order in which it took effect.
#[derive(Debug)]
pub(crate) enum ToWorker {
    /// Something happened.
    Publish(Arc<Publication>),
    /// A connection to take over.
    Open(Box<Opening>),
    /// The answer to a session's question.
    Answer(Box<Answered>),
    /// An event for one subscription alone.
    Reply(Box<Reply>),
    /// A message of the server upstream.
    Bridged(Box<Bridged>),
    /// Close all connections over this time, and those that still come at once.
    Drain {
        /// The time over which they are closed.
        over: Duration,
        /// What they are told.
        reason: CloseReason,
    },
    /// No more come: end with the last connection.
    End,
}

/// A connection on its way to its worker.
#[derive(Debug)]
pub(crate) struct Opening {
    /// Its number in the logs.
    pub(crate) number: u64,
    /// The socket and what belongs to it.
    pub(crate) arrival: Arrival,
    /// The user's relations at this place of the stream.
    pub(crate) login: Option<Login>,
}

/// The answer to a session's question.
#[derive(Debug)]
pub(crate) struct Answered {
    /// Who asked.
    pub(crate) conn: ConnId,
    /// Tells it from others with the same number.
    pub(crate) generation: u32,
    /// The session's name for the question.
    pub(crate) ask: session::AskId,
    /// The question, to be given back if nobody wants the answer.
    pub(crate) question: session::Question,
    /// The answer.
    pub(crate) answer: session::Answer,
    /// The snapshot, where the question was about a list or a chat room.
    pub(crate) shown: Option<hub::Shown>,
}

/// An event for one subscription alone.
#[derive(Debug)]
pub(crate) struct Reply {
    /// The connection.
    pub(crate) conn: ConnId,
    /// Tells it from others with the same number.
    pub(crate) generation: u32,
    /// The subscription.
    pub(crate) sub: SubId,
    /// The type of the event.
    pub(crate) kind: &'static str,
    /// Its body, as JSON; `None`: there is nothing to send.
    pub(crate) body: Option<String>,
}

/// The way to a worker.
#[derive(Debug, Clone)]
pub(crate) struct WorkerLink {
    sender: mpsc::Sender<ToWorker>,
    bell: Arc<Bell>,
}

/// A worker's end of it.
#[derive(Debug)]
pub(crate) struct Inbox {
    receiver: mpsc::Receiver<ToWorker>,
    bell: Arc<Bell>,
}

/// Wakes a worker, once for any number of messages.
#[derive(Debug)]
struct Bell {
    waker: Waker,
    rung: AtomicBool,
    /// How many connections the worker has or will have.
    connections: AtomicUsize,
}

/// Makes both ends.
pub(super) fn inbox(waker: Waker) -> (WorkerLink, Inbox) {
    let (sender, receiver) = mpsc::channel(INBOX_MAX);
    let bell = Arc::new(Bell {
        waker,
        rung: AtomicBool::new(false),
        connections: AtomicUsize::new(0),
    });
    (
        WorkerLink {
            sender,
            bell: Arc::clone(&bell),
        },
        Inbox { receiver, bell },
    )
}

impl WorkerLink {
    /// Sends a message, and waits while the worker is too busy to take it. A worker that has
    /// ended needs none.
    pub(crate) async fn send(&self, message: ToWorker) {
        if let ToWorker::Open(_) = &message {
            self.bell.connections.fetch_add(1, Ordering::Relaxed);
        }
        if self.sender.send(message).await.is_ok()
            && !self.bell.rung.swap(true, Ordering::AcqRel)
            && let Err(error) = self.bell.waker.wake()
        {
            tracing::error!(%error, "cannot wake a worker");
        }
    }

    /// How many connections the worker has or will have.
    pub(crate) fn connections(&self) -> usize {
        self.bell.connections.load(Ordering::Relaxed)
    }
}

impl Inbox {
    /// Lets the bell ring again; to be called before the messages are taken.
    pub(super) fn quiet(&self) {
        self.bell.rung.store(false, Ordering::Release);
    }

    /// The next message, if there is one.
    pub(super) fn take(&mut self) -> Option<ToWorker> {
        self.receiver.try_recv().ok()
    }

    /// Whether nothing waits at this moment.
    pub(super) fn is_empty(&self) -> bool {
        self.receiver.is_empty()
    }

    /// Says that a connection is gone.
    pub(super) fn gone(&self) {
        self.bell.connections.fetch_sub(1, Ordering::Relaxed);
    }
}
