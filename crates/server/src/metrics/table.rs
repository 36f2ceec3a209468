//! The names of all metrics and what they mean.

use protocol::topic::{Address, Topic};

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

pub(super) const CONNECTIONS: &str = "seseragi_connections";
pub(super) const OPENED: &str = "seseragi_connections_opened_total";
pub(super) const CLOSED: &str = "seseragi_connections_closed_total";
pub(super) const HANDSHAKES: &str = "seseragi_handshakes_total";
pub(super) const MESSAGES_IN: &str = "seseragi_messages_received_total";
pub(super) const MESSAGES_IGNORED: &str = "seseragi_messages_ignored_total";
pub(super) const OPERATIONS_IGNORED: &str = "seseragi_operations_ignored_total";
pub(super) const BYTES_IN: &str = "seseragi_received_bytes_total";
pub(super) const BYTES_OUT: &str = "seseragi_sent_bytes_total";
pub(super) const DELIVERIES: &str = "seseragi_deliveries_total";
pub(super) const REFUSED: &str = "seseragi_refused_total";
pub(super) const FORMS: &str = "seseragi_forms_total";
pub(super) const FORMS_FAILED: &str = "seseragi_forms_failed_total";
pub(super) const OVERFLOWS: &str = "seseragi_mailbox_overflows_total";
pub(super) const TURN: &str = "seseragi_worker_turn_seconds";
pub(super) const EVENTS: &str = "seseragi_events_total";
pub(super) const EVENT_ERRORS: &str = "seseragi_event_errors_total";
pub(super) const GAPS: &str = "seseragi_event_gaps_total";
pub(super) const EVENTS_GIVEN_UP: &str = "seseragi_events_dropped_total";
pub(super) const EVENTS_HELD: &str = "seseragi_events_held";
pub(super) const REREADS: &str = "seseragi_rereads_total";
pub(super) const PUBLICATIONS: &str = "seseragi_publications_total";
pub(super) const BACKEND_ERRORS: &str = "seseragi_backend_errors_total";
pub(super) const QUESTIONS: &str = "seseragi_backend_questions";
pub(super) const QUERIES: &str = "seseragi_store_queries_total";
pub(super) const MESSAGES_DROPPED: &str = "seseragi_store_messages_dropped_total";
pub(super) const PACKS: &str = "seseragi_store_packs_total";
pub(super) const SUBSCRIBED: &str = "seseragi_store_subscribed";
pub(super) const BRIDGES: &str = "seseragi_bridges";
pub(super) const BRIDGE_STREAMS: &str = "seseragi_bridge_streams_total";
pub(super) const BRIDGE_MESSAGES: &str = "seseragi_bridge_messages_total";
pub(super) const BRIDGE_DROPPED: &str = "seseragi_bridge_dropped_total";

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
        "Operations of channels that nothing here carries out, or that are not for whoever sent them to do.",
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
        "Events that were written to a connection or put into its mailbox.",
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
        REREADS,
        None,
        "Times that everything in use was read again for changes without an event.",
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
    counter(
        QUERIES,
        Some("query"),
        "Queries to a database beside the server, by their name.",
    ),
    counter(
        MESSAGES_DROPPED,
        Some("reason"),
        "Messages of a Redis beside the server that never became events.",
    ),
    counter(
        PACKS,
        Some("result"),
        "Notes that a server beside this one was to pack for one user, by what came of it.",
    ),
    gauge(
        SUBSCRIBED,
        None,
        "Whether events of a Redis beside the server can arrive: 1 or 0.",
    ),
    gauge(
        BRIDGES,
        None,
        "Streams upstream that the bridge keeps open, or tries to.",
    ),
    counter(
        BRIDGE_STREAMS,
        Some("result"),
        "Streams upstream: opened, or why they could not be or are no more.",
    ),
    counter(
        BRIDGE_MESSAGES,
        None,
        "Messages of the server upstream in streams of the bridge.",
    ),
    counter(
        BRIDGE_DROPPED,
        Some("what"),
        "What the bridge did not pass on: joins and operations over a limit, messages for no channel.",
    ),
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

/// The kinds of topics, as the label of [`EVENTS`] names them.
pub(super) const TOPICS: [&str; 17] = [
    "notes",
    "note",
    "main",
    "role_timeline",
    "antenna",
    "drive",
    "admin",
    "user_list",
    "reversi",
    "reversi_game",
    "chat_room",
    "chat_user",
    "messaging",
    "messaging_index",
    "broadcast",
    "internal",
    "unknown",
];

/// The kind of a topic.
pub(super) fn topic_kind(topic: &str) -> &'static str {
    match Address::parse(topic) {
        Some(Address::Notes) => "notes",
        Some(Address::Note(_)) => "note",
        Some(Address::Main(_)) => "main",
        Some(Address::RoleTimeline(_)) => "role_timeline",
        Some(Address::Antenna(_)) => "antenna",
        Some(Address::Topic(Topic::Drive { .. })) => "drive",
        Some(Address::Topic(Topic::Admin { .. })) => "admin",
        Some(Address::Topic(Topic::UserList { .. })) => "user_list",
        Some(Address::Topic(Topic::Reversi { .. })) => "reversi",
        Some(Address::Topic(Topic::ReversiGame { .. })) => "reversi_game",
        Some(Address::Topic(Topic::ChatRoom { .. })) => "chat_room",
        Some(Address::Topic(Topic::ChatUser { .. })) => "chat_user",
        Some(Address::Topic(Topic::Messaging { .. })) => "messaging",
        Some(Address::Topic(Topic::MessagingIndex { .. })) => "messaging_index",
        Some(Address::Broadcast) => "broadcast",
        Some(Address::Internal) => "internal",
        None => "unknown",
    }
}
