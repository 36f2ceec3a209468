//! Many connections that are read as soon as something comes.

use std::io::{ErrorKind, Read, Write};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use crate::client::Client;
use crate::frames::{self, Frame, opcode};
use crate::{note, process};

/// How many sockets one turn looks at.
const EVENTS_MAX: usize = 1_024;

/// How much one read may bring, in bytes.
const SCRATCH_BYTES: usize = 64 * 1024;

/// How long it may take until something comes that must come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// An answer to a ping without a payload; the mask is zeros.
const PONG: &[u8] = &[0x8A, 0x80, 0, 0, 0, 0];

/// Connections in the order in which they came.
#[derive(Debug)]
pub(crate) struct Crowd {
    poll: Poll,
    events: Events,
    members: Vec<Option<Member>>,
    scratch: Box<[u8]>,
}

#[derive(Debug)]
struct Member {
    socket: TcpStream,
    /// What was read and is not yet a whole frame.
    rest: Vec<u8>,
}

/// What came on a connection.
#[derive(Debug)]
pub(crate) enum Came<'a> {
    Message(Frame<'a>),
    /// The connection is over, and why.
    End(String),
}

impl Crowd {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            poll: Poll::new()?,
            events: Events::with_capacity(EVENTS_MAX),
            members: Vec::new(),
            scratch: vec![0; SCRATCH_BYTES].into(),
        })
    }

    /// Takes in these connections.
    pub(crate) fn of(clients: Vec<Client>) -> Result<Self> {
        let mut crowd = Self::new()?;
        for client in clients {
            crowd.add(client)?;
        }
        Ok(crowd)
    }

    /// Takes in a connection; its number is how many came before.
    pub(crate) fn add(&mut self, client: Client) -> Result<()> {
        let index = self.members.len();
        let (socket, rest) = client.into_parts();
        socket.set_nonblocking(true)?;
        let mut socket = TcpStream::from_std(socket);
        let registry = self.poll.registry();
        registry.register(&mut socket, Token(index), Interest::READABLE)?;
        self.members.push(Some(Member { socket, rest }));
        Ok(())
    }

    /// How many connections there are, with those that are over.
    pub(crate) fn len(&self) -> usize {
        self.members.len()
    }

    /// Sends what may be sent at once; a connection that takes no more, or is over, gets nothing.
    pub(crate) fn send(&mut self, index: usize, frame: &[u8]) -> Result<()> {
        let Some(member) = &mut self.members[index] else {
            return Ok(());
        };
        match member.socket.write(frame) {
            Ok(written) => ensure!(written == frame.len(), "a frame was sent by half"),
            // Its end is read soon.
            Err(error) if lost(error.kind()) => {}
            Err(error) => return Err(error).context("cannot send to the server"),
        }
        Ok(())
    }

    /// Waits a while for something to come and hands it over: on which connection, what, and
    /// when it was read on the clock of [`process::now_ns`].
    pub(crate) fn turn(
        &mut self,
        wait: Duration,
        deal: &mut impl FnMut(usize, Came<'_>, u64) -> Result<()>,
    ) -> Result<()> {
        match self.poll.poll(&mut self.events, Some(wait)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(()),
            polled => polled?,
        }
        for event in &self.events {
            let Token(index) = event.token();
            let Some(member) = &mut self.members[index] else {
                continue;
            };
            if let Some(end) = member.read(&mut self.scratch, &mut |frame, now_ns| {
                deal(index, Came::Message(frame), now_ns)
            })? {
                self.members[index] = None;
                deal(index, Came::End(end), process::now_ns())?;
            }
        }
        Ok(())
    }

    /// Waits until each connection has got this note, and nothing else, and gives when that was.
    pub(crate) fn await_note(&mut self, number: u64) -> Result<Vec<u64>> {
        let mut came_ns = vec![0; self.len()];
        let mut missing = came_ns.len();
        while missing > 0 {
            let before = missing;
            self.turn(PATIENCE, &mut |index, came, now_ns| {
                let frame = match came {
                    Came::Message(frame) => frame,
                    Came::End(why) => bail!("connection {index} is over: {why}"),
                };
                let found = note::number(frame.payload);
                ensure!(
                    found == Some(number) && came_ns[index] == 0,
                    "connection {index} got note {found:?} and not {number}"
                );
                came_ns[index] = now_ns;
                missing -= 1;
                Ok(())
            })?;
            ensure!(missing < before, "{missing} connections got nothing");
        }
        Ok(came_ns)
    }
}

impl Member {
    /// Reads all there is. `Some`: the connection is over.
    fn read(
        &mut self,
        scratch: &mut [u8],
        deal: &mut impl FnMut(Frame<'_>, u64) -> Result<()>,
    ) -> Result<Option<String>> {
        loop {
            let count = match self.socket.read(scratch) {
                Ok(0) => return Ok(Some("the server ended it".to_owned())),
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Ok(Some(error.to_string())),
            };
            let now_ns = process::now_ns();
            let came = &scratch[..count];
            if self.rest.is_empty() {
                let (taken, end) = take_frames(&mut self.socket, came, now_ns, deal)?;
                self.rest.extend_from_slice(&came[taken..]);
                if end.is_some() {
                    return Ok(end);
                }
            } else {
                self.rest.extend_from_slice(came);
                let (taken, end) = take_frames(&mut self.socket, &self.rest, now_ns, deal)?;
                self.rest.drain(..taken);
                if end.is_some() {
                    return Ok(end);
                }
            }
            // A short read has emptied the socket: what comes later is told of anew.
            if count < scratch.len() {
                return Ok(None);
            }
        }
    }
}

/// Hands over the whole frames of a buffer; how many bytes they took, and whether the
/// connection is over.
fn take_frames(
    socket: &mut TcpStream,
    buffer: &[u8],
    now_ns: u64,
    deal: &mut impl FnMut(Frame<'_>, u64) -> Result<()>,
) -> Result<(usize, Option<String>)> {
    let mut taken = 0;
    while let Some((frame, length)) = frames::first(&buffer[taken..])? {
        taken += length;
        match frame.opcode {
            opcode::TEXT => deal(frame, now_ns)?,
            opcode::CLOSE => return Ok((taken, Some(frame.close_reason()))),
            opcode::PING => {
                ensure!(frame.payload.is_empty(), "pings of servers are empty");
                // It is small, and to a server that does not read it would be lost anyway.
                drop(socket.write(PONG));
            }
            other => bail!("a frame has opcode {other}"),
        }
    }
    Ok((taken, None))
}

fn lost(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::WouldBlock | ErrorKind::BrokenPipe | ErrorKind::ConnectionReset
    )
}
