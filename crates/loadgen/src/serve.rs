//! The real server over the synthetic backend.

use std::io::{self, BufRead};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use axum::Router;
use protocol::limits::Limits;
use server::{Listener, Listeners, ServerConfig};
use tokio::sync::mpsc;

use crate::synthetic::Synthetic;
use crate::{note, process};

/// The longest that the server leaves a client of the generator alone, in ms: pings would be in
/// the way of the figures.
const QUIET_MS: u64 = 24 * 60 * 60 * 1_000;

/// How many commands may wait.
const COMMANDS_MAX: usize = 16;

/// Notes to publish.
#[derive(Debug)]
struct Burst {
    first: u64,
    count: u64,
    bytes: usize,
    author: String,
    gap: Duration,
}

/// Serves until standard input ends.
///
/// `publish FIRST COUNT BYTES AUTHOR GAP_US` publishes notes, so many microseconds apart.
pub(crate) fn run(workers: usize) -> Result<()> {
    process::pin(0)?;
    server::raise_open_files().context("cannot raise the limit of open files")?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    runtime.block_on(serve(workers))
}

async fn serve(workers: usize) -> Result<()> {
    let backend = Synthetic::new();
    let public = Listener::tcp(([127, 0, 0, 1], 0).into())?;
    let address = public.address();
    println!("{}", address.split_once("://").context("no address")?.1);
    let (commands, mut bursts) = mpsc::channel(COMMANDS_MAX);
    std::thread::spawn(move || read_commands(&commands));
    let listeners = Listeners {
        public: vec![public],
        admin: None,
    };
    let limits = Limits {
        ping_interval_ms: QUIET_MS,
        silence_timeout_ms: 2 * QUIET_MS,
        touch_interval_ms: QUIET_MS,
        drain_ms: 0,
        ..Limits::default()
    };
    let config = ServerConfig {
        workers,
        limits,
        compression: false,
    };
    let publisher = Arc::clone(&backend);
    let commands = async move {
        while let Some(burst) = bursts.recv().await {
            publish(&publisher, burst).await;
            println!("ok");
        }
    };
    server::run(config, backend, Router::new(), listeners, commands).await?;
    Ok(())
}

async fn publish(backend: &Synthetic, burst: Burst) {
    for number in burst.first..burst.first + burst.count {
        backend
            .publish(note::note(number, &burst.author, burst.bytes))
            .await;
        if !burst.gap.is_zero() {
            tokio::time::sleep(burst.gap).await;
        }
    }
}

/// Reads commands until there are no more, or one is wrong.
fn read_commands(commands: &mpsc::Sender<Burst>) -> Result<()> {
    for line in io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split(' ').collect();
        let ["publish", first, count, bytes, author, gap_us] = words[..] else {
            bail!("unknown command `{line}`");
        };
        commands.blocking_send(Burst {
            first: first.parse()?,
            count: count.parse()?,
            bytes: bytes.parse()?,
            author: author.to_owned(),
            gap: Duration::from_micros(gap_us.parse()?),
        })?;
    }
    Ok(())
}
