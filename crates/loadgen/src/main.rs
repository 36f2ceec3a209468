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
    reason = "a command line tool speaks on standard output"
)]

mod bench;
mod child;
mod client;
mod command;
mod crowd;
mod floor;
mod frames;
mod latency;
mod misbehave;
mod note;
mod process;
mod report;
mod serve;
mod synthetic;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, Subcommand};

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
    /// The real server over a backend by formula; it takes commands on standard input
    Serve {
        /// How many workers
        #[arg(long, default_value_t = 1)]
        workers: usize,
        /// Compress for clients who ask for it
        #[arg(long)]
        compression: bool,
    },
    /// The bare server that writes the same bytes; it takes commands on standard input
    Floor,
}

fn main() -> Result<()> {
    match Args::parse().command {
        Command::Bench {
            quick,
            only,
            json,
            report,
        } => bench::run(quick, &only, json.as_deref(), report.as_deref()),
        Command::Serve {
            workers,
            compression,
        } => serve::run(workers, compression),
        Command::Floor => floor::run(),
    }
}
