//! Questions of many, asked together.
//!
//! Whoever asks while others are being answered waits for the next batch. One who is alone waits
//! for nobody.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc, oneshot};

/// How many may wait to be asked for; the others wait to wait.
const WAITING_MAX: usize = 4096;
/// How many are asked for at once.
const BATCH_MAX: usize = 256;
/// How many batches are under way at once.
const BATCHES_MAX: usize = 2;

/// Asks for things in batches.
#[derive(Debug)]
pub(crate) struct Batcher<K, V, E>(mpsc::Sender<Waiting<K, V, E>>);

#[derive(Debug)]
struct Waiting<K, V, E> {
    key: K,
    reply: oneshot::Sender<Result<V, Arc<E>>>,
}

/// A batch was not answered.
#[derive(Debug)]
pub(crate) enum BatchError<E> {
    /// It failed; all who waited get the same error.
    Failed(Arc<E>),
    /// It was given up.
    GivenUp,
}

impl<K, V, E> Batcher<K, V, E>
where
    K: Send + 'static,
    V: Send + 'static,
    E: Send + Sync + 'static,
{
    /// Starts a task that asks by `ask`, which answers each key in its place. The task ends with
    /// the batcher.
    pub(crate) fn start<F, A>(ask: A) -> Self
    where
        A: Fn(Vec<K>) -> F + Send + 'static,
        F: Future<Output = Result<Vec<V>, E>> + Send + 'static,
    {
        let (sender, waiting) = mpsc::channel(WAITING_MAX);
        tokio::spawn(run(waiting, ask));
        Self(sender)
    }

    /// Asks for one thing.
    pub(crate) async fn ask(&self, key: K) -> Result<V, BatchError<E>> {
        let (reply, answer) = oneshot::channel();
        let sent = self.0.send(Waiting { key, reply }).await;
        sent.map_err(|_| BatchError::GivenUp)?;
        let answer = answer.await.map_err(|_| BatchError::GivenUp)?;
        answer.map_err(BatchError::Failed)
    }
}

async fn run<K, V, E, F, A>(mut waiting: mpsc::Receiver<Waiting<K, V, E>>, ask: A)
where
    K: Send + 'static,
    V: Send + 'static,
    E: Send + Sync + 'static,
    A: Fn(Vec<K>) -> F,
    F: Future<Output = Result<Vec<V>, E>> + Send + 'static,
{
    let turns = Arc::new(Semaphore::new(BATCHES_MAX));
    let mut batch = Vec::new();
    loop {
        let turn = Arc::clone(&turns).acquire_owned().await;
        let turn = turn.expect("the semaphore is never closed");
        if waiting.recv_many(&mut batch, BATCH_MAX).await == 0 {
            return;
        }
        // Nobody waits any more for those who gave up.
        batch.retain(|waiting| !waiting.reply.is_closed());
        let (keys, replies): (Vec<K>, Vec<_>) = batch
            .drain(..)
            .map(|waiting| (waiting.key, waiting.reply))
            .unzip();
        if keys.is_empty() {
            continue;
        }
        let asked = ask(keys);
        tokio::spawn(async move {
            match asked.await {
                Ok(values) => {
                    for (reply, value) in replies.into_iter().zip(values) {
                        drop(reply.send(Ok(value)));
                    }
                }
                Err(error) => {
                    let error = Arc::new(error);
                    for reply in replies {
                        drop(reply.send(Err(Arc::clone(&error))));
                    }
                }
            }
            drop(turn);
        });
    }
}

impl<E: fmt::Display> fmt::Display for BatchError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(error) => error.fmt(f),
            Self::GivenUp => f.write_str("the question was given up"),
        }
    }
}

impl<E: Error> Error for BatchError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Failed(error) => error.source(),
            Self::GivenUp => None,
        }
    }
}
