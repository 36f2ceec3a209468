//! How long a note takes to the last of many connections.

use anyhow::Result;

use super::Extent;
use super::audience::Audience;
use crate::crowd::Crowd;
use crate::latency::Latencies;
use crate::process;
use crate::report::{Axis, Figure, Goal, Plot, Report, Section, Series};

const ABOUT: &str = "Both servers have their connections at the same time and get notes by turns, each five a second. A time \
begins when the server has the note ready (the store's stand-in hands it to the engine, or the floor begins to write) and ends when the \
generator, on the other processor, has read it. *To the last*: until the last connection has it, one time for each note.";

/// A server, its connections and the times of its notes.
struct Side {
    audience: Audience,
    crowd: Crowd,
    to_each: Latencies,
    to_last: Latencies,
}

/// The engine and the floor by turns.
pub(super) fn run(extent: Extent, report: &mut Report) -> Result<()> {
    let connections = extent.fan_out[extent.fan_out.len() - 1];
    let mut floor = Side::new(Audience::floor(connections)?)?;
    let mut engine = Side::new(Audience::engine(connections, "localTimeline", None)?)?;
    let mut due_ns = process::now_ns();
    for round in 0..=extent.latency_notes {
        for side in [&mut floor, &mut engine] {
            process::wait_until(due_ns)?;
            due_ns += u64::try_from(extent.latency_gap.as_nanos())? / 2;
            // The first ones warm up.
            side.round(round > 0)?;
        }
    }
    let value = engine.to_last.quantile_ms(0.99) / floor.to_last.quantile_ms(0.99);
    report.add(Figure {
        name: format!("p99 latency to the last of {connections} connections"),
        value,
        unit: "× floor",
        goal: Some(Goal::AtMost(1.3)),
        detail: format!(
            "{:.1} ms against {:.1} ms, of {} notes each",
            engine.to_last.quantile_ms(0.99),
            floor.to_last.quantile_ms(0.99),
            engine.to_last.count()
        ),
        obstacle: "The last connection waits for the deliveries to all others before it.",
    });
    report.section(section(connections, &floor, &engine));
    Ok(())
}

impl Side {
    fn new(mut audience: Audience) -> Result<Self> {
        let crowd = Crowd::of(std::mem::take(&mut audience.clients))?;
        Ok(Self {
            audience,
            crowd,
            to_each: Latencies::new()?,
            to_last: Latencies::new()?,
        })
    }

    /// One note to all, which must get it once each.
    fn round(&mut self, counts: bool) -> Result<()> {
        let number = self.audience.publish(1)?;
        let came_ns = self.crowd.await_note(number)?;
        let started_ns = self.audience.server.heard()?;
        if counts {
            for &at_ns in &came_ns {
                self.to_each.add(started_ns, at_ns);
            }
            let last_ns = came_ns.iter().max().copied();
            self.to_last.add(started_ns, last_ns.unwrap_or_default());
        }
        Ok(())
    }
}

fn section(connections: usize, floor: &Side, engine: &Side) -> Section {
    let mut section = Section::new("Latency", ABOUT);
    section.columns(["", "p50", "p99", "longest"]);
    let mut series = Vec::new();
    for (name, latencies) in [
        ("engine, to each", &engine.to_each),
        ("floor, to each", &floor.to_each),
        ("engine, to the last", &engine.to_last),
        ("floor, to the last", &floor.to_last),
    ] {
        let [half, most, longest] = latencies.cells();
        section.row([name.to_owned(), half, most, longest]);
        series.push(Series {
            name: name.to_owned(),
            points: latencies.distribution(),
        });
    }
    section.plot(Plot {
        name: "latency",
        title: format!("Latency with {connections} connections, 5 notes a second"),
        x: Axis {
            label: "share of the times that are longer",
            logarithmic: true,
        },
        y: Axis {
            label: "ms",
            logarithmic: false,
        },
        series,
    });
    section
}
