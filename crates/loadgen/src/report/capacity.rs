//! What the measured costs mean for nodes and for many of them.

use std::collections::BTreeMap;

use super::Section;

/// A node: its processors, memory and network, and how much of each may be used.
const CORES: f64 = 8.0;
const MEMORY_GIB: f64 = 16.0;
const NETWORK_GBIT: f64 = 10.0;
const USABLE: f64 = 0.7;

/// The notes that somebody at home gets, for each second: of 150 people who post two an hour.
const HOME_PER_S: f64 = 150.0 * POSTS_PER_S;

/// The notes of each user who is connected, for each second: two an hour.
const POSTS_PER_S: f64 = 2.0 / 3600.0;

/// The events for each note, with itself: reactions, votes, deletions, notifications.
const EVENTS_PER_NOTE: f64 = 4.0;

/// One of so many has joined the local timeline.
const ONE_ON_LOCAL: f64 = 20.0;

/// The costs that the chapter is made of, each measured in the same run.
#[derive(Debug, Clone, Copy)]
struct Costs {
    delivery_us: f64,
    burst_us: f64,
    source_us: f64,
    worker_us: f64,
    viewer_kib: f64,
    kernel_kib: f64,
    handshakes: f64,
    frame_bytes: f64,
}

/// A part of a node that may be what limits it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Deliveries,
    Events,
    Memory,
    Network,
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::Deliveries => "CPU of the deliveries",
            Self::Events => "CPU of the events",
            Self::Memory => "memory",
            Self::Network => "network",
        }
    }
}

impl Costs {
    fn of(measured: &BTreeMap<&'static str, f64>) -> Option<Self> {
        let get = |name: &str| measured.get(name).copied();
        Some(Self {
            delivery_us: get("delivery_us")?,
            burst_us: get("delivery_in_burst_us")?,
            source_us: get("unwanted_source_us")?,
            worker_us: get("unwanted_worker_us")?,
            viewer_kib: get("viewer_kib")?,
            kernel_kib: get("kernel_kib")?,
            handshakes: get("handshakes")?,
            frame_bytes: get("frame_bytes")?,
        })
    }

    fn cpu_us_per_s() -> f64 {
        CORES * USABLE * 1e6
    }

    /// The most connections that each part of a node allows, if every connection gets so many
    /// notes a second and the node hears of so many events a second.
    fn connections(self, notes_per_s: f64, events_per_s: f64) -> [(Part, f64); 3] {
        // Every worker hears of every event; one source does.
        let events_us = events_per_s * (self.source_us + CORES * self.worker_us);
        let left_us = (Self::cpu_us_per_s() - events_us).max(0.0);
        let cpu = if left_us > 0.0 {
            Part::Deliveries
        } else {
            Part::Events
        };
        let memory_kib = MEMORY_GIB * 1024.0 * 1024.0 * USABLE;
        let bytes_per_s = NETWORK_GBIT / 8.0 * 1e9 * USABLE;
        [
            (cpu, left_us / (notes_per_s * self.delivery_us)),
            (
                Part::Memory,
                memory_kib / (self.viewer_kib + self.kernel_kib),
            ),
            (
                Part::Network,
                bytes_per_s / (notes_per_s * self.frame_bytes),
            ),
        ]
    }

    /// The most connections of a node, and the part that sets it.
    fn most(self, notes_per_s: f64, events_per_s: f64) -> (Part, f64) {
        let parts = self.connections(notes_per_s, events_per_s);
        let least = parts.into_iter().min_by(|a, b| a.1.total_cmp(&b.1));
        least.expect("a node has parts")
    }
}

/// The chapter; nothing where not all was measured.
pub(super) fn sections(measured: &BTreeMap<&'static str, f64>) -> Vec<Section> {
    let Some(costs) = Costs::of(measured) else {
        return Vec::new();
    };
    vec![node(costs), nodes(costs)]
}

fn node(costs: Costs) -> Section {
    let Costs {
        delivery_us,
        burst_us,
        viewer_kib,
        kernel_kib,
        handshakes,
        ..
    } = costs;
    let deliveries = Costs::cpu_us_per_s() / delivery_us;
    let about = format!(
        "Derived from the figures above by the report itself. A node is taken to have {CORES:.0} processors, {MEMORY_GIB:.0} GiB of memory and a network of \
{NETWORK_GBIT:.0} Gbit/s, each used to {:.0} %. That workers scale with processors is an assumption here: they share nothing, but one was measured.\n\n\
- A delivery of 2 KiB takes {delivery_us:.2} µs: a node makes {} deliveries a second, or up to {} where frames pile up and go out several at a time ({burst_us:.2} µs).\n\
- Somebody who is logged in, with `main`, `homeTimeline` and 30 captures, takes {viewer_kib:.1} KiB, and the kernel {kernel_kib:.1} KiB for the socket: \
memory is enough for {} of them.\n\
- All who were cut off at once are back after {:.0} s with 100,000 connections, at {} handshakes with a log-in a second.\n\
- One process takes `--connections-max` connections, 100,000 unless told otherwise, and the system must allow as many open files.\n\n\
How many connections that is depends on how much each of them gets:",
        USABLE * 100.0,
        round(deliveries),
        round(Costs::cpu_us_per_s() / burst_us),
        round(costs.connections(1.0, 0.0)[1].1),
        100_000.0 / (handshakes * CORES * USABLE),
        round(handshakes * CORES * USABLE),
    );
    let mut section = Section::new("What one node holds", about);
    section.columns([
        "each connection gets",
        "CPU is enough for",
        "memory",
        "network",
        "so that a node holds",
        "because of",
    ]);
    for (text, notes_per_s) in [
        ("a note in ten minutes", 1.0 / 600.0),
        ("a note in 12 s, as somebody at home", HOME_PER_S),
        ("a note a second", 1.0),
        ("5 notes a second", 5.0),
    ] {
        let [cpu, memory, network] = costs.connections(notes_per_s, 0.0);
        let (part, most) = costs.most(notes_per_s, 0.0);
        section.row([
            text.to_owned(),
            round(cpu.1),
            round(memory.1),
            round(network.1),
            round(most),
            part.name().to_owned(),
        ]);
    }
    section
}

fn nodes(costs: Costs) -> Section {
    let about = format!(
        "Everybody who is connected posts two notes an hour and follows 150 such people; each note brings {:.0} more events (reactions, notifications, deletions). \
Every node hears of every event, since any of its connections may want it: that is the part which does not divide. The store's pub/sub sends each event to each \
node, so that its output grows with nodes times events. *On the local timeline*: one of {ONE_ON_LOCAL:.0} connections has joined it, where every note of everybody comes.",
        EVENTS_PER_NOTE - 1.0,
    );
    let mut section = Section::new("What 10⁵, 10⁶ and 10⁷ connections take", about);
    section.columns([
        "connections",
        "events a second",
        "nodes",
        "set by",
        "CPU of a node for events it only hears of",
        "pub/sub sends",
        "local timeline, deliveries a second",
        "its nodes more",
    ]);
    for connections in [1e5, 1e6, 1e7] {
        let notes_per_s = connections * POSTS_PER_S;
        let events_per_s = notes_per_s * EVENTS_PER_NOTE;
        let (part, most) = costs.most(HOME_PER_S, events_per_s);
        let nodes = (connections / most).ceil();
        let events_us = events_per_s * (costs.source_us + CORES * costs.worker_us);
        // Of the events three in four are short.
        let event_bytes = costs.frame_bytes / EVENTS_PER_NOTE + 300.0;
        let local = connections / ONE_ON_LOCAL * notes_per_s;
        section.row([
            round(connections),
            round(events_per_s),
            if most > 0.0 {
                round(nodes)
            } else {
                "–".to_owned()
            },
            part.name().to_owned(),
            format!("{:.1} %", 100.0 * events_us / (CORES * 1e6)),
            if most > 0.0 {
                format!("{:.1} MB/s", nodes * events_per_s * event_bytes / 1e6)
            } else {
                "–".to_owned()
            },
            round(local),
            round((local * costs.delivery_us / Costs::cpu_us_per_s()).ceil()),
        ]);
    }
    section.after(after(costs));
    section
}

/// What breaks first, in words.
fn after(costs: Costs) -> String {
    let deliveries = Costs::cpu_us_per_s() / costs.delivery_us;
    // On the local timeline of one node: a share of n connections times the notes of all n.
    let local = (deliveries * ONE_ON_LOCAL / POSTS_PER_S).sqrt();
    let events = Costs::cpu_us_per_s() / (costs.source_us + CORES * costs.worker_us);
    let source = USABLE * 1e6 / costs.source_us;
    let (part, most) = costs.most(HOME_PER_S, 0.0);
    let most_events = 1e7 * POSTS_PER_S * EVENTS_PER_NOTE;
    let (_, of_a_node) = costs.most(HOME_PER_S, most_events);
    format!(
        "What breaks first:\n\n\
1. The *local timeline*, since its deliveries grow with the square of the connections. With {} connections it takes the CPU of a whole node; at 10⁷ nobody \
could read it anyway. Operators close it by policy long before.\n\
2. For people at home the *{}* of a node, at {} of them; they come back in {:.0} s after it was cut off. Smaller nodes, and more of them, come back sooner.\n\
3. What every node must do for *every event*. The source of a node is one thread, for {} events a second; with {CORES:.0} workers a node does nothing but hear of events at {}. \
10⁷ connections make {}. And one process of the store sends each event to each node, {} messages a second: from there on relays must stand between the store \
and the nodes.\n\
4. The *store* must take {} notes a second at 10⁷ connections before there is anything to deliver. That was not measured here.",
        round(local),
        part.name(),
        round(most),
        most / (costs.handshakes * CORES * USABLE),
        round(source),
        round(events),
        round(most_events),
        round(most_events * (1e7 / of_a_node).ceil()),
        round(1e7 * POSTS_PER_S),
    )
}

/// A count to two digits, with its thousands apart.
fn round(value: f64) -> String {
    if value <= 0.0 {
        return "0".to_owned();
    }
    let unit = 10_f64.powf(value.log10().floor() - 1.0).max(1.0);
    let digits = format!("{:.0}", (value / unit).round() * unit);
    let mut text = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const COSTS: Costs = Costs {
        delivery_us: 5.0,
        burst_us: 1.0,
        source_us: 2.0,
        worker_us: 1.0,
        viewer_kib: 4.0,
        kernel_kib: 4.0,
        handshakes: 10_000.0,
        frame_bytes: 2_000.0,
    };

    #[test]
    fn the_part_that_is_full_first_sets_how_many() {
        // 5.6 processors make 1,120,000 deliveries; 11.2 GiB hold 1,468,006 at 8 KiB.
        assert_eq!(COSTS.most(1.0, 0.0), (Part::Network, 437_500.0));
        let (part, most) = COSTS.most(0.001, 0.0);
        assert_eq!((part, most.floor()), (Part::Memory, 1_468_006.0));
        let small = Costs {
            frame_bytes: 100.0,
            ..COSTS
        };
        assert_eq!(small.most(1.0, 0.0), (Part::Deliveries, 1_120_000.0));
        // Each event takes 10 µs of all workers and the source.
        assert_eq!(small.most(1.0, 280_000.0), (Part::Deliveries, 560_000.0));
        assert_eq!(small.most(1.0, 560_000.0), (Part::Events, 0.0));
    }

    #[test]
    fn counts_are_read_at_a_glance() {
        for (value, expected) in [
            (0.0, "0"),
            (7.4, "7"),
            (96.6, "97"),
            (1_234.0, "1,200"),
            (1_468_006.0, "1,500,000"),
            (999_999.0, "1,000,000"),
        ] {
            assert_eq!(round(value), expected);
        }
    }

    #[test]
    fn there_is_no_chapter_without_all_of_its_costs() {
        assert!(sections(&BTreeMap::from([("delivery_us", 5.0)])).is_empty());
    }
}
