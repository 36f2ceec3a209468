//! Events that lack something which only the store knows, and what becomes of them.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use protocol::frame;
use protocol::id::{AntennaId, NoteId, RoleId, UserId};
use protocol::note::{NoteHead, with_note};
use protocol::record::AudienceRecord;
use rules::{Audience, MainKind, Note, UserKey};

use super::lanes::LaneSlot;
use super::question::{Answer, Output};
use super::queue::SlotId;
use super::{Asked, Desk, Question};
use crate::publication::{Epoch, Event, Forms, MainEvent, NoteEvent, Publication};

/// An event that awaits an answer.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) epoch: Epoch,
    pub(super) lacks: Lacks,
}

/// An event that awaits its note, in a lane.
#[derive(Debug)]
pub(super) struct Unpacked {
    pub(super) epoch: Epoch,
    pub(super) event: UnpackedEvent,
}

/// What shows a note that has to be packed for its receiver.
#[derive(Debug)]
pub(super) enum UnpackedEvent {
    /// An event of `main`.
    Main {
        facts: MainEvent,
        kind: Box<str>,
        body: Bytes,
    },
    /// A note of an antenna, for the antenna's owner.
    Antenna(AntennaId),
}

/// What an event lacks.
#[derive(Debug)]
pub(super) enum Lacks {
    /// Who of our users have reacted to the renoted note, beyond those it names.
    MyReactions {
        draft: NoteDraft,
        known: Vec<(UserKey, Box<str>)>,
    },
    /// Who may see a captured note. `told`: what the event says of it.
    Audience {
        note: NoteId,
        told: Option<Audience>,
        frame: Bytes,
    },
}

/// A new note whose receivers' own reactions are yet to be added.
#[derive(Debug)]
pub(super) struct NoteDraft {
    pub(super) note: Box<Note>,
    pub(super) channel: Option<Box<str>>,
    /// The role on whose topic it came; `None`: the main stream.
    pub(super) role: Option<RoleId>,
    pub(super) payload: Bytes,
}

/// What the store said of notes whose events don't say who may see them.
#[derive(Debug, Default)]
pub(super) struct Audiences {
    known: HashMap<NoteId, Option<AudienceRecord>>,
    /// Those in `known` and perhaps others, oldest first.
    order: VecDeque<NoteId>,
    /// Events that await an answer.
    asked: HashMap<NoteId, Vec<SlotId>>,
}

/// How many notes are remembered.
const AUDIENCES_MAX: usize = 16_384;

/// What the store said that an event lacked; `None`: nothing, or it could not say.
#[derive(Debug)]
pub(super) enum Found {
    MyReactions(Option<Vec<(UserId, String)>>),
    Note(Option<Bytes>),
    Audience(Option<AudienceRecord>),
}

impl Desk {
    /// Completes an event with what was found, or gives it up where it can't go without.
    pub(super) fn complete(&mut self, slot: SlotId, found: Found) {
        let Some(Draft { epoch, lacks }) = self.queue.take(slot) else {
            return;
        };
        let event = match (lacks, found) {
            (Lacks::MyReactions { draft, known }, Found::MyReactions(found)) => {
                Some(draft.finish(self.all_reactions(known, found)))
            }
            (Lacks::Audience { note, told, frame }, Found::Audience(record)) => {
                let record = record.and_then(|record| self.ids.audience_of(&record));
                record.or(told).map(|audience| Event::Captured {
                    note,
                    audience,
                    frame,
                })
            }
            (_, Found::MyReactions(_) | Found::Note(_) | Found::Audience(_)) => None,
        };
        let output = self.output(event, epoch);
        self.queue.fill(slot, output);
    }

    /// Completes an event with its note, or gives it up; it goes, and those of its channel that
    /// wait for it alone.
    pub(super) fn complete_packed(&mut self, slot: LaneSlot, note: Option<Bytes>) {
        let Some(Unpacked { epoch, event }) = self.lanes.take(slot) else {
            return;
        };
        let more = note.as_ref().map_or(0, Bytes::len);
        let event = note.and_then(|note| match event {
            UnpackedEvent::Main { facts, kind, body } => with_main_note(facts, &kind, &body, &note),
            UnpackedEvent::Antenna(antenna) => self.antenna_note(antenna, note),
        });
        let output = self.output(event, epoch);
        for (output, bytes) in self.lanes.fill(slot, output, more) {
            self.queue.push(output, bytes);
        }
    }

    /// What goes out of an event that was completed; `None`: it was given up.
    fn output(&mut self, event: Option<Event>, _epoch: Epoch) -> Option<Output> {
        if event.is_none() {
            self.counts.given_up += 1;
        }
        event.map(|event| Output::Publish(Arc::new(Publication { event, _epoch })))
    }

    /// Gives an event what it lacks as if the store could not say.
    pub(super) fn complete_without(&mut self, slot: SlotId) {
        for found in [Found::MyReactions(None), Found::Audience(None)] {
            if self
                .queue
                .lacks(slot)
                .is_some_and(|lacks| lacks.takes(&found))
            {
                self.complete(slot, found);
                return;
            }
        }
    }

    /// Who may see a note whose event doesn't say: remembered, or asked once.
    pub(super) fn await_audience(
        &mut self,
        note: &NoteId,
        draft: Draft,
        bytes: usize,
        now_ms: u64,
    ) {
        if let Some(known) = self.audiences.known.get(note) {
            let known = known.clone();
            let slot = self.queue.hold(draft, bytes);
            self.complete(slot, Found::Audience(known));
            return;
        }
        let slot = self.queue.hold(draft, bytes);
        if let Some(slots) = self.audiences.asked.get_mut(note) {
            slots.push(slot);
            return;
        }
        self.audiences.asked.insert(note.clone(), vec![slot]);
        let asked = Asked::Audience(note.clone());
        self.ask_in_time(Question::Audience(note.clone()), asked, now_ms);
    }

    /// The store told who may see a note; `None`: it could not say.
    pub(super) fn settle_audience(&mut self, note: &NoteId, told: Option<Found>) {
        let told = told.and_then(Found::audience);
        for slot in self.audiences.asked.remove(note).unwrap_or_default() {
            self.complete(slot, Found::Audience(told.clone().flatten()));
        }
        if let Some(record) = told {
            self.audiences.remember(note.clone(), record);
        }
    }

    /// What a note says of our users' reactions, and what the store added.
    pub(super) fn all_reactions(
        &self,
        mut known: Vec<(UserKey, Box<str>)>,
        found: Option<Vec<(UserId, String)>>,
    ) -> Vec<(UserKey, Box<str>)> {
        let named: BTreeSet<UserKey> = known.iter().map(|&(user, _)| user).collect();
        let found = found.into_iter().flatten().filter_map(|(user, reaction)| {
            let user = self.ids.user(user.as_str())?;
            (!named.contains(&user)).then(|| (user, reaction.into()))
        });
        known.extend(found);
        known
    }

    fn antenna_note(&mut self, antenna: AntennaId, payload: Bytes) -> Option<Event> {
        let head = NoteHead::decode(&payload).ok()?;
        let channel = head.channel_id.as_ref().map(|id| id.as_str().into());
        let note = self.ids.note(&head);
        // It is packed for its one receiver: their reaction is in it.
        let forms = Forms::new(payload, Vec::new());
        let note = NoteEvent {
            note,
            channel,
            forms,
        };
        Some(Event::AntennaNote { antenna, note })
    }
}

impl Found {
    /// What an answer says; `None`: nothing.
    pub(super) fn in_answer(answer: Answer) -> Option<Self> {
        match answer {
            Answer::MyReactions(found) => Some(Self::MyReactions(Some(found))),
            Answer::PackNote(found) => Some(Self::Note(found)),
            Answer::Audience(found) => Some(Self::Audience(found)),
            Answer::Site(_)
            | Answer::Viewers(_)
            | Answer::Lists(_)
            | Answer::AntennaOwners(_)
            | Answer::Rooms(_)
            | Answer::Role(_)
            | Answer::Failed => None,
        }
    }

    /// The note that an answer carries.
    pub(super) fn note(self) -> Option<Bytes> {
        match self {
            Self::Note(note) => note,
            Self::MyReactions(_) | Self::Audience(_) => None,
        }
    }

    fn audience(self) -> Option<Option<AudienceRecord>> {
        match self {
            Self::Audience(record) => Some(record),
            Self::MyReactions(_) | Self::Note(_) => None,
        }
    }
}

impl NoteDraft {
    /// The event, when it is known how its receivers have reacted.
    pub(super) fn finish(self, own: Vec<(UserKey, Box<str>)>) -> Event {
        let note = NoteEvent {
            note: *self.note,
            channel: self.channel,
            forms: Forms::new(self.payload, own),
        };
        match self.role {
            None => Event::Note(note),
            Some(role) => Event::RoleNote { role, note },
        }
    }
}

impl Audiences {
    /// Forgets a note that is gone.
    pub(super) fn forget(&mut self, note: &NoteId) {
        self.known.remove(note);
    }

    /// Forgets all that the store said.
    pub(super) fn clear(&mut self) {
        self.known.clear();
        self.order.clear();
    }

    fn remember(&mut self, note: NoteId, audience: Option<AudienceRecord>) {
        self.order.push_back(note.clone());
        self.known.insert(note, audience);
        if self.order.len() > AUDIENCES_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }
}

impl Lacks {
    fn takes(&self, found: &Found) -> bool {
        matches!(
            (self, found),
            (Self::MyReactions { .. }, Found::MyReactions(_))
                | (Self::Audience { .. }, Found::Audience(_))
        )
    }
}

/// An event of `main` that shows a note as it was packed for the receiver.
fn with_main_note(mut facts: MainEvent, kind: &str, body: &[u8], note: &[u8]) -> Option<Event> {
    let body = match facts.kind {
        MainKind::Notification => with_note(body, note).ok()?,
        MainKind::Mention | MainKind::Reply | MainKind::Other => note.to_vec(),
    };
    facts.note_hidden = false;
    let rest = frame::channel_rest(kind, Some(&body)).into();
    Some(Event::Main { facts, rest })
}
