//! The task with a server upstream that counts who opens streams.

use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use backend::UpstreamStream;
use hub::ConnId;
use protocol::command::{BridgeConnect, ClientId};
use protocol::id::{SubId, UserId};
use protocol::record::Grant;
use session::Login;
use tokio::task::yield_now;

use super::super::link::{Asker, Joining, Seat, Weight};
use super::*;
use crate::http::Token;
use crate::metrics::Metrics;
use crate::source::Place;

/// Refuses all streams, after a while.
#[derive(Default)]
struct Refusing {
    /// How many are being opened, the most of those, and how many were refused.
    open: AtomicUsize,
    open_max: AtomicUsize,
    refused: AtomicUsize,
}

#[async_trait]
impl Upstream for Refusing {
    async fn open(&self, _: Option<&str>) -> Result<Box<dyn UpstreamStream>, UpstreamError> {
        let open = self.open.fetch_add(1, Ordering::Relaxed) + 1;
        self.open_max.fetch_max(open, Ordering::Relaxed);
        for _ in 0..100 {
            yield_now().await;
        }
        self.open.fetch_sub(1, Ordering::Relaxed);
        self.refused.fetch_add(1, Ordering::Relaxed);
        Err(UpstreamError::Refused(403))
    }
}

fn join(of: u32) -> Request {
    let user = UserId::parse(&format!("u{of}")).unwrap();
    let grant = Grant::Native;
    let place = Place {
        worker: 0,
        conn: ConnId(of),
        generation: 0,
    };
    let joining = Joining {
        seat: Seat {
            place,
            sub: SubId(0),
            serial: 0,
        },
        asker: Arc::new(Asker {
            login: Some(Login { user, grant }),
            token: Some(Token::of("secret")),
        }),
        connect: BridgeConnect {
            channel: "fork".into(),
            id: ClientId::parse("a").unwrap(),
            params: None,
            pong: false,
        },
        silent: false,
    };
    let weight = Weight::take(&Arc::default(), 1, 1).unwrap();
    Request::Join(Box::new(joining), weight)
}

/// As when Misskey has restarted, and all come back at once.
#[tokio::test]
async fn few_streams_are_opened_at_once() {
    let upstream = Arc::new(Refusing::default());
    let metrics = Metrics::new();
    let limits = Limits::default();
    let (task, link) = BridgeTask::new(Arc::clone(&upstream) as _, &limits, metrics.bridge());
    for of in 0..200 {
        link.send(join(of));
    }
    let stop = CancellationToken::new();
    let task = tokio::spawn(task.run(Vec::new(), stop.clone()));
    while upstream.refused.load(Ordering::Relaxed) < 200 {
        yield_now().await;
    }
    assert_eq!(upstream.open_max.load(Ordering::Relaxed), OPENINGS_MAX);
    stop.cancel();
    task.await.unwrap();
}
