//! What the kernel says of a process.

use std::fs;

use anyhow::{Context, Result};
use rustix::thread::{CpuSet, clock_nanosleep_absolute, sched_setaffinity};
use rustix::time::{ClockId, Timespec, clock_gettime};

/// The thread of a server under load that makes the load and is no part of the server: what it
/// uses is counted nowhere.
pub(crate) const PUBLISHER: &str = "publisher";

/// The CPU time that the threads of a process have had, user and system, in ns, by their names.
pub(crate) fn threads_ns(pid: u32) -> Result<Vec<(String, u64)>> {
    let mut threads = Vec::new();
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        let task = task?.path();
        // A thread may end between the two looks.
        let (Ok(name), Ok(text)) = (
            fs::read_to_string(task.join("comm")),
            fs::read_to_string(task.join("schedstat")),
        ) else {
            continue;
        };
        let first = text.split_whitespace().next();
        let ns = first.context("`schedstat` is empty")?.parse()?;
        threads.push((name.trim_end().to_owned(), ns));
    }
    Ok(threads)
}

/// The CPU time of a server so far, user and system, in ns: of all its threads but the one
/// that makes the load.
pub(crate) fn cpu_ns(pid: u32) -> Result<u64> {
    let threads = threads_ns(pid)?;
    let counted = threads.iter().filter(|(name, _)| name != PUBLISHER);
    Ok(counted.map(|(_, ns)| ns).sum())
}

/// The anonymous memory of a process, in bytes.
pub(crate) fn anonymous_bytes(pid: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"));
    let kib = line.and_then(|line| line.split_whitespace().next());
    let kib: u64 = kib.context("`status` names no `RssAnon`")?.parse()?;
    Ok(kib * 1024)
}

/// The time on the clock that all processes share, in ns.
pub(crate) fn now_ns() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    now.tv_sec.cast_unsigned() * 1_000_000_000 + now.tv_nsec.cast_unsigned()
}

/// Waits until that time on the clock of [`now_ns`].
pub(crate) fn wait_until(at_ns: u64) -> Result<()> {
    let at = Timespec {
        tv_sec: i64::try_from(at_ns / 1_000_000_000)?,
        tv_nsec: i64::try_from(at_ns % 1_000_000_000)?,
    };
    Ok(clock_nanosleep_absolute(ClockId::Monotonic, &at)?)
}

/// Keeps this process and its threads to one processor, where there are two: servers to the
/// first, the generator to the second.
pub(crate) fn pin(processor: usize) -> Result<()> {
    if std::thread::available_parallelism()?.get() < 2 {
        return Ok(());
    }
    let mut set = CpuSet::new();
    set.set(processor);
    sched_setaffinity(None, &set).context("cannot pin the process to a processor")
}
