//! What events beside a Misskey cost and ask, with few connections and with many.

use std::time::Duration;

use anyhow::{Result, bail, ensure};

use super::{SENTINEL, at_home, publish_sentinel};
use crate::arrivals;
use crate::bench::{Extent, FRAME_BYTES};
use crate::child::Server;
use crate::client::Client;
use crate::crowd::{Came, Crowd, PATIENCE};
use crate::misskey::{Misskey, REACTIONS, Town};
use crate::note;
use crate::report::{Figure, Goal, Report, Section};

/// Few of the users are one of so many.
const FEW: usize = 10;

/// The connections that captured the same note are one of so many.
const CAPTURED_BY: usize = 100;

const ABOUT: &str = "The users of the chapter before, on their `homeTimeline`: few of them connected, and all. Each event goes to about one of a hundred of them. \
Queries are those that PostgreSQL counts, without the reading again of relations, which has nothing to do with events. *A renote whose own reactions have to be looked up* is of a note with so many reactions that \
it does not say itself whether somebody has reacted; each is of another note. *An event of a captured note that doesn't say whose it is* comes of older servers: two events for each note. Each event is published when the one before has come; its deliveries are in the CPU.";

/// A kind of event.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Note,
    Renote,
    /// With what newer servers say of the note in each.
    Captured(&'static str),
    Follow,
}

const WHOSE: &str = r#""userId":"author","userHost":null,"visibility":"public","#;

const KINDS: [(&str, Kind); 5] = [
    ("a note of somebody whom they follow", Kind::Note),
    (
        "a renote whose own reactions have to be looked up",
        Kind::Renote,
    ),
    ("an event of a captured note", Kind::Captured(WHOSE)),
    (
        "an event of a captured note that doesn't say whose it is",
        Kind::Captured(""),
    ),
    ("a follow and its end", Kind::Follow),
];

/// What one kind of event took.
struct Cost {
    deliveries: u64,
    queries: f64,
    cpu_us: f64,
}

/// Users with a server, and the stage for events.
struct Stage<'a> {
    misskey: &'a mut Misskey,
    server: Server,
    crowd: Crowd,
    /// How far apart the users are that are connected.
    stride: usize,
    sentinels: u64,
    /// The number of the next note.
    next: u64,
}

/// Events to few connections and to many.
pub(super) fn run(misskey: &mut Misskey, extent: Extent, report: &mut Report) -> Result<()> {
    let users = misskey.town.users;
    let mut section = Section::new("Beside a Misskey: events", ABOUT);
    let counts = [users / FEW, users];
    let mut costs = Vec::new();
    for count in counts {
        let mut stage = Stage::open(misskey, users / count)?;
        let kinds = KINDS
            .iter()
            .map(|&(_, kind)| stage.measure(kind, extent.beside_events));
        costs.push(kinds.collect::<Result<Vec<_>>>()?);
    }
    let [few, many] = &costs[..] else {
        unreachable!("few and many are measured");
    };
    section.columns([
        "event",
        "deliveries of each: few",
        "many",
        "queries for 1,000 events: few",
        "many",
        "CPU of each: few",
        "many",
    ]);
    for ((name, _), (few, many)) in KINDS.iter().zip(few.iter().zip(many)) {
        let of_each = |cost: &Cost| {
            format!(
                "{:.1}",
                cost.deliveries as f64 / extent.beside_events as f64
            )
        };
        section.row([
            (*name).to_owned(),
            of_each(few),
            of_each(many),
            format!("{:.0}", few.queries),
            format!("{:.0}", many.queries),
            format!("{:.0} µs", few.cpu_us),
            format!("{:.0} µs", many.cpu_us),
        ]);
    }
    section.after(format!(
        "*Few*: {} connections; *many*: {}.",
        counts[0], counts[1]
    ));
    let sum = |costs: &[Cost]| costs.iter().map(|cost| cost.queries).sum::<f64>();
    report.add(Figure {
        name: format!(
            "beside a Misskey: queries for the same events, {} against {} connections",
            counts[1], counts[0]
        ),
        value: sum(many) / sum(few),
        unit: "× of few",
        goal: Some(Goal::AtMost(1.05)),
        detail: format!(
            "{:.0} against {:.0} for 1,000 events of each of {} kinds",
            sum(many),
            sum(few),
            KINDS.len()
        ),
        obstacle: "Something is asked for each connection.",
    });
    report.section(section);
    Ok(())
}

impl<'a> Stage<'a> {
    /// A server and every so manieth user of the town, each of whom has captured a note.
    fn open(misskey: &'a mut Misskey, stride: usize) -> Result<Self> {
        let server = Server::beside(misskey, false)?;
        let users = (0..misskey.town.users).step_by(stride);
        let tokens: Vec<String> = users.map(Town::token).collect();
        let arrived = arrivals::arrive(server.target.address, &tokens, Duration::ZERO)?;
        let mut clients: Vec<Client> = arrived.into_iter().map(|it| it.client).collect();
        for (index, client) in clients.iter_mut().enumerate() {
            client.capture(&captured(index))?;
        }
        // The first connection hears when everything before has gone through.
        clients[0].capture(&note::note_id(SENTINEL))?;
        for client in &mut clients {
            client.join("drive", "captured")?;
        }
        Ok(Self {
            misskey,
            server,
            crowd: Crowd::of(clients)?,
            stride,
            sentinels: 0,
            next: 0,
        })
    }

    /// So many events of a kind, each with its deliveries.
    fn measure(&mut self, kind: Kind, count: u64) -> Result<Cost> {
        let first = self.next;
        self.next += count;
        let town = self.misskey.town;
        let authors: Vec<usize> = (0..usize::try_from(count)?)
            .map(|at| at * 37 % town.users)
            .collect();
        let mut all = Vec::new();
        for (at, &author) in authors.iter().enumerate() {
            let expected = match kind {
                Kind::Note | Kind::Renote => self.receivers(author),
                Kind::Captured(_) => self.holders(at),
                Kind::Follow => 0,
            };
            let (topic, events) = self.event(kind, first + at as u64, at, author);
            all.push((topic, events, expected));
        }
        self.misskey.forget_statements()?;
        let before_ns = self.server.target.cpu_ns()?;
        let mut came = 0;
        // One after the other: several at once are looked up together.
        for (topic, events, expected) in &all {
            self.misskey.publish(topic, events)?;
            self.await_some(*expected, None)?;
            came += expected;
        }
        self.await_sentinel()?;
        let spent_ns = self.server.target.cpu_ns()? - before_ns;
        Ok(Cost {
            deliveries: came,
            queries: self.misskey.statements()?.count as f64 * 1e3 / count as f64,
            cpu_us: spent_ns as f64 / count as f64 / 1e3,
        })
    }

    /// How many connected users get a note of an author: the followers, and the author.
    fn receivers(&self, author: usize) -> u64 {
        let town = self.misskey.town;
        let users = (0..town.users).step_by(self.stride);
        users
            .filter(|&user| user == author || town.has_follow(user, author))
            .count() as u64
    }

    /// How many connections have captured the note of an event.
    fn holders(&self, event: usize) -> u64 {
        let note = captured(event);
        (0..self.crowd.len())
            .filter(|&index| captured(index) == note)
            .count() as u64
    }

    /// An event of a kind: its topic and what is published there.
    fn event(&self, kind: Kind, number: u64, at: usize, author: usize) -> (String, Vec<String>) {
        let town = self.misskey.town;
        let id = Town::id(author);
        match kind {
            Kind::Note => {
                let note = at_home(note::note(number, &id, FRAME_BYTES));
                ("notesStream".to_owned(), vec![note])
            }
            Kind::Renote => {
                let note = note::popular_renote(number, &id, &Town::note(at), REACTIONS);
                ("notesStream".to_owned(), vec![note])
            }
            Kind::Captured(whose) => {
                let note = captured(at);
                let event = format!(
                    r#"{{"type":"reacted","body":{{"id":"{note}",{whose}"body":{{"reaction":"👍","emoji":null,"userId":"{id}"}}}}}}"#
                );
                (format!("noteStream:{note}"), vec![event])
            }
            Kind::Follow => {
                let other = Town::id((author + 1) % town.users);
                let event = |kind| {
                    format!(
                        r#"{{"type":"{kind}","body":{{"followerId":"{other}","followeeId":"{id}"}}}}"#
                    )
                };
                (
                    "internal".to_owned(),
                    vec![event("follow"), event("unfollow")],
                )
            }
        }
    }

    /// Waits until everything that was published has gone through, and finds nothing left.
    fn await_sentinel(&mut self) -> Result<()> {
        let sentinel = self.sentinels;
        self.sentinels += 1;
        publish_sentinel(self.misskey, sentinel)?;
        self.await_some(0, Some(sentinel))
    }

    /// Waits for exactly so many events on all connections, and perhaps a sentinel.
    fn await_some(&mut self, expected: u64, sentinel: Option<u64>) -> Result<()> {
        let (mut came, mut ended) = (0, sentinel.is_none());
        while came < expected || !ended {
            let before = (came, ended);
            self.crowd.turn(PATIENCE, &mut |index, event, _| {
                let frame = match event {
                    Came::Message(frame) => frame,
                    Came::End(why) => bail!("connection {index} is over: {why}"),
                };
                if sentinel.is_some() && note::reaction_number(frame.payload) == sentinel {
                    ended = true;
                } else {
                    came += 1;
                }
                Ok(())
            })?;
            ensure!(before != (came, ended), "{came} of {expected} events came");
        }
        ensure!(came == expected, "{came} events came and not {expected}");
        Ok(())
    }
}

/// The note that a connection has captured, and that the event of this number is of.
fn captured(number: usize) -> String {
    Town::note(number % CAPTURED_BY)
}
