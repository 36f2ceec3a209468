//! Clients who come back all at once.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;

use super::Bad;
use crate::client::Client;
use crate::note;

/// Opens all connections at once, joins a channel on each, cuts them off, and again until the
/// stop. How many came in.
pub(crate) fn storm(bad: &Bad<'_>, stop: &AtomicBool) -> Result<usize> {
    let mut came = 0;
    while !stop.load(Ordering::Relaxed) {
        let connect = |index| Client::connect(bad.address, bad.offset + index);
        let mut clients = (0..bad.count).map(connect).collect::<Result<Vec<_>>>()?;
        // Each step for all of them before the next: nobody waits for anybody else.
        for (index, client) in clients.iter_mut().enumerate() {
            client.ask_upgrade((bad.token)(index).as_deref(), false)?;
        }
        for client in &mut clients {
            client.await_upgrade(false)?;
            client.ask_join(bad.channel, note::CHANNEL_ID)?;
        }
        for client in &mut clients {
            client.await_join(note::CHANNEL_ID)?;
        }
        came += clients.len();
    }
    Ok(came)
}
