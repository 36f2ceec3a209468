//! The two channels of statistics, and what each remembers.

use std::collections::VecDeque;

use hub::Stats;
use protocol::limits::Limits;
use serde::Deserialize;

use crate::machine::Machine;

/// How often `serverStats` brings something; `queueStats` does so every fifth time.
pub(super) const TICK_MS: u64 = 2_000;
const TICKS_PER_QUEUE: u64 = 5;

/// How many entries a log has that was asked for without a length.
const LOG_LENGTH: usize = 50;

/// The queues of this server at one moment, under the names that Misskey's have: `deliver` is the
/// way out to the connections, `inbox` the way in from the store.
#[derive(Debug, Default)]
pub(super) struct Queues {
    /// How many events were delivered since the start.
    pub(super) delivered: u64,
    /// How many wait to be completed.
    pub(super) held: usize,
    /// How many came since the start.
    pub(super) received: u64,
    /// How many questions the store is asked.
    pub(super) asked: usize,
    /// How many events wait to be looked at.
    pub(super) waiting: usize,
}

impl Queues {
    /// The body of `stats`, with what was done since another moment.
    fn body(&self, before: &Self) -> String {
        let queue = |done: u64, active: usize, waiting: usize| {
            serde_json::json!({
                "activeSincePrevTick": done,
                "active": active,
                "waiting": waiting,
                "delayed": 0,
            })
        };
        serde_json::json!({
            "deliver": queue(self.delivered - before.delivered, 0, self.held),
            "inbox": queue(self.received - before.received, self.asked, self.waiting),
        })
        .to_string()
    }
}

/// What the statistics were.
#[derive(Debug)]
pub(super) struct StatsLogs {
    machine: Machine,
    ticks: u64,
    entries_max: usize,
    server: VecDeque<String>,
    queue: VecDeque<String>,
    /// The queues when they were told last.
    told: Queues,
}

impl StatsLogs {
    pub(super) fn new(limits: &Limits) -> Self {
        let mut machine = Machine::default();
        // The first sample is what the next is compared with.
        machine.sample();
        Self {
            machine,
            ticks: 0,
            entries_max: limits.stats_log_max,
            server: VecDeque::new(),
            queue: VecDeque::new(),
            told: Queues::default(),
        }
    }

    /// What is to be published at a tick.
    pub(super) fn tick(&mut self, queues: Queues) -> Vec<(Stats, String)> {
        let mut due = Vec::new();
        if let Some(body) = self.machine.sample() {
            due.push((Stats::Server, body));
        }
        if self.ticks.is_multiple_of(TICKS_PER_QUEUE) {
            due.push((Stats::Queue, queues.body(&self.told)));
            self.told = queues;
        }
        self.ticks += 1;
        for (stats, body) in &due {
            let entries_max = self.entries_max;
            let entries = self.entries(*stats);
            entries.push_front(body.clone());
            entries.truncate(entries_max);
        }
        due
    }

    /// The answer to a `requestLog`: the newest first. `None`: it isn't one.
    pub(super) fn log(&mut self, stats: Stats, request: &str) -> Option<String> {
        let length = asked_length(stats, request)?;
        let entries: Vec<&str> = self
            .entries(stats)
            .iter()
            .take(length)
            .map(String::as_str)
            .collect();
        Some(format!("[{}]", entries.join(",")))
    }

    fn entries(&mut self, stats: Stats) -> &mut VecDeque<String> {
        match stats {
            Stats::Server => &mut self.server,
            Stats::Queue => &mut self.queue,
        }
    }
}

/// How many entries a `requestLog` asks for. `queueStats` insists on a string as `id` and a
/// number as `length`, `serverStats` on nothing: so the recorded server does.
fn asked_length(stats: Stats, request: &str) -> Option<usize> {
    #[derive(Deserialize)]
    struct Request {
        #[serde(default)]
        id: serde_json::Value,
        #[serde(default)]
        length: serde_json::Value,
    }
    let request: Request = serde_json::from_str(request).ok()?;
    let length = request.length.as_f64();
    if stats == Stats::Queue && (!request.id.is_string() || length.is_none()) {
        return None;
    }
    // A length that is no count is none: the conversion takes negative ones as zero.
    Some(length.map_or(LOG_LENGTH, |length| length as usize))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logs(entries: usize) -> StatsLogs {
        let mut logs = StatsLogs::new(&Limits {
            stats_log_max: 3,
            ..Limits::default()
        });
        for _ in 0..entries {
            logs.tick(Queues::default());
        }
        logs
    }

    #[test]
    fn queues_come_every_fifth_time() {
        let mut logs = logs(0);
        let queues: Vec<bool> = (0..11)
            .map(|_| {
                logs.tick(Queues::default())
                    .iter()
                    .any(|(stats, _)| *stats == Stats::Queue)
            })
            .collect();
        let expected: Vec<bool> = (0..11).map(|tick| tick % 5 == 0).collect();
        assert_eq!(queues, expected);
    }

    #[test]
    fn queues_tell_what_was_done_since_they_told_last() {
        let mut logs = logs(0);
        let mut told = Vec::new();
        for tick in 0..6 {
            let queues = Queues {
                delivered: 100 + 10 * tick,
                held: 3,
                received: 5 * tick,
                asked: 2,
                waiting: 1,
            };
            let due = logs.tick(queues).into_iter();
            told.extend(due.filter(|(stats, _)| *stats == Stats::Queue));
        }
        let bodies: Vec<serde_json::Value> = told
            .iter()
            .map(|(_, body)| serde_json::from_str(body).unwrap())
            .collect();
        let queue = |done: u64, active: u64, waiting: u64| {
            serde_json::json!({
                "activeSincePrevTick": done, "active": active, "waiting": waiting, "delayed": 0,
            })
        };
        let body = |delivered, received| {
            serde_json::json!({
                "deliver": queue(delivered, 0, 3), "inbox": queue(received, 2, 1),
            })
        };
        assert_eq!(bodies, [body(100, 0), body(50, 25)]);
    }

    #[test]
    fn a_log_has_what_was_asked_for() {
        let mut logs = logs(20);
        let mut count = |stats, request| {
            let log = logs.log(stats, request)?;
            Some(
                serde_json::from_str::<Vec<serde_json::Value>>(&log)
                    .unwrap()
                    .len(),
            )
        };
        assert_eq!(count(Stats::Queue, r#"{"id":"a","length":2}"#), Some(2));
        assert_eq!(count(Stats::Queue, r#"{"id":"a","length":900}"#), Some(3));
        assert_eq!(count(Stats::Queue, r#"{"id":"a","length":-1}"#), Some(0));
        assert_eq!(count(Stats::Queue, r#"{"id":5,"length":2}"#), None);
        assert_eq!(count(Stats::Queue, r#"{"id":"a"}"#), None);
        assert_eq!(count(Stats::Queue, "[]"), None);
        assert_eq!(count(Stats::Server, "null"), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_machine_is_asked_without_a_length_too() {
        let mut logs = logs(20);
        for request in ["{}", r#"{"id":42}"#] {
            let log = logs.log(Stats::Server, request).unwrap();
            let log: Vec<serde_json::Value> = serde_json::from_str(&log).unwrap();
            assert_eq!(log.len(), 3);
            assert!(log[0]["mem"]["used"].as_u64().unwrap() > 0);
        }
    }
}
