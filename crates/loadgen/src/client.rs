//! The generator's side of the connections.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use rustix::io::ioctl_fionread;
use rustix::net::{RecvFlags, recv};
use socket2::{Domain, Socket, Type};

use crate::note;

/// How much a socket takes while the generator does not read, in bytes.
const RECEIVE_BUFFER_BYTES: usize = 1024 * 1024;

/// How many connections share a source address: one has some 28,000 ports.
const PER_SOURCE: usize = 4_000;

/// How long the generator waits for what must come.
const PATIENCE: Duration = Duration::from_secs(60);

/// One connection.
#[derive(Debug)]
pub(crate) struct Client {
    socket: TcpStream,
    /// What was read and is not yet a whole frame.
    buffer: Vec<u8>,
}

impl Client {
    /// Connects, from an address of its own share.
    pub(crate) fn connect(address: SocketAddr, index: usize) -> Result<Self> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.set_recv_buffer_size(RECEIVE_BUFFER_BYTES)?;
        let share = u8::try_from(index / PER_SOURCE).context("too many connections")?;
        let source = Ipv4Addr::new(127, 0, 1, share + 1);
        socket.bind(&SocketAddrV4::new(source, 0).into())?;
        socket
            .connect(&address.into())
            .with_context(|| format!("cannot open connection {index}"))?;
        socket.set_tcp_nodelay(true)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        Ok(Self {
            socket: socket.into(),
            buffer: Vec::new(),
        })
    }

    /// Upgrades the connection, as a visitor without a token.
    pub(crate) fn upgrade(&mut self, token: Option<&str>) -> Result<()> {
        let query = token.map(|token| format!("?i={token}")).unwrap_or_default();
        write!(
            self.socket,
            "GET /streaming{query} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\
             Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            self.socket.read_exact(&mut byte)?;
            head.push(byte[0]);
        }
        ensure!(
            head.starts_with(b"HTTP/1.1 101 "),
            "no stream: {}",
            String::from_utf8_lossy(&head)
        );
        Ok(())
    }

    /// Sends a message.
    pub(crate) fn send(&mut self, text: &str) -> Result<()> {
        // A mask of zeros leaves the text as it is.
        let mut frame = vec![0x81];
        match u8::try_from(text.len()).ok().filter(|&length| length < 126) {
            Some(length) => frame.push(0x80 | length),
            None => {
                frame.push(0x80 | 126);
                frame.extend(u16::try_from(text.len())?.to_be_bytes());
            }
        }
        frame.extend([0; 4]);
        frame.extend(text.as_bytes());
        Ok(self.socket.write_all(&frame)?)
    }

    /// Joins a channel and waits until that is done.
    pub(crate) fn join(&mut self, channel: &str, id: &str) -> Result<()> {
        self.send(&format!(
            r#"{{"type":"connect","body":{{"channel":"{channel}","id":"{id}","pong":true}}}}"#
        ))?;
        let answer = self.frame()?;
        let expected = format!(r#"{{"type":"connected","body":{{"id":"{id}"}}}}"#);
        ensure!(
            answer == expected.as_bytes(),
            "not joined: {}",
            String::from_utf8_lossy(&answer)
        );
        Ok(())
    }

    /// How many bytes wait to be read.
    fn waiting(&self) -> Result<u64> {
        Ok(ioctl_fionread(&self.socket)?)
    }

    /// Reads one frame of the server: the payload.
    fn frame(&mut self) -> Result<Vec<u8>> {
        loop {
            if let Some(payload) = self.whole_frame()? {
                return Ok(payload);
            }
            let mut scratch = [0; 16 * 1024];
            let count = self.socket.read(&mut scratch)?;
            ensure!(count > 0, "the server ended a connection");
            self.buffer.extend(&scratch[..count]);
        }
    }

    /// Takes a frame out of the buffer, if a whole one is there.
    fn whole_frame(&mut self) -> Result<Option<Vec<u8>>> {
        let (head, length) = match self.buffer[..] {
            [] | [_] | [_, 126] | [_, 126, _] => return Ok(None),
            [0x81, 126, high, low, ..] => (4, usize::from(u16::from_be_bytes([high, low]))),
            [0x81, length @ 0..=125, ..] => (2, usize::from(length)),
            [first, second, ..] => bail!("unexpected frame {first:02x} {second:02x}"),
        };
        if self.buffer.len() < head + length {
            return Ok(None);
        }
        let mut frame: Vec<u8> = self.buffer.drain(..head + length).collect();
        Ok(Some(frame.split_off(head)))
    }
}

/// Waits until so many bytes wait on each connection, without taking them. The last one comes
/// first: a server that goes through its connections in order is done by then, undisturbed.
pub(crate) fn await_bytes(clients: &[Client], bytes: usize) -> Result<()> {
    let mut scratch = vec![0; bytes];
    for client in clients.iter().rev() {
        let flags = RecvFlags::PEEK | RecvFlags::WAITALL;
        let (came, _) = recv(&client.socket, &mut scratch[..], flags)?;
        ensure!(came == bytes, "{came} of {bytes} bytes came");
    }
    Ok(())
}

/// Reads the notes of these numbers on every connection, each once and in order, and finds
/// that nothing else came.
pub(crate) fn check(clients: &mut [Client], first: u64, count: u64) -> Result<()> {
    for (index, client) in clients.iter_mut().enumerate() {
        for expected in first..first + count {
            let payload = client.frame()?;
            let found = note::number(&payload);
            ensure!(
                found == Some(expected),
                "connection {index} got note {found:?} and not {expected}"
            );
        }
    }
    quiet(clients)
}

/// Finds that nothing waits on any connection.
pub(crate) fn quiet(clients: &[Client]) -> Result<()> {
    for (index, client) in clients.iter().enumerate() {
        let bytes = client.waiting()? + client.buffer.len() as u64;
        ensure!(bytes == 0, "connection {index} got {bytes} bytes too many");
    }
    Ok(())
}
