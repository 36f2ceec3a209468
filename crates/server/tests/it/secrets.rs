//! What must not be in the logs.

use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use crate::support::{FakeUpstream, Http, Server};

/// Everything that this process has logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn tokens_reach_no_log() {
    let log = Log::default();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .init();
    let upstream = FakeUpstream::start().await;
    let server = Server::start_beside(&upstream, |_| {});
    let secret = "zoe-token";
    let mut client = server.login("zoe").await;
    client.join("homeTimeline", "h", json!({})).await;
    // Through the bridge too, when it is let in and when it isn't.
    client
        .send("connect", json!({"channel": "fork", "id": "f"}))
        .await;
    upstream.refuse(502).await;
    upstream.accept().await.admit().await;
    let more = format!("Authorization: Bearer {secret}\r\n");
    Http::upgrade(&server.address, "/streaming", &more).await;
    Http::get(&server.address, &format!("/streaming?i={secret}")).await;
    server
        .backend
        .suspended
        .lock()
        .unwrap()
        .insert(crate::support::user("zoe"));
    Http::upgrade(&server.address, &format!("/streaming?i={secret}"), "").await;
    drop(client);
    server.metric_becomes("seseragi_connections", 0.0).await;
    let text = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(text.contains("connection closed"), "{text}");
    assert!(!text.contains(secret), "{text}");
}
