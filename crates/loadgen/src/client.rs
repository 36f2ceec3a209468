//! The generator's side of the connections.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rustix::io::ioctl_fionread;
use rustix::net::{RecvFlags, recv};
use socket2::{Domain, Socket, Type};

use crate::frames;

/// How much a socket takes while the generator does not read, in bytes.
const RECEIVE_BUFFER_BYTES: usize = 1024 * 1024;

/// How many connections share a source address: servers take only so many of one.
const PER_SOURCE: usize = 1_000;

/// What a client says that wants compressed messages.
const OFFER: &str = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";

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
    /// Connects, from an address of its own share. The kernel takes much for it.
    pub(crate) fn connect(address: SocketAddr, index: usize) -> Result<Self> {
        Self::connect_buffered(address, index, RECEIVE_BUFFER_BYTES)
    }

    /// Connects with so much that the kernel takes while nobody reads, in bytes.
    pub(crate) fn connect_buffered(
        address: SocketAddr,
        index: usize,
        receive_bytes: usize,
    ) -> Result<Self> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.set_recv_buffer_size(receive_bytes)?;
        if address.ip().is_loopback() {
            let share = u16::try_from(index / PER_SOURCE).context("too many connections")?;
            let [high, low] = share.to_be_bytes();
            let source = Ipv4Addr::new(127, 1, high, low);
            socket.bind(&SocketAddrV4::new(source, 0).into())?;
        }
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

    /// Its socket, and what was read of it and not yet taken.
    pub(crate) fn into_parts(self) -> (TcpStream, Vec<u8>) {
        (self.socket, self.buffer)
    }

    /// A connection out of its parts. From now on it waits when it is read.
    pub(crate) fn from_parts(socket: TcpStream, buffer: Vec<u8>) -> Result<Self> {
        socket.set_nonblocking(false)?;
        Ok(Self { socket, buffer })
    }

    /// Upgrades the connection, as a visitor without a token.
    pub(crate) fn upgrade(&mut self, token: Option<&str>, compression: bool) -> Result<()> {
        self.ask_upgrade(token, compression)?;
        self.await_upgrade(compression)
    }

    /// Asks for an upgrade.
    pub(crate) fn ask_upgrade(&mut self, token: Option<&str>, compression: bool) -> Result<()> {
        let query = token.map(|token| format!("?i={token}")).unwrap_or_default();
        let extension = if compression { OFFER } else { "" };
        write!(
            self.socket,
            "GET /streaming{query} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\
             Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{extension}\r\n"
        )?;
        Ok(())
    }

    /// Waits for the upgrade that was asked for.
    pub(crate) fn await_upgrade(&mut self, compression: bool) -> Result<()> {
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
        let agreed = String::from_utf8_lossy(&head).contains("permessage-deflate");
        ensure!(
            agreed == compression,
            "compression was not agreed on as asked"
        );
        Ok(())
    }

    /// Sends a message.
    pub(crate) fn send(&mut self, text: &str) -> Result<()> {
        let mut frame = Vec::new();
        push_frame(&mut frame, text)?;
        Ok(self.socket.write_all(&frame)?)
    }

    /// Joins a channel and waits until that is done.
    pub(crate) fn join(&mut self, channel: &str, id: &str) -> Result<()> {
        self.ask_join(channel, id)?;
        self.await_join(id)
    }

    /// Asks to join a channel.
    pub(crate) fn ask_join(&mut self, channel: &str, id: &str) -> Result<()> {
        self.send(&format!(
            r#"{{"type":"connect","body":{{"channel":"{channel}","id":"{id}","pong":true}}}}"#
        ))
    }

    /// Waits until the channel is joined that was asked for. What comes on other channels before
    /// that is dropped.
    pub(crate) fn await_join(&mut self, id: &str) -> Result<()> {
        let expected = format!(r#"{{"type":"connected","body":{{"id":"{id}"}}}}"#);
        loop {
            let message = self.message()?;
            if message == expected.as_bytes() {
                return Ok(());
            }
            ensure!(
                message.starts_with(br#"{"type":"channel""#),
                "not joined: {}",
                String::from_utf8_lossy(&message)
            );
        }
    }

    /// Captures a note. There is no answer; a join that follows has one.
    pub(crate) fn capture(&mut self, note: &str) -> Result<()> {
        self.send(&format!(r#"{{"type":"sr","body":{{"id":"{note}"}}}}"#))
    }

    /// How many bytes wait to be read.
    fn waiting(&self) -> Result<u64> {
        Ok(ioctl_fionread(&self.socket)?)
    }

    /// Reads one message of the server: its text, whether it came compressed or not.
    pub(crate) fn message(&mut self) -> Result<Vec<u8>> {
        loop {
            if let Some((frame, length)) = frames::first(&self.buffer)? {
                let text = frame.text()?;
                self.buffer.drain(..length);
                return Ok(text);
            }
            let mut scratch = [0; 16 * 1024];
            let count = self.socket.read(&mut scratch)?;
            ensure!(count > 0, "the server ended a connection");
            self.buffer.extend(&scratch[..count]);
        }
    }
}

/// Writes a message as a client frames it. Its mask of zeros leaves the text as it is.
pub(crate) fn push_frame(out: &mut Vec<u8>, text: &str) -> Result<()> {
    out.push(0x81);
    match u8::try_from(text.len()).ok().filter(|&length| length < 126) {
        Some(length) => out.push(0x80 | length),
        None => {
            let length = u16::try_from(text.len()).context("a message is at most 64 KiB")?;
            out.push(0x80 | 126);
            out.extend(length.to_be_bytes());
        }
    }
    out.extend([0; 4]);
    out.extend(text.as_bytes());
    Ok(())
}

/// How many bytes the next frame on a connection takes, head and all. It is awaited and left
/// where it is.
pub(crate) fn next_frame_bytes(client: &Client) -> Result<usize> {
    let mut head = [0; frames::HEAD_BYTES_MAX];
    let flags = RecvFlags::PEEK | RecvFlags::WAITALL;
    let (came, _) = recv(&client.socket, &mut head[..], flags)?;
    let length = frames::length(&head[..came])?;
    length.context("a frame ended in its head")
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

/// Reads the events of these numbers on every connection, each once and in order, and finds
/// that nothing else came.
pub(crate) fn check(
    clients: &mut [Client],
    first: u64,
    count: u64,
    number: fn(&[u8]) -> Option<u64>,
) -> Result<()> {
    for (index, client) in clients.iter_mut().enumerate() {
        for expected in first..first + count {
            let found = number(&client.message()?);
            ensure!(
                found == Some(expected),
                "connection {index} got event {found:?} and not {expected}"
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
