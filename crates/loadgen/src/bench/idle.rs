//! What connections take that do nothing.

use anyhow::Result;

use super::Extent;
use crate::child::Server;
use crate::client::Client;
use crate::report::{Figure, Goal, Report};
use crate::{note, process};

/// A kind of connection.
struct Kind {
    name: &'static str,
    /// The name of what was measured.
    key: &'static str,
    /// What the token of a user ends in; a visitor has none.
    token: Option<&'static str>,
    goal_kib: f64,
}

const KINDS: [Kind; 3] = [
    Kind {
        name: "a bare visitor",
        key: "visitor_kib",
        token: None,
        goal_kib: 2.0,
    },
    Kind {
        name: "logged in, with `main`, `homeTimeline` and 30 captures",
        key: "viewer_kib",
        token: Some("0:0"),
        goal_kib: 6.0,
    },
    Kind {
        name: "the same, following 1,000",
        key: "follower_kib",
        token: Some("1000:0"),
        goal_kib: 24.0,
    },
];

/// Measures the memory of each kind.
pub(super) fn run(extent: Extent, report: &mut Report) -> Result<()> {
    for kind in KINDS {
        let Memory { kib, kernel_kib } = memory(&kind, extent.idle)?;
        report.add(Figure {
            name: format!("memory of an idle connection: {}", kind.name),
            value: kib,
            unit: "KiB",
            goal: Some(Goal::AtMost(kind.goal_kib)),
            detail: format!(
                "anonymous memory of the process, {} connections",
                extent.idle
            ),
            obstacle: "Relations and subscriptions are kept in memory.",
        });
        report.measure(kind.key, kib);
        if kind.token.is_none() {
            report.add(Figure {
                name: "memory of the kernel for a socket".to_owned(),
                value: kernel_kib,
                unit: "KiB",
                goal: None,
                detail: "half of what its own caches grow by with each connection, whose ends are both here"
                    .to_owned(),
                obstacle: "",
            });
            report.measure("kernel_kib", kernel_kib);
        }
    }
    Ok(())
}

/// What one connection takes.
struct Memory {
    kib: f64,
    kernel_kib: f64,
}

/// Opens so many connections.
fn memory(kind: &Kind, connections: usize) -> Result<Memory> {
    let server = Server::engine(false)?;
    let mut clients = Vec::with_capacity(connections);
    let (mut before, mut kernel_before) = (0, 0);
    // The first hundred bring the allocator and the runtime to their size.
    for index in 0..connections + 100 {
        if index == 100 {
            before = server.target.anonymous_bytes()?;
            kernel_before = process::kernel_bytes()?;
        }
        let mut client = Client::connect(server.target.address, index)?;
        let token = kind.token.map(|token| format!("u{index}:{token}"));
        client.upgrade(token.as_deref(), false)?;
        if token.is_some() {
            for captured in 0..30 {
                client.capture(&note::note_id(index as u64 * 7 + captured))?;
            }
            client.join("main", "main")?;
            client.join("homeTimeline", "home")?;
        }
        clients.push(client);
    }
    let bytes = server.target.anonymous_bytes()?.saturating_sub(before);
    let kernel_bytes = process::kernel_bytes()?.saturating_sub(kernel_before);
    let each_kib = |bytes: u64| bytes as f64 / 1024.0 / connections as f64;
    Ok(Memory {
        kib: each_kib(bytes),
        kernel_kib: each_kib(kernel_bytes) / 2.0,
    })
}
