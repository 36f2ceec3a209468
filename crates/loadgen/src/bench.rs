//! What is measured, and how.

use std::path::Path;

use anyhow::{Context, Result};

use crate::child::Server;
use crate::client::{self, Client};
use crate::report::{Figure, Report};
use crate::{note, process};

/// The payload of a measured frame, in bytes.
const FRAME_BYTES: usize = 2_048;

/// The notes of a burst.
const BURST: u64 = 100;

/// How far apart the notes are that nobody gets, in µs.
const GAP_US: u64 = 1_000;

/// How much is measured.
#[derive(Debug, Clone, Copy)]
struct Extent {
    fan_out: &'static [usize],
    rounds: usize,
    burst_rounds: usize,
    idle: usize,
    subscribed: [usize; 2],
    unwanted_notes: u64,
}

const WHOLE: Extent = Extent {
    fan_out: &[1_000, 5_000],
    rounds: 100,
    burst_rounds: 5,
    idle: 15_000,
    subscribed: [100, 10_000],
    unwanted_notes: 2_000,
};

const QUICK: Extent = Extent {
    fan_out: &[50],
    rounds: 5,
    burst_rounds: 2,
    idle: 100,
    subscribed: [5, 50],
    unwanted_notes: 50,
};

/// Measures everything.
pub(crate) fn run(quick: bool, json: Option<&Path>, page: Option<&Path>) -> Result<()> {
    process::pin(1)?;
    server::raise_open_files().context("cannot raise the limit of open files")?;
    let extent = if quick { QUICK } else { WHOLE };
    let mut report = Report::new(quick);
    for &connections in extent.fan_out {
        fan_out(extent, connections, &mut report)?;
    }
    rules(extent, &mut report)?;
    unwanted(extent, &mut report)?;
    idle(extent, &mut report)?;
    handshakes(extent, &mut report)?;
    if let Some(path) = json {
        std::fs::write(path, report.json()?)?;
    }
    if let Some(path) = page {
        std::fs::write(path, report.page())?;
    }
    Ok(())
}

/// A server with connections that all get the notes of `author`.
struct Audience {
    server: Server,
    clients: Vec<Client>,
    next: u64,
    is_floor: bool,
}

impl Audience {
    fn engine(connections: usize, channel: &str, token: Option<&str>) -> Result<Self> {
        let server = Server::engine()?;
        let mut clients = Vec::with_capacity(connections);
        for index in 0..connections {
            let mut client = Client::connect(server.address, index)?;
            let token = token.map(|token| format!("u{index}:{token}"));
            client.upgrade(token.as_deref())?;
            client.join(channel, note::CHANNEL_ID)?;
            clients.push(client);
        }
        Ok(Self {
            server,
            clients,
            next: 0,
            is_floor: false,
        })
    }

    fn floor(connections: usize) -> Result<Self> {
        let mut server = Server::floor()?;
        server.tell(&format!("accept {connections}"))?;
        let connect = |index| Client::connect(server.address, index);
        let clients = (0..connections).map(connect).collect::<Result<_>>()?;
        server.heard()?;
        Ok(Self {
            server,
            clients,
            next: 0,
            is_floor: true,
        })
    }

    /// The CPU of one broadcast of so many notes, in ns for each delivery. All are checked.
    fn broadcast(&mut self, notes: u64) -> Result<f64> {
        let first = self.next;
        self.next += notes;
        let before = self.server.cpu_ns()?;
        self.server.tell(&if self.is_floor {
            format!("write {first} {notes} {FRAME_BYTES}")
        } else {
            format!("publish {first} {notes} {FRAME_BYTES} author 0")
        })?;
        let bytes = note::frame_bytes(FRAME_BYTES) * usize::try_from(notes)?;
        client::await_bytes(&self.clients, bytes)?;
        self.server.heard()?;
        let spent = self.server.cpu_ns()? - before;
        client::check(&mut self.clients, first, notes)?;
        Ok(spent as f64 / (notes * self.clients.len() as u64) as f64)
    }

    /// The median over several broadcasts, after one to warm up.
    fn median(&mut self, rounds: usize, notes: u64) -> Result<f64> {
        self.broadcast(notes)?;
        let spent = (0..rounds).map(|_| self.broadcast(notes));
        Ok(median(spent.collect::<Result<_>>()?))
    }
}

fn fan_out(extent: Extent, connections: usize, report: &mut Report) -> Result<()> {
    let mut floor = Audience::floor(connections)?;
    let floor_ns = floor.median(extent.rounds, 1)?;
    drop(floor);
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
        goal,
        detail: format!(
            "{:.2} µs of CPU a delivery; floor {:.2} µs",
            ns / 1e3,
            floor_ns / 1e3
        ),
    };
    report.add(figure("notes one at a time", single_ns, Some(1.12)));
    report.add(figure("bursts of 100 notes", burst_ns, Some(0.45)));
    Ok(())
}

/// A timeline with relations in play against one without.
fn rules(extent: Extent, report: &mut Report) -> Result<()> {
    let connections = extent.fan_out[0];
    let plain = Audience::engine(connections, "localTimeline", None)?.median(extent.rounds, 1)?;
    let mut home = Audience::engine(connections, "homeTimeline", Some("100:50"))?;
    let home = home.median(extent.rounds, 1)?;
    report.add(Figure {
        name: format!("`homeTimeline` with follows, mutes and blocks, {connections} connections"),
        value: home / plain,
        unit: "× `localTimeline`",
        goal: Some(1.1),
        detail: format!(
            "{:.2} µs against {:.2} µs a delivery; 101 follows, 50 mutes and 50 blocks each",
            home / 1e3,
            plain / 1e3
        ),
    });
    Ok(())
}

/// Notes that nobody gets, with few and with many subscriptions.
fn unwanted(extent: Extent, report: &mut Report) -> Result<()> {
    const CHANNELS: usize = 10;
    let mut spent_us = Vec::new();
    for connections in extent.subscribed {
        let mut audience = Audience::engine(connections, "homeTimeline", Some("10:0"))?;
        for client in &mut audience.clients {
            for channel in 1..CHANNELS {
                client.join("homeTimeline", &format!("home{channel}"))?;
            }
        }
        let before = audience.server.cpu_ns()?;
        audience.server.tell(&format!(
            "publish 0 {} {FRAME_BYTES} stranger {GAP_US}",
            extent.unwanted_notes
        ))?;
        audience.server.heard()?;
        let spent = audience.server.cpu_ns()? - before;
        client::quiet(&audience.clients)?;
        spent_us.push(spent as f64 / extent.unwanted_notes as f64 / 1e3);
    }
    let [few, many] = extent.subscribed.map(|connections| connections * CHANNELS);
    report.add(Figure {
        name: format!("a note that nobody gets, {many} against {few} subscriptions"),
        value: spent_us[1] / spent_us[0],
        unit: "× of few",
        goal: Some(1.2),
        detail: format!("{:.1} µs against {:.1} µs a note", spent_us[1], spent_us[0]),
    });
    report.add(Figure {
        name: format!("CPU of a note that nobody gets, {many} subscriptions"),
        value: spent_us[1],
        unit: "µs",
        goal: Some(20.0),
        detail: "waking up for it and making it included".to_owned(),
    });
    Ok(())
}

/// What connections take that do nothing.
fn idle(extent: Extent, report: &mut Report) -> Result<()> {
    let kinds: [(&str, Option<&str>, f64); 3] = [
        ("a bare visitor", None, 2.0),
        (
            "logged in, with `main`, `homeTimeline` and 30 captures",
            Some("0:0"),
            6.0,
        ),
        ("the same, following 1,000", Some("1000:0"), 24.0),
    ];
    for (name, token, goal) in kinds {
        let server = Server::engine()?;
        let mut clients = Vec::with_capacity(extent.idle);
        let mut before = 0;
        // The first hundred bring the allocator and the runtime to their size.
        for index in 0..extent.idle + 100 {
            if index == 100 {
                before = server.anonymous_bytes()?;
            }
            let mut client = Client::connect(server.address, index)?;
            let token = token.map(|token| format!("u{index}:{token}"));
            client.upgrade(token.as_deref())?;
            if token.is_some() {
                for note in 0..30 {
                    client.send(&format!(
                        r#"{{"type":"sr","body":{{"id":"n{:010}"}}}}"#,
                        index * 7 + note
                    ))?;
                }
                client.join("main", "main")?;
                client.join("homeTimeline", "home")?;
            }
            clients.push(client);
        }
        let bytes = server.anonymous_bytes()?.saturating_sub(before);
        report.add(Figure {
            name: format!("memory of an idle connection: {name}"),
            value: bytes as f64 / 1024.0 / extent.idle as f64,
            unit: "KiB",
            goal: Some(goal),
            detail: format!(
                "anonymous memory of the process, {} connections",
                extent.idle
            ),
        });
    }
    Ok(())
}

/// Upgrades with a log-in.
fn handshakes(extent: Extent, report: &mut Report) -> Result<()> {
    let server = Server::engine()?;
    let count = extent.idle / 3;
    let mut clients = Vec::with_capacity(count);
    let before = server.cpu_ns()?;
    for index in 0..count {
        let mut client = Client::connect(server.address, index)?;
        client.upgrade(Some(&format!("u{index}:10:0")))?;
        clients.push(client);
    }
    let spent_s = (server.cpu_ns()? - before) as f64 / 1e9;
    report.add(Figure {
        name: "handshakes with a log-in for each second of CPU".to_owned(),
        value: count as f64 / spent_s,
        unit: "at least",
        goal: Some(5_000.0),
        detail: format!("{count} users who follow 11, each for the first time"),
    });
    Ok(())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
