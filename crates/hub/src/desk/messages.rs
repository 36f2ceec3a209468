//! From a decoded message to a publication, or to one that awaits an answer.

use bytes::Bytes;
use protocol::event::{AudienceHead, Event as Message, MainHead, TOKEN_REGENERATED};
use protocol::frame;
use protocol::id::{AntennaId, GameId, ListId, NoteId, RoleId, RoomId, UserId};
use protocol::note::{HostHead, NoteHead, reaction_key};
use protocol::record::VisitorScope;
use protocol::topic::Topic;
use rules::UserKey;
use serde_json::value::RawValue;

use super::enrich::{Draft, Lacks, NoteDraft, Unpacked, UnpackedEvent};
use super::lanes::LaneKey;
use super::{Asked, Desk, Question};
use crate::publication::{Event, TopicKey};

impl Desk {
    pub(super) fn take_event(&mut self, message: Message<'_>, payload: &Bytes, now_ms: u64) {
        if let Message::Change(change) = &message {
            self.take_change(change, now_ms);
            return;
        }
        if self.must_drop() {
            return;
        }
        match message {
            Message::Note(head) => self.take_note(&head, payload.clone(), None, now_ms),
            Message::RoleNote { role, note, body } => {
                let role = RoleId::parse(role).filter(|role| self.roles.contains(role));
                if role.is_some() {
                    let payload = payload.slice_ref(body.get().as_bytes());
                    self.take_note(&note, payload, role, now_ms);
                }
            }
            Message::AntennaNote { antenna, note } => self.take_antenna(antenna, &note, now_ms),
            Message::Main {
                user,
                kind,
                body,
                head,
            } => {
                let body = body.map(|body| payload.slice_ref(body.get().as_bytes()));
                self.take_main(user, &kind, body, &head, now_ms);
            }
            Message::Topic { topic, kind, body } => {
                let Some(topic) = self.topic(topic) else {
                    return;
                };
                let rest = rest(&kind, body);
                let bytes = rest.len();
                self.publish(Event::Topic { topic, rest }, bytes);
            }
            Message::NoteUpdated {
                note,
                id,
                kind,
                audience,
                body,
            } => {
                self.heed_reaction(note, &kind, body);
                let frame = frame::note_updated(&id, &kind, body).into();
                self.take_update(note, &kind, audience.as_ref(), frame, now_ms);
            }
            Message::Broadcast { kind, body } => {
                let frame = Bytes::from(frame::broadcast(&kind, body));
                let bytes = frame.len();
                self.publish(Event::Broadcast { frame }, bytes);
            }
            Message::Change(_) | Message::Unknown => {}
        }
    }

    /// A new note of the main stream, or of a role's.
    fn take_note(
        &mut self,
        head: &NoteHead<'_>,
        payload: Bytes,
        role: Option<RoleId>,
        now_ms: u64,
    ) {
        let note = Box::new(self.ids.note(head));
        let channel = head.channel_id.as_ref().map(|id| id.as_str().into());
        let (known, ask) = self.own_reactions(head);
        let bytes = payload.len();
        let draft = NoteDraft {
            note,
            channel,
            role,
            payload,
        };
        match ask {
            None => self.publish(draft.finish(known), bytes),
            Some(note) => self.await_reactions(note, draft, known, bytes, now_ms),
        }
    }

    /// How our users have reacted to the note that a pure renote shows, as far as that says, and
    /// the note to ask about if it doesn't say all.
    fn own_reactions(&self, head: &NoteHead<'_>) -> (Vec<(UserKey, Box<str>)>, Option<NoteId>) {
        let shown = head.renote.as_ref().filter(|_| head.pure_renote);
        let Some(renote) = shown.filter(|_| !self.users.is_empty()) else {
            return (Vec::new(), None);
        };
        let pairs = renote.reactions.pairs.iter();
        let known = pairs.filter_map(|pair| {
            let (user, reaction) = pair.split_once('/')?;
            let user = self.ids.user(user)?;
            self.users.value(&user)?;
            Some((user, (&*reaction_key(reaction)).into()))
        });
        let ask = (!renote.reactions.covers_all()).then(|| NoteId::parse(&renote.id));
        (known.collect(), ask.flatten())
    }

    fn take_antenna(&mut self, antenna: &str, note: &str, now_ms: u64) {
        let Some((antenna, note)) = AntennaId::parse(antenna).zip(NoteId::parse(note)) else {
            return;
        };
        let Some(viewer) = self.antennas.value(&antenna).cloned() else {
            return;
        };
        let key = LaneKey::Antenna(antenna.clone());
        let event = UnpackedEvent::Antenna(antenna);
        self.await_note(key, event, Question::PackNote { note, viewer }, now_ms);
    }

    fn take_main(
        &mut self,
        user: &str,
        kind: &str,
        body: Option<Bytes>,
        head: &MainHead<'_>,
        now_ms: u64,
    ) {
        let Some(owner) = self.watched_user(user) else {
            // Whoever is still being loaded can't be told, but the old token ends now and not
            // later, when the new one may be in use.
            if kind == TOKEN_REGENERATED {
                self.told_of_token(user);
            }
            return;
        };
        let facts = self.ids.main(owner, head);
        let note = head.note.as_ref().and_then(|note| NoteId::parse(&note.id));
        let Some(viewer) = UserId::parse(user) else {
            return;
        };
        let lane = LaneKey::Main(viewer.clone());
        match (facts.facts().needs_packing(), note, body) {
            (true, Some(note), Some(body)) => {
                let kind = kind.into();
                let event = UnpackedEvent::Main { facts, kind, body };
                self.await_note(lane, event, Question::PackNote { note, viewer }, now_ms);
            }
            (true, _, _) => self.counts.given_up += 1,
            (false, _, body) => {
                let rest = Bytes::from(frame::channel_rest(kind, body.as_deref()));
                let bytes = rest.len();
                let event = Event::Main { facts, rest };
                if kind == TOKEN_REGENERATED {
                    // The token ends soon, and whoever has it must hear of that before.
                    self.publish(event, bytes);
                    self.told_of_token(user);
                } else if self.lanes.holds(&lane) {
                    let output = self.publication(event);
                    self.lanes.push(lane, output, bytes);
                } else {
                    self.publish(event, bytes);
                }
            }
        }
    }

    /// Where an event that goes to its channel as it comes belongs; `None`: to nobody here.
    fn topic(&self, topic: Topic<'_>) -> Option<TopicKey> {
        match topic {
            Topic::Drive { user } => self.watched_user(user).map(TopicKey::Drive),
            Topic::Admin { user } => self.watched_user(user).map(TopicKey::Admin),
            Topic::Reversi { user } => self.watched_user(user).map(TopicKey::Reversi),
            Topic::ChatUser { me, other } => {
                let me = self.watched_user(me)?;
                let other = UserId::parse(other)?;
                Some(TopicKey::ChatUser { me, other })
            }
            Topic::Messaging { me, other } => {
                let me = self.watched_user(me)?;
                let other = UserId::parse(other)?;
                Some(TopicKey::Messaging { me, other })
            }
            Topic::MessagingIndex { user } => self.watched_user(user).map(TopicKey::MessagingIndex),
            Topic::UserList { list } => {
                let list = ListId::parse(list)?;
                self.lists
                    .contains(&list)
                    .then_some(TopicKey::UserList(list))
            }
            Topic::ChatRoom { room } => {
                let room = RoomId::parse(room)?;
                self.rooms
                    .contains(&room)
                    .then_some(TopicKey::ChatRoom(room))
            }
            Topic::ReversiGame { game } => GameId::parse(game).map(TopicKey::ReversiGame),
        }
    }

    fn take_update(
        &mut self,
        note: &str,
        kind: &str,
        audience: Option<&AudienceHead<'_>>,
        frame: Bytes,
        now_ms: u64,
    ) {
        let Some(note) = NoteId::parse(note) else {
            return;
        };
        let told = audience.map(|audience| self.ids.audience(audience));
        let says_origin = audience.is_some_and(|audience| audience.host != HostHead::Unknown);
        let bytes = frame.len();
        match told {
            Some(audience) if says_origin || !self.origin_matters() => {
                let event = Event::Captured {
                    note,
                    audience,
                    frame,
                };
                self.publish(event, bytes);
            }
            told => {
                let lacks = Lacks::Audience {
                    note: note.clone(),
                    told,
                    frame,
                };
                let draft = self.draft(lacks);
                self.await_audience(&note, draft, bytes, now_ms);
                if kind == protocol::event::NOTE_DELETED {
                    self.audiences.forget(&note);
                }
            }
        }
    }

    /// Whether it matters to visitors where a note is from. Misskey's events don't say it.
    fn origin_matters(&self) -> bool {
        let site = self.site.value(&());
        site.is_some_and(|site| site.visitors_see == VisitorScope::Local)
    }

    fn await_note(&mut self, key: LaneKey, event: UnpackedEvent, question: Question, now_ms: u64) {
        let bytes = match &event {
            UnpackedEvent::Main { body, .. } => body.len(),
            UnpackedEvent::Antenna(_) => 0,
        };
        let epoch = self.ids.epoch();
        let slot = self.lanes.hold(key, Unpacked { epoch, event }, bytes);
        self.ask_in_time(question, Asked::Packed(slot), now_ms);
    }

    pub(super) fn draft(&mut self, lacks: Lacks) -> Draft {
        let epoch = self.ids.epoch();
        Draft { epoch, lacks }
    }

    /// A user who is watched and known.
    pub(super) fn watched_user(&self, id: &str) -> Option<UserKey> {
        let user = self.ids.user(id)?;
        self.users.value(&user).map(|_| user)
    }
}

/// What stands behind the head of a `channel` frame.
fn rest(kind: &str, body: Option<&RawValue>) -> Bytes {
    let body = body.map(|body| body.get().as_bytes());
    frame::channel_rest(kind, body).into()
}
