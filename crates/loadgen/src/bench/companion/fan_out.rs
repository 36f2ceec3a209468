//! The same connections on one server and on three, beside one Redis.

use std::time::Duration;

use anyhow::{Result, ensure};

use super::{SENTINEL, at_home, publish_sentinel};
use crate::bench::{Extent, FRAME_BYTES};
use crate::child::Server;
use crate::client::{self, Client};
use crate::crowd::Crowd;
use crate::latency::Latencies;
use crate::misskey::Misskey;
use crate::report::{Figure, Report, Section};
use crate::{note, process};

/// How many servers share the connections.
const NODES: [usize; 2] = [1, 3];

/// The notes of a burst.
const BURST: u64 = 100;

/// How far apart notes are that come one at a time and nobody gets.
const GAP: Duration = Duration::from_millis(1);

/// How far apart the notes are whose latency is measured.
const LATENCY_GAP: Duration = Duration::from_millis(100);

const ABOUT: &str = "The whole way: an event is published on a Redis, each server beside it takes it from there, and the receivers \
get it. The same connections, on `localTimeline`, are on one server or divided among three; notes of 2 KiB. All servers share one processor, and the generator, the Redis \
and the database the other; so three of them deliver no more than one here, and what counts is the CPU of each. A note that nobody gets goes to every server all the same: that is what each further one costs. Costs are means over all rounds.";

const LATENCY: &str = "From just before a note is published on the Redis until the generator has read it, with ten notes a second. \
*To the last*: until the last connection has it.";

/// Servers with their connections.
struct Nodes {
    servers: Vec<Server>,
    clients: Vec<Client>,
    /// One for each server.
    sentinels: Vec<Client>,
    /// The number of the next note.
    next: u64,
    sentinel: u64,
}

/// What was measured of so many servers.
struct Costs {
    single_us: f64,
    burst_us: f64,
    /// Deliveries a second of wall time, in bursts.
    rate: f64,
    unwanted_us: f64,
    unwanted_burst_us: f64,
}

/// One server, then several.
pub(super) fn run(misskey: &mut Misskey, extent: Extent, report: &mut Report) -> Result<()> {
    let connections = extent.beside;
    let mut section = Section::new("Beside a Misskey: deliveries", ABOUT);
    section.columns([
        "servers",
        "connections of each",
        "CPU of a delivery, one at a time",
        "in bursts of 100",
        "deliveries a second of all, in bursts",
        "CPU of a note that nobody gets, each server, one a ms",
        "in bursts of 100",
    ]);
    let mut latency = Section::new("Beside a Misskey: latency", LATENCY);
    latency.columns(["", "p50", "p99", "longest"]);
    let mut all = Vec::new();
    for servers in NODES {
        let mut nodes = Nodes::start(misskey, servers, connections)?;
        let costs = nodes.measure(misskey, extent)?;
        section.row([
            servers.to_string(),
            (connections / servers).to_string(),
            format!("{:.2} µs", costs.single_us),
            format!("{:.2} µs", costs.burst_us),
            format!("{:.0}", costs.rate),
            format!("{:.1} µs", costs.unwanted_us),
            format!("{:.1} µs", costs.unwanted_burst_us),
        ]);
        all.push(costs);
        let name = if servers == 1 { "server" } else { "servers" };
        for (what, latencies) in nodes.latencies(misskey, extent)? {
            let [half, most, longest] = latencies.cells();
            let row = format!("{servers} {name}, {connections} connections, {what}");
            latency.row([row, half, most, longest]);
        }
    }
    let mut alone = Nodes::start(misskey, 1, 1)?;
    let (_, latencies) = alone.latencies(misskey, extent)?.swap_remove(0);
    let [half, most, longest] = latencies.cells();
    latency.row(["1 server, 1 connection".to_owned(), half, most, longest]);
    add_figures(report, connections, &all);
    report.section(section);
    report.section(latency);
    Ok(())
}

fn add_figures(report: &mut Report, connections: usize, costs: &[Costs]) {
    let [one, three] = costs else {
        unreachable!("one and three servers are measured");
    };
    report.add(Figure {
        name: format!(
            "beside a Misskey: CPU of a delivery on three servers, {connections} connections in all"
        ),
        value: three.single_us / one.single_us,
        unit: "× one server",
        goal: None,
        detail: format!(
            "{:.2} µs against {:.2} µs, one at a time; {:.2} µs against {:.2} µs in bursts",
            three.single_us, one.single_us, three.burst_us, one.burst_us
        ),
        obstacle: "",
    });
    report.add(Figure {
        name: "beside a Misskey: CPU of a note that nobody gets, on each server".to_owned(),
        value: one.unwanted_burst_us,
        unit: "µs",
        goal: None,
        detail: format!(
            "in bursts of 100, from Redis on; {:.1} µs where the server sleeps before each",
            one.unwanted_us
        ),
        obstacle: "",
    });
}

impl Nodes {
    /// Servers that share so many visitors on `localTimeline`.
    fn start(misskey: &Misskey, servers: usize, connections: usize) -> Result<Self> {
        let start = |_| Server::beside(misskey, false);
        let servers = (0..servers).map(start).collect::<Result<Vec<_>>>()?;
        let mut clients = Vec::with_capacity(connections);
        for index in 0..connections {
            let server = &servers[index % servers.len()];
            let mut client = Client::connect(server.target.address, index)?;
            client.upgrade(None, false)?;
            client.join("localTimeline", note::CHANNEL_ID)?;
            clients.push(client);
        }
        let mut sentinels = Vec::with_capacity(servers.len());
        for server in &servers {
            let mut sentinel = Client::connect(server.target.address, connections)?;
            sentinel.upgrade(None, false)?;
            sentinel.capture(&note::note_id(SENTINEL))?;
            // An answer says that the capture is made; no note has this tag.
            sentinel.send(
                r#"{"type":"connect","body":{"channel":"hashtag","id":"a","pong":true,"params":{"q":[["none"]]}}}"#,
            )?;
            sentinel.await_join(note::CHANNEL_ID)?;
            sentinels.push(sentinel);
        }
        Ok(Self {
            servers,
            clients,
            sentinels,
            next: 0,
            sentinel: 0,
        })
    }

    fn cpu_ns(&self) -> Result<u64> {
        self.servers
            .iter()
            .map(|server| server.target.cpu_ns())
            .sum()
    }

    fn measure(&mut self, misskey: &mut Misskey, extent: Extent) -> Result<Costs> {
        self.broadcasts(misskey, 2, 1)?;
        let (single_us, _) = self.broadcasts(misskey, extent.rounds, 1)?;
        self.broadcasts(misskey, 1, BURST)?;
        let (burst_us, rate) = self.broadcasts(misskey, extent.burst_rounds, BURST)?;
        let notes = extent.unwanted_notes;
        let unwanted_us = self.unwanted(misskey, notes, 1, GAP)?;
        let unwanted_burst_us = self.unwanted(misskey, notes / BURST, BURST, GAP * 20)?;
        client::quiet(&self.clients)?;
        Ok(Costs {
            single_us,
            burst_us,
            rate,
            unwanted_us,
            unwanted_burst_us,
        })
    }

    /// The CPU of all servers for a delivery, in µs, and the deliveries a second, over several
    /// broadcasts of so many notes. All are checked.
    fn broadcasts(
        &mut self,
        misskey: &mut Misskey,
        rounds: usize,
        notes: u64,
    ) -> Result<(f64, f64)> {
        let bytes = note::frame_bytes(FRAME_BYTES) * usize::try_from(notes)?;
        let before_ns = self.cpu_ns()?;
        let mut wall_ns = 0;
        for _ in 0..rounds {
            let first = self.next;
            let events = self.notes(notes);
            let started_ns = process::now_ns();
            misskey.publish("notesStream", &events)?;
            client::await_bytes(&self.clients, bytes)?;
            wall_ns += process::now_ns() - started_ns;
            client::check(&mut self.clients, first, notes, note::number)?;
        }
        // What is left of the last turn is done when the next event has come.
        self.await_sentinels(misskey)?;
        let spent_ns = self.cpu_ns()? - before_ns;
        let deliveries = (rounds as u64 * notes * self.clients.len() as u64) as f64;
        Ok((
            spent_ns as f64 / deliveries / 1e3,
            deliveries / (wall_ns as f64 / 1e9),
        ))
    }

    /// So many new notes that everybody gets.
    fn notes(&mut self, count: u64) -> Vec<String> {
        let first = self.next;
        self.next += count;
        let numbers = first..self.next;
        numbers
            .map(|number| note::note(number, "author", FRAME_BYTES))
            .collect()
    }

    /// The CPU of each server, in µs, for each of so many notes that nobody gets.
    fn unwanted(
        &mut self,
        misskey: &mut Misskey,
        bursts: u64,
        notes: u64,
        gap: Duration,
    ) -> Result<f64> {
        let make = |number| at_home(note::note(number, "stranger", FRAME_BYTES));
        let all: Vec<Vec<String>> = (0..bursts)
            .map(|burst| (burst * notes..(burst + 1) * notes).map(make).collect())
            .collect();
        let before_ns = self.cpu_ns()?;
        let mut due_ns = process::now_ns();
        for events in &all {
            process::wait_until(due_ns)?;
            due_ns += u64::try_from(gap.as_nanos())?;
            misskey.publish("notesStream", events)?;
        }
        self.await_sentinels(misskey)?;
        let spent_ns = self.cpu_ns()? - before_ns;
        let seen = bursts * notes * self.servers.len() as u64;
        Ok(spent_ns as f64 / seen as f64 / 1e3)
    }

    fn await_sentinels(&mut self, misskey: &mut Misskey) -> Result<()> {
        let number = self.sentinel;
        self.sentinel += 1;
        publish_sentinel(misskey, number)?;
        for sentinel in &mut self.sentinels {
            let found = note::reaction_number(&sentinel.message()?);
            ensure!(found == Some(number), "a sentinel got {found:?}");
        }
        Ok(())
    }

    /// Times to each and to the last, over several notes to all connections.
    fn latencies(
        &mut self,
        misskey: &mut Misskey,
        extent: Extent,
    ) -> Result<Vec<(&'static str, Latencies)>> {
        let mut crowd = Crowd::of(std::mem::take(&mut self.clients))?;
        let (mut to_each, mut to_last) = (Latencies::new()?, Latencies::new()?);
        let mut due_ns = process::now_ns();
        for round in 0..=extent.latency_notes / 2 {
            process::wait_until(due_ns)?;
            due_ns += u64::try_from(LATENCY_GAP.as_nanos())?;
            let number = self.next;
            let events = self.notes(1);
            let started_ns = process::now_ns();
            misskey.publish("notesStream", &events)?;
            let came_ns = crowd.await_note(number)?;
            // The first one warms up.
            if round > 0 {
                for &at_ns in &came_ns {
                    to_each.add(started_ns, at_ns);
                }
                to_last.add(started_ns, came_ns.into_iter().max().unwrap_or_default());
            }
        }
        Ok(vec![("to each", to_each), ("to the last", to_last)])
    }
}
