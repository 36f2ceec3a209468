//! The task of the bridge.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use backend::{Upstream, UpstreamError};
use protocol::limits::Limits;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::lines::{Effect, LineNo, Lines, Try};
use super::link::{BridgeLink, Bridged, Request};
use super::pump::{Event, Full, Pump, Way};
use crate::clock::Steady;
use crate::metrics::BridgeMetrics;
use crate::panic::EndsProcess;
use crate::worker::{ToWorker, WorkerLink};

/// How many messages of all streams wait for the bridge; then the streams wait.
const EVENTS_MAX: usize = 64;

/// How many streams are being opened at once, so that all those that come back together, as when
/// Misskey restarts, are no stampede. The others wait for their turn.
const OPENINGS_MAX: usize = 64;

/// How many requests are taken at once.
const BATCH_MAX: usize = 64;

/// The bridge at work.
pub(crate) struct BridgeTask {
    lines: Lines,
    upstream: Arc<dyn Upstream>,
    requests: mpsc::UnboundedReceiver<Request>,
    sender: mpsc::Sender<(Try, Event)>,
    events: mpsc::Receiver<(Try, Event)>,
    ways: HashMap<LineNo, Way>,
    openings: Arc<Semaphore>,
    workers: Vec<WorkerLink>,
    metrics: BridgeMetrics,
    clock: Steady,
    patience: Duration,
    bytes_max: usize,
    /// Why the last stream was lost, if none was opened since: each reason is logged once.
    trouble: Option<&'static str>,
}

impl BridgeTask {
    /// A bridge, and the way to it.
    pub(crate) fn new(
        upstream: Arc<dyn Upstream>,
        limits: &Limits,
        metrics: BridgeMetrics,
    ) -> (Self, BridgeLink) {
        let (link, requests) = BridgeLink::new(limits.bridge_queue_bytes_max);
        let (sender, events) = mpsc::channel(EVENTS_MAX);
        let task = Self {
            lines: Lines::new(limits),
            upstream,
            requests,
            sender,
            events,
            ways: HashMap::new(),
            openings: Arc::new(Semaphore::new(OPENINGS_MAX)),
            workers: Vec::new(),
            metrics,
            clock: Steady::start(),
            patience: Duration::from_millis(limits.backend_timeout_ms),
            bytes_max: limits.bridge_queue_bytes_max,
            trouble: None,
        };
        (task, link)
    }

    /// Runs until the stop.
    pub(crate) async fn run(mut self, workers: Vec<WorkerLink>, stop: CancellationToken) {
        let _guard = EndsProcess;
        self.workers = workers;
        let mut requests = Vec::with_capacity(BATCH_MAX);
        loop {
            self.carry_out().await;
            self.metrics
                .report(self.lines.len(), self.lines.take_counts());
            let due = sleep_until(self.due());
            tokio::select! {
                taken = self.requests.recv_many(&mut requests, BATCH_MAX) => {
                    if taken == 0 {
                        return;
                    }
                }
                Some((of, event)) = self.events.recv() => self.handle_event(of, event),
                () = due => self.lines.timeout(self.clock.ms()),
                () = stop.cancelled() => return,
            }
            for request in requests.drain(..) {
                self.handle_request(request);
            }
        }
    }

    /// When lines want to be looked at, or a long time away.
    fn due(&self) -> Instant {
        let wait_ms = match self.lines.poll_timeout() {
            Some(at_ms) => at_ms.saturating_sub(self.clock.ms()),
            None => 60_000,
        };
        Instant::now() + Duration::from_millis(wait_ms)
    }

    fn handle_request(&mut self, request: Request) {
        match request {
            Request::Join(joining, _weight) => self.lines.join(*joining, self.clock.ms()),
            Request::Leave(seat) => self.lines.leave(seat, self.clock.ms()),
            Request::Operate {
                seat,
                kind,
                body,
                weight: _weight,
            } => self.lines.operate(seat, &kind, &body),
            Request::Gone(place) => self.lines.gone(place),
        }
    }

    fn handle_event(&mut self, of: Try, event: Event) {
        match event {
            Event::Opened => {
                self.metrics.stream("opened");
                if self.trouble.take().is_some() {
                    tracing::info!("the server upstream opens streams again");
                }
                self.lines.opened(of);
            }
            Event::Message(text) => {
                self.metrics.messages.increment(1);
                self.lines.message(of, &text);
            }
            Event::Lost(error) => self.lose(of, &error),
        }
    }

    fn lose(&mut self, of: Try, error: &UpstreamError) {
        let label = error.label();
        self.metrics.stream(label);
        let (of_viewer, hopeless) = match error {
            UpstreamError::Refused(401 | 403) => (true, true),
            UpstreamError::TooBig => (true, false),
            UpstreamError::Loop => (false, true),
            UpstreamError::Refused(_)
            | UpstreamError::Unreachable(_)
            | UpstreamError::Broken(_)
            | UpstreamError::Ended
            | UpstreamError::Slow => (false, false),
        };
        // What befalls one viewer is no trouble of the server upstream, and must not fill the log.
        if !of_viewer && self.trouble.replace(label) != Some(label) {
            let cause = std::error::Error::source(error).map(ToString::to_string);
            tracing::warn!(%error, cause, "channels of the server upstream are interrupted");
        }
        let (jitter, now_ms) = (fastrand::f64(), self.clock.ms());
        self.lines.lost(of, hopeless, jitter, now_ms);
    }

    async fn carry_out(&mut self) {
        while let Some(effect) = self.lines.poll_effect() {
            match effect {
                Effect::Open(of, asker) => {
                    let pump = Pump {
                        of,
                        upstream: Arc::clone(&self.upstream),
                        asker,
                        patience: self.patience,
                        openings: Arc::clone(&self.openings),
                        events: self.sender.clone(),
                    };
                    self.ways.insert(of.line, pump.start());
                }
                Effect::Send(line, text) => {
                    if let Err(Full(of)) = self.send(line, text, self.bytes_max) {
                        self.ways.remove(&line);
                        self.lose(of, &UpstreamError::Slow);
                    }
                }
                Effect::Operate(line, text) => {
                    // The other half is for joins, without which a stream is nothing.
                    if self.send(line, text, self.bytes_max / 2).is_err() {
                        self.lines.count_lost_operation();
                    }
                }
                Effect::Close(line) => drop(self.ways.remove(&line)),
                Effect::Deliver(bridged) => self.deliver(bridged).await,
            }
        }
    }

    fn send(&self, line: LineNo, text: String, bytes_max: usize) -> Result<(), Full> {
        let way = self.ways.get(&line);
        way.map_or(Ok(()), |way| way.send(text, bytes_max))
    }

    async fn deliver(&self, bridged: Bridged) {
        self.workers[bridged.seat.place.worker]
            .send(ToWorker::Bridged(Box::new(bridged)))
            .await;
    }
}

#[cfg(test)]
mod tests;
