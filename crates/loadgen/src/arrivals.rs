//! Users who come in, many at a time, each as a client does: a connection, an upgrade with a
//! token, and then its channels.

use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use crate::client::{self, Client};
use crate::{frames, process};

/// What each client of a user joins, the first one first.
const CHANNELS: [&str; 2] = ["main", "homeTimeline"];

/// How long nothing may happen.
const PATIENCE: Duration = Duration::from_secs(60);

/// A user who came in.
#[derive(Debug)]
pub(crate) struct Arrived {
    pub(crate) client: Client,
    /// When they should have begun, on the clock of [`process::now_ns`].
    pub(crate) due_ns: u64,
    /// When their first channel was joined.
    pub(crate) joined_ns: u64,
}

/// Somebody who is coming in.
struct Arrival {
    socket: TcpStream,
    /// What was read and is not yet taken.
    rest: Vec<u8>,
    upgraded: bool,
    /// How many of [`CHANNELS`] are joined.
    joined: usize,
    due_ns: u64,
    joined_ns: u64,
}

/// Lets users of these tokens come in, so far apart, whether those before them are in or not. They
/// come back in the same order, when all of them have joined `main` and `homeTimeline`.
pub(crate) fn arrive(
    address: SocketAddr,
    tokens: &[String],
    gap: Duration,
) -> Result<Vec<Arrived>> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(1_024);
    let mut arrivals: Vec<Arrival> = Vec::with_capacity(tokens.len());
    let gap_ns = u64::try_from(gap.as_nanos())?;
    let mut due_ns = process::now_ns();
    let mut missing = tokens.len();
    while missing > 0 {
        while arrivals.len() < tokens.len() && due_ns <= process::now_ns() {
            let at = arrivals.len();
            let mut arrival = Arrival::begin(address, at, &tokens[at], due_ns)?;
            let registry = poll.registry();
            registry.register(&mut arrival.socket, Token(at), Interest::READABLE)?;
            arrivals.push(arrival);
            due_ns += gap_ns;
        }
        let coming = arrivals.len() < tokens.len();
        let wait = if coming {
            Duration::from_nanos(due_ns.saturating_sub(process::now_ns()))
        } else {
            PATIENCE
        };
        match poll.poll(&mut events, Some(wait)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            polled => polled?,
        }
        ensure!(
            coming || !events.is_empty(),
            "{missing} users never came in"
        );
        for event in &events {
            let Token(at) = event.token();
            let arrival = &mut arrivals[at];
            let progress = arrival.read();
            if progress.with_context(|| format!("user {at} did not come in"))? {
                poll.registry().deregister(&mut arrival.socket)?;
                missing -= 1;
            }
        }
    }
    arrivals.into_iter().map(Arrival::end).collect()
}

impl Arrival {
    fn begin(address: SocketAddr, at: usize, token: &str, due_ns: u64) -> Result<Self> {
        let mut client = Client::connect(address, at)?;
        client.ask_upgrade(Some(token), false)?;
        let (socket, rest) = client.into_parts();
        socket.set_nonblocking(true)?;
        Ok(Self {
            socket: TcpStream::from_std(socket),
            rest,
            upgraded: false,
            joined: 0,
            due_ns,
            joined_ns: 0,
        })
    }

    /// Reads all there is, and whether everything is joined.
    fn read(&mut self) -> Result<bool> {
        let mut scratch = [0; 4_096];
        loop {
            match self.socket.read(&mut scratch) {
                Ok(0) => anyhow::bail!("the server ended the connection"),
                Ok(count) => self.rest.extend_from_slice(&scratch[..count]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        if !self.upgraded && !self.upgrade()? {
            return Ok(false);
        }
        while let Some((frame, length)) = frames::first(&self.rest)? {
            let id = CHANNELS.get(self.joined).context("a message too many")?;
            let expected = format!(r#"{{"type":"connected","body":{{"id":"{id}"}}}}"#);
            ensure!(
                frame.payload == expected.as_bytes(),
                "not joined: {}",
                String::from_utf8_lossy(frame.payload)
            );
            if self.joined == 0 {
                self.joined_ns = process::now_ns();
            }
            self.joined += 1;
            self.rest.drain(..length);
        }
        Ok(self.joined == CHANNELS.len())
    }

    /// Takes the answer to the upgrade, if it is there, and asks for the channels.
    fn upgrade(&mut self) -> Result<bool> {
        let Some(end) = self.rest.windows(4).position(|part| part == b"\r\n\r\n") else {
            return Ok(false);
        };
        let head: Vec<u8> = self.rest.drain(..end + 4).collect();
        ensure!(
            head.starts_with(b"HTTP/1.1 101 "),
            "no stream: {}",
            String::from_utf8_lossy(&head)
        );
        let mut asks = Vec::new();
        for channel in CHANNELS {
            client::push_frame(
                &mut asks,
                &format!(
                    r#"{{"type":"connect","body":{{"channel":"{channel}","id":"{channel}","pong":true}}}}"#
                ),
            )?;
        }
        self.socket.write_all(&asks)?;
        self.upgraded = true;
        Ok(true)
    }

    fn end(self) -> Result<Arrived> {
        Ok(Arrived {
            client: Client::from_parts(self.socket.into(), self.rest)?,
            due_ns: self.due_ns,
            joined_ns: self.joined_ns,
        })
    }
}
