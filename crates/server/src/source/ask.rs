//! The questions to the backend, each a task of its own.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use backend::{Backend, BackendError};
use bytes::Bytes;
use protocol::id::UserId;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::task::JoinSet;
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout};

use super::complaints::Complaints;
use super::deeds::Deed;
use super::plays::Played;
use crate::http::Token;
use crate::metrics::SourceMetrics;

/// How many questions the backend is asked at once. The others wait for their turn.
const QUESTIONS_MAX: usize = 64;
/// How many notes the backend packs at once. They have turns of their own: another server may have
/// to be asked for them, and while that is slow, users must be able to come in all the same.
const PACKS_MAX: usize = 64;
/// How many notes wait to be packed. More are not asked for: their turn would come too late.
const PACKS_WAITING_MAX: usize = 1024;
/// How long a note is waited for, its turn included. Later the desk has given its event up.
const PACK_TIME: Duration = Duration::from_millis(hub::HOLD_MS);

/// How many questions about many users are asked at once: those of everybody's relations, again
/// and again. Whoever comes meanwhile must not wait behind all of them.
const READINGS_MAX: usize = 2;

/// More users than this in one question are many.
const FEW_USERS: usize = 16;

/// How many tokens are looked up again in one query.
const TOKENS_PER_QUESTION: usize = 1_024;

/// The questions that are out.
#[derive(Debug)]
pub(super) struct Asker {
    way: Way,
    tasks: JoinSet<Done>,
}

/// A question that came to its end.
#[derive(Debug)]
pub(super) enum Done {
    /// One of the desk's.
    Desk(hub::AskId, hub::Answer),
    /// The store was told of a deed of a user, or could not be.
    Told(UserId, Deed),
    /// What a player did is carried out, or could not be.
    Played(UserId),
    /// The tokens of apps were looked up again; these are nobody's any more.
    Apps(Vec<(Token, UserId)>),
}

impl Asker {
    pub(super) fn new(
        backend: Arc<dyn Backend>,
        patience: Duration,
        metrics: SourceMetrics,
    ) -> Self {
        let way = Way {
            backend,
            turns: Arc::new(Semaphore::new(QUESTIONS_MAX)),
            packs: Arc::new(Semaphore::new(PACKS_MAX)),
            packs_waiting: Arc::new(Semaphore::new(PACKS_WAITING_MAX)),
            readings: Arc::new(Semaphore::new(READINGS_MAX)),
            patience,
            metrics,
            complaints: Arc::default(),
        };
        Self {
            way,
            tasks: JoinSet::new(),
        }
    }

    /// How many questions are out.
    pub(super) fn waiting(&self) -> usize {
        self.tasks.len()
    }

    /// The next question that comes to its end; pends while none is out.
    pub(super) async fn next(&mut self) -> Done {
        match self.tasks.join_next().await {
            Some(Ok(done)) => done,
            Some(Err(error)) => std::panic::resume_unwind(error.into_panic()),
            None => std::future::pending().await,
        }
    }

    /// Asks what the desk wants to know.
    pub(super) fn ask_for_desk(&mut self, ask: hub::AskId, question: hub::Question) {
        let way = self.way.clone();
        self.tasks
            .spawn(async move { Done::Desk(ask, way.answer(question).await) });
    }

    /// Looks up tokens of apps again.
    pub(super) fn look_up_apps(&mut self, apps: Vec<(Token, UserId)>) {
        let way = self.way.clone();
        self.tasks
            .spawn(async move { Done::Apps(way.revoked(&apps).await) });
    }

    /// Tells the store what a user has done.
    pub(super) fn tell(&mut self, user: UserId, deed: Deed) {
        let way = self.way.clone();
        self.tasks.spawn(async move {
            way.tell(&user, &deed).await;
            Done::Told(user, deed)
        });
    }

    /// Carries out what a player did.
    pub(super) fn play(&mut self, played: Played) {
        let way = self.way.clone();
        self.tasks.spawn(async move {
            way.question("play", way.backend.play(&played.play)).await;
            let player = played.play.player.clone();
            // It is held to the end as a whole: what of it is not named would be dropped before.
            drop(played);
            Done::Played(player)
        });
    }
}

/// How a question gets to the backend.
#[derive(Clone)]
struct Way {
    backend: Arc<dyn Backend>,
    turns: Arc<Semaphore>,
    packs: Arc<Semaphore>,
    /// Places for those who wait for one of `packs`.
    packs_waiting: Arc<Semaphore>,
    /// The turns of questions about many users, which they need first.
    readings: Arc<Semaphore>,
    patience: Duration,
    metrics: SourceMetrics,
    complaints: Arc<Complaints>,
}

impl Way {
    /// Waits for a turn, asks, and gives up after a while. `None`: no answer.
    async fn question<T>(
        &self,
        name: &'static str,
        asked: impl Future<Output = Result<T, BackendError>>,
    ) -> Option<T> {
        let _turn = turn(&self.turns).await;
        self.heed(name, timeout(self.patience, asked).await)
    }

    /// Has a note packed, unless too many wait for that.
    async fn pack(
        &self,
        asked: impl Future<Output = Result<Option<Bytes>, BackendError>>,
    ) -> Option<Option<Bytes>> {
        const NAME: &str = "pack_note";
        let Ok(place) = self.packs_waiting.try_acquire() else {
            self.metrics.backend_error(NAME);
            return None;
        };
        let packed = timeout(self.patience.min(PACK_TIME), async {
            let _turn = turn(&self.packs).await;
            drop(place);
            asked.await
        });
        self.heed(NAME, packed.await)
    }

    /// Tells and counts what could not be answered.
    fn heed<T>(
        &self,
        name: &'static str,
        answer: Result<Result<T, BackendError>, Elapsed>,
    ) -> Option<T> {
        match answer {
            Ok(Ok(answer)) => return Some(answer),
            Ok(Err(error)) => {
                if let Some(untold) = self.complaints.is_due(name, Instant::now()) {
                    let cause = error.causes();
                    tracing::warn!(question = name, %error, cause, untold, "the backend could not answer");
                }
            }
            Err(_) => {
                if let Some(untold) = self.complaints.is_due(name, Instant::now()) {
                    tracing::warn!(question = name, untold, "the backend took too long");
                }
            }
        }
        self.metrics.backend_error(name);
        None
    }

    /// Which tokens of apps are nobody's any more. Those about which the store can't say count
    /// until the next time.
    async fn revoked(&self, apps: &[(Token, UserId)]) -> Vec<(Token, UserId)> {
        let mut revoked = Vec::new();
        for apps in apps.chunks(TOKENS_PER_QUESTION) {
            let tokens: Vec<&str> = apps.iter().map(|(token, _)| token.reveal()).collect();
            let live = self.question("live_tokens", self.backend.live_tokens(&tokens));
            let live = live.await.unwrap_or_default();
            let dead = apps.iter().zip(live).filter(|(_, live)| !live);
            revoked.extend(dead.map(|(app, _)| app.clone()));
        }
        revoked
    }

    async fn tell(&self, user: &UserId, deed: &Deed) {
        let backend = &self.backend;
        // What could not be told is counted, and nobody waits for it.
        let _: Option<()> = match deed {
            Deed::ReadNotifications => {
                let read = backend.read_notifications(user);
                self.question("read_notifications", read).await
            }
            Deed::ReadChat(chat) => {
                let read = backend.read_chat(user, chat);
                self.question("read_chat", read).await
            }
            Deed::Touch => self.question("touch", backend.touch(user)).await,
        };
    }

    async fn answer(&self, question: hub::Question) -> hub::Answer {
        use hub::{Answer, Question};
        let backend = &self.backend;
        let answer = match question {
            Question::Site => self
                .question("site", backend.site())
                .await
                .map(Answer::Site),
            Question::Viewers(users) => {
                let _reading = match users.len() {
                    ..=FEW_USERS => None,
                    _ => Some(turn(&self.readings).await),
                };
                let viewers = self.question("viewers", backend.viewers(&users));
                viewers.await.map(Answer::Viewers)
            }
            Question::Lists(lists) => self
                .question("lists", backend.lists(&lists))
                .await
                .map(Answer::Lists),
            Question::AntennaOwners(antennas) => {
                let owners = self.question("antenna_owners", backend.antenna_owners(&antennas));
                owners.await.map(Answer::AntennaOwners)
            }
            Question::Rooms(rooms) => self
                .question("rooms", backend.rooms(&rooms))
                .await
                .map(Answer::Rooms),
            Question::Role(role) => self
                .question("role", backend.role(&role))
                .await
                .map(Answer::Role),
            Question::Audience(note) => self
                .question("audience", backend.audience(&note))
                .await
                .map(Answer::Audience),
            Question::MyReactions { note, users } => {
                let reactions = self.question("my_reactions", backend.my_reactions(&note, &users));
                reactions.await.map(Answer::MyReactions)
            }
            Question::PackNote { note, viewer } => {
                let packed = self.pack(backend.pack_note(&note, &viewer)).await;
                packed.map(Answer::PackNote)
            }
        };
        answer.unwrap_or(Answer::Failed)
    }
}

async fn turn(turns: &Semaphore) -> SemaphorePermit<'_> {
    let turn = turns.acquire().await;
    turn.expect("the semaphore is never closed")
}

impl fmt::Debug for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Way")
            .field("patience", &self.patience)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
