//! What is counted: all names in one table, and the handles that count.
//!
//! Nothing is registered globally: each server has its own recorder, so that two in one
//! process don't mix.

mod table;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use backend::Reading;
use metrics::{Counter, Gauge, Histogram, Key, Label, Level, Metadata, Recorder, Unit};
use metrics_exporter_prometheus::{
    Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};
use protocol::close::CloseReason;

use table::*;

pub use table::{METRICS, MetricKind, MetricSpec};

/// The upper bounds of a turn's buckets, in seconds.
const TURN_BUCKETS: &[f64] = &[0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0];

/// The metrics of one server.
#[derive(Clone)]
pub(crate) struct Metrics {
    recorder: Arc<PrometheusRecorder>,
    handle: PrometheusHandle,
    /// What all workers delivered, to be read again: Prometheus' counters are only written.
    delivered: Arc<AtomicU64>,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Full(TURN.to_owned()), TURN_BUCKETS)
            .expect("the list of buckets is not empty")
            .build_recorder();
        for spec in METRICS {
            let (name, unit, about) = (spec.name.into(), None::<Unit>, spec.about.into());
            match spec.kind {
                MetricKind::Counter => recorder.describe_counter(name, unit, about),
                MetricKind::Gauge => recorder.describe_gauge(name, unit, about),
                MetricKind::Histogram => recorder.describe_histogram(name, unit, about),
            }
        }
        Self {
            handle: recorder.handle(),
            recorder: Arc::new(recorder),
            delivered: Arc::default(),
        }
    }

    /// All values, as Prometheus reads them.
    pub(crate) fn render(&self) -> String {
        self.handle.render()
    }

    /// Sums the distributions up; to be called now and then, so that they don't grow.
    pub(crate) fn run_upkeep(&self) {
        self.handle.run_upkeep();
    }

    fn counter(&self, name: &'static str) -> Counter {
        self.recorder
            .register_counter(&Key::from_static_name(name), &METADATA)
    }

    fn labelled(&self, name: &'static str, label: &'static str, value: &'static str) -> Counter {
        let key = Key::from_parts(name, vec![Label::from_static_parts(label, value)]);
        self.recorder.register_counter(&key, &METADATA)
    }

    fn gauge(&self, name: &'static str) -> Gauge {
        self.recorder
            .register_gauge(&Key::from_static_name(name), &METADATA)
    }

    /// The handles of a worker.
    pub(crate) fn worker(&self) -> WorkerMetrics {
        let closed =
            CloseReason::ALL.map(|reason| self.labelled(CLOSED, "reason", reason.spec().label));
        WorkerMetrics {
            connections: self.gauge(CONNECTIONS),
            opened: self.counter(OPENED),
            closed,
            messages_in: self.counter(MESSAGES_IN),
            messages_ignored: self.counter(MESSAGES_IGNORED),
            operations_ignored: self.counter(OPERATIONS_IGNORED),
            bytes_in: self.counter(BYTES_IN),
            bytes_out: self.counter(BYTES_OUT),
            overflows: self.counter(OVERFLOWS),
            deliveries: self.counter(DELIVERIES),
            delivered: Arc::clone(&self.delivered),
            refused: self.counter(REFUSED),
            forms: self.counter(FORMS),
            forms_failed: self.counter(FORMS_FAILED),
            turn: self
                .recorder
                .register_histogram(&Key::from_static_name(TURN), &METADATA),
        }
    }

    /// The handles of the source task.
    pub(crate) fn source(&self) -> SourceMetrics {
        SourceMetrics {
            topics: TOPICS.map(|topic| (topic, self.labelled(EVENTS, "topic", topic))),
            errors: self.counter(EVENT_ERRORS),
            given_up: self.labelled(EVENTS_GIVEN_UP, "reason", "incomplete"),
            held_dropped: self.labelled(EVENTS_GIVEN_UP, "reason", "too_many_held"),
            held: self.gauge(EVENTS_HELD),
            gaps: self.counter(GAPS),
            rereads: self.counter(REREADS),
            publications: self.counter(PUBLICATIONS),
            questions: self.gauge(QUESTIONS),
            metrics: self.clone(),
        }
    }

    /// Takes over what the store counts.
    pub(crate) fn take_readings(&self, readings: Vec<Reading>) {
        for reading in readings {
            match reading {
                Reading::Queries(query, count) => {
                    self.labelled(QUERIES, "query", query).absolute(count);
                }
                Reading::MessagesDropped(reason, count) => {
                    let counter = self.labelled(MESSAGES_DROPPED, "reason", reason);
                    counter.absolute(count);
                }
                Reading::Packs(result, count) => {
                    self.labelled(PACKS, "result", result).absolute(count);
                }
                Reading::Subscribed(subscribed) => {
                    self.gauge(SUBSCRIBED).set(f64::from(u8::from(subscribed)));
                }
            }
        }
    }

    /// The handles of the bridge.
    pub(crate) fn bridge(&self) -> BridgeMetrics {
        BridgeMetrics {
            lines: self.gauge(BRIDGES),
            messages: self.counter(BRIDGE_MESSAGES),
            joins_dropped: self.labelled(BRIDGE_DROPPED, "what", "join"),
            operations_dropped: self.labelled(BRIDGE_DROPPED, "what", "operation"),
            messages_dropped: self.labelled(BRIDGE_DROPPED, "what", "message"),
            metrics: self.clone(),
        }
    }

    /// Counts a request for a stream.
    pub(crate) fn handshake(&self, result: &'static str) {
        self.labelled(HANDSHAKES, "result", result).increment(1);
    }
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metrics")
    }
}

static METADATA: Metadata<'static> =
    Metadata::new(module_path!(), Level::INFO, Some(module_path!()));

/// The handles of a worker.
#[derive(Debug)]
pub(crate) struct WorkerMetrics {
    connections: Gauge,
    opened: Counter,
    closed: [Counter; CloseReason::ALL.len()],
    messages_in: Counter,
    messages_ignored: Counter,
    operations_ignored: Counter,
    bytes_in: Counter,
    bytes_out: Counter,
    overflows: Counter,
    deliveries: Counter,
    delivered: Arc<AtomicU64>,
    refused: Counter,
    forms: Counter,
    forms_failed: Counter,
    turn: Histogram,
}

/// What a worker counted since it last reported: plain numbers, so that counting costs nothing
/// while it delivers.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) opened: u64,
    pub(crate) closed: [u64; CloseReason::ALL.len()],
    pub(crate) messages_in: u64,
    pub(crate) messages_ignored: u64,
    pub(crate) operations_ignored: u64,
    pub(crate) bytes_in: u64,
    pub(crate) bytes_out: u64,
}

impl Tally {
    /// Counts a connection that ended.
    pub(crate) fn closed(&mut self, reason: CloseReason) {
        let at = CloseReason::ALL.iter().position(|known| *known == reason);
        self.closed[at.expect("`ALL` has every reason")] += 1;
    }
}

impl WorkerMetrics {
    /// Adds what was counted in a turn, and how long it took.
    pub(crate) fn report(&self, tally: &mut Tally, counts: hub::HubCounts, turn: Duration) {
        self.turn.record(turn.as_secs_f64());
        let Tally {
            opened,
            closed,
            messages_in,
            messages_ignored,
            operations_ignored,
            bytes_in,
            bytes_out,
        } = std::mem::take(tally);
        let ended: u64 = closed.iter().sum();
        add(&self.opened, opened);
        if opened > 0 || ended > 0 {
            self.connections.increment(opened as f64 - ended as f64);
            for (counter, count) in self.closed.iter().zip(closed) {
                add(counter, count);
            }
        }
        add(&self.messages_in, messages_in);
        add(&self.messages_ignored, messages_ignored);
        add(&self.operations_ignored, operations_ignored);
        add(&self.bytes_in, bytes_in);
        add(&self.bytes_out, bytes_out);
        add(&self.deliveries, counts.delivered);
        if counts.delivered > 0 {
            self.delivered
                .fetch_add(counts.delivered, Ordering::Relaxed);
        }
        add(&self.refused, counts.refused);
        add(&self.forms, counts.forms_made);
        add(&self.forms_failed, counts.forms_failed);
        add(&self.overflows, counts.overflows);
    }
}

fn add(counter: &Counter, count: u64) {
    if count > 0 {
        counter.increment(count);
    }
}

/// The handles of the source task.
#[derive(Debug, Clone)]
pub(crate) struct SourceMetrics {
    topics: [(&'static str, Counter); TOPICS.len()],
    errors: Counter,
    given_up: Counter,
    held_dropped: Counter,
    held: Gauge,
    pub(crate) gaps: Counter,
    pub(crate) rereads: Counter,
    pub(crate) publications: Counter,
    questions: Gauge,
    metrics: Metrics,
}

impl SourceMetrics {
    /// Counts a message of the backend.
    pub(crate) fn event(&self, topic: &str) {
        let kind = topic_kind(topic);
        let counter = self.topics.iter().find(|(known, _)| *known == kind);
        counter.expect("`TOPICS` has every kind").1.increment(1);
    }

    /// How many events all workers delivered so far.
    pub(crate) fn delivered(&self) -> u64 {
        self.metrics.delivered.load(Ordering::Relaxed)
    }

    /// Takes over what the desk counted.
    pub(crate) fn report(&self, desk: &mut hub::Desk, questions: usize) {
        let counts = desk.take_counts();
        add(&self.errors, counts.undecodable);
        add(&self.given_up, counts.given_up);
        add(&self.held_dropped, counts.held_dropped);
        self.held.set(desk.held() as f64);
        self.questions.set(questions as f64);
    }

    /// Counts a question that got no answer.
    pub(crate) fn backend_error(&self, question: &'static str) {
        self.metrics
            .labelled(BACKEND_ERRORS, "question", question)
            .increment(1);
    }
}

/// The handles of the bridge.
#[derive(Debug, Clone)]
pub(crate) struct BridgeMetrics {
    lines: Gauge,
    pub(crate) messages: Counter,
    joins_dropped: Counter,
    operations_dropped: Counter,
    messages_dropped: Counter,
    metrics: Metrics,
}

impl BridgeMetrics {
    /// Counts what became of a stream upstream.
    pub(crate) fn stream(&self, result: &'static str) {
        self.metrics
            .labelled(BRIDGE_STREAMS, "result", result)
            .increment(1);
    }

    /// Takes over what the lines counted.
    pub(crate) fn report(&self, lines: usize, counts: crate::bridge::Counts) {
        self.lines.set(lines as f64);
        add(&self.joins_dropped, counts.joins);
        add(&self.operations_dropped, counts.operations);
        add(&self.messages_dropped, counts.messages);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_topic_has_its_counter() {
        let metrics = Metrics::new();
        let source = metrics.source();
        for topic in [
            "notesStream",
            "noteStream:a",
            "mainStream:a",
            "roleTimelineStream:a",
            "antennaStream:a",
            "driveStream:a",
            "adminStream:a",
            "userListStream:a",
            "reversiStream:a",
            "reversiGameStream:a",
            "chatRoomStream:a",
            "chatUserStream:a-b",
            "messagingStream:a-b",
            "messagingIndexStream:a",
            "broadcast",
            "internal",
            "something else",
        ] {
            source.event(topic);
        }
        let text = metrics.render();
        for kind in TOPICS {
            assert!(
                text.contains(&format!("{EVENTS}{{topic=\"{kind}\"}} 1")),
                "{kind}: {text}"
            );
        }
    }
}
