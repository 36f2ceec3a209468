//! The real server over the synthetic backend.

use std::io::{self, BufRead};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use protocol::limits::Limits;
use server::{Listener, Listeners, ServerConfig};
use tokio::sync::oneshot;

use crate::command::Command;
use crate::synthetic::Synthetic;
use crate::{note, process};

/// The longest that the server leaves a client of the generator alone, in ms: pings would be in
/// the way of the figures.
pub(crate) const QUIET_MS: u64 = 24 * 60 * 60 * 1_000;

/// Serves until standard input ends. It takes [`Command`]s.
pub(crate) fn run(workers: usize, compression: bool) -> Result<()> {
    process::pin(0)?;
    server::raise_open_files().context("cannot raise the limit of open files")?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    runtime.block_on(serve(workers, compression))
}

async fn serve(workers: usize, compression: bool) -> Result<()> {
    let backend = Synthetic::new();
    let public = Listener::tcp(([127, 0, 0, 1], 0).into())?;
    announce(&public)?;
    let (done, publisher_done) = oneshot::channel();
    let publisher = Arc::clone(&backend);
    std::thread::Builder::new()
        .name(process::PUBLISHER.to_owned())
        .spawn(move || {
            // Without a receiver the server has ended before.
            drop(done.send(publish_all(&publisher)));
        })?;
    let listeners = Listeners {
        public: vec![public],
        admin: None,
    };
    let config = ServerConfig {
        workers,
        limits: limits(),
        compression,
    };
    let mut outcome = Ok(());
    let end = async {
        let ended = publisher_done.await.context("the publisher panicked");
        outcome = ended.and_then(|ended| ended);
    };
    server::run(config, backend, Router::new(), listeners, end).await?;
    outcome
}

/// Names the address of a server to its parent.
pub(crate) fn announce(public: &Listener) -> Result<()> {
    let address = public.address();
    println!("{}", address.split_once("://").context("no address")?.1);
    Ok(())
}

/// The limits of a server under load.
pub(crate) fn limits() -> Limits {
    Limits {
        ping_interval_ms: QUIET_MS,
        silence_timeout_ms: 2 * QUIET_MS,
        touch_interval_ms: QUIET_MS,
        connections_per_address_max: usize::MAX,
        drain_ms: 0,
        ..Limits::default()
    }
}

/// Publishes what the commands say, on a thread of its own: making the load is not the server's
/// work. Each answer says when the first event was ready to go.
fn publish_all(backend: &Synthetic) -> Result<()> {
    for line in io::stdin().lock().lines() {
        let started_ns = match Command::parse(&line?)? {
            Command::Publish {
                first,
                count,
                bytes,
                author,
                gap,
            } => {
                let make = |number| note::note(first + number, &author, bytes);
                publish(backend, "notesStream", count, gap, make)?
            }
            Command::React { note, first, count } => {
                let topic = format!("noteStream:{}", note::note_id(note));
                let make = |number| note::reaction(note, first + number);
                publish(backend, &topic, count, Duration::ZERO, make)?
            }
        };
        println!("ok {started_ns}");
    }
    Ok(())
}

/// Publishes so many events, so far apart.
fn publish(
    backend: &Synthetic,
    topic: &str,
    count: u64,
    gap: Duration,
    make: impl Fn(u64) -> String,
) -> Result<u64> {
    let events: Vec<String> = (0..count).map(make).collect();
    let started_ns = process::now_ns();
    let mut next_ns = started_ns;
    for event in events {
        backend.publish(topic, event)?;
        if !gap.is_zero() {
            next_ns += u64::try_from(gap.as_nanos())?;
            process::wait_until(next_ns)?;
        }
    }
    Ok(started_ns)
}
