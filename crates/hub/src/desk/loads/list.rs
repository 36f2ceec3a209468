//! Lists.

use std::collections::BTreeMap;
use std::sync::Arc;

use protocol::change::ListMember;
use protocol::id::ListId;
use protocol::record::ListRecord;
use rules::Follows;

use super::super::ids::Ids;
use super::super::question::{Answer, AskId, Output, Ticket, Watched};
use super::super::sets::{follow, follow_anew, hold_follows, unfollow};
use super::super::shelf::{Again, Wish};
use super::super::{Desk, RETRY_MS, Timer};
use crate::publication::Event;
use crate::worker::List;

/// A change of a list, with real ids, since it may be kept for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::desk) enum ListChange {
    Added {
        user: Box<str>,
        with_replies: Option<bool>,
    },
    Updated {
        user: Box<str>,
        with_replies: Option<bool>,
    },
    Removed(Box<str>),
    Deleted,
}

impl ListChange {
    pub(in crate::desk) fn added(member: &ListMember<'_>) -> Self {
        Self::Added {
            user: member.member_id.as_str().into(),
            with_replies: member.with_replies,
        }
    }

    pub(in crate::desk) fn updated(member: &ListMember<'_>) -> Self {
        Self::Updated {
            user: member.member_id.as_str().into(),
            with_replies: member.with_replies,
        }
    }

    pub(in crate::desk) fn removed(member: &ListMember<'_>) -> Self {
        Self::Removed(member.member_id.as_str().into())
    }
}

impl Desk {
    pub(in crate::desk) fn watch_list(&mut self, id: ListId, ticket: Ticket) {
        match self.lists.watch(id.clone(), ticket) {
            Wish::Granted(list) => {
                let watched = Watched::List(Arc::clone(list));
                self.queue.push(Output::Answer { ticket, watched }, 0);
            }
            Wish::Begins => self.due.lists.push(id),
            Wish::Waits => {}
        }
    }

    pub(in crate::desk) fn unwatch_list(&mut self, id: &ListId) {
        if let Some(item) = self.lists.unwatch(id) {
            self.release_list(item.value);
        }
    }

    pub(in crate::desk) fn load_lists(
        &mut self,
        ask: AskId,
        ids: &[ListId],
        answer: Answer,
        now_ms: u64,
    ) {
        let Answer::Lists(records) = answer else {
            for id in ids {
                self.fail_list(ask, id, now_ms);
            }
            return;
        };
        let mut records: BTreeMap<ListId, ListRecord> = records.into_iter().collect();
        for id in ids {
            self.load_list(ask, id, records.remove(id).as_ref());
        }
    }

    /// A list was read; `None`: there is none.
    fn load_list(&mut self, ask: AskId, id: &ListId, found: Option<&ListRecord>) {
        let was_current = self.lists.is_current(id);
        let Some((item, again)) = self.lists.answer(id, ask, true) else {
            return;
        };
        let changes = std::mem::take(&mut item.changes);
        let before = item.value.take();
        // A deleted list that is still shown has no members.
        let list = match (found, &before) {
            (Some(record), _) => Some(load(id, record, &mut self.ids)),
            (None, Some(before)) => Some(empty(before, &mut self.ids)),
            (None, None) => None,
        };
        let list = list.map(|mut list| {
            for change in &changes {
                alter(&mut list, change, &mut self.ids);
            }
            Arc::new(list)
        });
        item.value.clone_from(&list);
        let (tickets, watched) = match list.clone() {
            Some(list) => (item.admit(), Watched::List(list)),
            None => (std::mem::take(&mut item.waiting), Watched::Nothing),
        };
        if again == Again::Now {
            self.due.lists.push(id.clone());
        }
        if let (Some(before), Some(list)) = (&before, list)
            && **before != *list
        {
            let output = self.publication(Event::List(list));
            if was_current {
                self.queue.push(output, 0);
            } else {
                self.queue.push_before_barrier(output);
            }
        }
        self.release_list(before);
        self.answer_all(tickets, &watched);
        self.keep_list(id, None);
    }

    /// The store could not say.
    fn fail_list(&mut self, ask: AskId, id: &ListId, now_ms: u64) {
        let Some((item, _)) = self.lists.answer(id, ask, false) else {
            return;
        };
        let tickets = std::mem::take(&mut item.waiting);
        self.answer_all(tickets, &Watched::Failed);
        self.keep_list(id, Some(now_ms + RETRY_MS));
    }

    /// A list changed.
    pub(in crate::desk) fn alter_list(&mut self, id: &ListId, change: ListChange) {
        let Some(item) = self.lists.get_mut(id) else {
            return;
        };
        let current = item.is_current();
        if let Some(list) = item.value.as_mut().filter(|_| current) {
            let mut copy = List::clone(list);
            if alter(&mut copy, &change, &mut self.ids) {
                *list = Arc::new(copy);
                let list = Arc::clone(list);
                item.remember(change);
                self.publish(Event::List(list), 0);
                return;
            }
        }
        item.remember(change);
    }

    pub(in crate::desk) fn retry_list(&mut self, id: ListId) {
        if self.lists.retry(&id) {
            self.due.lists.push(id);
        }
    }

    /// Forgets a list that nobody needs, else tries it again at some time.
    fn keep_list(&mut self, id: &ListId, retry_at: Option<u64>) {
        if let Some(item) = self.lists.drop_unneeded(id) {
            self.release_list(item.value);
        } else if let Some(retry_at) = retry_at {
            self.timers.insert((retry_at, Timer::List(id.clone())));
        }
    }

    fn release_list(&mut self, list: Option<Arc<List>>) {
        if let Some(list) = list {
            self.ids.release_user(list.owner);
            for member in list.members.iter() {
                self.ids.release_user(member.user);
            }
        }
    }
}

/// The list of a record. Each id in it is held.
fn load(id: &ListId, record: &ListRecord, ids: &mut Ids) -> List {
    List {
        id: id.clone(),
        owner: ids.hold_user(record.owner.as_str()),
        owner_id: record.owner.clone(),
        members: hold_follows(&record.members, ids),
    }
}

/// The same list without members.
fn empty(list: &List, ids: &mut Ids) -> List {
    List {
        id: list.id.clone(),
        owner: ids.hold_user(list.owner_id.as_str()),
        owner_id: list.owner_id.clone(),
        members: Follows::default(),
    }
}

/// Applies a change. Returns whether it changed anything.
fn alter(list: &mut List, change: &ListChange, ids: &mut Ids) -> bool {
    match change {
        ListChange::Added { user, with_replies } => {
            follow(&mut list.members, user, *with_replies, ids)
        }
        ListChange::Updated { user, with_replies } => {
            follow_anew(&mut list.members, user, *with_replies, ids)
        }
        ListChange::Removed(user) => unfollow(&mut list.members, user, ids),
        ListChange::Deleted => {
            let members = std::mem::take(&mut list.members);
            for member in members.iter() {
                ids.release_user(member.user);
            }
            members != list.members
        }
    }
}
