//! The tokens of apps by which connections are open, for a store that doesn't tell of revocations.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use protocol::id::UserId;

use crate::http::Token;

/// The tokens in use, shared by the way in and the source task.
#[derive(Debug, Clone, Default)]
pub(super) struct Apps(Arc<Mutex<HashMap<Token, Uses>>>);

/// Whose a token is, and how many connections it has.
#[derive(Debug)]
struct Uses {
    user: UserId,
    count: u32,
}

/// A token in use, until this is dropped.
#[derive(Debug)]
pub(super) struct App {
    token: Token,
    apps: Apps,
}

impl Apps {
    /// A connection has come by a token.
    pub(super) fn enter(&self, user: &UserId, token: Token) -> App {
        let mut tokens = self.lock();
        let uses = tokens.entry(token.clone()).or_insert_with(|| Uses {
            user: user.clone(),
            count: 0,
        });
        uses.count += 1;
        let apps = self.clone();
        App { token, apps }
    }

    /// All tokens in use, and whose they are.
    pub(super) fn all(&self) -> Vec<(Token, UserId)> {
        let tokens = self.lock();
        let all = tokens.iter();
        all.map(|(token, uses)| (token.clone(), uses.user.clone()))
            .collect()
    }

    /// A token is nobody's any more. Its connections end, and need not be found again meanwhile.
    pub(super) fn forget(&self, token: &Token) {
        self.lock().remove(token);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Token, Uses>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for App {
    fn drop(&mut self) {
        let mut tokens = self.apps.lock();
        if let Entry::Occupied(mut entry) = tokens.entry(self.token.clone()) {
            let uses = entry.get_mut();
            uses.count = uses.count.saturating_sub(1);
            if uses.count == 0 {
                entry.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_known_while_it_has_a_connection() {
        let apps = Apps::default();
        let alice = UserId::parse("alice").unwrap();
        let token = Token::of("secret");
        let first = apps.enter(&alice, token.clone());
        let second = apps.enter(&alice, token.clone());
        assert_eq!(apps.all(), [(token.clone(), alice.clone())]);
        drop(first);
        assert_eq!(apps.all(), [(token.clone(), alice.clone())]);
        drop(second);
        assert_eq!(apps.all(), []);
        let third = apps.enter(&alice, token.clone());
        apps.forget(&token);
        assert_eq!(apps.all(), []);
        drop(third);
        assert_eq!(apps.all(), []);
        assert!(!format!("{apps:?}").contains("secret"));
    }
}
