//! Misskey's events, as they come from Redis.
//!
//! One task subscribes, and subscribes again when the connection ends. Whatever may have been
//! missed is a gap in the stream: at the receiver's end everything is loaded again.

mod backlog;
mod envelope;
mod link;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use backend::{Reading, SourceEvent};
use redis::Client;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// How many events wait in the channel itself; the backlog holds the others.
const CHANNEL_EVENTS: usize = 256;
/// How long a start waits for the first subscription before it goes on without.
const FIRST_SUBSCRIPTION: Duration = Duration::from_secs(5);

/// The events, and how they fare.
#[derive(Debug)]
pub(crate) struct Events {
    receiver: Mutex<Option<mpsc::Receiver<SourceEvent>>>,
    state: Arc<State>,
    task: JoinHandle<()>,
}

/// How the events fare.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// Whether the subscription stands.
    alive: AtomicBool,
    /// Messages that could not be decoded.
    pub(super) undecodable: AtomicU64,
    /// Messages dropped because too many waited.
    pub(super) dropped: AtomicU64,
    /// Why there is no subscription at the moment.
    trouble: Mutex<Option<String>>,
}

impl State {
    pub(super) fn set_alive(&self) {
        self.alive.store(true, Ordering::Release);
        *self.trouble.lock().expect("nobody panics with it") = None;
    }

    pub(super) fn set_dead(&self, why: String) {
        self.alive.store(false, Ordering::Release);
        *self.trouble.lock().expect("nobody panics with it") = Some(why);
    }
}

impl Events {
    /// Subscribes. A Redis that is away must not keep the server from starting: after a while
    /// that goes on in the background.
    pub(crate) async fn start(client: Client, channel: String) -> Self {
        let (sender, receiver) = mpsc::channel(CHANNEL_EVENTS);
        let state = Arc::new(State::default());
        state.set_dead("not yet subscribed".to_owned());
        let (first, subscribed) = oneshot::channel();
        let link = link::Link::new(client, channel, Arc::clone(&state));
        let task = tokio::spawn(link.run(sender, first));
        if timeout(FIRST_SUBSCRIPTION, subscribed).await.is_err() {
            tracing::warn!("still no subscription to Misskey's events; going on without");
        }
        Self {
            receiver: Mutex::new(Some(receiver)),
            state,
            task,
        }
    }

    /// The one stream of events; a second call gets `None`.
    pub(crate) fn take(&self) -> Option<mpsc::Receiver<SourceEvent>> {
        self.receiver.lock().expect("nobody panics with it").take()
    }

    /// Why no events can arrive, if so.
    pub(crate) fn trouble(&self) -> Option<String> {
        if self.state.alive.load(Ordering::Acquire) {
            return None;
        }
        let trouble = self.state.trouble.lock().expect("nobody panics with it");
        Some(trouble.clone().unwrap_or_default())
    }

    /// What was counted.
    pub(crate) fn readings(&self) -> [Reading; 3] {
        let state = &self.state;
        let undecodable = state.undecodable.load(Ordering::Relaxed);
        let too_many = state.dropped.load(Ordering::Relaxed);
        [
            Reading::MessagesDropped("undecodable", undecodable),
            Reading::MessagesDropped("too_many", too_many),
            Reading::Subscribed(state.alive.load(Ordering::Acquire)),
        ]
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.task.abort();
    }
}
