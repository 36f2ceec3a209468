//! Connections that never read.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};

use super::Bad;
use crate::client::Client;
use crate::{note, process};

/// What the kernel of a slow reader takes for it, in bytes.
const RECEIVE_BUFFER_BYTES: usize = 4_096;

/// How often it looks around.
const LOOK: Duration = Duration::from_millis(100);

/// How long the end of a connection may take to come.
const PATIENCE: Duration = Duration::from_secs(10);

/// Joins a channel and reads nothing until the stop; looks around now and then. How many of the
/// connections the server has given up by then.
pub(crate) fn slow(
    bad: &Bad<'_>,
    stop: &AtomicBool,
    mut look: impl FnMut() -> Result<()>,
) -> Result<usize> {
    let mut clients = Vec::with_capacity(bad.count);
    for index in 0..bad.count {
        let mut client =
            Client::connect_buffered(bad.address, bad.offset + index, RECEIVE_BUFFER_BYTES)?;
        client.upgrade((bad.token)(index).as_deref(), false)?;
        client.join(bad.channel, note::CHANNEL_ID)?;
        clients.push(client);
    }
    let mut due_ns = process::now_ns();
    while !stop.load(Ordering::Relaxed) {
        look()?;
        due_ns += u64::try_from(LOOK.as_nanos())?;
        process::wait_until(due_ns)?;
    }
    let mut given_up = 0;
    for client in clients {
        given_up += usize::from(is_over(client)?);
    }
    Ok(given_up)
}

/// Whether the server has ended a connection. What was sent before that comes first.
fn is_over(client: Client) -> Result<bool> {
    let (mut socket, _) = client.into_parts();
    socket.set_read_timeout(Some(PATIENCE))?;
    match io::copy(&mut socket, &mut io::sink()) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::ConnectionReset => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
        Err(error) => Err(error).context("cannot read what a slow reader left"),
    }
}
