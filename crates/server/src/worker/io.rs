//! Bytes in and out of a worker's connections.

use std::mem;

use bytes::Bytes;
use hub::{ConnId, Wire};
use protocol::close::CloseReason;
use rustix::io::Errno;
use slab::Slab;

use super::connection::{Connection, Ending, Leaving, Phase};
use super::socket::{self, Read, Wrote};
use super::staging::Staging;
use super::steps::Steps;
use super::{Core, Worker};

/// How many reads one connection gets in a turn.
const READS_MAX: usize = 4;

/// The sockets, as the hub writes to them.
pub(super) struct Sockets<'a> {
    pub(super) connections: &'a mut Slab<Connection>,
    pub(super) staging: Staging<'a>,
    pub(super) bytes_out: &'a mut u64,
}

impl Wire for Sockets<'_> {
    fn write(&mut self, conn: ConnId, own: [&[u8]; 2], shared: &Bytes) -> usize {
        let connection = self.connections.get_mut(conn.0 as usize);
        let Some(connection) = connection.filter(|connection| !connection.full) else {
            return 0;
        };
        let wrote = match self.staging.frame(own, shared) {
            Some(frame) => socket::write(&connection.socket, frame),
            None => socket::write_parts(&connection.socket, [own[0], own[1], shared]),
        };
        let sent = match wrote {
            Ok(Some(sent)) => sent,
            Ok(None) => {
                connection.full = true;
                0
            }
            // The frame waits in the mailbox, and fails again when that is written.
            Err(_) => 0,
        };
        connection.bytes_out += sent as u64;
        *self.bytes_out += sent as u64;
        sent
    }
}

impl Worker {
    /// Reads what a client sent, a bounded part of it.
    pub(super) fn receive(&mut self, slot: usize) {
        let connection = &mut self.connections[slot];
        let before = connection.bytes_in;
        let mut steps = self.core.steps.share();
        let received = connection.receive(&mut self.scratch, &mut steps, &mut self.core);
        self.core.steps.put_back(steps);
        self.core.tally.bytes_in += connection.bytes_in - before;
        match received {
            Err(ending) => self.close(slot, ending),
            Ok(()) => {
                let again = connection.wants_to_read();
                self.arm(slot);
                if again {
                    self.make_ready(slot);
                }
            }
        }
    }

    /// Throws away what a client sends after the end, until it ends as well.
    pub(super) fn discard(&mut self, slot: usize) {
        let connection = &mut self.connections[slot];
        let Phase::Leaving(leaving) = &mut connection.phase else {
            return;
        };
        for _ in 0..READS_MAX {
            if !connection.readable {
                return;
            }
            if !self.core.steps.take() {
                break;
            }
            match socket::read(&connection.socket, &mut self.scratch) {
                Ok(Read::Bytes(_)) => {}
                Ok(Read::Nothing) => connection.readable = false,
                Ok(Read::End) => {
                    connection.readable = false;
                    leaving.client_ended = true;
                }
                Err(_) => return self.lose(slot),
            }
        }
        self.make_ready(slot);
    }

    /// Writes what waits for a connection, as much as its socket takes.
    pub(super) fn write(&mut self, slot: usize) {
        let Some(connection) = self.connections.get_mut(slot) else {
            return;
        };
        if connection.full {
            return;
        }
        let before = connection.bytes_out;
        let wrote = match &mut connection.phase {
            Phase::Live(_) => match self.core.hub.mailbox(connection.place.conn) {
                Some(mailbox) => {
                    socket::write_mailbox(&connection.socket, mailbox, &mut connection.bytes_out)
                }
                None => Ok(Wrote::All),
            },
            Phase::Leaving(leaving) => leaving.write(&connection.socket, &mut connection.bytes_out),
        };
        self.core.tally.bytes_out += connection.bytes_out - before;
        match wrote {
            Ok(Wrote::Full) => connection.full = true,
            Ok(Wrote::Enough) => self.make_ready(slot),
            Ok(Wrote::All) => {
                if connection.is_over() {
                    self.lose(slot);
                }
            }
            Err(error) => {
                tracing::debug!(%error, connection.id = connection.number, "cannot write");
                self.lose(slot);
            }
        }
    }
}

impl Connection {
    fn receive(
        &mut self,
        scratch: &mut [u8],
        steps: &mut Steps,
        core: &mut Core,
    ) -> Result<(), Ending> {
        let Phase::Live(live) = &mut self.phase else {
            return Ok(());
        };
        if !live.unread.is_empty() {
            let mut unread = mem::take(&mut live.unread);
            let used = live.feed(self.place, &mut unread, steps, core)?;
            live.unread = unread.split_off(used);
        }
        for _ in 0..READS_MAX {
            let wanted = live.unread.is_empty() && live.session.wants_input();
            if !self.readable || !wanted || !steps.take() {
                return Ok(());
            }
            let bytes = match socket::read(&self.socket, scratch) {
                Ok(Read::Bytes(bytes)) => bytes,
                Ok(Read::Nothing) => {
                    self.readable = false;
                    return Ok(());
                }
                Ok(Read::End) | Err(_) => return Err(CloseReason::Lost.into()),
            };
            // The system tells of a socket only once: when more comes after a short read, or
            // when the end has come already.
            self.readable = bytes == scratch.len() || self.read_closed;
            self.bytes_in += bytes as u64;
            live.session.handle_life(core.now_ms);
            let used = live.feed(self.place, &mut scratch[..bytes], steps, core)?;
            live.unread = scratch[used..bytes].to_vec();
        }
        Ok(())
    }

    /// Whether a next turn should go on to read.
    fn wants_to_read(&self) -> bool {
        match &self.phase {
            Phase::Live(live) => {
                live.session.wants_input() && (self.readable || !live.unread.is_empty())
            }
            Phase::Leaving(_) => self.readable,
        }
    }

    /// Whether both sides have said all they had to say.
    fn is_over(&self) -> bool {
        match &self.phase {
            Phase::Live(_) => false,
            Phase::Leaving(leaving) => leaving.shut && leaving.client_ended,
        }
    }
}

impl Leaving {
    /// Writes what was delivered before the end, then the close frame, then the end.
    fn write(&mut self, socket: &std::os::fd::OwnedFd, bytes: &mut u64) -> Result<Wrote, Errno> {
        match socket::write_mailbox(socket, &mut self.mailbox, bytes)? {
            Wrote::All => {}
            other @ (Wrote::Full | Wrote::Enough) => return Ok(other),
        }
        while self.written < self.frame.len() {
            let Some(written) = socket::write(socket, &self.frame[self.written..])? else {
                return Ok(Wrote::Full);
            };
            self.written += written;
            *bytes += written as u64;
        }
        if !self.shut {
            self.shut = true;
            socket::end(socket)?;
        }
        Ok(Wrote::All)
    }
}
