//! A worker: a thread that owns connections, their sockets, sessions, subscriptions and
//! mailboxes, and shares none of them.
//!
//! Each turn of its loop takes what the system says of the sockets, what the source task sent,
//! what is due, and then writes to every connection for which something waits: several frames in
//! one call where several wait. An event with no other behind it is written while it is
//! delivered, without a stay in the mailboxes. The worker never waits for a client: a full socket
//! keeps its mailbox until it is writable, and a mailbox that outgrows its limit ends its
//! connection.
//!
//! Invariants: everything in a turn is bounded, in bytes and in messages, so that no connection holds up another; an idle
//! connection owns no buffer, reads go through the one of the worker.

mod connection;
mod doors;
mod inbox;
mod io;
mod operations;
mod socket;
mod staging;
mod steps;
#[cfg(test)]
mod tests;
mod timers;
mod turn;

use std::collections::VecDeque;
use std::sync::Arc;
use std::thread;

use hub::Hub;
use mio::{Poll, Token, Waker};
use protocol::close::CloseReason;
use protocol::command::{self, Command};
use protocol::limits::Limits;
use slab::Slab;
use tokio::sync::oneshot;

use crate::bridge::BridgeLink;
use crate::clock::Steady;
use crate::metrics::{Tally, WorkerMetrics};
use crate::panic::EndsProcess;
use crate::source::SourceLink;
use connection::Connection;
use inbox::Inbox;
use staging::STAGING_BYTES;
use steps::Steps;
use timers::Timers;

pub(crate) use inbox::{Answered, Opening, Reply, ToWorker, WorkerLink};

/// How many events of the system one turn takes.
const EVENTS_MAX: usize = 1_024;

/// How many bytes one read may bring, and one connection keep of it that waits for its turn.
const SCRATCH_BYTES: usize = 16 * 1024;

/// The token of the bell; connections have their slots.
const BELL: Token = Token(usize::MAX);

/// One worker.
#[derive(Debug)]
struct Worker {
    index: usize,
    poll: Poll,
    inbox: Inbox,
    connections: Slab<Connection>,
    /// Slots of connections to look at.
    ready: VecDeque<usize>,
    timers: Timers,
    /// What every read goes through.
    scratch: Box<[u8]>,
    /// What every frame goes through that is written at once.
    staging: Box<[u8; STAGING_BYTES]>,
    clock: Steady,
    limits: Arc<Limits>,
    core: Core,
    metrics: WorkerMetrics,
    /// What the next connection is told apart by.
    generation: u32,
    drain: Option<Drain>,
    /// The last connection is the end.
    ending: bool,
}

/// Reads a message of a client; `None`: it is to be ignored.
pub(crate) type Decode = fn(&str) -> Option<Command>;

/// What all connections of a worker work with.
#[derive(Debug)]
struct Core {
    hub: Hub,
    source: SourceLink,
    /// `None`: there is no bridge.
    bridge: Option<BridgeLink>,
    /// How the messages of clients are read.
    decode: Decode,
    tally: Tally,
    /// The time of this turn, in steady milliseconds.
    now_ms: u64,
    /// What is left of this turn for what clients send.
    steps: Steps,
}

/// The end of a worker, under way.
#[derive(Debug)]
struct Drain {
    started_ms: u64,
    over_ms: u64,
    reason: CloseReason,
    /// How many connections there were at its start.
    total: usize,
    /// How many of them were told.
    told: usize,
    /// The slot from which to look on.
    cursor: usize,
}

/// Starts a worker. The receiver hears of its end by being dropped.
///
/// # Errors
///
/// The system has no files or no thread left for it.
pub(crate) fn start(
    index: usize,
    limits: Arc<Limits>,
    source: SourceLink,
    (bridge, decode): (Option<BridgeLink>, Decode),
    metrics: WorkerMetrics,
) -> std::io::Result<(WorkerLink, oneshot::Receiver<()>)> {
    let (mut worker, link) = Worker::new(index, limits, source, metrics)?;
    worker.core.bridge = bridge;
    worker.core.decode = decode;
    let (alive, ended) = oneshot::channel();
    thread::Builder::new()
        .name(format!("worker-{index}"))
        .spawn(move || {
            let _guard = EndsProcess;
            let _alive: oneshot::Sender<()> = alive;
            worker
                .run()
                .expect("waiting for sockets only fails where the system does");
        })?;
    Ok((link, ended))
}

impl Worker {
    fn new(
        index: usize,
        limits: Arc<Limits>,
        source: SourceLink,
        metrics: WorkerMetrics,
    ) -> std::io::Result<(Self, WorkerLink)> {
        let poll = Poll::new()?;
        let waker = Waker::new(poll.registry(), BELL)?;
        let (link, inbox) = inbox::inbox(waker);
        let worker = Self {
            index,
            poll,
            inbox,
            connections: Slab::new(),
            ready: VecDeque::new(),
            timers: Timers::default(),
            scratch: vec![0; SCRATCH_BYTES].into(),
            staging: Box::new([0; STAGING_BYTES]),
            clock: Steady::start(),
            core: Core {
                hub: Hub::new(&limits),
                source,
                bridge: None,
                decode: command::decode,
                tally: Tally::default(),
                now_ms: 0,
                steps: Steps::of_turn(),
            },
            limits,
            metrics,
            generation: 0,
            drain: None,
            ending: false,
        };
        Ok((worker, link))
    }
}
