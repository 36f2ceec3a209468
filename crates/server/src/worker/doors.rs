//! How a connection comes to a worker, and how it leaves.

use std::os::fd::{AsRawFd, OwnedFd};

use hub::ConnId;
use mio::unix::SourceFd;
use mio::{Interest, Token};
use protocol::close::CloseReason;
use session::Session;
use tracing::field;

use super::Worker;
use super::connection::{Connection, Ending, Live, Phase};
use super::inbox::Opening;
use super::operations::Waiting;
use crate::source::Place;
use crate::ws::Decoder;

impl Worker {
    /// Takes a connection over.
    pub(super) fn open(&mut self, opening: Opening) {
        let Opening {
            number,
            arrival,
            login,
        } = opening;
        let slot = self.connections.vacant_key();
        if let Err(error) = self.register(&arrival.socket, slot) {
            tracing::error!(%error, connection.id = number, "cannot watch a socket");
            return self.inbox.gone();
        }
        self.generation = self.generation.wrapping_add(1);
        let conn = u32::try_from(slot).expect("there are fewer connections than `u32` holds");
        let place = Place {
            worker: self.index,
            conn: ConnId(conn),
            generation: self.generation,
        };
        let (account, watch) = arrival.login.unzip();
        let user = account.as_ref().map(|account| account.user.clone());
        tracing::info!(
            connection.id = number,
            user.id = user.as_ref().map(field::display),
            "connection opened"
        );
        let account = account.map(|account| session::Login {
            user: account.user,
            grant: account.grant,
        });
        let live = Live {
            session: Session::new(account, &self.limits, self.core.now_ms),
            decoder: Decoder::new(&self.limits, arrival.compression.is_some()),
            user,
            unread: unread(&arrival.received),
            shown: None,
            waiting: Waiting::default(),
            token: arrival.token,
            bridge: None,
        };
        let (seat, refused) = match arrival.seat {
            Ok(seat) => (Some(seat), None),
            Err(reason) => (None, Some(reason)),
        };
        self.core.hub.open(place.conn, login);
        if let Some(compression) = arrival.compression {
            self.core.hub.compress(place.conn, compression.window_bits);
        }
        self.core.tally.opened += 1;
        self.connections.insert(Connection {
            socket: arrival.socket,
            place,
            number,
            phase: Phase::Live(live),
            readable: true,
            read_closed: false,
            full: false,
            queued: false,
            armed_ms: u64::MAX,
            opened_ms: self.core.now_ms,
            bytes_in: 0,
            bytes_out: 0,
            _seat: seat,
            _watch: watch,
        });
        match refused.or_else(|| self.drain.as_ref().map(|drain| drain.reason)) {
            Some(reason) => self.close(slot, reason.into()),
            None => {
                self.with_live(slot, Live::carry_out);
                self.make_ready(slot);
            }
        }
    }

    fn register(&self, socket: &OwnedFd, slot: usize) -> std::io::Result<()> {
        let interest = Interest::READABLE | Interest::WRITABLE;
        self.poll
            .registry()
            .register(&mut SourceFd(&socket.as_raw_fd()), Token(slot), interest)
    }

    /// Ends a stream: what waits is written, then the close frame.
    pub(super) fn close(&mut self, slot: usize, ending: Ending) {
        let deadline_ms = self.core.now_ms + self.limits.close_timeout_ms;
        let Some(connection) = self.connections.get_mut(slot) else {
            return;
        };
        if !matches!(connection.phase, Phase::Live(_)) {
            return;
        }
        match ending.leave(connection.place.conn, &mut self.core.hub, deadline_ms) {
            Some(leaving) => {
                connection.phase = Phase::Leaving(Box::new(leaving));
                self.arm(slot);
                self.make_ready(slot);
            }
            None => self.remove(slot, ending.reason),
        }
    }

    /// Forgets a connection whose socket failed.
    pub(super) fn lose(&mut self, slot: usize) {
        let connection = &self.connections[slot];
        match &connection.phase {
            Phase::Live(_) => self.close(slot, CloseReason::Lost.into()),
            Phase::Leaving(leaving) => {
                let reason = leaving.reason;
                self.remove(slot, reason);
            }
        }
    }

    /// Forgets a connection that the hub knows no more.
    pub(super) fn remove(&mut self, slot: usize, reason: CloseReason) {
        let connection = self.connections.remove(slot);
        self.core.tally.closed(reason);
        self.inbox.gone();
        tracing::info!(
            connection.id = connection.number,
            reason = reason.spec().label,
            duration_ms = self.core.now_ms - connection.opened_ms,
            bytes_in = connection.bytes_in,
            bytes_out = connection.bytes_out,
            "connection closed"
        );
    }
}

/// What came right behind the request, apart from the buffer it was read into: that would stay
/// with an idle connection.
fn unread(received: &[u8]) -> Vec<u8> {
    received.to_vec()
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;

    use super::*;

    #[test]
    fn the_buffer_of_a_request_does_not_stay() {
        let mut buffer = BytesMut::with_capacity(8_192);
        buffer.extend_from_slice(b"request");
        drop(buffer.split());
        assert_eq!(unread(&buffer.freeze()).capacity(), 0);
        assert_eq!(unread(b"frame").capacity(), 5);
    }
}
