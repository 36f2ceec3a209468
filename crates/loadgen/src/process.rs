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

/// The CPU time of a process so far, user and system, in ns to some 10 ms: of all its threads,
/// those that have ended as well.
pub(crate) fn whole_cpu_ns(pid: u32) -> Result<u64> {
    let path = format!("/proc/{pid}/stat");
    let stat = fs::read_to_string(&path).with_context(|| format!("cannot read `{path}`"))?;
    // The name before it may hold anything.
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let mut times = after_name.split_whitespace().skip(11);
    let mut ticks = || {
        let word = times.next().context("`stat` is too short")?;
        word.parse::<u64>().context("`stat` has no times")
    };
    let ticks = ticks()? + ticks()?;
    Ok(ticks * 1_000_000_000 / rustix::param::clock_ticks_per_second())
}

/// The anonymous memory of a process, in bytes.
pub(crate) fn anonymous_bytes(pid: u32) -> Result<u64> {
    let path = format!("/proc/{pid}/status");
    let status = fs::read_to_string(&path).with_context(|| format!("cannot read `{path}`"))?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"));
    let kib = line.and_then(|line| line.split_whitespace().next());
    let kib: u64 = kib.context("`status` names no `RssAnon`")?.parse()?;
    Ok(kib * 1024)
}

/// The memory of the kernel's own caches, sockets among them, in bytes.
pub(crate) fn kernel_bytes() -> Result<u64> {
    let all = fs::read_to_string("/proc/meminfo")?;
    let line = all.lines().find_map(|line| line.strip_prefix("Slab:"));
    let kib = line.and_then(|line| line.split_whitespace().next());
    let kib: u64 = kib.context("`meminfo` names no `Slab`")?.parse()?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_process_uses_is_told() {
        let pid = std::process::id();
        assert!(anonymous_bytes(pid).unwrap() > 100_000);
        let before = whole_cpu_ns(pid).unwrap();
        let threads = cpu_ns(pid).unwrap();
        // It takes longer than what can be told apart.
        while whole_cpu_ns(pid).unwrap() < before + 20_000_000 {
            std::hint::black_box(fs::read_dir("/proc/self").unwrap().count());
        }
        assert!(cpu_ns(pid).unwrap() > threads);
    }

    #[test]
    fn a_time_that_has_passed_is_not_awaited() {
        let now = now_ns();
        wait_until(now).unwrap();
        assert!(now_ns() >= now);
    }
}
