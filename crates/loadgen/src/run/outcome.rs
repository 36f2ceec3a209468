//! What came of a run.

use std::cell::Cell;

use anyhow::Result;
use serde::Serialize;

use super::check::Tally;
use super::drive::Posts;
use super::scenario::Scenario;
use crate::latency::Latencies;
use crate::process;

/// What came of a run, as JSON.
#[derive(Debug, Serialize)]
pub(crate) struct Outcome {
    scenario: Scenario,
    seconds: f64,
    pub(super) notes: u64,
    pub(super) reactions: usize,
    pub(super) groups: Vec<GroupOutcome>,
    server: Option<ServerOutcome>,
}

/// What came of a group.
#[derive(Debug, Serialize)]
pub(super) struct GroupOutcome {
    pub(super) name: String,
    #[serde(flatten)]
    pub(super) tally: Tally,
    /// From the request to the delivery, in ms.
    latency_ms: Option<LatencyOutcome>,
    /// What those did who misbehave.
    pub(super) did: Option<String>,
}

#[derive(Debug, Serialize)]
struct LatencyOutcome {
    p50: f64,
    p99: f64,
    p999: f64,
    max: f64,
}

/// What the server used.
#[derive(Debug, Serialize)]
struct ServerOutcome {
    /// All of its CPU from the first note to the last delivery, store and all.
    cpu_seconds: f64,
    cpu_us_per_delivery: f64,
    /// Anonymous memory before the readers came, when all were there, and in the end.
    anonymous_bytes: [u64; 3],
}

/// What a process has used at a moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Usage {
    cpu_ns: u64,
    anonymous_bytes: u64,
}

/// The time of a run.
#[derive(Debug)]
pub(super) struct Clock {
    started_ns: u64,
    /// The second that was told of last.
    told: Cell<u64>,
}

impl Outcome {
    pub(super) fn of(
        scenario: Scenario,
        posts: &Posts,
        groups: Vec<GroupOutcome>,
        started: &Clock,
        usage: [Option<Usage>; 3],
    ) -> Self {
        let deliveries: u64 = groups.iter().map(|group| group.tally.deliveries).sum();
        let server = match usage {
            [Some(before), Some(opened), Some(ended)] => {
                let cpu_ns = ended.cpu_ns - opened.cpu_ns;
                Some(ServerOutcome {
                    cpu_seconds: cpu_ns as f64 / 1e9,
                    cpu_us_per_delivery: cpu_ns as f64 / 1e3 / deliveries.max(1) as f64,
                    anonymous_bytes: [before, opened, ended].map(|usage| usage.anonymous_bytes),
                })
            }
            _ => None,
        };
        Self {
            scenario,
            seconds: started.seconds(),
            notes: posts.posted(),
            reactions: posts.reacted().len(),
            groups,
            server,
        }
    }

    /// Whether all who read got what they should, and nothing else.
    pub(crate) fn is_clean(&self) -> bool {
        self.groups.iter().all(|group| group.tally.is_clean())
    }

    pub(crate) fn json(&self) -> Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}

impl GroupOutcome {
    pub(super) fn of(
        name: String,
        tally: Tally,
        latencies: &Latencies,
        did: Option<String>,
    ) -> Self {
        let latency_ms = (latencies.count() > 0).then(|| LatencyOutcome {
            p50: latencies.quantile_ms(0.5),
            p99: latencies.quantile_ms(0.99),
            p999: latencies.quantile_ms(0.999),
            max: latencies.max_ms(),
        });
        Self {
            name,
            tally,
            latency_ms,
            did,
        }
    }
}

impl Usage {
    /// Of this process, if one is named.
    pub(super) fn now(pid: Option<u32>) -> Result<Option<Self>> {
        let usage = |pid| {
            Ok(Self {
                cpu_ns: process::whole_cpu_ns(pid)?,
                anonymous_bytes: process::anonymous_bytes(pid)?,
            })
        };
        pid.map(usage).transpose()
    }

    pub(super) fn text(self) -> String {
        format!(
            ", server {:.1} s of CPU and {} MiB",
            self.cpu_ns as f64 / 1e9,
            self.anonymous_bytes / 1024 / 1024
        )
    }
}

impl Clock {
    pub(super) fn start() -> Self {
        Self {
            started_ns: process::now_ns(),
            told: Cell::new(0),
        }
    }

    /// How long the run takes.
    pub(super) fn seconds(&self) -> f64 {
        (process::now_ns() - self.started_ns) as f64 / 1e9
    }

    /// Whether another second has begun since somebody asked.
    pub(super) fn another_second(&self) -> bool {
        let now = self.seconds() as u64;
        self.told.replace(now) < now
    }
}
