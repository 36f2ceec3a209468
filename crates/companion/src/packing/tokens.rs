//! The native tokens of users, in whose names Misskey is asked.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use protocol::id::UserId;
use tokio::time::Instant;

use crate::Store;
use crate::accounts;
use crate::batch::{BatchError, Batcher};
use crate::database::DatabaseError;

/// How long a token is taken for the right one. One that isn't any more is refused, and read again.
const KEEP: Duration = Duration::from_secs(60);
/// How many tokens are kept.
const TOKENS_MAX: usize = 4096;

/// A native token. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Token(Arc<str>);

/// The tokens of users, read together and kept for a while.
#[derive(Debug)]
pub(super) struct Tokens {
    batcher: Batcher<UserId, Option<Token>, DatabaseError>,
    known: Mutex<HashMap<UserId, (Instant, Token)>>,
}

impl Tokens {
    pub(super) fn new(store: &Arc<Store>) -> Self {
        let store = Arc::clone(store);
        let batcher = Batcher::start(move |users: Vec<UserId>| {
            let store = Arc::clone(&store);
            async move {
                let answer = async {
                    let (session, schema) = store.session().await?;
                    accounts::tokens(&session, &schema, &users).await
                };
                store.heed(answer.await).await
            }
        });
        Self {
            batcher,
            known: Mutex::default(),
        }
    }

    /// The token of a user. `None`: there is no such user, or no more.
    pub(super) async fn of(
        &self,
        user: &UserId,
    ) -> Result<Option<Token>, BatchError<DatabaseError>> {
        if let Some((since, token)) = self.lock().get(user)
            && since.elapsed() < KEEP
        {
            return Ok(Some(token.clone()));
        }
        let token = self.batcher.ask(user.clone()).await?;
        if let Some(token) = &token {
            let mut known = self.lock();
            if known.len() >= TOKENS_MAX {
                // Each costs one row to read again.
                known.clear();
            }
            known.insert(user.clone(), (Instant::now(), token.clone()));
        }
        Ok(token)
    }

    /// Forgets a token that was refused, unless another has taken its place.
    pub(super) fn forget(&self, user: &UserId, refused: &Token) {
        let mut known = self.lock();
        if known.get(user).is_some_and(|(_, token)| token == refused) {
            known.remove(user);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<UserId, (Instant, Token)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Token {
    pub(crate) fn new(token: &str) -> Self {
        Self(token.into())
    }

    /// What is sent to Misskey, and nowhere else.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}
