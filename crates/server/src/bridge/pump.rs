//! One stream upstream: opens it and moves its messages.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use backend::{Upstream, UpstreamError, UpstreamStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::timeout;

use super::lines::Try;
use super::link::Asker;

/// What a stream does.
#[derive(Debug)]
pub(super) enum Event {
    /// It is open.
    Opened,
    /// A message came.
    Message(String),
    /// It is no more, or did not come to be.
    Lost(UpstreamError),
}

/// What a pump needs.
pub(super) struct Pump {
    pub(super) of: Try,
    pub(super) upstream: Arc<dyn Upstream>,
    pub(super) asker: Arc<Asker>,
    /// How long opening and sending may take.
    pub(super) patience: Duration,
    /// The turns to open one.
    pub(super) openings: Arc<Semaphore>,
    pub(super) events: mpsc::Sender<(Try, Event)>,
}

/// The way to a pump. Dropping it closes the stream.
#[derive(Debug)]
pub(super) struct Way {
    of: Try,
    texts: mpsc::UnboundedSender<String>,
    queued: Arc<AtomicUsize>,
}

/// More waits for the server upstream than may, in this stream.
#[derive(Debug)]
pub(super) struct Full(pub(super) Try);

impl Way {
    /// Sends a message, in order.
    pub(super) fn send(&self, text: String, bytes_max: usize) -> Result<(), Full> {
        let bytes = text.len();
        if self.queued.load(Ordering::Relaxed) + bytes > bytes_max {
            return Err(Full(self.of));
        }
        self.queued.fetch_add(bytes, Ordering::Relaxed);
        // A pump that has ended has said so, and what is sent meanwhile is lost with its stream.
        drop(self.texts.send(text));
        Ok(())
    }
}

impl Pump {
    /// Starts to open a stream.
    pub(super) fn start(self) -> Way {
        let (texts, receiver) = mpsc::unbounded_channel();
        let queued = Arc::new(AtomicUsize::new(0));
        let way = Way {
            of: self.of,
            texts,
            queued: Arc::clone(&queued),
        };
        tokio::spawn(self.run(receiver, queued));
        way
    }

    async fn run(self, mut texts: mpsc::UnboundedReceiver<String>, queued: Arc<AtomicUsize>) {
        let stream = tokio::select! {
            stream = self.open() => stream,
            // Nothing is sent before it is open: it isn't wanted any more.
            _ = texts.recv() => return,
        };
        let lost = match stream {
            Ok(mut stream) => {
                self.tell(Event::Opened).await;
                self.flow(&mut *stream, &mut texts, &queued).await
            }
            Err(error) => Some(error),
        };
        if let Some(error) = lost {
            self.tell(Event::Lost(error)).await;
        }
    }

    /// Opens the stream, when it is its turn.
    async fn open(&self) -> Result<Box<dyn UpstreamStream>, UpstreamError> {
        let turn = self.openings.acquire().await;
        let _turn = turn.expect("the semaphore is never closed");
        let token = self.asker.token.as_ref().map(|token| token.reveal());
        let opened = timeout(self.patience, self.upstream.open(token)).await;
        opened.unwrap_or_else(|elapsed| Err(UpstreamError::Unreachable(elapsed.into())))
    }

    /// Moves messages until the stream ends, and says why; `None`: it was closed from here.
    async fn flow(
        &self,
        stream: &mut dyn UpstreamStream,
        texts: &mut mpsc::UnboundedReceiver<String>,
        queued: &AtomicUsize,
    ) -> Option<UpstreamError> {
        loop {
            tokio::select! {
                text = texts.recv() => {
                    let Some(text) = text else {
                        stream.close().await;
                        return None;
                    };
                    let bytes = text.len();
                    match timeout(self.patience, stream.send(text)).await {
                        Ok(Ok(())) => {}
                        Ok(Err(error)) => return Some(error),
                        Err(elapsed) => return Some(UpstreamError::Broken(elapsed.into())),
                    }
                    queued.fetch_sub(bytes, Ordering::Relaxed);
                }
                next = stream.next() => match next {
                    Ok(Some(text)) => self.tell(Event::Message(text)).await,
                    Ok(None) => return Some(UpstreamError::Ended),
                    Err(error) => return Some(error),
                },
            }
        }
    }

    async fn tell(&self, event: Event) {
        // Without a bridge the server has ended.
        drop(self.events.send((self.of, event)).await);
    }
}
