//! What a delivery costs.

use anyhow::Result;

use super::audience::Audience;
use super::{Extent, FRAME_BYTES};
use crate::note;
use crate::report::{Axis, Figure, Goal, Plot, Report, Section, Series};

/// The notes of a burst.
const BURST: u64 = 100;

const OBSTACLE: &str = "The call of the kernel is the same as the floor's, and nearly all of it, as the profiles below show; what is above it is the work \
of our own for each delivery: deciding, a place in the mailbox, gathering the frame's parts, and finding the connection in memory.";

const ABOUT: &str = "Notes of 2 KiB on `localTimeline`, one after the other or a hundred at once; the floor writes each of them with a call \
of its own. More connections cost more each, the floor's as well: what the kernel and the engine keep of them fits less into the caches of the processor.";

/// Deliveries of notes, against the floor.
pub(super) fn against_the_floor(extent: Extent, report: &mut Report) -> Result<()> {
    let mut section = Section::new("A delivery", ABOUT);
    section.columns([
        "connections",
        "floor",
        "engine, one at a time",
        "engine, bursts of 100",
    ]);
    let mut lines = [Vec::new(), Vec::new(), Vec::new()];
    for &connections in extent.fan_out {
        let costs = measure(extent, connections)?;
        for ((name, goal), at) in [("notes one at a time", 1.12), ("bursts of 100 notes", 0.45)]
            .into_iter()
            .zip(1..)
        {
            report.add(Figure {
                name: format!("{name}, {connections} connections"),
                value: costs[at] / costs[0],
                unit: "× floor",
                goal: Some(Goal::AtMost(goal)),
                detail: format!(
                    "{:.2} µs of CPU a delivery; floor {:.2} µs",
                    costs[at], costs[0]
                ),
                obstacle: OBSTACLE,
            });
        }
        let [floor, single, burst] = costs.map(|us| format!("{us:.2} µs"));
        section.row([connections.to_string(), floor, single, burst]);
        for (line, us) in lines.iter_mut().zip(costs) {
            line.push((connections as f64, us));
        }
        // The last ones stay: those of the most connections.
        report.measure("delivery_us", costs[1]);
        report.measure("delivery_in_burst_us", costs[2]);
    }
    report.measure("frame_bytes", note::frame_bytes(FRAME_BYTES) as f64);
    let names = ["floor", "engine, one at a time", "engine, bursts of 100"];
    let series = names.into_iter().zip(lines).map(|(name, points)| Series {
        name: name.to_owned(),
        points,
    });
    section.plot(Plot {
        name: "fan-out",
        title: "CPU of a delivery of 2 KiB".to_owned(),
        x: Axis {
            label: "connections",
            logarithmic: false,
        },
        y: Axis {
            label: "µs of CPU",
            logarithmic: false,
        },
        series: series.collect(),
    });
    report.section(section);
    Ok(())
}

/// The µs of a delivery by the floor, and by the engine one at a time and in bursts.
fn measure(extent: Extent, connections: usize) -> Result<[f64; 3]> {
    let floor_ns = Audience::floor(connections)?.median(extent.rounds, 1)?;
    let mut engine = Audience::engine(connections, "localTimeline", None)?;
    let single_ns = engine.median(extent.rounds, 1)?;
    let burst_ns = engine.median(extent.burst_rounds, BURST)?;
    drop(engine);
    // Once more, so that a drift of the machine shows in the middle of both.
    let again_ns = Audience::floor(connections)?.median(extent.rounds, 1)?;
    let floor_ns = f64::midpoint(floor_ns, again_ns);
    Ok([floor_ns, single_ns, burst_ns].map(|ns| ns / 1e3))
}

/// A timeline with relations in play against one without.
pub(super) fn with_rules(extent: Extent, report: &mut Report) -> Result<()> {
    let connections = extent.fan_out[0];
    let mut plain = Audience::engine(connections, "localTimeline", None)?;
    let plain_ns = plain.median(extent.rounds, 1)?;
    drop(plain);
    let mut home = Audience::engine(connections, "homeTimeline", Some("100:50"))?;
    let home_ns = home.median(extent.rounds, 1)?;
    report.add(Figure {
        name: format!("`homeTimeline` with follows, mutes and blocks, {connections} connections"),
        value: home_ns / plain_ns,
        unit: "× `localTimeline`",
        goal: Some(Goal::AtMost(1.1)),
        detail: format!(
            "{:.2} µs against {:.2} µs a delivery; 101 follows, 50 mutes and 50 blocks each",
            home_ns / 1e3,
            plain_ns / 1e3
        ),
        obstacle: "Each receiver's relations are read for each note.",
    });
    Ok(())
}
