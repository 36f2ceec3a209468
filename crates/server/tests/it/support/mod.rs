//! A server on free ports, its backend and its clients.

mod backend;
mod client;
mod upstream;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use protocol::limits::Limits;
use seseragi_server::{Listener, Listeners, RunError, ServerConfig};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub(crate) use backend::{Fake, user};
pub(crate) use client::{Client, Frame, Http, masked};
pub(crate) use upstream::FakeUpstream;

/// How long anything may take before a test fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A server that runs.
pub(crate) struct Server {
    pub(crate) backend: Arc<Fake>,
    /// `IP:PORT` where clients connect.
    pub(crate) address: String,
    /// `IP:PORT` of the admin listener.
    pub(crate) admin: String,
    stop: oneshot::Sender<()>,
    running: JoinHandle<Result<(), RunError>>,
}

impl Server {
    /// A server with the usual limits but a short drain.
    pub(crate) fn start() -> Self {
        Self::start_with(|_| {})
    }

    /// A server with other limits.
    pub(crate) fn start_with(change: impl FnOnce(&mut Limits)) -> Self {
        Self::start_on(Listener::tcp(any_port()).unwrap(), change)
    }

    /// A server on this listener with other limits.
    pub(crate) fn start_on(public: Listener, change: impl FnOnce(&mut Limits)) -> Self {
        Self::start_over(Fake::new(), public, change)
    }

    /// A server over a store that must be read again this often.
    pub(crate) fn start_rereading(every: Duration) -> Self {
        let backend = Fake::new();
        backend.misses_changes.store(true, Ordering::Relaxed);
        let every_ms = u64::try_from(every.as_millis()).unwrap();
        Self::start_over(backend, Listener::tcp(any_port()).unwrap(), |limits| {
            limits.reread_interval_ms = every_ms;
        })
    }

    /// A server beside another one.
    pub(crate) fn start_beside(upstream: &FakeUpstream, change: impl FnOnce(&mut Limits)) -> Self {
        let mut limits = Limits::default();
        change(&mut limits);
        let address = ::upstream::Address::parse(&upstream.origin).unwrap();
        let client = ::upstream::StreamClient::new(address, limits.bridge_frame_bytes_max);
        let backend = Fake::new();
        backend.upstream.set(Arc::new(client)).ok().unwrap();
        Self::start_over(backend, Listener::tcp(any_port()).unwrap(), |all| {
            *all = Limits {
                drain_ms: all.drain_ms,
                ..limits
            };
        })
    }

    fn start_over(backend: Arc<Fake>, public: Listener, change: impl FnOnce(&mut Limits)) -> Self {
        let mut limits = Limits {
            drain_ms: 50,
            ..Limits::default()
        };
        change(&mut limits);
        let admin = Listener::tcp(any_port()).unwrap();
        let host = |listener: &Listener| {
            let address = listener.address();
            address.split_once("://").unwrap().1.to_owned()
        };
        let (address, admin_address) = (host(&public), host(&admin));
        let listeners = Listeners {
            public: vec![public],
            admin: Some(admin),
        };
        let (stop, stopped) = oneshot::channel();
        let extra = Router::new().route("/", get(|| async { "page" }));
        let config = ServerConfig {
            workers: 2,
            compression: true,
            limits,
        };
        let store: Arc<dyn ::backend::Backend> = backend.clone();
        let running = tokio::spawn(seseragi_server::run(
            config,
            store,
            extra,
            listeners,
            async {
                drop(stopped.await);
            },
        ));
        Self {
            backend,
            address,
            admin: admin_address,
            stop,
            running,
        }
    }

    /// A visitor's stream.
    pub(crate) async fn visitor(&self) -> Client {
        Client::open(&self.address, "/streaming").await
    }

    /// A user's stream.
    pub(crate) async fn login(&self, name: &str) -> Client {
        Client::open(&self.address, &format!("/streaming?i={name}-token")).await
    }

    /// Tells the server to stop, and gives the future of its end.
    pub(crate) fn stop(self) -> impl Future<Output = ()> {
        drop(self.stop);
        async { soon(self.running).await.unwrap().unwrap() }
    }

    /// The value of a metric, with its labels as they are written.
    pub(crate) async fn metric(&self, name: &str) -> f64 {
        let (_, body) = Http::get(&self.admin, "/metrics").await;
        let line = body
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.map_or(0.0, |value| value.parse().unwrap())
    }

    /// Waits until a metric has a value.
    pub(crate) async fn metric_becomes(&self, name: &str, value: f64) {
        soon(async {
            while self.metric(name).await != value {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }
}

/// Any free port.
fn any_port() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

/// Waits for something that must happen.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future)
        .await
        .expect("it should have happened long ago")
}
