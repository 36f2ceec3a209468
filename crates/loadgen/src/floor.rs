//! The floor: a bare server that writes the same bytes, one `write` for each delivery.
//!
//! Its clients say the same as those of the engine, and hear the same: what was said on a
//! connection decides how the kernel acknowledges what comes later, and so what a `write` costs.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

use anyhow::{Context, Result, bail};

use crate::command::Command;
use crate::{note, process};

/// Serves until standard input ends. `accept COUNT` takes connections; a [`Command`] to publish
/// writes notes to each of them, one after the other, whoever their author is.
pub(crate) fn run() -> Result<()> {
    process::pin(0)?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?);
    let mut sockets: Vec<TcpStream> = Vec::new();
    for line in io::stdin().lock().lines() {
        let line = line?;
        let mut started_ns = process::now_ns();
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["accept", count] => {
                for _ in 0..count.parse()? {
                    let (socket, _) = listener.accept()?;
                    socket.set_nodelay(true)?;
                    greet(&socket)?;
                    sockets.push(socket);
                }
            }
            ["accept", ..] => bail!("`{line}` names no count"),
            _ => {
                let Command::Publish {
                    first,
                    count,
                    bytes,
                    ..
                } = Command::parse(&line)?
                else {
                    bail!("the floor publishes nothing but notes");
                };
                let frames = (first..first + count).map(|number| frame(number, bytes));
                let frames = frames.collect::<Result<Vec<_>>>()?;
                started_ns = process::now_ns();
                for frame in frames {
                    for socket in &mut sockets {
                        socket.write_all(&frame)?;
                    }
                }
            }
        }
        println!("ok {started_ns}");
    }
    Ok(())
}

/// Answers a client that upgrades and joins a channel, whatever it says.
fn greet(socket: &TcpStream) -> Result<()> {
    let (mut input, mut output) = (BufReader::new(socket), socket);
    let mut line = String::new();
    while input.read_line(&mut line)? > "\r\n".len() {
        line.clear();
    }
    output.write_all(
        b"HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
          sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
    )?;
    let came = input.fill_buf()?.len();
    input.consume(came);
    let id = note::CHANNEL_ID;
    let text = format!(r#"{{"type":"connected","body":{{"id":"{id}"}}}}"#);
    let length = u8::try_from(text.len()).context("the answer is short")?;
    output.write_all(&[&[0x81, length], text.as_bytes()].concat())?;
    Ok(())
}

/// A whole frame of this payload size with the note in it.
fn frame(number: u64, bytes: usize) -> Result<Vec<u8>> {
    let id = protocol::command::ClientId::parse(note::CHANNEL_ID).context("no id")?;
    let mut payload = protocol::frame::channel_head(&id).into_vec();
    let note = note::note(number, "author", bytes);
    payload.extend(protocol::frame::channel_rest("note", Some(note.as_bytes())));
    let length = u16::try_from(payload.len()).context("a note is at most 64 KiB")?;
    let mut frame = vec![0x81, 126];
    frame.extend(length.to_be_bytes());
    frame.extend(payload);
    Ok(frame)
}
