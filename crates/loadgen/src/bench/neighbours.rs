//! What others notice of those who misbehave.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail, ensure};

use super::Extent;
use crate::child::{Server, Target};
use crate::client::Client;
use crate::command::Command;
use crate::crowd::{Came, Crowd};
use crate::latency::Latencies;
use crate::misbehave::{self, Bad};
use crate::report::{Figure, Goal, Report, Section};
use crate::{note, process};

/// How long it may take until something comes.
const PATIENCE: Duration = Duration::from_secs(60);

/// The payload of a frame: large, so that those who don't read are full soon.
const NOTE_BYTES: usize = 16_384;

/// How much nicer than the readers those are who disturb: they share a processor.
const NICE: i32 = 10;

/// How many times more connections a storm has than others who disturb.
const STORM: usize = 10;

const ABOUT: &str = "Some connections read quickly and get notes of 16 KiB, while others on the same worker misbehave. A time begins \
when a note is due and ends when a reader has it. *Slow*: connections on the same channel never read; the server must give them up, \
with 1013, and hold no more for each than the kernel's buffer and its own limit. *Flood*: connections send commands (captures, joins, leaves, nonsense) \
as quickly as they are taken. *Storm*: viewers who follow a hundred come back all at once, join a timeline, are cut off, and come again. Server and \
disturbers each have one processor, so that a flood takes all there is of the server's: what counts is how it is shared.";

/// What a disturber does until it is told to stop; then it says what it did.
type Disturb = fn(Target, usize, &AtomicBool) -> Result<String>;

/// What the readers saw.
struct Seen {
    latencies: Latencies,
    /// The server's CPU, of one processor.
    cpu: f64,
    did: String,
}

/// Calm first, then each disturbance, on one server.
pub(super) fn run(extent: Extent, report: &mut Report) -> Result<()> {
    let disturbers: [(&str, Option<Disturb>); 4] = [
        ("calm", None),
        ("slow", Some(slow)),
        ("flood", Some(flood)),
        ("storm", Some(storm)),
    ];
    let mut server = Server::engine(false)?;
    let mut readers = readers(&server, extent.readers)?;
    let mut section = Section::new("Neighbours", ABOUT);
    section.columns([
        "",
        "p50",
        "p99",
        "longest",
        "CPU of the server",
        "what they did",
    ]);
    let mut first = 0;
    for (name, disturb) in disturbers {
        let seen = phase(extent, &mut server, &mut readers, first, disturb)
            .with_context(|| format!("the phase `{name}` failed"))?;
        first += extent.neighbour_notes;
        let [half, most, longest] = seen.latencies.cells();
        let cpu = format!("{:.0} %", 100.0 * seen.cpu);
        section.row([name.to_owned(), half, most, longest, cpu, seen.did]);
    }
    report.add(Figure {
        name: "notes lost, doubled or out of order while others are slow, flood or storm"
            .to_owned(),
        value: 0.0,
        unit: "notes",
        goal: Some(Goal::AtMost(0.0)),
        detail: format!(
            "{} notes to each of {} readers; one too few or too many ends the run",
            first, extent.readers
        ),
        obstacle: "",
    });
    report.section(section);
    Ok(())
}

fn readers(server: &Server, count: usize) -> Result<Crowd> {
    let mut clients = Vec::with_capacity(count);
    for index in 0..count {
        let mut client = Client::connect(server.target.address, index)?;
        client.upgrade(None, false)?;
        client.join("localTimeline", note::CHANNEL_ID)?;
        clients.push(client);
    }
    Crowd::of(clients)
}

/// Publishes notes and reads them, while somebody disturbs.
fn phase(
    extent: Extent,
    server: &mut Server,
    readers: &mut Crowd,
    first: u64,
    disturb: Option<Disturb>,
) -> Result<Seen> {
    let count = extent.neighbour_notes;
    let gap = extent.neighbour_gap;
    let publish = Command::Publish {
        first,
        count,
        bytes: NOTE_BYTES,
        author: "author".to_owned(),
        gap,
    };
    let stop = AtomicBool::new(false);
    let (before_ns, cpu_before) = (process::now_ns(), server.target.cpu_ns()?);
    let disturbers = extent.disturbers;
    let target = server.target;
    thread::scope(|scope| {
        let disturber = disturb.map(|disturb| {
            let stop = &stop;
            scope.spawn(move || {
                rustix::process::nice(NICE)?;
                disturb(target, disturbers, stop)
            })
        });
        let read = server
            .tell(publish)
            .and_then(|()| read_all(readers, first, count));
        // Also where the readers failed: the disturber must end.
        stop.store(true, Ordering::Relaxed);
        let did = match disturber {
            Some(disturber) => disturber
                .join()
                .map_err(|_| anyhow!("a disturber panicked"))?,
            None => Ok(String::new()),
        };
        let came_ns = read?;
        let started_ns = server.heard()?;
        let spent = server.target.cpu_ns()? - cpu_before;
        let mut latencies = Latencies::new()?;
        for (number, at_ns) in came_ns {
            let gap_ns = u64::try_from(gap.as_nanos())?;
            latencies.add(started_ns + (number - first) * gap_ns, at_ns);
        }
        Ok(Seen {
            latencies,
            cpu: spent as f64 / (process::now_ns() - before_ns) as f64,
            did: did?,
        })
    })
}

/// Reads so many notes on each connection, each once and in order: when each came.
fn read_all(readers: &mut Crowd, first: u64, count: u64) -> Result<Vec<(u64, u64)>> {
    let mut next = vec![first; readers.len()];
    let all = readers.len() * usize::try_from(count)?;
    let mut came_ns = Vec::with_capacity(all);
    while came_ns.len() < all {
        let before = came_ns.len();
        readers.turn(PATIENCE, &mut |index, came, now_ns| {
            let frame = match came {
                Came::Message(frame) => frame,
                Came::End(why) => bail!("reader {index} is over: {why}"),
            };
            let (found, expected) = (note::number(frame.payload), next[index]);
            ensure!(
                found == Some(expected) && expected < first + count,
                "reader {index} got note {found:?} and not {expected}"
            );
            next[index] += 1;
            came_ns.push((expected, now_ns));
            Ok(())
        })?;
        ensure!(came_ns.len() > before, "nothing came any more");
    }
    Ok(came_ns)
}

/// All must be given up.
fn slow(target: Target, count: usize, stop: &AtomicBool) -> Result<String> {
    let before = target.anonymous_bytes()?;
    let mut most = before;
    let bad = Bad {
        address: target.address,
        offset: 0,
        count,
        token: &|_| None,
        channel: "localTimeline",
    };
    let given_up = misbehave::slow(&bad, stop, || {
        most = most.max(target.anonymous_bytes()?);
        Ok(())
    })?;
    ensure!(
        given_up == count,
        "{given_up} of {count} slow readers were given up"
    );
    let mib = most.saturating_sub(before) as f64 / 1024.0 / 1024.0;
    Ok(format!(
        "{count} connections read nothing and were given up; the server grew by {mib:.0} MiB at most"
    ))
}

fn flood(target: Target, count: usize, stop: &AtomicBool) -> Result<String> {
    let bad = Bad {
        address: target.address,
        offset: 0,
        count,
        token: &|index| Some(format!("flooder{index}:10:0")),
        channel: "hashtag",
    };
    let each_second = misbehave::flood(&bad, stop)?;
    Ok(format!(
        "{count} connections sent {each_second:.0} commands a second"
    ))
}

fn storm(target: Target, count: usize, stop: &AtomicBool) -> Result<String> {
    let count = STORM * count;
    let bad = Bad {
        address: target.address,
        offset: 0,
        count,
        token: &|index| Some(format!("storm{index}:100:0")),
        channel: "homeTimeline",
    };
    let came = misbehave::storm(&bad, stop)?;
    Ok(format!("{count} viewers at a time came in, {came} in all"))
}
