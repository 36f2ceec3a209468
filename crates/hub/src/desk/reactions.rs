//! How our users have reacted to notes that are renoted again and again.
//!
//! The first renote of a note asks the store about all users who are here. Later ones ask about
//! those alone who came since, so mostly about nobody. What users do meanwhile is an event.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::mem;
use std::sync::Arc;

use protocol::event::Reacted;
use protocol::id::{NoteId, UserId};
use protocol::note::reaction_key;
use rules::UserKey;
use serde_json::value::RawValue;

use super::enrich::{Found, Lacks, NoteDraft};
use super::queue::SlotId;
use super::{Asked, Desk, Question};

/// Numbers users in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Arrivals {
    number_by_user: HashMap<UserKey, u64>,
    user_by_number: BTreeMap<u64, UserKey>,
    last_number: u64,
}

/// What is known of reactions.
#[derive(Debug, Default)]
pub(super) struct OwnReactions {
    by_note: HashMap<NoteId, Known>,
    /// Those in `by_note` and perhaps others, oldest first.
    order: VecDeque<NoteId>,
    /// How many reactions are known in all.
    total: usize,
}

/// What is known of the reactions to one note.
#[derive(Debug, Default)]
struct Known {
    since_ms: u64,
    /// The reactions of all who are here and came up to this number.
    covers: u64,
    reaction_by_user: BTreeMap<UserId, String>,
    asking: Option<Asking>,
    /// The events that wait for an answer, each with the last number it needs.
    waiting: Vec<(SlotId, u64)>,
    /// Whether it is to be forgotten when nothing waits any more.
    outdated: bool,
}

/// A question that is under way.
#[derive(Debug)]
struct Asking {
    /// What the answer covers.
    covers: u64,
    /// What users did since, which the answer may lack.
    changes: BTreeMap<UserId, Option<String>>,
}

/// What came of an answer.
#[derive(Debug)]
struct Settled {
    /// All that is known.
    reactions: Vec<(UserId, String)>,
    /// The events that need no more.
    slots: Vec<SlotId>,
}

/// How many notes are known.
const NOTES_MAX: usize = 4096;
/// How many reactions to them are.
const REACTIONS_MAX: usize = 65_536;
/// For how long, in milliseconds: the copy of a store may have lacked the newest.
const KEEP_MS: u64 = 60_000;

impl Desk {
    /// A renote goes as soon as it is known how those who are here have reacted to what it shows.
    pub(super) fn await_reactions(
        &mut self,
        note: NoteId,
        draft: NoteDraft,
        named: Vec<(UserKey, Box<str>)>,
        bytes: usize,
        now_ms: u64,
    ) {
        let needs = self.arrivals.newest();
        let known = self.reactions.entry(&note, now_ms);
        if known.covers >= needs && !known.outdated {
            let found = known.list();
            let event = draft.finish(self.all_reactions(named, Some(found)));
            self.publish(event, bytes);
            return;
        }
        let draft = self.draft(Lacks::MyReactions {
            draft,
            known: named,
        });
        let slot = self.queue.hold(draft, bytes);
        self.reactions.wait(&note, slot, needs);
        self.ask_for_reactions(note, now_ms);
    }

    /// The store told how users have reacted to a note; `None`: it could not say.
    pub(super) fn settle_reactions(&mut self, note: NoteId, told: Option<Found>, now_ms: u64) {
        let Some(Found::MyReactions(Some(found))) = told else {
            for (slot, _) in self.reactions.forget(note.as_str()) {
                self.complete_without(slot);
            }
            return;
        };
        let Some(Settled { reactions, slots }) = self.reactions.settle(&note, found) else {
            return;
        };
        for slot in slots {
            self.complete(slot, Found::MyReactions(Some(reactions.clone())));
        }
        if self.reactions.has_waiting(&note) {
            self.ask_for_reactions(note, now_ms);
        }
    }

    /// Keeps what is known of a note's reactions true.
    pub(super) fn heed_reaction(&mut self, note: &str, kind: &str, body: Option<&RawValue>) {
        if !self.reactions.by_note.contains_key(note) {
            return;
        }
        match Reacted::in_update(kind, body) {
            Some(Ok(Reacted { user, reaction })) => {
                // Whoever is away is asked about when they come again.
                let is_here = self.watched_user(user.as_str()).is_some();
                let reaction = reaction.filter(|_| is_here);
                let reaction = reaction.map(|kept| reaction_key(kept.as_str()).into_owned());
                self.reactions.change(note, &user, reaction);
            }
            Some(Err(_)) => self.reactions.outdate(note),
            None => {}
        }
    }

    /// Asks about those of whom nothing is known, unless somebody is being asked about.
    fn ask_for_reactions(&mut self, note: NoteId, now_ms: u64) {
        let covers = self.arrivals.newest();
        let Some(since) = self.reactions.begin(&note, covers) else {
            return;
        };
        let users: Arc<[UserId]> = match since {
            0 => self.watched_users(),
            since => {
                let newcomers = self.arrivals.since(since);
                newcomers.map(|user| self.user_id(user)).collect()
            }
        };
        let question = Question::MyReactions {
            note: note.clone(),
            users,
        };
        self.ask_in_time(question, Asked::Reactions(note), now_ms);
    }
}

impl Arrivals {
    /// A user has come, and what there is to know of them is known.
    pub(super) fn arrive(&mut self, user: UserKey) {
        self.leave(user);
        self.last_number += 1;
        self.number_by_user.insert(user, self.last_number);
        self.user_by_number.insert(self.last_number, user);
    }

    /// A user has left.
    pub(super) fn leave(&mut self, user: UserKey) {
        if let Some(number) = self.number_by_user.remove(&user) {
            self.user_by_number.remove(&number);
        }
    }

    /// The number of the last to come of those who are here; 0: nobody is.
    fn newest(&self) -> u64 {
        let last = self.user_by_number.last_key_value();
        last.map_or(0, |(&number, _)| number)
    }

    /// Those who came later than this number, and are here.
    fn since(&self, number: u64) -> impl Iterator<Item = UserKey> {
        self.user_by_number
            .range(number + 1..)
            .map(|(_, &user)| user)
    }
}

impl OwnReactions {
    /// Forgets everything; what events wait for is forgotten when it was answered.
    pub(super) fn clear(&mut self) {
        while let Some(note) = self.order.pop_front() {
            self.outdate(note.as_str());
        }
    }

    /// What is known of a note, perhaps nothing.
    fn entry(&mut self, note: &NoteId, now_ms: u64) -> &Known {
        let is_old = |known: &Known| known.since_ms + KEEP_MS < now_ms && known.asking.is_none();
        if self.by_note.get(note).is_some_and(is_old) {
            self.outdate(note.as_str());
        }
        if !self.by_note.contains_key(note) {
            self.order.push_back(note.clone());
            while (self.order.len() > NOTES_MAX || self.total > REACTIONS_MAX)
                && let Some(oldest) = self.order.pop_front()
            {
                self.outdate(oldest.as_str());
            }
        }
        self.by_note.entry(note.clone()).or_insert_with(|| Known {
            since_ms: now_ms,
            ..Known::default()
        })
    }

    fn wait(&mut self, note: &NoteId, slot: SlotId, needs: u64) {
        if let Some(known) = self.by_note.get_mut(note) {
            known.waiting.push((slot, needs));
        }
    }

    fn has_waiting(&self, note: &NoteId) -> bool {
        self.by_note
            .get(note)
            .is_some_and(|known| !known.waiting.is_empty())
    }

    /// A question is about to be asked; gives up to whom everything is known. `None`: one is
    /// under way.
    fn begin(&mut self, note: &NoteId, covers: u64) -> Option<u64> {
        let known = self.by_note.get_mut(note)?;
        if known.asking.is_some() {
            return None;
        }
        known.asking = Some(Asking {
            covers,
            changes: BTreeMap::new(),
        });
        Some(known.covers)
    }

    /// Takes an answer.
    fn settle(&mut self, note: &NoteId, found: Vec<(UserId, String)>) -> Option<Settled> {
        let known = self.by_note.get_mut(note)?;
        let asking = known.asking.take()?;
        let before = known.reaction_by_user.len();
        known.covers = asking.covers;
        known.reaction_by_user.extend(found);
        for (user, reaction) in asking.changes {
            known.change(&user, reaction);
        }
        self.total = self.total - before + known.reaction_by_user.len();
        let (done, left): (Vec<_>, Vec<_>) = mem::take(&mut known.waiting)
            .into_iter()
            .partition(|&(_, needs)| needs <= known.covers);
        known.waiting = left;
        let reactions = known.list();
        if known.outdated && known.waiting.is_empty() {
            self.forget(note.as_str());
        }
        let slots = done.into_iter().map(|(slot, _)| slot).collect();
        Some(Settled { reactions, slots })
    }

    fn change(&mut self, note: &str, user: &UserId, reaction: Option<String>) {
        if let Some(known) = self.by_note.get_mut(note) {
            let before = known.reaction_by_user.len();
            if let Some(asking) = &mut known.asking {
                asking.changes.insert(user.clone(), reaction.clone());
            }
            known.change(user, reaction);
            self.total = self.total - before + known.reaction_by_user.len();
        }
    }

    /// What is known of a note is not true any more.
    fn outdate(&mut self, note: &str) {
        match self.by_note.get_mut(note) {
            Some(known) if known.asking.is_some() => known.outdated = true,
            Some(_) | None => drop(self.forget(note)),
        }
    }

    /// Forgets a note; gives the events that wait for it.
    fn forget(&mut self, note: &str) -> Vec<(SlotId, u64)> {
        let Some(known) = self.by_note.remove(note) else {
            return Vec::new();
        };
        self.total -= known.reaction_by_user.len();
        known.waiting
    }
}

impl Known {
    fn change(&mut self, user: &UserId, reaction: Option<String>) {
        match reaction {
            Some(reaction) => {
                self.reaction_by_user.insert(user.clone(), reaction);
            }
            None => {
                self.reaction_by_user.remove(user);
            }
        }
    }

    fn list(&self) -> Vec<(UserId, String)> {
        let reactions = self.reaction_by_user.iter();
        reactions
            .map(|(user, reaction)| (user.clone(), reaction.clone()))
            .collect()
    }
}
