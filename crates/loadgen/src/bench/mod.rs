//! What is measured, and how.

mod audience;
mod captures;
mod companion;
mod compression;
mod fan_out;
mod handshakes;
mod idle;
mod latency;
mod neighbours;
mod unwanted;

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::builder::PossibleValuesParser;

use crate::process;
use crate::report::Report;

pub(crate) use audience::Audience;

/// The payload of a measured frame, in bytes.
const FRAME_BYTES: usize = 2_048;

/// How much is measured.
#[derive(Debug, Clone, Copy)]
struct Extent {
    fan_out: &'static [usize],
    rounds: usize,
    burst_rounds: usize,
    idle: usize,
    subscribed: &'static [usize],
    unwanted_notes: u64,
    /// How many connections there are, and how many of them captured the same note.
    captures: (usize, &'static [usize]),
    capture_rounds: u64,
    latency_notes: u64,
    /// How far apart the notes of one server are whose latency is measured.
    latency_gap: Duration,
    /// Connections that read while others misbehave, and how many of those there are.
    readers: usize,
    disturbers: usize,
    /// The notes that they get meanwhile, and how far apart.
    neighbour_notes: u64,
    neighbour_gap: Duration,
    /// The users of a Misskey, and how many each follows.
    town: (usize, usize),
    /// How far apart those of them are who come in one after the other.
    arrival_gap: Duration,
    /// Visitors beside a Misskey.
    beside: usize,
    /// The events of each kind whose queries are counted.
    beside_events: u64,
}

const WHOLE: Extent = Extent {
    fan_out: &[1_000, 2_500, 5_000],
    rounds: 100,
    burst_rounds: 5,
    idle: 15_000,
    subscribed: &[100, 1_000, 10_000],
    unwanted_notes: 2_000,
    captures: (10_000, &[1, 10, 100, 1_000, 10_000]),
    capture_rounds: 100,
    latency_notes: 200,
    latency_gap: Duration::from_millis(200),
    readers: 500,
    disturbers: 50,
    neighbour_notes: 500,
    neighbour_gap: Duration::from_millis(20),
    town: (10_000, 100),
    arrival_gap: Duration::from_millis(1),
    beside: 3_000,
    beside_events: 200,
};

const QUICK: Extent = Extent {
    fan_out: &[20, 50],
    rounds: 5,
    burst_rounds: 2,
    idle: 100,
    subscribed: &[5, 50],
    unwanted_notes: 100,
    captures: (50, &[1, 7, 50]),
    capture_rounds: 3,
    latency_notes: 5,
    latency_gap: Duration::from_millis(20),
    readers: 5,
    disturbers: 3,
    neighbour_notes: 500,
    neighbour_gap: Duration::from_millis(2),
    town: (60, 6),
    arrival_gap: Duration::from_millis(1),
    beside: 30,
    beside_events: 20,
};

/// One part of the report, which can be measured on its own.
type Part = fn(Extent, &mut Report) -> Result<()>;

const PARTS: &[(&str, Part)] = &[
    ("fan-out", fan_out::against_the_floor),
    ("rules", fan_out::with_rules),
    ("unwanted", unwanted::run),
    ("latency", latency::run),
    ("captures", captures::run),
    ("compression", compression::run),
    ("neighbours", neighbours::run),
    ("companion", companion::run),
    ("idle", idle::run),
    ("handshakes", handshakes::run),
];

/// The names of the parts, for the command line.
pub(crate) fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(PARTS.iter().map(|(name, _)| name))
}

/// Measures the parts of these names, or all where none is named.
pub(crate) fn run(
    quick: bool,
    only: &[String],
    json: Option<&Path>,
    page: Option<&Path>,
) -> Result<()> {
    process::pin(1)?;
    server::raise_open_files().context("cannot raise the limit of open files")?;
    let extent = if quick { QUICK } else { WHOLE };
    let mut report = Report::new(quick);
    for (name, part) in PARTS {
        if only.is_empty() || only.iter().any(|wanted| wanted == name) {
            part(extent, &mut report).with_context(|| format!("cannot measure `{name}`"))?;
        }
    }
    if let Some(path) = json {
        std::fs::write(path, report.json()?)?;
    }
    if let Some(path) = page {
        report.write_page(path)?;
    }
    Ok(())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
