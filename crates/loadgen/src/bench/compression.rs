//! What compression saves, and what it costs.

use anyhow::Result;

use super::audience::Audience;
use super::{Extent, median};
use crate::report::{Figure, Goal, Report, Section};

/// The payloads of frames, in bytes, and how small they should become against it.
const SIZES: [(usize, f64); 2] = [(2_048, 0.65), (5_000, 0.35)];

const ABOUT: &str = "A server with `--compression on`; half of the connections negotiate `permessage-deflate` and half \
do not, and get the same notes by turns. The shorter note has a text of some 1,100 letters, of words that repeat themselves about as much as people's; \
the longer one has 300 letters of its own and quotes another, with as many letters, reactions and five files. Bytes are those of whole frames; all compressed frames are inflated and checked, after \
the measurement.";

/// The same notes to those who ask for compression and to those who don't.
pub(super) fn run(extent: Extent, report: &mut Report) -> Result<()> {
    let connections = extent.fan_out[0];
    let mut section = Section::new("Compression", ABOUT);
    section.columns([
        "note",
        "plain",
        "compressed",
        "CPU a delivery, plain",
        "compressed",
    ]);
    let mut plain = Audience::compressing(connections, false)?;
    let mut small = Audience::compressing(connections, true)?;
    for (bytes, goal) in SIZES {
        (plain.bytes, small.bytes) = (bytes, bytes);
        let mut sizes = [Vec::new(), Vec::new()];
        let mut costs = [Vec::new(), Vec::new()];
        for round in 0..=extent.rounds {
            for (at, audience) in [&mut plain, &mut small].into_iter().enumerate() {
                let (ns, bytes) = audience.broadcast(1)?;
                // The first ones warm up.
                if round > 0 {
                    costs[at].push(ns / 1e3);
                    sizes[at].push(bytes as f64);
                }
            }
        }
        let [plain_us, small_us] = costs.map(median);
        let [plain_bytes, small_bytes] = sizes.map(median);
        report.add(Figure {
            name: format!("a compressed note of {bytes} bytes"),
            value: small_bytes / plain_bytes,
            unit: "× plain",
            goal: Some(Goal::AtMost(goal)),
            detail: format!("frames of {small_bytes:.0} and {plain_bytes:.0} bytes"),
            obstacle: "The text of the note does not repeat itself more.",
        });
        report.add(Figure {
            name: format!("CPU of the delivery of a compressed note of {bytes} bytes"),
            value: small_us / plain_us,
            unit: "× plain",
            goal: Some(Goal::AtMost(1.05)),
            detail: format!("{small_us:.2} µs against {plain_us:.2} µs, {connections} connections"),
            obstacle: "Deflating the note once, and two more parts in each frame.",
        });
        section.row([
            format!("{bytes} bytes"),
            format!("{plain_bytes:.0} bytes"),
            format!("{small_bytes:.0} bytes"),
            format!("{plain_us:.2} µs"),
            format!("{small_us:.2} µs"),
        ]);
    }
    report.section(section);
    Ok(())
}
