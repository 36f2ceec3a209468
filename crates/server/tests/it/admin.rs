//! The admin listener, and the table of metrics.

use std::sync::atomic::Ordering;

use serde_json::json;
use seseragi_server::{METRICS, MetricKind};

use crate::support::{Http, Server};

#[tokio::test]
async fn health_and_readiness_are_two_things() {
    let server = Server::start();
    let status = async |path| Http::get(&server.admin, path).await;
    let (head, body) = status("/readyz").await;
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    assert_eq!(body, "ready\n");
    server.backend.failing.store(true, Ordering::Relaxed);
    let (head, body) = status("/readyz").await;
    assert!(head.starts_with("HTTP/1.1 503 "), "{head}");
    assert_eq!(
        body,
        "cannot read table `everything`: the disk is on fire\n"
    );
    let (head, _) = status("/healthz").await;
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    let (head, _) = status("/streaming").await;
    assert!(head.starts_with("HTTP/1.1 404 "), "{head}");
    let (head, _) = Http::get(&server.address, "/metrics").await;
    assert!(head.starts_with("HTTP/1.1 404 "), "{head}");
}

#[tokio::test]
async fn what_happens_is_counted() {
    let server = Server::start();
    let mut client = server.visitor().await;
    client.join("localTimeline", "a", json!({})).await;
    server.backend.note("bob", "hello").await;
    client.note().await;
    client.settle().await;
    for (name, value) in [
        ("seseragi_connections", 1.0),
        ("seseragi_connections_opened_total", 1.0),
        ("seseragi_messages_received_total", 2.0),
        ("seseragi_events_total{topic=\"notes\"}", 1.0),
        ("seseragi_deliveries_total", 1.0),
    ] {
        server.metric_becomes(name, value).await;
    }
    assert!(server.metric("seseragi_sent_bytes_total").await > 300.0);
    assert!(server.metric("seseragi_received_bytes_total").await > 80.0);
}

#[tokio::test]
async fn every_metric_that_is_shown_is_in_the_table() {
    let server = Server::start();
    server.visitor().await.settle().await;
    let (_, body) = Http::get(&server.admin, "/metrics").await;
    let shown = body
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next());
    for name in shown {
        assert!(METRICS.iter().any(|spec| spec.name == name), "{name}");
    }
}

#[test]
fn the_table_of_metrics_is_documented() {
    let mut table = "| name | kind | label | what it counts |\n|---|---|---|---|\n".to_owned();
    for spec in METRICS {
        let kind = match spec.kind {
            MetricKind::Counter => "counter",
            MetricKind::Gauge => "gauge",
            MetricKind::Histogram => "histogram",
        };
        let label = spec
            .label
            .map(|label| format!("`{label}`"))
            .unwrap_or_default();
        table += &format!("| `{}` | {kind} | {label} | {} |\n", spec.name, spec.about);
    }
    let document = include_str!("../../../../docs/METRICS.md");
    assert!(
        document.contains(&table),
        "docs/METRICS.md should have this table:\n{table}"
    );
}
