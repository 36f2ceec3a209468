//! `loadgen`: load for the stream, its floor, and the figures that come of both.
//!
//! The server under load is the real one over a backend whose users and notes are made by
//! formula ([`synthetic`]), so that the engine is measured and no store. The floor
//! ([`floor`]) is a bare server that writes the same bytes to as many sockets, with one
//! `write` for each delivery. Both run as children of the generator, one after the other in
//! the same run, pinned to one processor while the generator keeps to another; their CPU is
//! what the kernel says of their threads. While the CPU of a broadcast is measured the
//! generator does not read: it waits until the kernel holds all bytes of each socket. Then it
//! reads and checks them all: each note once, in order, on the right channel.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool speaks on standard output, and of its progress on standard error"
)]

mod arrivals;
mod bench;
mod beside;
mod child;
mod client;
mod command;
mod crowd;
mod floor;
mod frames;
mod latency;
mod misbehave;
mod misskey;
mod note;
mod process;
mod profile;
mod report;
mod run;
mod serve;
mod synthetic;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use run::Scenario;

/// The command line.
#[derive(Debug, Parser)]
#[command(
    name = "loadgen",
    about = "Load for the stream, its floor, and the figures of both"
)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measures the engine against the floor, and prints the figures
    Bench {
        /// Fewer connections and rounds: whether it works, not how fast
        #[arg(long)]
        quick: bool,
        /// Measure only this, by name
        #[arg(long, value_name = "NAME", value_parser = bench::names())]
        only: Vec<String>,
        /// Write the figures here as JSON
        #[arg(long, value_name = "FILE")]
        json: Option<PathBuf>,
        /// Write the figures here as a page of Markdown
        #[arg(long, value_name = "FILE")]
        report: Option<PathBuf>,
    },
    /// Draws where the CPU of a delivery goes; wants `perf`, and a build with frame pointers
    Profile {
        /// Fewer connections and rounds: whether it works, not what it shows
        #[arg(long)]
        quick: bool,
        /// The folder for the pictures
        #[arg(value_name = "FOLDER")]
        folder: PathBuf,
    },
    /// Puts load on a server as a scenario says, and checks every delivery
    ///
    /// Fails where something was lost, doubled, out of order, or came to the wrong viewer. Users
    /// are signed up unless a file has their tokens: of Seseragi's own server that wants `--dev`,
    /// which has no limits of rate.
    Run {
        /// What to do: TOML, or JSON
        scenario: PathBuf,
        /// The address of the server itself
        #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:3000")]
        url: String,
        /// Tokens, one a line, the authors' first; too few are made more by signing up
        #[arg(long, value_name = "FILE")]
        tokens: Option<PathBuf>,
        /// The server's process, to tell its CPU and memory
        #[arg(long)]
        pid: Option<u32>,
        /// Write what came of it here as JSON, and not to standard output
        #[arg(long, value_name = "FILE")]
        json: Option<PathBuf>,
    },
    /// The real server over a backend by formula; it takes commands on standard input
    Serve {
        /// How many workers
        #[arg(long, default_value_t = 1)]
        workers: usize,
        /// Compress for clients who ask for it
        #[arg(long)]
        compression: bool,
    },
    /// The real server beside a Misskey, until standard input ends
    Beside {
        /// The address of its database
        database: String,
        /// The address of its Redis
        redis: String,
        /// Read relations again as often as by default, not never
        #[arg(long)]
        reread: bool,
    },
    /// The bare server that writes the same bytes; it takes commands on standard input
    Floor,
}

fn main() -> Result<ExitCode> {
    match Args::parse().command {
        Command::Bench {
            quick,
            only,
            json,
            report,
        } => bench::run(quick, &only, json.as_deref(), report.as_deref())?,
        Command::Profile { quick, folder } => profile::run(&folder, quick)?,
        Command::Run {
            scenario,
            url,
            tokens,
            pid,
            json,
        } => {
            let target = run::Target {
                url: &url,
                tokens: tokens.as_deref(),
                pid,
            };
            let outcome = run::run(&target, Scenario::read(&scenario)?)?;
            match json {
                Some(path) => std::fs::write(path, outcome.json()?)?,
                None => print!("{}", outcome.json()?),
            }
            if !outcome.is_clean() {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Serve {
            workers,
            compression,
        } => serve::run(workers, compression)?,
        Command::Beside {
            database,
            redis,
            reread,
        } => beside::run(&database, &redis, reread)?,
        Command::Floor => floor::run()?,
    }
    Ok(ExitCode::SUCCESS)
}
