//! The task that keeps the subscription.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use backend::SourceEvent;
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use redis::aio::PubSubSink;
use redis::{Client, Msg, RedisError};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, interval_at, sleep, timeout};

use super::State;
use super::backlog::Backlog;
use super::envelope;

/// How long it may take to connect and subscribe.
const SUBSCRIBE_TIMEOUT: Duration = Duration::from_secs(15);
/// How often Redis is asked whether it is there.
const PING_INTERVAL: Duration = Duration::from_secs(10);
/// How long it may take to answer. Long enough for one that is slow.
const PING_TIMEOUT: Duration = Duration::from_secs(20);
/// The first wait before another attempt.
const BACKOFF_MIN: Duration = Duration::from_millis(50);
/// The longest. A Redis that is back is found again within two seconds.
const BACKOFF_MAX: Duration = Duration::from_secs(1);

/// Keeps the subscription.
#[derive(Debug)]
pub(super) struct Link {
    client: Client,
    channel: String,
    state: Arc<State>,
    backlog: Backlog,
}

/// Why a subscription ended.
#[derive(Debug, thiserror::Error)]
enum Ended {
    /// Nobody takes the events any more.
    #[error("nobody takes events")]
    Unwanted,
    /// The connection is gone.
    #[error("the connection to Redis ended")]
    Closed,
    /// Redis does not answer.
    #[error("Redis does not answer")]
    Silent,
    /// It could not be made.
    #[error("cannot subscribe: {0}")]
    Refused(#[from] RedisError),
}

impl Link {
    pub(super) fn new(client: Client, channel: String, state: Arc<State>) -> Self {
        Self {
            client,
            channel,
            state,
            backlog: Backlog::default(),
        }
    }

    /// Runs until nobody takes the events any more. `first` hears of the first subscription.
    pub(super) async fn run(
        mut self,
        sender: mpsc::Sender<SourceEvent>,
        first: oneshot::Sender<()>,
    ) {
        let mut first = Some(first);
        let mut backoff = BACKOFF_MIN;
        let mut told = false;
        loop {
            let ended = match self.subscribe().await {
                Ok((sink, stream)) => {
                    // What was published before the first subscription is nobody's loss, unless
                    // the server went on without it.
                    let in_time = first.take().is_some_and(|first| first.send(()).is_ok());
                    if !in_time {
                        self.backlog.push_gap();
                    }
                    self.state.set_alive();
                    tracing::info!(channel = self.channel, "subscribed to Misskey's events");
                    (backoff, told) = (BACKOFF_MIN, false);
                    self.pump(&sender, sink, stream).await
                }
                Err(error) => error,
            };
            self.state.set_dead(ended.to_string());
            if matches!(ended, Ended::Unwanted) || sender.is_closed() {
                return;
            }
            if !told {
                tracing::error!(why = %ended, "no events arrive; trying again until they do");
                told = true;
            }
            sleep(jittered(backoff)).await;
            backoff = (backoff * 2).min(BACKOFF_MAX);
        }
    }

    async fn subscribe(
        &self,
    ) -> Result<(PubSubSink, impl Stream<Item = Msg> + Send + use<>), Ended> {
        let subscribe = async {
            let (mut sink, stream) = self.client.get_async_pubsub().await?.split();
            sink.subscribe(&self.channel).await?;
            Ok((sink, stream))
        };
        let subscribed = timeout(SUBSCRIBE_TIMEOUT, subscribe).await;
        subscribed.unwrap_or(Err(Ended::Silent))
    }

    /// Passes events on until the subscription ends.
    async fn pump(
        &mut self,
        sender: &mpsc::Sender<SourceEvent>,
        sink: PubSubSink,
        stream: impl Stream<Item = Msg>,
    ) -> Ended {
        let mut stream = std::pin::pin!(stream);
        let mut pings = interval_at(Instant::now() + PING_INTERVAL, PING_INTERVAL);
        let mut ping: Option<Pin<Box<dyn Future<Output = bool> + Send>>> = None;
        loop {
            tokio::select! {
                message = stream.next() => match message {
                    Some(message) => self.take(&message),
                    None => return Ended::Closed,
                },
                room = sender.reserve(), if !self.backlog.is_empty() => match room {
                    Ok(room) => if let Some(event) = self.backlog.pop() {
                        room.send(event);
                    },
                    Err(_) => return Ended::Unwanted,
                },
                () = sender.closed() => return Ended::Unwanted,
                _ = pings.tick(), if ping.is_none() => ping = Some(Box::pin(answers(sink.clone()))),
                answered = async { ping.as_mut().expect("checked").await }, if ping.is_some() => {
                    if !answered {
                        return Ended::Silent;
                    }
                    ping = None;
                }
            }
        }
    }

    fn take(&mut self, message: &Msg) {
        let bytes = Bytes::copy_from_slice(message.get_payload_bytes());
        match envelope::open(&bytes) {
            Ok(event) => {
                let dropped = self.backlog.push(event);
                self.state
                    .dropped
                    .fetch_add(u64::from(dropped), Ordering::Relaxed);
            }
            Err(error) => {
                self.state.undecodable.fetch_add(1, Ordering::Relaxed);
                tracing::debug!(%error, "a message of Redis is not one of Misskey's");
            }
        }
    }
}

/// Whether Redis answers a ping in time.
async fn answers(mut sink: PubSubSink) -> bool {
    let answer = timeout(PING_TIMEOUT, sink.ping::<redis::Value>()).await;
    answer.is_ok_and(|answer| answer.is_ok())
}

/// Between a half and the whole of it, so that many servers don't come back at once.
fn jittered(wait: Duration) -> Duration {
    wait.mul_f64(0.5 + fastrand::f64() / 2.0)
}
