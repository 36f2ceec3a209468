//! What users have done that the store is to be told, each once at a time: however often a
//! client says so, one request waits for it, and one more is made if it was said again while the
//! store was at it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use backend::Chat;
use protocol::id::UserId;

/// How many chats of one user may wait for the store: as many as a connection can have joined.
const CHATS_PER_USER_MAX: usize = 32;

/// What a user has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Deed {
    /// Read all notifications.
    ReadNotifications,
    /// Read a chat.
    ReadChat(Chat),
    /// Been active.
    Touch,
}

/// What has become of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The source task doesn't know yet.
    Waiting,
    /// The store is being told.
    Underway,
    /// The same, and it was done again since.
    Again,
}

/// What is to be done about a deed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Noted {
    /// Tell the source task.
    New,
    /// Nothing: it is included in what waits.
    Merged,
    /// Nothing: too many chats of this user wait.
    TooMany,
}

/// The deeds that the store has not heard of, shared by the workers and the source task.
#[derive(Debug, Clone, Default)]
pub(super) struct Deeds(Arc<Mutex<ByUser>>);

type ByUser = HashMap<UserId, Vec<(Deed, Stage)>>;

impl Deeds {
    /// Notes a deed.
    pub(super) fn note(&self, user: &UserId, deed: &Deed) -> Noted {
        let mut users = self.lock();
        if let Some((_, stage)) = find(&mut users, user, deed) {
            // That somebody was active a moment ago is as good.
            if *stage == Stage::Underway && *deed != Deed::Touch {
                *stage = Stage::Again;
            }
            return Noted::Merged;
        }
        let deeds = users.entry(user.clone()).or_default();
        let is_chat = |deed: &Deed| matches!(deed, Deed::ReadChat(_));
        let chats = deeds.iter().filter(|(deed, _)| is_chat(deed)).count();
        if is_chat(deed) && chats >= CHATS_PER_USER_MAX {
            return Noted::TooMany;
        }
        deeds.push((deed.clone(), Stage::Waiting));
        Noted::New
    }

    /// From here on what is done again needs telling again.
    pub(super) fn begin(&self, user: &UserId, deed: &Deed) {
        if let Some((_, stage)) = find(&mut self.lock(), user, deed) {
            *stage = Stage::Underway;
        }
    }

    /// The store was told, or could not be. Says whether it must be told again.
    pub(super) fn end(&self, user: &UserId, deed: &Deed) -> bool {
        let mut users = self.lock();
        match find(&mut users, user, deed) {
            Some((_, stage @ Stage::Again)) => {
                *stage = Stage::Underway;
                return true;
            }
            Some(_) => {}
            None => return false,
        }
        if let Some(deeds) = users.get_mut(user) {
            deeds.retain(|(known, _)| known != deed);
            if deeds.is_empty() {
                users.remove(user);
            }
        }
        false
    }

    fn lock(&self) -> MutexGuard<'_, ByUser> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn find<'a>(users: &'a mut ByUser, user: &UserId, deed: &Deed) -> Option<&'a mut (Deed, Stage)> {
    let deeds = users.get_mut(user)?;
    deeds.iter_mut().find(|(known, _)| known == deed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(name: &str) -> UserId {
        UserId::parse(name).unwrap()
    }

    fn chat(with: usize) -> Deed {
        Deed::ReadChat(Chat::With(user(&format!("u{with}"))))
    }

    #[test]
    fn what_waits_is_merged_and_told_again_if_done_again() {
        let deeds = Deeds::default();
        let (alice, read) = (user("alice"), Deed::ReadNotifications);
        assert_eq!(deeds.note(&alice, &read), Noted::New);
        assert_eq!(deeds.note(&alice, &read), Noted::Merged);
        deeds.begin(&alice, &read);
        assert!(!deeds.end(&alice, &read), "nothing was done since");
        assert_eq!(deeds.note(&alice, &read), Noted::New);
        deeds.begin(&alice, &read);
        for _ in 0..3 {
            assert_eq!(deeds.note(&alice, &read), Noted::Merged);
        }
        assert!(deeds.end(&alice, &read), "once more");
        assert!(!deeds.end(&alice, &read), "and only once");
        assert!(deeds.lock().is_empty(), "nothing is kept of it");
    }

    #[test]
    fn being_active_needs_no_telling_again() {
        let deeds = Deeds::default();
        let alice = user("alice");
        assert_eq!(deeds.note(&alice, &Deed::Touch), Noted::New);
        deeds.begin(&alice, &Deed::Touch);
        assert_eq!(deeds.note(&alice, &Deed::Touch), Noted::Merged);
        assert!(!deeds.end(&alice, &Deed::Touch));
    }

    #[test]
    fn one_user_makes_only_so_many_chats_wait() {
        let deeds = Deeds::default();
        let (alice, bob) = (user("alice"), user("bob"));
        for with in 0..CHATS_PER_USER_MAX {
            assert_eq!(deeds.note(&alice, &chat(with)), Noted::New);
        }
        assert_eq!(deeds.note(&alice, &chat(1_000)), Noted::TooMany);
        assert_eq!(deeds.note(&alice, &chat(0)), Noted::Merged);
        assert_eq!(deeds.note(&alice, &Deed::ReadNotifications), Noted::New);
        assert_eq!(deeds.note(&bob, &chat(0)), Noted::New);
        deeds.begin(&alice, &chat(3));
        assert_eq!(deeds.note(&alice, &chat(1_000)), Noted::TooMany);
        deeds.end(&alice, &chat(3));
        assert_eq!(deeds.note(&alice, &chat(1_000)), Noted::New);
    }
}
