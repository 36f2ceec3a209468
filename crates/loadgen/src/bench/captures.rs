//! What an event of a captured note costs.

use anyhow::{Result, ensure};

use super::{Extent, median};
use crate::child::Server;
use crate::client::{self, Client};
use crate::command::Command;
use crate::note;
use crate::report::{Axis, Figure, Goal, Plot, Report, Section, Series};

/// The notes that each connection has captured.
const CAPTURES: u64 = 10;

/// The number of the first note that nobody else has captured.
const OTHERS: u64 = 1_000_000;

const ABOUT: &str = "Every connection has captured ten notes; there is a note that one of them has captured, \
one that ten have, and so on. Each event of such a note is a reaction, delivered to those connections alone, and checked there.";

/// Events of notes that few and that many have captured.
pub(super) fn run(extent: Extent, report: &mut Report) -> Result<()> {
    let (connections, matches) = extent.captures;
    let (mut server, mut clients) = captured(connections, matches)?;
    let mut section = Section::new("An event of a captured note", ABOUT);
    section.columns(["captures that match", "CPU of the event", "of one delivery"]);
    let mut points = Vec::new();
    for (at, &count) in matches.iter().enumerate() {
        let mut costs = Vec::new();
        for round in 0..=extent.capture_rounds {
            let us = react(&mut server, &mut clients, at as u64, count, round)?;
            if round > 0 {
                costs.push(us);
            }
        }
        let us = median(costs);
        section.row([
            count.to_string(),
            format!("{us:.1} µs"),
            format!("{:.2} µs", us / count as f64),
        ]);
        points.push((count as f64, us));
    }
    let (fixed, each) = fit(&points);
    let all = connections as u64 * CAPTURES;
    let (middle, last) = (points[matches.len() / 2], points[matches.len() - 1]);
    report.add(Figure {
        name: format!(
            "growth of the cost of an event that k of {all} captures match, exponent of k"
        ),
        value: (last.1 / middle.1).log10() / (last.0 / middle.0).log10(),
        unit: "",
        goal: Some(Goal::AtMost(1.1)),
        detail: format!(
            "k from {} to {}; about {fixed:.0} µs and {each:.2} µs for each match",
            middle.0, last.0
        ),
        obstacle: "More connections fit less well into the caches of the processor.",
    });
    let line = |&(count, _): &(f64, f64)| (count, fixed + each * count);
    let fitted = points.iter().map(line).collect();
    let series = |name: String, points| Series { name, points };
    section.plot(Plot {
        name: "captures",
        title: format!("CPU of an event that k of {all} captures match"),
        x: Axis {
            label: "k, captures that match",
            logarithmic: true,
        },
        y: Axis {
            label: "µs of CPU",
            logarithmic: true,
        },
        series: vec![
            series("measured".to_owned(), points),
            series(format!("{fixed:.0} + {each:.2} k"), fitted),
        ],
    });
    report.section(section);
    Ok(())
}

/// Connections of which the first so many have captured note 0, and so on.
fn captured(connections: usize, matches: &[usize]) -> Result<(Server, Vec<Client>)> {
    let server = Server::engine(false)?;
    let mut clients = Vec::with_capacity(connections);
    for index in 0..connections {
        let mut client = Client::connect(server.target.address, index)?;
        client.upgrade(Some(&format!("u{index}:0:0")), false)?;
        for at in 0..CAPTURES {
            let shared = usize::try_from(at)?;
            let wanted = matches.get(shared).is_some_and(|&count| index < count);
            let other = OTHERS + index as u64 * CAPTURES + at;
            client.capture(&note::note_id(if wanted { at } else { other }))?;
        }
        client.join("main", note::CHANNEL_ID)?;
        clients.push(client);
    }
    Ok((server, clients))
}

/// The CPU of one event of a note that the first so many connections have captured, in µs.
fn react(
    server: &mut Server,
    clients: &mut [Client],
    captured: u64,
    count: usize,
    number: u64,
) -> Result<f64> {
    let before = server.target.cpu_ns()?;
    server.tell(Command::React {
        note: captured,
        first: number,
        count: 1,
    })?;
    let (matching, others) = clients.split_at_mut(count);
    let bytes = client::next_frame_bytes(&matching[count - 1])?;
    client::await_bytes(matching, bytes)?;
    server.heard()?;
    let spent = server.target.cpu_ns()? - before;
    client::check(matching, number, 1, note::reaction_number)?;
    client::quiet(others)?;
    ensure!(spent > 0, "the event cost nothing");
    Ok(spent as f64 / 1e3)
}

/// The line through the points that is off by the least share of each: its value at 0 and its
/// slope.
fn fit(points: &[(f64, f64)]) -> (f64, f64) {
    let [mut w, mut wx, mut wy, mut wxx, mut wxy] = [0.0; 5];
    for &(x, y) in points {
        let weight = 1.0 / (y * y);
        w += weight;
        wx += weight * x;
        wy += weight * y;
        wxx += weight * x * x;
        wxy += weight * x * y;
    }
    let slope = (w * wxy - wx * wy) / (w * wxx - wx * wx);
    ((wy - slope * wx) / w, slope)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_through_its_points() {
        let points = [1.0, 10.0, 1_000.0].map(|x| (x, 20.0 + 3.0 * x));
        let (fixed, each) = fit(&points);
        assert!((fixed - 20.0).abs() < 1e-6 && (each - 3.0).abs() < 1e-6);
    }
}
