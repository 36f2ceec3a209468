//! What is measured, and how.

mod audience;
mod captures;
mod compression;
mod fan_out;
mod handshakes;
mod idle;
mod unwanted;

use std::path::Path;

use anyhow::{Context, Result};
use clap::builder::PossibleValuesParser;

use crate::process;
use crate::report::Report;

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
}

const WHOLE: Extent = Extent {
    fan_out: &[1_000, 5_000],
    rounds: 100,
    burst_rounds: 5,
    idle: 15_000,
    subscribed: &[100, 1_000, 10_000],
    unwanted_notes: 2_000,
    captures: (10_000, &[1, 10, 100, 1_000, 10_000]),
    capture_rounds: 100,
};

const QUICK: Extent = Extent {
    fan_out: &[50],
    rounds: 5,
    burst_rounds: 2,
    idle: 100,
    subscribed: &[5, 50],
    unwanted_notes: 100,
    captures: (50, &[1, 7, 50]),
    capture_rounds: 3,
};

/// One part of the report, which can be measured on its own.
type Part = fn(Extent, &mut Report) -> Result<()>;

const PARTS: &[(&str, Part)] = &[
    ("fan-out", fan_out::against_the_floor),
    ("rules", fan_out::with_rules),
    ("unwanted", unwanted::run),
    ("captures", captures::run),
    ("compression", compression::run),
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
