//! What it costs to come in.

use anyhow::Result;

use super::Extent;
use crate::child::Server;
use crate::client::Client;
use crate::report::{Figure, Goal, Report};

/// Upgrades with a log-in, one after the other.
pub(super) fn run(extent: Extent, report: &mut Report) -> Result<()> {
    let server = Server::engine(false)?;
    let count = extent.idle / 3;
    let mut clients = Vec::with_capacity(count);
    let before = server.target.cpu_ns()?;
    for index in 0..count {
        let mut client = Client::connect(server.target.address, index)?;
        client.upgrade(Some(&format!("u{index}:10:0")), false)?;
        clients.push(client);
    }
    let spent_s = (server.target.cpu_ns()? - before) as f64 / 1e9;
    let each_second = count as f64 / spent_s;
    report.add(Figure {
        name: "handshakes with a log-in for each second of CPU".to_owned(),
        value: each_second,
        unit: "",
        goal: Some(Goal::AtLeast(5_000.0)),
        detail: format!("{count} users who follow 11, each for the first time"),
        obstacle: "Parsing the request, asking the store and loading the user's relations.",
    });
    report.measure("handshakes", each_second);
    Ok(())
}
