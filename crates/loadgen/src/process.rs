//! What the kernel says of a process.

use std::fs;

use anyhow::{Context, Result};
use rustix::thread::{CpuSet, sched_setaffinity};

/// The CPU time of a process so far, user and system, in ns: what its threads have had.
pub(crate) fn cpu_ns(pid: u32) -> Result<u64> {
    let mut sum = 0;
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        // A thread may end between the two looks.
        let Ok(text) = fs::read_to_string(task?.path().join("schedstat")) else {
            continue;
        };
        let first = text.split_whitespace().next();
        let ns: u64 = first.context("`schedstat` is empty")?.parse()?;
        sum += ns;
    }
    Ok(sum)
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
