//! Users who are logged in.

use std::sync::Arc;

use protocol::close::CloseReason;
use protocol::id::UserId;
use protocol::record::ViewerRecord;
use rules::UserKey;

use super::super::question::{Answer, AskId, Output, Question, Ticket, Watched};
use super::super::relations::{Relation, Relations};
use super::super::shelf::{Again, Wish};
use super::super::{Asked, Desk, RETRY_MS, Timer, USERS_PER_QUESTION};
use crate::publication::{Closing, Event, Tokens};

impl Desk {
    pub(in crate::desk) fn watch_user(&mut self, id: &UserId, ticket: Ticket) {
        let known = self.ids.user(id.as_str());
        let user = known.filter(|user| self.users.contains(user));
        // A user who is watched holds their own id.
        let user = user.unwrap_or_else(|| self.ids.hold_user(id.as_str()));
        match self.users.watch(user, ticket) {
            Wish::Granted(relations) => {
                let watched = Watched::User(Arc::clone(&relations.viewer));
                self.queue.push(Output::Answer { ticket, watched }, 0);
            }
            Wish::Begins => self.due.users.push(user),
            Wish::Waits => {}
        }
    }

    pub(in crate::desk) fn unwatch_user(&mut self, user: UserKey) {
        if let Some(item) = self.users.unwatch(&user) {
            self.forget_user(user, item.value);
        }
    }

    /// Asks for the users that are due, some at a time.
    pub(in crate::desk) fn ask_for_due_users(&mut self) {
        let due = std::mem::take(&mut self.due.users);
        for users in due.chunks(USERS_PER_QUESTION) {
            let ask = AskId(self.next_ask);
            let mut users = users.to_vec();
            users.retain(|user| self.users.ask(user, ask));
            if users.is_empty() {
                continue;
            }
            let ids = users.iter().map(|&user| self.user_id(user)).collect();
            self.ask(Question::Viewers(ids), Asked::Users(users));
        }
    }

    pub(in crate::desk) fn load_users(
        &mut self,
        ask: AskId,
        users: Vec<UserKey>,
        answer: Answer,
        now_ms: u64,
    ) {
        let Answer::Viewers(records) = answer else {
            for user in users {
                self.fail_user(ask, user, now_ms);
            }
            return;
        };
        let mut by_user: std::collections::BTreeMap<UserKey, ViewerRecord> = records
            .into_iter()
            .filter_map(|record| Some((self.ids.user(record.user.as_str())?, record)))
            .collect();
        for user in users {
            match by_user.remove(&user) {
                Some(record) => self.load_user(ask, user, &record, now_ms),
                None => self.lose_user(ask, user),
            }
        }
    }

    /// A user's relations were read.
    fn load_user(&mut self, ask: AskId, user: UserKey, record: &ViewerRecord, now_ms: u64) {
        let was_current = self.users.is_current(&user);
        let Some((item, again)) = self.users.answer(&user, ask, true) else {
            return;
        };
        let mut relations = Relations::load(record, &mut self.ids, now_ms);
        for change in std::mem::take(&mut item.changes) {
            relations.apply(&change, &mut self.ids);
        }
        relations.end_mutes(now_ms, &mut self.ids);
        let ends = relations.ends_ms().min();
        let viewer = Arc::clone(&relations.viewer);
        let before = item.value.replace(relations);
        let tickets = item.admit();
        if again == Again::Now {
            self.due.users.push(user);
        }
        if let Some(before) = before {
            if before.viewer != viewer {
                self.publish_viewer(&viewer, was_current);
            }
            before.release(&mut self.ids);
        } else {
            self.watched_users = None;
            self.arrivals.arrive(user);
        }
        self.answer_all(tickets, &Watched::User(viewer));
        self.wake_at(ends, user);
    }

    /// There is no such user, or no longer.
    fn lose_user(&mut self, ask: AskId, user: UserKey) {
        let Some((item, _)) = self.users.answer(&user, ask, true) else {
            return;
        };
        let tickets = std::mem::take(&mut item.waiting);
        let was_known = item.value.is_some();
        self.answer_all(tickets, &Watched::Nothing);
        if let Some(item) = self.users.drop_unneeded(&user) {
            self.forget_user(user, item.value);
        } else if was_known {
            let event = Event::Close(Closing {
                user,
                tokens: Tokens::All,
                reason: CloseReason::UserDeleted,
            });
            let output = self.publication(event);
            self.queue.push_before_barrier(output);
        }
    }

    /// The store could not say.
    fn fail_user(&mut self, ask: AskId, user: UserKey, now_ms: u64) {
        let Some((item, _)) = self.users.answer(&user, ask, false) else {
            return;
        };
        let tickets = std::mem::take(&mut item.waiting);
        self.answer_all(tickets, &Watched::Failed);
        if let Some(item) = self.users.drop_unneeded(&user) {
            self.forget_user(user, item.value);
        } else {
            self.timers.insert((now_ms + RETRY_MS, Timer::User(user)));
        }
    }

    /// A relation of a user changed.
    pub(in crate::desk) fn change_user(&mut self, id: &str, change: Relation, now_ms: u64) {
        let Some(user) = self.ids.user(id) else {
            return;
        };
        let Some(item) = self.users.get_mut(&user) else {
            return;
        };
        let current = item.is_current();
        if let Some(relations) = item.value.as_mut().filter(|_| current) {
            let changed = relations.apply(&change, &mut self.ids);
            let (viewer, ends) = (Arc::clone(&relations.viewer), relations.ends_ms().min());
            item.remember(change);
            if changed {
                self.publish(Event::Viewer(viewer), 0);
            }
            self.wake_at(ends.map(|ends| ends.max(now_ms)), user);
        } else {
            item.remember(change);
        }
    }

    pub(in crate::desk) fn reload_user(&mut self, user: UserKey) {
        if self.users.reload(&user) {
            self.due.users.push(user);
        }
    }

    /// What roles allow may have changed for anyone.
    pub(in crate::desk) fn reload_users(&mut self) {
        let users: Vec<UserKey> = self.users.keys().copied().collect();
        for user in users {
            self.reload_user(user);
        }
    }

    pub(in crate::desk) fn retry_user(&mut self, user: UserKey) {
        if self.users.retry(&user) {
            self.due.users.push(user);
        }
    }

    pub(in crate::desk) fn end_mutes(&mut self, user: UserKey, now_ms: u64) {
        let Some(item) = self.users.get_mut(&user) else {
            return;
        };
        let current = item.is_current();
        // A user who is loaded again has their mutes read anew.
        let Some(relations) = item.value.as_mut().filter(|_| current) else {
            return;
        };
        let ended = relations.end_mutes(now_ms, &mut self.ids);
        let (viewer, ends) = (Arc::clone(&relations.viewer), relations.ends_ms().min());
        if ended {
            self.publish(Event::Viewer(viewer), 0);
        }
        self.wake_at(ends, user);
    }

    /// The users who are watched and known, as questions name them.
    pub(in crate::desk) fn watched_users(&mut self) -> Arc<[UserId]> {
        if let Some(users) = &self.watched_users {
            return Arc::clone(users);
        }
        let known = self.users.iter().filter(|(_, item)| item.value.is_some());
        let users: Arc<[UserId]> = known.map(|(&user, _)| self.user_id(user)).collect();
        self.watched_users = Some(Arc::clone(&users));
        users
    }

    fn publish_viewer(&mut self, viewer: &Arc<rules::Viewer>, was_current: bool) {
        let event = Event::Viewer(Arc::clone(viewer));
        let output = self.publication(event);
        if was_current {
            self.queue.push(output, 0);
        } else {
            self.queue.push_before_barrier(output);
        }
    }

    fn forget_user(&mut self, user: UserKey, relations: Option<Relations>) {
        self.watched_users = None;
        self.arrivals.leave(user);
        self.wake_at(None, user);
        if let Some(relations) = relations {
            relations.release(&mut self.ids);
        }
        self.ids.release_user(user);
    }

    /// Arms the one timer of a user's mutes, or stops it.
    fn wake_at(&mut self, ends: Option<u64>, user: UserKey) {
        let before = match ends {
            Some(until_ms) => self.mute_wakes.insert(user, until_ms),
            None => self.mute_wakes.remove(&user),
        };
        if let Some(before) = before {
            self.timers.remove(&(before, Timer::MuteEnds(user)));
        }
        if let Some(until_ms) = ends {
            self.timers.insert((until_ms, Timer::MuteEnds(user)));
        }
    }

    pub(in crate::desk) fn user_id(&self, user: UserKey) -> UserId {
        let id = UserId::parse(self.ids.user_id(user));
        id.expect("a user who is watched was named by an id")
    }
}
