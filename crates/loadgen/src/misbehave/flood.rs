//! Connections that send all they can.

use std::io::{ErrorKind, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;

use super::Bad;
use crate::client::{Client, push_frame};
use crate::{note, process};

/// The rounds of commands in one write.
const ROUNDS: usize = 50;

/// The commands of a round.
const COMMANDS: usize = 5;

/// Sends commands on each connection in turn as quickly as they are taken, until the stop. How
/// many it were in a second.
pub(crate) fn flood(bad: &Bad<'_>, stop: &AtomicBool) -> Result<f64> {
    let mut clients = Vec::with_capacity(bad.count);
    for index in 0..bad.count {
        let mut client = Client::connect(bad.address, bad.offset + index)?;
        client.upgrade((bad.token)(index).as_deref(), false)?;
        let (socket, _) = client.into_parts();
        socket.set_nonblocking(true)?;
        clients.push((socket, Vec::new()));
    }
    let commands = commands()?;
    let started_ns = process::now_ns();
    let mut sent = 0;
    while !stop.load(Ordering::Relaxed) {
        let mut full = true;
        for (socket, rest) in &mut clients {
            if rest.is_empty() {
                rest.extend_from_slice(&commands);
            }
            let written = match socket.write(rest) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
                written => written?,
            };
            rest.drain(..written);
            full &= written == 0;
            sent += written;
        }
        if full {
            std::thread::yield_now();
        }
    }
    let seconds = (process::now_ns() - started_ns) as f64 / 1e9;
    Ok((sent * ROUNDS * COMMANDS / commands.len()) as f64 / seconds)
}

/// Captures, joins, leaves and nonsense, framed.
fn commands() -> Result<Vec<u8>> {
    let mut frames = Vec::new();
    for round in 0..ROUNDS {
        let note = note::note_id(round as u64);
        let channel = round % 8;
        let commands: [String; COMMANDS] = [
            format!(r#"{{"type":"sr","body":{{"id":"{note}"}}}}"#),
            format!(
                r#"{{"type":"connect","body":{{"channel":"hashtag","id":"f{channel}","params":{{"q":[["nobody"]]}}}}}}"#
            ),
            format!(r#"{{"type":"un","body":{{"id":"{note}"}}}}"#),
            format!(r#"{{"type":"disconnect","body":{{"id":"f{channel}"}}}}"#),
            r#"{"type":"nonsense","body":[[[]]]}"#.to_owned(),
        ];
        for command in commands {
            push_frame(&mut frames, &command)?;
        }
    }
    Ok(frames)
}
