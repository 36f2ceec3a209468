//! The turns of a worker's loop.

use std::io;
use std::time::{Duration, Instant};

use hub::{Hold, Publication};
use mio::{Events, Token};
use protocol::close::CloseReason;

use super::connection::{Ending, Live, Phase};
use super::inbox::{Answered, Reply, ToWorker};
use super::io::Sockets;
use super::staging::Staging;
use super::steps::Steps;
use super::{Core, Drain, EVENTS_MAX, Worker};
use crate::bridge::Bridged;
use crate::clock;
use crate::source::{Place, Request};

/// How many messages of the source task one turn takes. What they brought is then written, so
/// a burst becomes a few calls per connection and not one per event. More would only fill the
/// mailboxes of clients that read quickly enough.
const INBOX_TURN_MAX: usize = 8;

/// How many due timers one turn looks at.
const TIMERS_TURN_MAX: usize = 1_024;

/// How many ready connections one turn looks at.
const READY_TURN_MAX: usize = 1_024;

/// How often connections are closed while the worker drains.
const DRAIN_TICK_MS: u64 = 20;

/// How far two of these closes are apart at most: few connections need not take the whole time.
const DRAIN_SPACING_MS: u64 = 20;

impl Worker {
    /// Runs until the worker has drained.
    pub(super) fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(EVENTS_MAX);
        let mut more = false;
        loop {
            let wait = if more {
                Some(Duration::ZERO)
            } else {
                self.wait()
            };
            if let Err(error) = self.poll.poll(&mut events, wait)
                && error.kind() != io::ErrorKind::Interrupted
            {
                return Err(error);
            }
            more = self.turn(&events);
            if self.ending && self.connections.is_empty() {
                return Ok(());
            }
        }
    }

    /// One turn. Says whether there is more to do at once.
    pub(super) fn turn(&mut self, events: &Events) -> bool {
        let started = Instant::now();
        self.core.now_ms = self.clock.ms();
        self.core.steps = Steps::of_turn();
        self.take_events(events);
        let more = self.take_inbox();
        self.take_timers();
        self.take_drain();
        self.take_ready();
        self.flush();
        let counts = self.core.hub.take_counts();
        self.metrics
            .report(&mut self.core.tally, counts, started.elapsed());
        more || !self.ready.is_empty()
    }

    /// How long nothing is due.
    fn wait(&self) -> Option<Duration> {
        let now_ms = self.clock.ms();
        let timer = self
            .timers
            .next_ms()
            .map(|at_ms| at_ms.saturating_sub(now_ms));
        let drain = self.drain.as_ref().map(|_| DRAIN_TICK_MS);
        timer
            .into_iter()
            .chain(drain)
            .min()
            .map(Duration::from_millis)
    }

    /// Notes what the system says of the sockets.
    fn take_events(&mut self, events: &Events) {
        for event in events {
            let Token(slot) = event.token();
            let Some(connection) = self.connections.get_mut(slot) else {
                continue;
            };
            if event.is_readable() || event.is_read_closed() || event.is_error() {
                connection.readable = true;
            }
            connection.read_closed |= event.is_read_closed();
            if event.is_writable() || event.is_write_closed() || event.is_error() {
                connection.full = false;
            }
            self.make_ready(slot);
        }
    }

    /// Puts a connection into the queue of those to be looked at.
    pub(super) fn make_ready(&mut self, slot: usize) {
        let Some(connection) = self.connections.get_mut(slot) else {
            return;
        };
        if !connection.queued {
            connection.queued = true;
            self.ready.push_back(slot);
        }
    }

    /// Takes messages of the source task, and says whether there may be more.
    fn take_inbox(&mut self) -> bool {
        self.inbox.quiet();
        let unix_ms = clock::unix_ms();
        for _ in 0..INBOX_TURN_MAX {
            let Some(message) = self.inbox.take() else {
                return false;
            };
            match message {
                ToWorker::Publish(publication) => self.publish(&publication, unix_ms),
                ToWorker::Open(opening) => self.open(*opening),
                ToWorker::Answer(answered) => self.answer(*answered),
                ToWorker::Reply(reply) => self.reply(&reply),
                ToWorker::Bridged(bridged) => self.bridged(&bridged),
                ToWorker::Drain { over, reason } => self.start_drain(over, reason),
                ToWorker::End => self.ending = true,
            }
        }
        true
    }

    /// Delivers an event. What else has come already goes into the same calls.
    fn publish(&mut self, publication: &Publication, unix_ms: u64) {
        if self.inbox.is_empty() {
            let mut sockets = Sockets {
                connections: &mut self.connections,
                staging: Staging::new(&mut self.staging),
                bytes_out: &mut self.core.tally.bytes_out,
            };
            self.core.hub.publish(publication, unix_ms, &mut sockets);
        } else {
            self.core.hub.publish(publication, unix_ms, &mut Hold);
        }
    }

    /// Gives a session the answer to its question; what nobody wants any more goes back.
    fn answer(&mut self, answered: Answered) {
        let Answered {
            conn,
            generation,
            ask,
            question,
            answer,
            shown,
        } = answered;
        let slot = conn.0 as usize;
        let same = self.connections.get(slot).is_some_and(|connection| {
            connection.place.generation == generation && matches!(connection.phase, Phase::Live(_))
        });
        if !same {
            if !matches!(answer, session::Answer::Unknown | session::Answer::Failed) {
                self.core.source.send(Request::Unask(question));
            }
            return;
        }
        self.with_live(slot, |live, place, core| {
            live.answer(place, ask, &answer, shown, core)
        });
        // Commands may have waited for this answer.
        self.make_ready(slot);
    }

    /// Sends an event to one subscription alone.
    fn reply(&mut self, reply: &Reply) {
        let connection = self.connections.get_mut(reply.conn.0 as usize);
        let Some(connection) =
            connection.filter(|connection| connection.place.generation == reply.generation)
        else {
            return;
        };
        if let Phase::Live(live) = &mut connection.phase {
            live.waiting.logs -= 1;
        }
        if let Some(body) = &reply.body {
            let body = body.as_bytes();
            self.core.hub.reply(reply.conn, reply.sub, reply.kind, body);
        }
    }

    /// Passes on what the server upstream said.
    fn bridged(&mut self, bridged: &Bridged) {
        let place = bridged.seat.place;
        let slot = place.conn.0 as usize;
        let connection = self.connections.get(slot);
        if connection.is_some_and(|connection| connection.place == place) {
            self.with_live(slot, |live, place, core| live.bridged(bridged, place, core));
        }
    }

    /// Works on an open stream; closes it where the work says so, else looks at its timer.
    pub(super) fn with_live(
        &mut self,
        slot: usize,
        work: impl FnOnce(&mut Live, Place, &mut Core) -> Result<(), Ending>,
    ) {
        let connection = &mut self.connections[slot];
        let Phase::Live(live) = &mut connection.phase else {
            return;
        };
        match work(live, connection.place, &mut self.core) {
            Ok(()) => self.arm(slot),
            Err(ending) => self.close(slot, ending),
        }
    }

    /// Arms the timer of a connection, if it is due earlier than what is armed.
    pub(super) fn arm(&mut self, slot: usize) {
        let connection = &mut self.connections[slot];
        let due_ms = match &connection.phase {
            Phase::Live(live) => live.session.poll_timeout(),
            Phase::Leaving(leaving) => leaving.deadline_ms,
        };
        if due_ms < connection.armed_ms {
            connection.armed_ms = due_ms;
            self.timers.arm(due_ms, slot, connection.place.generation);
        }
    }

    /// Looks at the connections whose deadline has come.
    fn take_timers(&mut self) {
        let now_ms = self.core.now_ms;
        for _ in 0..TIMERS_TURN_MAX {
            let Some((slot, generation)) = self.timers.take_due(now_ms) else {
                return;
            };
            let Some(connection) = self.connections.get_mut(slot) else {
                continue;
            };
            if connection.place.generation != generation || connection.armed_ms > now_ms {
                continue;
            }
            connection.armed_ms = u64::MAX;
            match &connection.phase {
                Phase::Live(live) if live.session.poll_timeout() > now_ms => self.arm(slot),
                Phase::Live(_) => self.with_live(slot, Live::timeout),
                Phase::Leaving(leaving) if leaving.deadline_ms > now_ms => self.arm(slot),
                Phase::Leaving(leaving) => {
                    let reason = leaving.reason;
                    self.remove(slot, reason);
                }
            }
        }
    }

    /// Looks at connections that may have something to read, or room to write.
    fn take_ready(&mut self) {
        for _ in 0..self.ready.len().min(READY_TURN_MAX) {
            if self.core.steps.is_over() {
                return;
            }
            let Some(slot) = self.ready.pop_front() else {
                return;
            };
            let Some(connection) = self.connections.get_mut(slot) else {
                continue;
            };
            connection.queued = false;
            match connection.phase {
                Phase::Live(_) => self.receive(slot),
                Phase::Leaving(_) => self.discard(slot),
            }
            self.write(slot);
        }
    }

    /// Writes to all connections that got something, and closes those that must be closed.
    fn flush(&mut self) {
        while let Some(conn) = self.core.hub.next_dirty() {
            let slot = conn.0 as usize;
            match self.core.hub.closing(conn) {
                Some(reason) => self.close(slot, reason.into()),
                None => self.write(slot),
            }
        }
        while let Some(unwatch) = self.core.hub.next_unwatch() {
            self.core.source.send(Request::Unwatch(unwatch));
        }
    }

    fn start_drain(&mut self, over: Duration, reason: CloseReason) {
        let total = self.connections.len();
        let over_ms = u64::try_from(over.as_millis()).unwrap_or(u64::MAX);
        let enough_ms = DRAIN_SPACING_MS.saturating_mul(total as u64);
        self.drain = Some(Drain {
            started_ms: self.core.now_ms,
            over_ms: over_ms.min(enough_ms),
            reason,
            total,
            told: 0,
            cursor: 0,
        });
    }

    /// Closes as many connections as the time since the drain began asks for.
    fn take_drain(&mut self) {
        let Some(mut drain) = self.drain.take() else {
            return;
        };
        let due = drain.due(self.core.now_ms);
        while drain.told < due && drain.cursor < self.connections.capacity() {
            let slot = drain.cursor;
            drain.cursor += 1;
            if self.connections.contains(slot) {
                drain.told += 1;
                self.close(slot, drain.reason.into());
            }
        }
        self.drain = Some(drain);
    }
}

impl Drain {
    /// How many connections must have been told by now.
    fn due(&self, now_ms: u64) -> usize {
        let elapsed_ms = now_ms - self.started_ms;
        if elapsed_ms >= self.over_ms {
            return usize::MAX;
        }
        let due = self.total as u128 * u128::from(elapsed_ms) / u128::from(self.over_ms);
        usize::try_from(due).unwrap_or(usize::MAX)
    }
}
