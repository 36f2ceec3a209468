//! A server and the connections that get what it publishes.

use std::time::Duration;

use anyhow::Result;

use super::{FRAME_BYTES, median};
use crate::child::Server;
use crate::client::{self, Client};
use crate::command::Command;
use crate::note;

/// A server with connections that all get the notes of `author`.
#[derive(Debug)]
pub(crate) struct Audience {
    pub(crate) server: Server,
    pub(crate) clients: Vec<Client>,
    /// The number of the next note.
    pub(crate) next: u64,
    /// The payload of a frame, before it is compressed.
    pub(crate) bytes: usize,
    compression: bool,
}

impl Audience {
    /// The engine with so many connections that have joined a channel: of visitors, or each of a
    /// user of its own whose token ends in this.
    pub(crate) fn engine(connections: usize, channel: &str, token: Option<&str>) -> Result<Self> {
        Self::of_engine(Server::engine(false)?, connections, channel, token, false)
    }

    /// The same on a server that compresses for those who ask, and perhaps they do.
    pub(crate) fn compressing(connections: usize, ask: bool) -> Result<Self> {
        let server = Server::engine(true)?;
        Self::of_engine(server, connections, "localTimeline", None, ask)
    }

    fn of_engine(
        server: Server,
        connections: usize,
        channel: &str,
        token: Option<&str>,
        compression: bool,
    ) -> Result<Self> {
        let mut clients = Vec::with_capacity(connections);
        for index in 0..connections {
            let mut client = Client::connect(server.target.address, index)?;
            let token = token.map(|token| format!("u{index}:{token}"));
            client.upgrade(token.as_deref(), compression)?;
            client.join(channel, note::CHANNEL_ID)?;
            clients.push(client);
        }
        Ok(Self {
            server,
            clients,
            next: 0,
            bytes: FRAME_BYTES,
            compression,
        })
    }

    /// The floor with so many connections.
    pub(crate) fn floor(connections: usize) -> Result<Self> {
        let mut server = Server::floor()?;
        server.tell(format!("accept {connections}"))?;
        let mut clients = Vec::with_capacity(connections);
        for index in 0..connections {
            let mut client = Client::connect(server.target.address, index)?;
            client.upgrade(None, false)?;
            client.join("localTimeline", note::CHANNEL_ID)?;
            clients.push(client);
        }
        server.heard()?;
        Ok(Self {
            server,
            clients,
            next: 0,
            bytes: FRAME_BYTES,
            compression: false,
        })
    }

    /// Tells the server to publish so many notes, and gives the number of the first.
    pub(crate) fn publish(&mut self, notes: u64) -> Result<u64> {
        let first = self.next;
        self.next += notes;
        self.server.tell(Command::Publish {
            first,
            count: notes,
            bytes: self.bytes,
            author: "author".to_owned(),
            gap: Duration::ZERO,
        })?;
        Ok(first)
    }

    /// The CPU of one broadcast of so many notes, in ns for each delivery, and the bytes of one
    /// of them on a connection. All deliveries are checked.
    pub(crate) fn broadcast(&mut self, notes: u64) -> Result<(f64, usize)> {
        let before = self.server.target.cpu_ns()?;
        let first = self.publish(notes)?;
        let last = self.clients.last().expect("an audience has connections");
        let bytes = if self.compression {
            client::next_frame_bytes(last)?
        } else {
            note::frame_bytes(self.bytes)
        };
        client::await_bytes(&self.clients, bytes * usize::try_from(notes)?)?;
        self.server.heard()?;
        let spent = self.server.target.cpu_ns()? - before;
        client::check(&mut self.clients, first, notes, note::number)?;
        let deliveries = notes * self.clients.len() as u64;
        Ok((spent as f64 / deliveries as f64, bytes))
    }

    /// The median cost over several broadcasts, after one to warm up.
    pub(crate) fn median(&mut self, rounds: usize, notes: u64) -> Result<f64> {
        self.broadcast(notes)?;
        let spent = (0..rounds).map(|_| Ok(self.broadcast(notes)?.0));
        Ok(median(spent.collect::<Result<_>>()?))
    }
}
