//! Load on any server: connections that do what a scenario says, while notes are posted over
//! REST. Every delivery is checked: each note once, in order, to those alone who should get it.
//!
//! One thread reads all connections, one posts, and each group that misbehaves has one.

mod check;
mod drive;
mod outcome;
mod people;
mod plan;
mod rest;
mod scenario;

use std::collections::HashMap;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, ScopedJoinHandle};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use axum::http::Uri;

use crate::client::{Client, push_frame};
use crate::crowd::{Came, Crowd};
use crate::latency::Latencies;
use crate::misbehave::{self, Bad};
use crate::process;
use check::{Found, Reader, Tally};
use drive::Posts;
use outcome::{Clock, GroupOutcome, Usage};
use people::People;
use plan::{Follows, Plan};
use rest::Rest;
use scenario::{Behaviour, Group};

pub(crate) use outcome::Outcome;
pub(crate) use scenario::Scenario;

/// How long what was posted may take to come.
const PATIENCE_NS: u64 = 10_000_000_000;

/// The longest time without a look at the clock.
const TURN: Duration = Duration::from_millis(50);

/// Where a run goes to.
#[derive(Debug)]
pub(crate) struct Target<'a> {
    /// `http://HOST:PORT`.
    pub(crate) url: &'a str,
    /// A file of tokens.
    pub(crate) tokens: Option<&'a Path>,
    /// The server's process, if it is on this machine and its use of it is wanted.
    pub(crate) pid: Option<u32>,
}

/// Runs a scenario.
pub(crate) fn run(target: &Target<'_>, scenario: Scenario) -> Result<Outcome> {
    let address = resolve(target.url)?;
    server::raise_open_files().context("cannot raise the limit of open files")?;
    // Tells the notes and the users of this run from those of others.
    let name = format!("{:06x}", fastrand::u32(..1 << 24));
    let rest = Rest::new(target.url);
    let people = people::gather(&rest, &name, &scenario, target.tokens)?;
    let before = Usage::now(target.pid)?;
    let mut readers = Readers::open(address, &scenario, &people, &name)?;
    let opened = Usage::now(target.pid)?;
    let posts = Posts::new(readers.plan.total);
    let stop = AtomicBool::new(false);
    let started = Clock::start();
    let did = thread::scope(|scope| {
        let mut misbehaving = Vec::new();
        let mut offset = readers.crowd.len();
        for (group, users) in scenario.groups.iter().zip(&people.groups) {
            if group.behaviour != Behaviour::Read {
                let (at, stop) = (offset, &stop);
                misbehaving.push(scope.spawn(move || disturb(address, at, group, users, stop)));
                offset += group.connections;
            }
        }
        let driver = {
            let (rest, plan, name) = (&rest, readers.plan.clone(), &name);
            let (posts, stop, notes, authors) = (&posts, &stop, &scenario.notes, &people.authors);
            scope.spawn(move || drive::post_all(rest, name, (&plan, notes), authors, posts, stop))
        };
        let read = readers.read_all(&posts, &driver, &started, target.pid);
        stop.store(true, Ordering::Relaxed);
        let posted = join(driver);
        let did = misbehaving
            .into_iter()
            .map(join)
            .collect::<Result<Vec<_>>>();
        read?;
        posted?;
        did
    })?;
    let usage = [before, opened, Usage::now(target.pid)?];
    let groups = readers.groups(&scenario, &posts, did);
    Ok(Outcome::of(scenario, &posts, groups, &started, usage))
}

/// The address of a server.
fn resolve(url: &str) -> Result<SocketAddr> {
    let parse = || {
        let uri: Uri = url.parse()?;
        if uri.scheme_str() != Some("http") {
            bail!("it is no `http://` address; behind TLS, name the address of the server itself");
        }
        let host = uri.host().context("it has no host")?;
        let port = uri.port_u16().unwrap_or(80);
        let mut addresses = (host.trim_matches(['[', ']']), port).to_socket_addrs()?;
        let address = addresses.find(SocketAddr::is_ipv4);
        address.context("it has no IPv4 address")
    };
    parse().with_context(|| format!("cannot use the address `{url}`"))
}

/// What a thread gave.
fn join<T>(thread: ScopedJoinHandle<'_, Result<T>>) -> Result<T> {
    thread.join().map_err(|_| anyhow!("a thread panicked"))?
}

/// Misbehaves until the stop; what came of it.
fn disturb(
    address: SocketAddr,
    offset: usize,
    group: &Group,
    users: &[rest::User],
    stop: &AtomicBool,
) -> Result<String> {
    let token = |index: usize| {
        let at = index.checked_rem(users.len())?;
        Some(users[at].token.clone())
    };
    let bad = Bad {
        address,
        offset,
        count: group.connections,
        token: &token,
        channel: group.channels[0].name(),
    };
    Ok(match group.behaviour {
        Behaviour::Read => bail!("who reads does not misbehave"),
        Behaviour::Slow => {
            let given_up = misbehave::slow(&bad, stop, || Ok(()))?;
            format!("{given_up} of {} were given up", group.connections)
        }
        Behaviour::Flood => format!("{:.0} commands a second", misbehave::flood(&bad, stop)?),
        Behaviour::Storm => format!("{} times somebody came in", misbehave::storm(&bad, stop)?),
    })
}

/// All connections that read.
struct Readers {
    plan: Plan,
    name: String,
    crowd: Crowd,
    readers: Vec<Reader>,
    /// By the numbers of the groups.
    tallies: Vec<Tally>,
    latencies: Vec<Latencies>,
    /// The numbers of our notes by their ids.
    ids: HashMap<String, u64>,
}

impl Readers {
    fn open(address: SocketAddr, scenario: &Scenario, people: &People, name: &str) -> Result<Self> {
        let mut crowd = Crowd::new()?;
        let mut readers = Vec::new();
        for (at, (group, users)) in scenario.groups.iter().zip(&people.groups).enumerate() {
            let reads = group.behaviour == Behaviour::Read;
            for index in (0..group.connections).filter(|_| reads) {
                let user = index.checked_rem(users.len());
                let mut client = Client::connect(address, crowd.len())?;
                client.upgrade(user.map(|user| &*users[user].token), false)?;
                for (id, channel) in group.channels.iter().enumerate() {
                    client.join(channel.name(), &id.to_string())?;
                }
                crowd.add(client)?;
                let follows =
                    Follows::of(user.unwrap_or_default(), group.follows, scenario.authors);
                readers.push(Reader::new(at, follows, &group.channels, group.captures));
            }
        }
        let groups = scenario.groups.iter();
        Ok(Self {
            plan: Plan::of(scenario),
            name: name.to_owned(),
            crowd,
            readers,
            tallies: vec![Tally::default(); scenario.groups.len()],
            latencies: groups.map(|_| Latencies::new()).collect::<Result<_>>()?,
            ids: HashMap::new(),
        })
    }

    /// Reads until all that was posted has come, or has not for too long.
    fn read_all(
        &mut self,
        posts: &Posts,
        driver: &ScopedJoinHandle<'_, Result<()>>,
        started: &Clock,
        pid: Option<u32>,
    ) -> Result<()> {
        let mut over_ns = None;
        loop {
            self.turn(posts)?;
            if started.another_second() {
                self.show(posts, started, pid)?;
            }
            if driver.is_finished() {
                let over_ns = *over_ns.get_or_insert_with(|| process::now_ns() + PATIENCE_NS);
                if self.missing(posts).iter().sum::<u64>() == 0 || process::now_ns() > over_ns {
                    return Ok(());
                }
            }
        }
    }

    fn turn(&mut self, posts: &Posts) -> Result<()> {
        let Self {
            plan,
            name,
            crowd,
            readers,
            tallies,
            latencies,
            ids,
        } = self;
        let mut captures = Vec::new();
        crowd.turn(TURN, &mut |index, came, now_ns| {
            let reader = &mut readers[index];
            let group = reader.group;
            let frame = match came {
                Came::Message(frame) => frame,
                Came::End(why) => {
                    // Each of them is counted; the reason is worth a line.
                    eprintln!("connection {index} is over: {why}");
                    tallies[group].ended += 1;
                    return Ok(());
                }
            };
            let text = frame.borrow_text()?;
            match reader.take(&text, name, plan, ids, &mut tallies[group])? {
                Found::Note(number, capture) => {
                    if let Some(at_ns) = posts.note_ns(number) {
                        latencies[group].add(at_ns, now_ns);
                    }
                    if let Some(id) = capture {
                        captures.push((index, id.into_owned()));
                    }
                }
                Found::Reaction(number) => {
                    if let Some(at_ns) = posts.reaction_ns(number) {
                        latencies[group].add(at_ns, now_ns);
                    }
                }
                Found::Other => {}
            }
            Ok(())
        })?;
        let mut frame = Vec::new();
        for (index, id) in captures {
            frame.clear();
            push_frame(
                &mut frame,
                &format!(r#"{{"type":"sr","body":{{"id":"{id}"}}}}"#),
            )?;
            crowd.send(index, &frame)?;
        }
        Ok(())
    }

    /// How much is missing in each group.
    fn missing(&self, posts: &Posts) -> Vec<u64> {
        let mut missing = vec![0; self.tallies.len()];
        let (posted, reacted) = (posts.posted(), posts.reacted());
        for reader in &self.readers {
            missing[reader.group] += reader.missing(&self.plan, posted, &reacted);
        }
        missing
    }

    /// Says on standard error how it goes.
    fn show(&self, posts: &Posts, started: &Clock, pid: Option<u32>) -> Result<()> {
        let sum = |of: fn(&Tally) -> u64| self.tallies.iter().map(of).sum::<u64>();
        let usage = Usage::now(pid)?;
        let most = self.latencies.iter().map(|all| all.quantile_ms(0.99));
        eprintln!(
            "{:>4.0} s: {} notes, {} reactions, {} deliveries, p99 {:.1} ms{}{}",
            started.seconds(),
            posts.posted(),
            posts.reacted().len(),
            sum(|tally| tally.deliveries),
            most.fold(0.0, f64::max),
            usage.map_or_else(String::new, |usage| usage.text()),
            if self.tallies.iter().all(Tally::is_clean) {
                ""
            } else {
                ", NOT ALL RIGHT"
            }
        );
        Ok(())
    }

    /// What came of each group; what is missing by now is lost.
    fn groups(&self, scenario: &Scenario, posts: &Posts, did: Vec<String>) -> Vec<GroupOutcome> {
        let missing = self.missing(posts);
        let mut did = did.into_iter();
        let mut groups = Vec::new();
        for (at, group) in scenario.groups.iter().enumerate() {
            let reads = group.behaviour == Behaviour::Read;
            groups.push(GroupOutcome::of(
                group.name.clone(),
                Tally {
                    lost: missing[at],
                    ..self.tallies[at]
                },
                &self.latencies[at],
                if reads { None } else { did.next() },
            ));
        }
        groups
    }
}

#[cfg(test)]
mod tests;
