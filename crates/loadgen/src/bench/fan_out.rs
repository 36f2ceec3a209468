//! What a delivery costs.

use anyhow::Result;

use super::Extent;
use super::audience::Audience;
use crate::report::{Figure, Goal, Report};

/// The notes of a burst.
const BURST: u64 = 100;

const OBSTACLE: &str = "The call of the kernel is the same as the floor's; what is above it is the work of our \
own for each delivery: deciding, a place in the mailbox, gathering the frame's parts, and finding the connection in memory.";

/// Deliveries of notes, against the floor.
pub(super) fn against_the_floor(extent: Extent, report: &mut Report) -> Result<()> {
    for &connections in extent.fan_out {
        let floor_ns = Audience::floor(connections)?.median(extent.rounds, 1)?;
        let mut engine = Audience::engine(connections, "localTimeline", None)?;
        let single_ns = engine.median(extent.rounds, 1)?;
        let burst_ns = engine.median(extent.burst_rounds, BURST)?;
        drop(engine);
        // Once more, so that a drift of the machine shows in the middle of both.
        let again_ns = Audience::floor(connections)?.median(extent.rounds, 1)?;
        let floor_ns = f64::midpoint(floor_ns, again_ns);
        let figure = |name: &str, ns: f64, goal| Figure {
            name: format!("{name}, {connections} connections"),
            value: ns / floor_ns,
            unit: "× floor",
            goal: Some(Goal::AtMost(goal)),
            detail: format!(
                "{:.2} µs of CPU a delivery; floor {:.2} µs",
                ns / 1e3,
                floor_ns / 1e3
            ),
            obstacle: OBSTACLE,
        };
        report.add(figure("notes one at a time", single_ns, 1.12));
        report.add(figure("bursts of 100 notes", burst_ns, 0.45));
        report.measure("delivery_us", single_ns / 1e3);
        report.measure("delivery_in_burst_us", burst_ns / 1e3);
    }
    Ok(())
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
