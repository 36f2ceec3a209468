//! Notes that nobody gets.

use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::audience::Audience;
use super::{Extent, FRAME_BYTES};
use crate::client::{self, Client};
use crate::command::Command;
use crate::note;
use crate::report::{Axis, Figure, Goal, Plot, Report, Section, Series};

/// How far apart the notes are, unless they come in bursts.
const GAP: Duration = Duration::from_millis(1);

/// The notes of a burst.
const BURST: u64 = 100;

/// The channels of each connection.
const CHANNELS: usize = 10;

/// The captured note whose event tells that all before it was done.
const SENTINEL: u64 = 9_999_999_999;

const ABOUT: &str = "Each connection has joined `homeTimeline` ten times over; the notes are by somebody \
whom nobody follows. Counted is the CPU of the two threads through which an event goes in the server: the *source*, which \
decodes it and hands it to the workers, and the *worker*, which finds that nobody wants it; with their waking up and falling asleep \
and all calls of the system that they make. Not counted is the thread that stands in for a store: it has made the notes beforehand \
and puts one into the server's queue every millisecond. In bursts of 100 nobody sleeps in between: what is left is the work itself.";

/// What one note cost, in µs.
#[derive(Debug, Clone, Copy)]
struct Cost {
    source: f64,
    worker: f64,
}

impl Cost {
    fn sum(self) -> f64 {
        self.source + self.worker
    }
}

/// What a note cost with so many subscriptions.
#[derive(Debug, Clone, Copy)]
struct Costs {
    subscriptions: usize,
    spaced: Cost,
    burst: Cost,
}

/// Measures with few and with many subscriptions.
pub(super) fn run(extent: Extent, report: &mut Report) -> Result<()> {
    let mut costs = Vec::new();
    for &connections in extent.subscribed {
        let (mut audience, mut sentinel) = audience(connections)?;
        let notes = extent.unwanted_notes;
        // Once to warm up.
        measure(&mut audience, &mut sentinel, 1, BURST, Duration::ZERO)?;
        costs.push(Costs {
            subscriptions: connections * CHANNELS,
            spaced: measure(&mut audience, &mut sentinel, 1, notes, GAP)?,
            burst: measure(
                &mut audience,
                &mut sentinel,
                notes / BURST,
                BURST,
                Duration::ZERO,
            )?,
        });
        client::quiet(&audience.clients)?;
    }
    let [few, .., many] = costs[..] else {
        unreachable!("more than one number of connections is measured");
    };
    add_figures(report, "", [few, many], |costs| costs.spaced);
    add_figures(report, ", in bursts of 100", [few, many], |costs| {
        costs.burst
    });
    report.measure("unwanted_source_us", many.burst.source);
    report.measure("unwanted_worker_us", many.burst.worker);
    report.section(section(&costs));
    Ok(())
}

fn add_figures(report: &mut Report, way: &str, costs: [Costs; 2], of: fn(Costs) -> Cost) {
    let [few, many] = costs.map(|costs| costs.subscriptions);
    let [of_few, of_many] = costs.map(of);
    report.add(Figure {
        name: format!("a note that nobody gets{way}, {many} against {few} subscriptions"),
        value: of_many.sum() / of_few.sum(),
        unit: "× of few",
        goal: Some(Goal::AtMost(1.2)),
        detail: format!(
            "{:.1} µs against {:.1} µs a note",
            of_many.sum(),
            of_few.sum()
        ),
        obstacle: "Something in the way of an event depends on how many subscriptions there are.",
    });
    report.add(Figure {
        name: format!("CPU of a note that nobody gets{way}, {many} subscriptions"),
        value: of_many.sum(),
        unit: "µs",
        goal: Some(Goal::AtMost(20.0)),
        detail: format!("source {:.1} µs, worker {:.1} µs", of_many.source, of_many.worker),
        obstacle: "Two threads wake up for the note and go to sleep again: compare the same in bursts, where they need not.",
    });
}

fn section(costs: &[Costs]) -> Section {
    let mut section = Section::new("A note that nobody gets", ABOUT);
    section.columns([
        "subscriptions",
        "one a ms: source",
        "worker",
        "both",
        "in bursts: source",
        "worker",
        "both",
    ]);
    let us = |value: f64| format!("{value:.1} µs");
    for each in costs {
        section.row([
            each.subscriptions.to_string(),
            us(each.spaced.source),
            us(each.spaced.worker),
            us(each.spaced.sum()),
            us(each.burst.source),
            us(each.burst.worker),
            us(each.burst.sum()),
        ]);
    }
    let series = |name: &str, of: fn(&Costs) -> Cost| Series {
        name: name.to_owned(),
        points: costs
            .iter()
            .map(|each| (each.subscriptions as f64, of(each).sum()))
            .collect(),
    };
    section.plot(Plot {
        name: "unwanted",
        title: "CPU of a note that nobody gets".to_owned(),
        x: Axis {
            label: "subscriptions",
            logarithmic: true,
        },
        y: Axis {
            label: "µs of CPU",
            logarithmic: false,
        },
        series: vec![
            series("one a millisecond", |each| each.spaced),
            series("in bursts of 100", |each| each.burst),
        ],
    });
    section
}

/// Connections with ten channels each, and one that has captured the sentinel.
fn audience(connections: usize) -> Result<(Audience, Client)> {
    let mut audience = Audience::engine(connections, "homeTimeline", Some("10:0"))?;
    for client in &mut audience.clients {
        for channel in 1..CHANNELS {
            client.join("homeTimeline", &format!("home{channel}"))?;
        }
    }
    let mut sentinel = Client::connect(audience.server.target.address, connections)?;
    sentinel.upgrade(Some("sentinel:0:0"), false)?;
    sentinel.capture(&note::note_id(SENTINEL))?;
    sentinel.join("main", note::CHANNEL_ID)?;
    Ok((audience, sentinel))
}

/// Publishes bursts of notes and gives the cost of one.
fn measure(
    audience: &mut Audience,
    sentinel: &mut Client,
    bursts: u64,
    notes: u64,
    gap: Duration,
) -> Result<Cost> {
    let server = &mut audience.server;
    let threads = |server: &crate::child::Server| {
        Ok::<_, anyhow::Error>((
            server.target.cpu_ns()?,
            server.target.thread_ns("worker-0")?,
        ))
    };
    let (all_before, worker_before) = threads(server)?;
    for burst in 0..bursts {
        server.tell(Command::Publish {
            first: burst * notes,
            count: notes,
            bytes: FRAME_BYTES,
            author: "stranger".to_owned(),
            gap,
        })?;
        server.tell(Command::React {
            note: SENTINEL,
            first: burst,
            count: 1,
        })?;
        server.heard()?;
        server.heard()?;
        let found = note::number(&sentinel.message()?);
        ensure!(found == Some(SENTINEL), "the sentinel got {found:?}");
    }
    let (all, worker) = threads(server)?;
    let each = |ns: u64| ns as f64 / (bursts * notes) as f64 / 1e3;
    let worker_ns = worker
        .checked_sub(worker_before)
        .context("the worker is gone")?;
    Ok(Cost {
        source: each(all - all_before - worker_ns),
        worker: each(worker_ns),
    })
}
