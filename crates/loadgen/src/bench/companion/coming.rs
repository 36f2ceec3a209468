//! Users who come in beside a Misskey: how long they wait, and what the database is asked.

use std::time::Duration;

use anyhow::Result;

use crate::arrivals::{self, Arrived};
use crate::bench::Extent;
use crate::child::Server;
use crate::latency::Latencies;
use crate::misskey::{Misskey, Statements, Town};
use crate::process;
use crate::report::{Axis, Figure, Goal, Plot, Report, Section, Series};

/// How long a server is watched that reads everything again: the time between two such readings.
const REREAD: Duration = Duration::from_secs(10);

/// How many come one after the other, each when the one before is in: one of so many.
const ALONE: usize = 10;

const ABOUT: &str = "Each user follows a hundred of the others and has mutes, blocks, channels and perhaps a role; their tokens and relations are \
in a PostgreSQL on the generator's processor. A time begins when a client should open its connection, whether those before it are in or not, and ends with its \
first `connected`; each of them joins `main` and `homeTimeline`. Queries are those that PostgreSQL itself counts, all of them; its time is that of \
the queries inside of it.";

/// A way of coming in, and what came of it.
struct Entry {
    name: String,
    users: usize,
    times: Latencies,
    cpu_us: f64,
    asked: Statements,
}

/// One after the other, within ten seconds, and all at once.
pub(super) fn run(misskey: &mut Misskey, extent: Extent, report: &mut Report) -> Result<()> {
    let users = misskey.town.users;
    let alone = alone(misskey, users / ALONE)?;
    let server = Server::beside(misskey, true)?;
    let before_bytes = server.target.anonymous_bytes()?;
    let within = extent.arrival_gap * u32::try_from(users)?;
    let name = format!("{users} within {:.0} s", within.as_secs_f64());
    let (spread, arrived) = enter(misskey, &server, name, extent.arrival_gap)?;
    let grown_bytes = server
        .target
        .anonymous_bytes()?
        .saturating_sub(before_bytes);
    let idle = idle(misskey, &server)?;
    drop((server, arrived));
    let server = Server::beside(misskey, false)?;
    let name = format!("{users} at once");
    let (at_once, _) = enter(misskey, &server, name, Duration::ZERO)?;
    report.add(Figure {
        name: format!(
            "beside a Misskey: {}, the longest wait for the first `connected`",
            spread.name
        ),
        value: spread.times.max_ms(),
        unit: "ms",
        goal: Some(Goal::AtMost(2_000.0)),
        detail: format!(
            "half within {:.1} ms, 99 % within {:.1} ms",
            spread.times.quantile_ms(0.5),
            spread.times.quantile_ms(0.99)
        ),
        obstacle: "One processor for the server and another for the database and the users.",
    });
    report.add(Figure {
        name:
            "beside a Misskey: memory of a viewer who follows 100, with `main` and `homeTimeline`"
                .to_owned(),
        value: grown_bytes as f64 / 1024.0 / users as f64,
        unit: "KiB",
        goal: None,
        detail: format!("anonymous memory of the process, {users} users, right after they came"),
        obstacle: "",
    });
    report.section(section(&[alone, spread, at_once], &idle, users));
    Ok(())
}

/// Users who come one after the other.
fn alone(misskey: &Misskey, users: usize) -> Result<Entry> {
    let server = Server::beside(misskey, false)?;
    let mut times = Latencies::new()?;
    misskey.forget_statements()?;
    let before_ns = server.target.cpu_ns()?;
    let mut all = Vec::with_capacity(users);
    for user in 0..users {
        for arrived in
            arrivals::arrive(server.target.address, &[Town::token(user)], Duration::ZERO)?
        {
            times.add(arrived.due_ns, arrived.joined_ns);
            all.push(arrived.client);
        }
    }
    let spent_ns = server.target.cpu_ns()? - before_ns;
    Ok(Entry {
        name: format!("{users} one after the other"),
        users,
        times,
        cpu_us: spent_ns as f64 / users as f64 / 1e3,
        asked: misskey.statements()?,
    })
}

/// All users of the town come in, so far apart.
fn enter(
    misskey: &Misskey,
    server: &Server,
    name: String,
    gap: Duration,
) -> Result<(Entry, Vec<Arrived>)> {
    let users = misskey.town.users;
    let tokens: Vec<String> = (0..users).map(Town::token).collect();
    misskey.forget_statements()?;
    let before_ns = server.target.cpu_ns()?;
    let arrived = arrivals::arrive(server.target.address, &tokens, gap)?;
    let spent_ns = server.target.cpu_ns()? - before_ns;
    let mut times = Latencies::new()?;
    for one in &arrived {
        times.add(one.due_ns, one.joined_ns);
    }
    let entry = Entry {
        name,
        users,
        times,
        cpu_us: spent_ns as f64 / users as f64 / 1e3,
        asked: misskey.statements()?,
    };
    Ok((entry, arrived))
}

/// What it costs between two readings of everything, in a second: CPU in ms, and what is asked.
fn idle(misskey: &Misskey, server: &Server) -> Result<(f64, Statements)> {
    misskey.forget_statements()?;
    let before_ns = server.target.cpu_ns()?;
    process::wait_until(process::now_ns() + u64::try_from(REREAD.as_nanos())?)?;
    let spent_ns = server.target.cpu_ns()? - before_ns;
    Ok((spent_ns as f64 / 1e6, misskey.statements()?))
}

fn section(entries: &[Entry], (idle_ms, idle): &(f64, Statements), users: usize) -> Section {
    let mut section = Section::new("Beside a Misskey: coming in", ABOUT);
    section.columns([
        "users",
        "p50",
        "p99",
        "longest",
        "CPU of the server for each",
        "queries for 1,000",
        "time of PostgreSQL for 1,000",
    ]);
    let mut series = Vec::new();
    for entry in entries {
        let [half, most, longest] = entry.times.cells();
        let of_thousand = |value: f64| value * 1e3 / entry.users as f64;
        section.row([
            entry.name.clone(),
            half,
            most,
            longest,
            format!("{:.0} µs", entry.cpu_us),
            format!("{:.0}", of_thousand(entry.asked.count as f64)),
            format!("{:.0} ms", of_thousand(entry.asked.ms)),
        ]);
        series.push(Series {
            name: entry.name.clone(),
            points: entry.times.distribution(),
        });
    }
    section.after(format!(
        "Then every ten seconds the relations of all who are connected are read again: with {users} users that is {} queries, {:.0} ms in PostgreSQL, and {idle_ms:.0} ms of CPU of the server.",
        idle.count, idle.ms
    ));
    section.plot(Plot {
        name: "coming-in",
        title: "From opening a connection to its first `connected`".to_owned(),
        x: Axis {
            label: "share of the users who wait longer",
            logarithmic: true,
        },
        y: Axis {
            label: "ms",
            logarithmic: true,
        },
        series,
    });
    section
}
