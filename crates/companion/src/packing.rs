//! Having notes packed by Misskey itself, which alone can show one as a certain user sees it.
//!
//! Whoever asks for what was asked a moment ago shares its answer, so a user's connections and
//! antennas cost one request for each note. Few requests are under way at once, and each is given
//! up when nobody waits for it any more: the event that needs it is dropped, which reveals nothing.

mod recent;
mod tokens;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ::upstream::{Address, NotesClient, ShowError};
use backend::Reading;
use bytes::Bytes;
use futures_util::FutureExt;
use protocol::id::{NoteId, UserId};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::Store;
use crate::batch::BatchError;
use crate::database::DatabaseError;
use recent::{Recent, Shared};
use tokens::Tokens;

pub(crate) use tokens::Token;

/// How many notes Misskey is asked for at once. It packs each with several queries of its own.
const REQUESTS_MAX: usize = 16;
/// How long an event waits for its note, its place in the queue included.
const PACK_TIME: Duration = Duration::from_secs(2);

/// Asks for packed notes.
#[derive(Debug)]
pub(crate) struct Packer(Option<Arc<Inner>>);

/// Where notes are asked for.
#[derive(Debug)]
struct Inner {
    notes: NotesClient,
    tokens: Tokens,
    turns: Semaphore,
    recent: Recent,
    counts: [AtomicU64; OUTCOMES.len()],
}

/// A note was not packed. Several may wait for the same one.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum PackError {
    /// Nobody said where Misskey is.
    #[error("no upstream is set (`--upstream`)")]
    Unset,
    /// Misskey did not show it.
    #[error(transparent)]
    Show(#[from] Arc<ShowError>),
    /// The user's token could not be read.
    #[error(transparent)]
    Token(#[from] Arc<BatchError<DatabaseError>>),
    /// It took too long.
    #[error("the server upstream took over {} s", PACK_TIME.as_secs())]
    Slow,
    /// The task that asked has ended, as all do when the server stops.
    #[error("the question was given up")]
    GivenUp,
}

/// What came of the wishes for a note, for metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Packed,
    /// Answered by what was asked a moment ago.
    Shared,
    /// There is no such note, or it is not for this user.
    Hidden,
    Failed,
    Slow,
}

/// All outcomes with their names, in the order of the counts.
const OUTCOMES: [(Outcome, &str); 5] = [
    (Outcome::Packed, "packed"),
    (Outcome::Shared, "shared"),
    (Outcome::Hidden, "hidden"),
    (Outcome::Failed, "failed"),
    (Outcome::Slow, "slow"),
];

impl Packer {
    /// Without an address nothing is packed, and the log says what is off.
    pub(crate) fn new(address: Option<Address>, store: &Arc<Store>) -> Self {
        let Some(address) = address else {
            tracing::warn!(
                "without `--upstream`, notes of antennas and notes of mentions and notifications \
                 of which a part is hidden are not delivered, and channels that only Misskey \
                 feeds are silent"
            );
            return Self(None);
        };
        Self(Some(Arc::new(Inner {
            notes: NotesClient::new(address),
            tokens: Tokens::new(store),
            turns: Semaphore::new(REQUESTS_MAX),
            recent: Recent::default(),
            counts: Default::default(),
        })))
    }

    /// A note as a user sees it. `None`: it is gone, or not for them.
    pub(crate) async fn pack(
        &self,
        note: &NoteId,
        viewer: &UserId,
    ) -> Result<Option<Bytes>, PackError> {
        let inner = self.0.as_ref().ok_or(PackError::Unset)?;
        let (shared, is_new) = inner
            .recent
            .find_or((note, viewer), || inner.start(note, viewer));
        if !is_new {
            inner.count(Outcome::Shared);
        }
        shared.await
    }

    pub(crate) fn readings(&self) -> impl Iterator<Item = Reading> {
        let counts = self
            .0
            .iter()
            .flat_map(|inner| OUTCOMES.iter().zip(&inner.counts));
        counts.map(|((_, name), count)| Reading::Packs(name, count.load(Ordering::Relaxed)))
    }
}

impl Inner {
    /// Asks in a task of its own, so that nobody who gives up takes the answer from others.
    fn start(self: &Arc<Self>, note: &NoteId, viewer: &UserId) -> Shared {
        let (inner, note, viewer) = (Arc::clone(self), note.clone(), viewer.clone());
        let task = tokio::spawn(async move {
            let packed = timeout(PACK_TIME, inner.ask(&note, &viewer)).await;
            let packed = packed.unwrap_or(Err(PackError::Slow));
            inner.count(match &packed {
                Ok(Some(_)) => Outcome::Packed,
                Ok(None) => Outcome::Hidden,
                Err(PackError::Slow) => Outcome::Slow,
                Err(_) => Outcome::Failed,
            });
            let bytes = packed.iter().flatten().map(Bytes::len).sum();
            inner.recent.settle((&note, &viewer), bytes);
            packed
        });
        task.map(|packed| packed.unwrap_or(Err(PackError::GivenUp)))
            .boxed()
            .shared()
    }

    async fn ask(&self, note: &NoteId, viewer: &UserId) -> Result<Option<Bytes>, PackError> {
        let _turn = self.turns.acquire().await;
        // A token that is refused may be an old one: then there is another.
        let mut refused = None;
        loop {
            let token = self.tokens.of(viewer).await;
            let Some(token) = token.map_err(Arc::new)? else {
                return Ok(None);
            };
            let error = match self.notes.show(note, token.as_str()).await {
                Err(error @ ShowError::Unauthorized(_)) => error,
                packed => return packed.map_err(|error| Arc::new(error).into()),
            };
            self.tokens.forget(viewer, &token);
            if refused.replace(token).is_some() {
                return Err(Arc::new(error).into());
            }
        }
    }

    fn count(&self, outcome: Outcome) {
        let counts = OUTCOMES.iter().zip(&self.counts);
        let mut counts = counts.filter(|((each, _), _)| *each == outcome);
        let (_, count) = counts.next().expect("all outcomes have a count");
        count.fetch_add(1, Ordering::Relaxed);
    }
}
