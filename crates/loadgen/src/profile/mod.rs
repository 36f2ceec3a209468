//! Where the CPU of a delivery goes: sampled profiles of the fan-out, as flame graphs.
//!
//! `perf` takes the samples, since only the kernel sees its own part of a delivery, which is
//! most of it. Stacks are whole where the program was built with frame pointers, as
//! `cargo xtask profile` does.

mod flame;
mod stacks;

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use tempfile::NamedTempFile;

use crate::bench::Audience;
use crate::process;
use flame::Flame;
use stacks::Stacks;

/// How often samples are taken, in Hz: often, and in step with nothing.
const SAMPLES_HZ: &str = "3989";

/// How many connections get the notes.
const CONNECTIONS: usize = 1_000;

/// What is drawn.
struct Case {
    /// The name of its file, without what says the kind.
    file: &'static str,
    title: &'static str,
    server: Server,
    /// How many broadcasts of how many notes each.
    rounds: usize,
    notes: u64,
}

/// Who delivers.
enum Server {
    Floor,
    Engine,
    Compressing,
}

const CASES: [Case; 4] = [
    Case {
        file: "profile-floor",
        title: "The floor: a `write` of 2 KiB for each delivery, 1,000 connections",
        server: Server::Floor,
        rounds: 1_000,
        notes: 1,
    },
    Case {
        file: "profile-one",
        title: "A delivery of 2 KiB, notes one at a time, 1,000 connections",
        server: Server::Engine,
        rounds: 1_000,
        notes: 1,
    },
    Case {
        file: "profile-burst",
        title: "A delivery of 2 KiB, bursts of 100 notes, 1,000 connections",
        server: Server::Engine,
        rounds: 40,
        notes: 100,
    },
    Case {
        file: "profile-compressed",
        title: "A compressed delivery of 2 KiB, notes one at a time, 1,000 connections",
        server: Server::Compressing,
        rounds: 1_000,
        notes: 1,
    },
];

/// Writes a flame graph of each case into a folder. A quick run has few connections and rounds.
pub(crate) fn run(folder: &Path, quick: bool) -> Result<()> {
    process::pin(1)?;
    server::raise_open_files().context("cannot raise the limit of open files")?;
    fs::create_dir_all(folder).with_context(|| format!("cannot make `{}`", folder.display()))?;
    for case in &CASES {
        let (connections, rounds) = if quick {
            (20, case.rounds / 10)
        } else {
            (CONNECTIONS, case.rounds)
        };
        let stacks = sample(case, connections, rounds)?;
        let flame = Flame {
            title: case.title,
            stacks: &stacks,
        };
        let path = folder.join(format!("{}.svg", case.file));
        fs::write(&path, flame.svg())
            .with_context(|| format!("cannot write `{}`", path.display()))?;
        println!("{}: {}", path.display(), flame.summary());
    }
    Ok(())
}

/// The stacks of a server that does these broadcasts, all deliveries checked.
fn sample(case: &Case, connections: usize, rounds: usize) -> Result<Stacks> {
    let mut audience = match case.server {
        Server::Floor => Audience::floor(connections)?,
        Server::Engine => Audience::engine(connections, "localTimeline", None)?,
        Server::Compressing => Audience::compressing(connections, true)?,
    };
    let data = NamedTempFile::new()?;
    let perf = record(audience.server.target.pid(), data.path())?;
    for _ in 0..rounds {
        audience.broadcast(case.notes)?;
    }
    // `perf` ends with the process that it watches.
    drop(audience);
    let output = perf.wait_with_output()?;
    ensure!(output.status.success(), "`perf record` failed");
    let stacks = Stacks::parse(&script(data.path())?, process::PUBLISHER);
    ensure!(
        stacks.samples() > 0,
        "`perf record` took no sample: may this user watch processes?"
    );
    Ok(stacks)
}

fn record(pid: u32, data: &Path) -> Result<Child> {
    Command::new("perf")
        .args(["record", "--quiet", "--call-graph", "fp", "--freq"])
        .args([SAMPLES_HZ, "--pid", &pid.to_string(), "--output"])
        .arg(data)
        .stdin(Stdio::null())
        .spawn()
        .context("cannot run `perf`, which Debian has in `linux-perf`")
}

/// The samples as text: for each the thread's name, then a line for each function.
fn script(data: &Path) -> Result<String> {
    let output = Command::new("perf")
        .args(["script", "--no-inline", "--fields", "comm,ip,sym"])
        .arg("--input")
        .arg(data)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run `perf`")?;
    ensure!(output.status.success(), "`perf script` failed");
    String::from_utf8(output.stdout).context("`perf script` printed no text")
}
