//! Antennas, roles and the site: small things that are read as a whole.

use std::collections::BTreeMap;

use protocol::id::{AntennaId, RoleId, UserId};
use protocol::record::RoleRecord;

use super::super::question::{Answer, AskId, Output, Question, Ticket, Watched};
use super::super::shelf::{Again, Wish};
use super::super::{Asked, Desk, RETRY_MS, Timer};
use crate::publication::Event;

/// Antennas.
impl Desk {
    pub(in crate::desk) fn watch_antenna(&mut self, id: AntennaId, ticket: Ticket) {
        match self.antennas.watch(id.clone(), ticket) {
            Wish::Granted(owner) => {
                let watched = Watched::Antenna(owner.clone());
                self.queue.push(Output::Answer { ticket, watched }, 0);
            }
            Wish::Begins => self.due.antennas.push(id),
            Wish::Waits => {}
        }
    }

    pub(in crate::desk) fn load_antennas(
        &mut self,
        ask: AskId,
        ids: &[AntennaId],
        answer: Answer,
        now_ms: u64,
    ) {
        let owners: Option<BTreeMap<AntennaId, UserId>> =
            if let Answer::AntennaOwners(owners) = answer {
                Some(owners.into_iter().collect())
            } else {
                None
            };
        for id in ids {
            let found = owners.as_ref().map(|owners| owners.get(id).cloned());
            self.load_antenna(ask, id, found, now_ms);
        }
    }

    /// An antenna's owner was read, or there is none; `None`: the store could not say.
    fn load_antenna(
        &mut self,
        ask: AskId,
        id: &AntennaId,
        found: Option<Option<UserId>>,
        now_ms: u64,
    ) {
        let Some((item, again)) = self.antennas.answer(id, ask, found.is_some()) else {
            return;
        };
        let failed = found.is_none();
        let gone = !std::mem::take(&mut item.changes).is_empty();
        if let Some(found) = found {
            item.value = found.filter(|_| !gone);
        }
        let (tickets, watched) = match item.value.clone().filter(|_| !failed) {
            Some(owner) => (item.admit(), Watched::Antenna(owner)),
            None if failed => (std::mem::take(&mut item.waiting), Watched::Failed),
            None => (std::mem::take(&mut item.waiting), Watched::Nothing),
        };
        self.answer_all(tickets, &watched);
        match again {
            Again::Now => self.due.antennas.push(id.clone()),
            Again::Later if self.antennas.drop_unneeded(id).is_none() => {
                self.timers
                    .insert((now_ms + RETRY_MS, Timer::Antenna(id.clone())));
            }
            Again::Later | Again::No => {
                self.antennas.drop_unneeded(id);
            }
        }
    }

    /// An antenna was deleted: nothing is packed for it any more.
    pub(in crate::desk) fn forget_antenna(&mut self, id: &AntennaId) {
        if let Some(item) = self.antennas.get_mut(id) {
            item.value = None;
            item.remember(super::super::Gone);
        }
    }

    pub(in crate::desk) fn retry_antenna(&mut self, id: AntennaId) {
        if self.antennas.retry(&id) {
            self.due.antennas.push(id);
        }
    }
}

/// Roles.
impl Desk {
    pub(in crate::desk) fn watch_role(&mut self, id: RoleId, ticket: Ticket) {
        match self.roles.watch(id.clone(), ticket) {
            Wish::Granted(role) => {
                let watched = Watched::Role(*role);
                self.queue.push(Output::Answer { ticket, watched }, 0);
            }
            Wish::Begins => self.ask_for_role(id),
            Wish::Waits => {}
        }
    }

    pub(in crate::desk) fn ask_for_role(&mut self, id: RoleId) {
        if self.roles.ask(&id, AskId(self.next_ask)) {
            self.ask(Question::Role(id.clone()), Asked::Role(id));
        }
    }

    pub(in crate::desk) fn load_role(
        &mut self,
        ask: AskId,
        id: &RoleId,
        answer: Answer,
        now_ms: u64,
    ) {
        let found = if let Answer::Role(found) = answer {
            Some(found)
        } else {
            None
        };
        let was_current = self.roles.is_current(id);
        let Some((item, again)) = self.roles.answer(id, ask, found.is_some()) else {
            return;
        };
        let failed = found.is_none();
        let before = item.value;
        let changes = std::mem::take(&mut item.changes);
        if let Some(found) = found {
            item.value = changes.last().copied().unwrap_or(found);
        }
        let value = item.value;
        let (tickets, watched) = match value.filter(|_| !failed) {
            Some(role) => (item.admit(), Watched::Role(role)),
            None if failed => (std::mem::take(&mut item.waiting), Watched::Failed),
            None => (std::mem::take(&mut item.waiting), Watched::Nothing),
        };
        if before.is_some() && before != value {
            let output = self.publication(role_event(id, value));
            if was_current {
                self.queue.push(output, 0);
            } else {
                self.queue.push_before_barrier(output);
            }
        }
        self.answer_all(tickets, &watched);
        match again {
            Again::Now => self.ask_for_role(id.clone()),
            Again::Later if self.roles.drop_unneeded(id).is_none() => {
                self.timers
                    .insert((now_ms + RETRY_MS, Timer::Role(id.clone())));
            }
            Again::Later | Again::No => {
                self.roles.drop_unneeded(id);
            }
        }
    }

    /// A role changed; `None`: it was deleted.
    pub(in crate::desk) fn alter_role(&mut self, id: &RoleId, role: Option<RoleRecord>) {
        let Some(item) = self.roles.get_mut(id) else {
            return;
        };
        item.remember(role);
        if item.is_current() && item.value != role {
            item.value = role;
            self.publish(role_event(id, role), 0);
        }
    }

    pub(in crate::desk) fn retry_role(&mut self, id: RoleId) {
        if self.roles.retry(&id) {
            self.ask_for_role(id);
        }
    }
}

/// The site, which is always watched.
impl Desk {
    pub(in crate::desk) fn watch_site(&mut self) {
        self.site.watch_always(());
        self.ask_for_site();
    }

    pub(in crate::desk) fn ask_for_site(&mut self) {
        if self.site.ask(&(), AskId(self.next_ask)) {
            self.ask(Question::Site, Asked::Site);
        }
    }

    pub(in crate::desk) fn load_site(&mut self, ask: AskId, answer: Answer, now_ms: u64) {
        let found = if let Answer::Site(site) = answer {
            Some(site)
        } else {
            None
        };
        let was_current = self.site.is_current(&());
        let Some((item, again)) = self.site.answer(&(), ask, found.is_some()) else {
            return;
        };
        if let Some(site) = found
            && item.value.replace(site) != Some(site)
        {
            let output = self.publication(Event::Site(site));
            if was_current {
                self.queue.push(output, 0);
            } else {
                self.queue.push_before_barrier(output);
            }
        }
        match again {
            Again::No => {}
            Again::Now => self.ask_for_site(),
            Again::Later => {
                self.timers.insert((now_ms + RETRY_MS, Timer::Site));
            }
        }
    }

    pub(in crate::desk) fn reload_site(&mut self) {
        if self.site.reload(&()) {
            self.ask_for_site();
        }
    }

    pub(in crate::desk) fn retry_site(&mut self) {
        if self.site.retry(&()) {
            self.ask_for_site();
        }
    }
}

fn role_event(id: &RoleId, role: Option<RoleRecord>) -> Event {
    Event::Role {
        role: id.clone(),
        open: role.is_some_and(|role| role.public && role.explorable),
    }
}
