//! The life of a server: start, run, drain.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::any;
use backend::Backend;
use protocol::close::CloseReason;
use protocol::command;
use protocol::limits::Limits;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::admin::{self, Admin};
use crate::bridge::BridgeTask;
use crate::config::ServerConfig;
use crate::http::serve::Serve;
use crate::http::{Gate, stream};
use crate::listener::Listener;
use crate::metrics::Metrics;
use crate::seats::Seats;
use crate::source::{Source, SourceEnd, SourceLink};
use crate::worker::{self, Decode, ToWorker, WorkerLink};

/// How often distributions are summed up.
const UPKEEP: Duration = Duration::from_secs(5);

/// The addresses of a server.
#[derive(Debug, Default)]
pub struct Listeners {
    /// Where clients connect.
    pub public: Vec<Listener>,
    /// Where health, readiness and metrics are shown.
    pub admin: Option<Listener>,
}

/// Why a server could not start, or had to end.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Someone else reads the backend's events.
    #[error("the backend's events are taken already")]
    EventsTaken,
    /// A thread could not be started.
    #[error("cannot start worker {index}")]
    Worker {
        /// Which one.
        index: usize,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The backend ended its stream of events.
    #[error("the backend's events have ended")]
    EventsEnded,
    /// The task that reads them has panicked.
    #[error("the source task has panicked")]
    SourcePanicked,
}

/// Runs a server until `shutdown`, then drains it: no new connections, and the open ones are
/// closed one after another over the drain time. `extra` answers whatever isn't `/streaming`.
///
/// # Errors
///
/// The server could not start, or can't go on.
pub async fn run(
    config: ServerConfig,
    backend: Arc<dyn Backend>,
    extra: Router,
    listeners: Listeners,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), RunError> {
    let mut server = Server::start(config, &backend)?;
    server.listen(backend, extra, listeners);
    let ended = tokio::select! {
        () = shutdown => Ok(()),
        ended = &mut server.source => Err(match ended {
            Ok(SourceEnd::EventsEnded | SourceEnd::Stopped) => RunError::EventsEnded,
            Err(_) => RunError::SourcePanicked,
        }),
    };
    server.drain(CloseReason::Restart).await;
    ended
}

/// A server that runs.
struct Server {
    compression: bool,
    bridge: bool,
    limits: Arc<Limits>,
    metrics: Metrics,
    link: SourceLink,
    source: JoinHandle<SourceEnd>,
    workers: Vec<WorkerLink>,
    ended: Vec<oneshot::Receiver<()>>,
    /// Ends the accept loops.
    stop_accepting: CancellationToken,
    /// Ends the source task and the bridge.
    stop_source: CancellationToken,
    /// Ends the admin listener.
    stop_admin: CancellationToken,
    http: TaskTracker,
}

impl Server {
    /// Starts the workers and the source task.
    fn start(config: ServerConfig, backend: &Arc<dyn Backend>) -> Result<Self, RunError> {
        let limits = Arc::new(config.limits);
        let metrics = Metrics::new();
        let (link, requests) = SourceLink::new();
        let events = backend.events().ok_or(RunError::EventsTaken)?;
        let stop_source = CancellationToken::new();
        let upstream = backend.upstream();
        let bridge = upstream.map(|it| BridgeTask::new(it, &limits, metrics.bridge()));
        let (bridge, bridge_link) = bridge.unzip();
        let decode: Decode = if bridge_link.is_some() {
            command::decode_beside_upstream
        } else if backend.has_legacy_channels() {
            command::decode_with_legacy
        } else {
            command::decode
        };
        let mut workers = Vec::new();
        let mut ended = Vec::new();
        for index in 0..config.workers.max(1) {
            let started = worker::start(
                index,
                Arc::clone(&limits),
                link.clone(),
                (bridge_link.clone(), decode),
                metrics.worker(),
            );
            let (worker, end) = started.map_err(|source| RunError::Worker { index, source })?;
            workers.push(worker);
            ended.push(end);
        }
        if let Some(bridge) = bridge {
            tokio::spawn(bridge.run(workers.clone(), stop_source.clone()));
        }
        let source = Source::new(
            Arc::clone(backend),
            events,
            &limits,
            (link.clone(), requests),
            workers.clone(),
            metrics.source(),
            stop_source.clone(),
        );
        Ok(Self {
            compression: config.compression,
            bridge: bridge_link.is_some(),
            limits,
            metrics,
            link,
            source: tokio::spawn(source.run()),
            workers,
            ended,
            stop_accepting: CancellationToken::new(),
            stop_source,
            stop_admin: CancellationToken::new(),
            http: TaskTracker::new(),
        })
    }

    /// Starts to accept connections.
    fn listen(&self, backend: Arc<dyn Backend>, extra: Router, listeners: Listeners) {
        let gate = Gate {
            backend: Arc::clone(&backend),
            source: self.link.clone(),
            seats: Seats::new(Limits::clone(&self.limits)),
            tasks: self.http.clone(),
            metrics: self.metrics.clone(),
            patience: Duration::from_millis(self.limits.backend_timeout_ms),
            compression: self.compression,
            bridge: self.bridge,
        };
        let serve = Serve {
            router: extra.route_service("/streaming", any(stream).with_state(gate)),
            head_bytes_max: self.limits.handshake_bytes_max,
            header_read: Duration::from_millis(self.limits.handshake_timeout_ms),
            stop: self.stop_accepting.clone(),
            tasks: self.http.clone(),
        };
        for listener in listeners.public {
            tokio::spawn(serve.clone().accept(listener));
        }
        let stop = self.stop_accepting.clone();
        let admin = Admin {
            backend,
            metrics: self.metrics.clone(),
            stop,
        };
        let router = admin::router(admin);
        if let Some(listener) = listeners.admin {
            let stop = self.stop_admin.clone();
            tokio::spawn(
                Serve {
                    router,
                    stop,
                    // A probe that keeps its connection must not hold up the drain.
                    tasks: TaskTracker::new(),
                    ..serve
                }
                .accept(listener),
            );
        }
        tokio::spawn(upkeep(self.metrics.clone(), self.stop_admin.clone()));
    }

    /// Ends everything, the connections over the drain time.
    async fn drain(self, reason: CloseReason) {
        tracing::info!(over_ms = self.limits.drain_ms, "draining");
        self.stop_accepting.cancel();
        let over = Duration::from_millis(self.limits.drain_ms);
        let reason = if over.is_zero() {
            CloseReason::Shutdown
        } else {
            reason
        };
        for worker in &self.workers {
            worker.send(ToWorker::Drain { over, reason }).await;
        }
        // Upgrades that are under way become connections, which are closed like the others.
        self.http.close();
        let grace = Duration::from_millis(self.limits.close_timeout_ms);
        if timeout(grace, self.http.wait()).await.is_err() {
            tracing::warn!("some HTTP requests did not end in time");
        }
        if timeout(grace, self.link.flush()).await.is_err() {
            tracing::warn!("some connections did not get to a worker in time");
        }
        for worker in &self.workers {
            worker.send(ToWorker::End).await;
        }
        // A worker ends by itself soon after the last of its connections had its patience.
        for ended in self.ended {
            drop(ended.await);
        }
        self.stop_source.cancel();
        self.stop_admin.cancel();
        tracing::info!("drained");
    }
}

/// Sums distributions up now and then, until the stop.
async fn upkeep(metrics: Metrics, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(UPKEEP);
    loop {
        tokio::select! {
            _ = ticks.tick() => metrics.run_upkeep(),
            () = stop.cancelled() => return,
        }
    }
}
