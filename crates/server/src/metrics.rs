//! What is counted: all names in one table, and the handles that count.
//!
//! Nothing is registered globally: each server has its own recorder, so that two in one
//! process don't mix.

use std::sync::Arc;
use std::time::Duration;

use metrics::{Counter, Gauge, Histogram, Key, Label, Level, Metadata, Recorder, Unit};
use metrics_exporter_prometheus::{
    Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};
use protocol::close::CloseReason;

/// What a metric is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricKind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// A distribution.
    Histogram,
}

/// One line of the table of metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MetricSpec {
    /// Its name, unit last.
    pub name: &'static str,
    /// What it is.
    pub kind: MetricKind,
    /// The name of its label, if it has one.
    pub label: Option<&'static str>,
    /// What it counts.
    pub about: &'static str,
}

const CONNECTIONS: &str = "seseragi_connections";
const OPENED: &str = "seseragi_connections_opened_total";
const CLOSED: &str = "seseragi_connections_closed_total";
const HANDSHAKES: &str = "seseragi_handshakes_total";
const MESSAGES_IN: &str = "seseragi_messages_received_total";
const MESSAGES_IGNORED: &str = "seseragi_messages_ignored_total";
const OPERATIONS_IGNORED: &str = "seseragi_operations_ignored_total";
const BYTES_IN: &str = "seseragi_received_bytes_total";
const BYTES_OUT: &str = "seseragi_sent_bytes_total";
const DELIVERIES: &str = "seseragi_deliveries_total";
const REFUSED: &str = "seseragi_refused_total";
const FORMS: &str = "seseragi_forms_total";
const FORMS_FAILED: &str = "seseragi_forms_failed_total";
const OVERFLOWS: &str = "seseragi_mailbox_overflows_total";
const TURN: &str = "seseragi_worker_turn_seconds";
const EVENTS: &str = "seseragi_events_total";
const EVENT_ERRORS: &str = "seseragi_event_errors_total";
const GAPS: &str = "seseragi_event_gaps_total";
const EVENTS_GIVEN_UP: &str = "seseragi_events_dropped_total";
const EVENTS_HELD: &str = "seseragi_events_held";
const PUBLICATIONS: &str = "seseragi_publications_total";
const BACKEND_ERRORS: &str = "seseragi_backend_errors_total";
const QUESTIONS: &str = "seseragi_backend_questions";

/// All metrics.
pub const METRICS: &[MetricSpec] = &[
    gauge(CONNECTIONS, None, "Open connections."),
    counter(OPENED, None, "Connections that a worker took over."),
    counter(CLOSED, Some("reason"), "Connections that ended, by why."),
    counter(
        HANDSHAKES,
        Some("result"),
        "Requests for a stream, by what came of them.",
    ),
    counter(MESSAGES_IN, None, "Messages and control frames of clients."),
    counter(
        MESSAGES_IGNORED,
        None,
        "Messages of clients that are no command.",
    ),
    counter(
        OPERATIONS_IGNORED,
        None,
        "Operations of channels that nothing here carries out.",
    ),
    counter(
        BYTES_IN,
        None,
        "Bytes that clients sent after the handshake.",
    ),
    counter(
        BYTES_OUT,
        None,
        "Bytes that clients were sent after the handshake.",
    ),
    counter(
        DELIVERIES,
        None,
        "Events that were put into the mailbox of a connection.",
    ),
    counter(
        REFUSED,
        None,
        "Events that the rules kept from a connection whose channel might have carried them.",
    ),
    counter(
        FORMS,
        None,
        "Frames that were serialised: at most one per form of an event.",
    ),
    counter(
        FORMS_FAILED,
        None,
        "Deliveries given up because the event has no form that the rules ask for.",
    ),
    counter(
        OVERFLOWS,
        None,
        "Connections that were ended because more waited for them than may.",
    ),
    MetricSpec {
        name: TURN,
        kind: MetricKind::Histogram,
        label: None,
        about: "How long a turn of a worker's loop took: the most that one connection waits for another.",
    },
    counter(
        EVENTS,
        Some("topic"),
        "Messages of the backend, by the kind of their topic.",
    ),
    counter(
        EVENT_ERRORS,
        None,
        "Messages of the backend that could not be understood.",
    ),
    counter(
        GAPS,
        None,
        "Times that messages of the backend may have been lost.",
    ),
    counter(
        EVENTS_GIVEN_UP,
        Some("reason"),
        "Events dropped: the store could not complete them, or too many were held back.",
    ),
    gauge(
        EVENTS_HELD,
        None,
        "Events that wait for one that is being completed from the store.",
    ),
    counter(PUBLICATIONS, None, "Events that went to the workers."),
    counter(
        BACKEND_ERRORS,
        Some("question"),
        "Questions that the backend could not answer, or not in time.",
    ),
    gauge(QUESTIONS, None, "Questions that wait for the backend."),
];

const fn counter(
    name: &'static str,
    label: Option<&'static str>,
    about: &'static str,
) -> MetricSpec {
    MetricSpec {
        name,
        kind: MetricKind::Counter,
        label,
        about,
    }
}

const fn gauge(name: &'static str, label: Option<&'static str>, about: &'static str) -> MetricSpec {
    MetricSpec {
        name,
        kind: MetricKind::Gauge,
        label,
        about,
    }
}

/// The upper bounds of a turn's buckets, in seconds.
const TURN_BUCKETS: &[f64] = &[0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0];

/// The metrics of one server.
#[derive(Clone)]
pub(crate) struct Metrics {
    recorder: Arc<PrometheusRecorder>,
    handle: PrometheusHandle,
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
            other: self.labelled(EVENTS, "topic", "other"),
            errors: self.counter(EVENT_ERRORS),
            given_up: self.labelled(EVENTS_GIVEN_UP, "reason", "incomplete"),
            held_dropped: self.labelled(EVENTS_GIVEN_UP, "reason", "too_many_held"),
            held: self.gauge(EVENTS_HELD),
            gaps: self.counter(GAPS),
            publications: self.counter(PUBLICATIONS),
            questions: self.gauge(QUESTIONS),
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

/// The kinds of topics: what stands before the colon.
const TOPICS: [&str; 14] = [
    "notesStream",
    "mainStream",
    "driveStream",
    "adminStream",
    "userListStream",
    "reversiStream",
    "reversiGameStream",
    "chatRoomStream",
    "chatUserStream",
    "roleTimelineStream",
    "antennaStream",
    "noteStream",
    "broadcast",
    "internal",
];

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
    other: Counter,
    errors: Counter,
    given_up: Counter,
    held_dropped: Counter,
    held: Gauge,
    pub(crate) gaps: Counter,
    pub(crate) publications: Counter,
    questions: Gauge,
    metrics: Metrics,
}

impl SourceMetrics {
    /// Counts a message of the backend.
    pub(crate) fn event(&self, topic: &str) {
        let kind = topic.split(':').next().unwrap_or(topic);
        let known = self.topics.iter().find(|(name, _)| *name == kind);
        known
            .map_or(&self.other, |(_, counter)| counter)
            .increment(1);
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
