//! The floor: a bare server that writes the same bytes, one `write` for each delivery.

use std::io::{self, BufRead, Write};
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
