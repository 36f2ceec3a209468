//! The load of the machine, as `serverStats` shows it. Only Linux tells; elsewhere there is
//! nothing to show.

use std::fs;
use std::path::Path;
use std::time::Instant;

/// Counters of the system at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Counters {
    cpu_busy: u64,
    cpu_all: u64,
    received_bytes: u64,
    sent_bytes: u64,
    reads: u64,
    writes: u64,
}

/// Watches the machine's counters.
#[derive(Debug, Default)]
pub(crate) struct Machine {
    last: Option<(Instant, Counters)>,
}

impl Machine {
    /// The body of `stats`: the load since the last call. `None`: it can't be told, or this is
    /// the first call.
    pub(crate) fn sample(&mut self) -> Option<String> {
        let now = Instant::now();
        let counters = read_counters()?;
        let (then, last) = self.last.replace((now, counters))?;
        let memory = Memory::parse(&fs::read_to_string("/proc/meminfo").ok()?)?;
        Some(body(&last, &counters, memory, (now - then).as_secs_f64()))
    }
}

/// Memory in use, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Memory {
    /// Without buffers and caches.
    used: u64,
    /// What could not be had at once.
    active: u64,
}

impl Memory {
    fn parse(meminfo: &str) -> Option<Self> {
        let kib = |name: &str| {
            let line = meminfo.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim_start_matches(':')
                .split_whitespace()
                .next()?
                .parse::<u64>()
                .ok()
        };
        let total = kib("MemTotal:")?;
        let idle = kib("MemFree:")? + kib("Buffers:")? + kib("Cached:")?;
        Some(Self {
            used: total.saturating_sub(idle) * 1_024,
            active: total.saturating_sub(kib("MemAvailable:")?) * 1_024,
        })
    }
}

fn body(last: &Counters, now: &Counters, memory: Memory, seconds: f64) -> String {
    let per_second = |last: u64, now: u64| now.saturating_sub(last) as f64 / seconds.max(0.001);
    let all = now.cpu_all.saturating_sub(last.cpu_all).max(1) as f64;
    let cpu = now.cpu_busy.saturating_sub(last.cpu_busy) as f64 / all;
    serde_json::json!({
        "cpu": round(cpu, 1_000.0),
        "mem": {"used": memory.used, "active": memory.active},
        "net": {
            "rx": round(per_second(last.received_bytes, now.received_bytes), 10.0),
            "tx": round(per_second(last.sent_bytes, now.sent_bytes), 10.0),
        },
        "fs": {
            "r": round(per_second(last.reads, now.reads), 10.0),
            "w": round(per_second(last.writes, now.writes), 10.0),
        },
    })
    .to_string()
}

fn round(value: f64, parts: f64) -> f64 {
    (value * parts).round() / parts
}

fn read_counters() -> Option<Counters> {
    let mut counters = Counters::default();
    counters.add_cpu(&fs::read_to_string("/proc/stat").ok()?)?;
    // A container may hide these two; then they show zeros.
    counters.add_net(&fs::read_to_string("/proc/net/dev").unwrap_or_default());
    let disks = fs::read_to_string("/proc/diskstats").unwrap_or_default();
    counters.add_disks(&disks, |name| Path::new("/sys/block").join(name).exists());
    Some(counters)
}

impl Counters {
    /// The first line of `/proc/stat`: user, nice, system, idle, iowait and so on.
    fn add_cpu(&mut self, stat: &str) -> Option<()> {
        let line = stat.lines().next()?.strip_prefix("cpu ")?;
        let times: Vec<u64> = numbers(line);
        let idle = times.get(3)? + times.get(4)?;
        // Times of guests are counted in user time already.
        self.cpu_all = times.iter().take(8).sum();
        self.cpu_busy = self.cpu_all.saturating_sub(idle);
        Some(())
    }

    /// `/proc/net/dev`, without the loopback.
    fn add_net(&mut self, dev: &str) {
        for (name, rest) in dev.lines().filter_map(|line| line.split_once(':')) {
            if name.trim() == "lo" {
                continue;
            }
            let fields = numbers(rest);
            self.received_bytes += fields.first().copied().unwrap_or(0);
            self.sent_bytes += fields.get(8).copied().unwrap_or(0);
        }
    }

    /// `/proc/diskstats`, whole disks only.
    fn add_disks(&mut self, diskstats: &str, is_disk: impl Fn(&str) -> bool) {
        for line in diskstats.lines() {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let (Some(name), Some(reads), Some(writes)) =
                (fields.get(2), fields.get(3), fields.get(7))
            else {
                continue;
            };
            if is_disk(name) {
                self.reads += reads.parse().unwrap_or(0);
                self.writes += writes.parse().unwrap_or(0);
            }
        }
    }
}

fn numbers(text: &str) -> Vec<u64> {
    text.split_whitespace()
        .filter_map(|word| word.parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_load_is_what_changed() {
        let mut last = Counters::default();
        last.add_cpu("cpu  10 0 10 70 10 0 0 0 0 0\ncpu0 1")
            .unwrap();
        last.add_net("Inter-|\n lo: 9 0 0 0 0 0 0 0 9\n eth0: 100 0 0 0 0 0 0 0 50 0\n");
        last.add_disks(" 8 0 sda 5 0 0 0 7 0\n 8 1 sda1 5 0 0 0 7 0\n", |name| {
            name == "sda"
        });
        let mut now = Counters::default();
        now.add_cpu("cpu  30 0 15 140 15 0 0 0 0 0\n").unwrap();
        now.add_net(" eth0: 300 0 0 0 0 0 0 0 51 0\n");
        now.add_disks(" 8 0 sda 25 0 0 0 7 0\n", |_| true);
        let memory =
            "MemTotal: 100 kB\nMemFree: 20 kB\nMemAvailable: 70 kB\nBuffers: 5 kB\nCached: 15 kB\n";
        let memory = Memory::parse(memory).unwrap();
        assert_eq!(
            memory,
            Memory {
                used: 61_440,
                active: 30_720
            }
        );
        assert_eq!(
            body(&last, &now, memory, 2.0),
            r#"{"cpu":0.25,"mem":{"used":61440,"active":30720},"net":{"rx":100.0,"tx":0.5},"fs":{"r":10.0,"w":0.0}}"#
        );
    }
}
