//! From a publication to mailboxes: the index proposes, the rules decide.

use std::mem;
use std::sync::Arc;

use bytes::Bytes;
use protocol::join::Join;
use protocol::record::VisitorScope;
use rules::{
    Audience, Moment, Recipients, UserKey, Verdict, decide, decide_capture, decide_main,
    decide_topic,
};

use super::draft::Draft;
use super::mailbox::{Hold, Wire};
use super::postings::index;
use super::subscription::Surroundings;
use super::{ConnId, Hub};
use crate::publication::{
    Closing, Event, FormKey, Forms, MainEvent, NoteEvent, Publication, Rest, Stats, TopicKey,
};

impl Hub {
    /// Delivers an event: what `wire` takes goes out at once, the rest waits in mailboxes.
    /// `now_ms` is Unix time.
    pub fn publish(&mut self, publication: &Publication, now_ms: u64, wire: &mut dyn Wire) {
        let moment = Moment {
            now_ms,
            // Nothing for visitors before the desk has told what they may see.
            visitors_see: self
                .site
                .map_or(VisitorScope::Nothing, |site| site.visitors_see),
        };
        let mut candidates = mem::take(&mut self.scratch);
        self.dispatch(&publication.event, &moment, &mut candidates, wire);
        candidates.clear();
        self.scratch = candidates;
    }

    fn dispatch(
        &mut self,
        event: &Event,
        moment: &Moment,
        candidates: &mut Vec<u32>,
        wire: &mut dyn Wire,
    ) {
        match event {
            Event::Note(note) => {
                self.index
                    .propose(note, &self.viewers, &self.lists, candidates);
                self.deliver_note(note, candidates, true, moment, wire);
            }
            Event::RoleNote { role, note } => {
                let Some(role) = self.index.role(role.as_str()) else {
                    return;
                };
                candidates.extend_from_slice(&role.subs);
                let open = role.open;
                self.deliver_note(note, candidates, open, moment, wire);
            }
            Event::AntennaNote { antenna, note } => {
                candidates.extend_from_slice(self.index.of_antenna(antenna.as_str()));
                self.deliver_note(note, candidates, true, moment, wire);
            }
            Event::Main { facts, rest } => self.deliver_main(facts, rest, candidates, wire),
            Event::Topic { topic, rest } => self.deliver_topic(topic, rest, candidates, wire),
            Event::Captured {
                note,
                audience,
                frame,
            } => {
                candidates.extend_from_slice(self.captured.conns_of(note.as_str()));
                self.deliver_captured(audience, frame, candidates, moment, wire);
            }
            Event::Broadcast { frame } => self.deliver_broadcast(frame, wire),
            Event::Stats { stats, rest } => self.deliver_stats(*stats, rest, candidates, wire),
            Event::Viewer(viewer) => self.viewers.replace(viewer),
            Event::List(list) => self.lists.replace(list),
            Event::Room(room) => self.rooms.replace(room),
            Event::Role { role, open } => self.index.set_role(role.as_str(), *open),
            Event::Site(site) => self.site = Some(*site),
            Event::Close(closing) => self.close_user(*closing),
        }
    }

    /// Delivers a note to those candidates whom the rules give it.
    fn deliver_note(
        &mut self,
        event: &NoteEvent,
        candidates: &[u32],
        explorable: bool,
        moment: &Moment,
        wire: &mut dyn Wire,
    ) {
        let mut forms = FormMemo::new(&event.forms);
        for &key in candidates {
            let sub = &self.subs[index(key)];
            let Some(connection) = self.connections.get(ConnId(sub.conn)) else {
                continue;
            };
            let window = connection.deflate_window;
            let viewpoint = self.viewers.viewpoint(connection.seat);
            let Some(channel) = sub.channel(Surroundings {
                members: sub.list.map(|slot| &self.lists.slot(slot).list.members),
                channel: event.note.channel,
                explorable,
            }) else {
                continue;
            };
            match decide(&event.note, viewpoint, &channel, moment) {
                Verdict::Drop(_) => self.counts.refused += 1,
                Verdict::Deliver(cleared) => {
                    let viewer = connection.seat.map(|seat| self.viewers.seat(seat));
                    let form = FormKey {
                        hidden: cleared.hidden(),
                        reaction: viewer
                            .filter(|_| event.note.pure_renote)
                            .and_then(|seat| event.forms.reaction_of(seat.viewer.key)),
                    };
                    let Some(rest) = forms.rest(form) else {
                        self.counts.forms_failed += 1;
                        continue;
                    };
                    let draft = draft(&sub.head, rest, self.deflate_bytes_min, window);
                    let taken = self
                        .connections
                        .deliver(ConnId(sub.conn), cleared, draft, wire);
                    self.counts.delivered += u64::from(taken);
                }
            }
        }
        self.counts.forms_made += forms.count_made;
    }

    fn deliver_main(
        &mut self,
        event: &MainEvent,
        rest: &Bytes,
        candidates: &mut Vec<u32>,
        wire: &mut dyn Wire,
    ) {
        let Some(seat) = self.viewers.seat_of(event.owner) else {
            return;
        };
        let viewer = Arc::clone(&seat.viewer);
        candidates.extend_from_slice(&seat.own);
        for &key in &*candidates {
            if self.subs[index(key)].join == Join::Main {
                self.settle(key, decide_main(&event.facts(), &viewer), rest, wire);
            }
        }
    }

    fn deliver_topic(
        &mut self,
        topic: &TopicKey,
        rest: &Bytes,
        candidates: &mut Vec<u32>,
        wire: &mut dyn Wire,
    ) {
        match topic {
            TopicKey::Drive(user) => {
                self.find_own(*user, candidates, |join| *join == Join::Drive);
                self.deliver_all(candidates, Recipients::Only(*user), rest, wire);
            }
            TopicKey::Admin(user) => {
                self.find_own(*user, candidates, |join| *join == Join::Admin);
                self.deliver_all(candidates, Recipients::Moderator(*user), rest, wire);
            }
            TopicKey::Reversi(user) => {
                self.find_own(*user, candidates, |join| *join == Join::Reversi);
                self.deliver_all(candidates, Recipients::Only(*user), rest, wire);
            }
            TopicKey::ChatUser { me, other } => {
                self.find_own(
                    *me,
                    candidates,
                    |join| matches!(join, Join::ChatUser { other: with } if with == other),
                );
                self.deliver_all(candidates, Recipients::Only(*me), rest, wire);
            }
            TopicKey::Messaging { me, other } => {
                self.find_own(
                    *me,
                    candidates,
                    |join| matches!(join, Join::Messaging { other: with } if with == other),
                );
                self.deliver_all(candidates, Recipients::Only(*me), rest, wire);
            }
            TopicKey::MessagingIndex(user) => {
                self.find_own(*user, candidates, |join| *join == Join::MessagingIndex);
                self.deliver_all(candidates, Recipients::Only(*user), rest, wire);
            }
            TopicKey::UserList(list) => {
                let Some(slot) = self.lists.find(list.as_str()) else {
                    return;
                };
                let recipients = Recipients::Only(slot.list.owner);
                candidates.extend_from_slice(&slot.subs);
                self.deliver_all(candidates, recipients, rest, wire);
            }
            TopicKey::ChatRoom(room) => {
                let Some(slot) = self.rooms.find(room) else {
                    return;
                };
                let room = Arc::clone(&slot.room);
                candidates.extend_from_slice(&slot.subs);
                self.deliver_all(candidates, Recipients::Members(&room.members), rest, wire);
            }
            TopicKey::ReversiGame(game) => {
                candidates.extend_from_slice(self.index.of_game(game.as_str()));
                self.deliver_admitted(candidates, rest, wire);
            }
        }
    }

    /// A user's subscriptions of a topic of their own.
    fn find_own(
        &self,
        user: UserKey,
        candidates: &mut Vec<u32>,
        is_of_topic: impl Fn(&Join) -> bool,
    ) {
        if let Some(seat) = self.viewers.seat_of(user) {
            let own = seat.own.iter().copied();
            candidates.extend(own.filter(|&key| is_of_topic(&self.subs[index(key)].join)));
        }
    }

    /// Delivers an event to whoever was admitted when they joined.
    fn deliver_admitted(&mut self, candidates: &[u32], rest: &Bytes, wire: &mut dyn Wire) {
        for &key in candidates {
            let admission = self.subs[index(key)].admission;
            self.deliver_all(&[key], Recipients::Admitted(admission), rest, wire);
        }
    }

    fn deliver_stats(
        &mut self,
        stats: Stats,
        rest: &Bytes,
        candidates: &mut Vec<u32>,
        wire: &mut dyn Wire,
    ) {
        candidates.extend_from_slice(self.index.of_stats(stats));
        self.deliver_all(candidates, Recipients::Everyone, rest, wire);
    }

    fn deliver_all(
        &mut self,
        candidates: &[u32],
        recipients: Recipients<'_>,
        rest: &Bytes,
        wire: &mut dyn Wire,
    ) {
        for &key in candidates {
            let conn = ConnId(self.subs[index(key)].conn);
            if let Some(connection) = self.connections.get(conn) {
                let viewpoint = self.viewers.viewpoint(connection.seat);
                self.settle(key, decide_topic(recipients, viewpoint), rest, wire);
            }
        }
    }

    fn deliver_captured(
        &mut self,
        audience: &Audience,
        frame: &Bytes,
        conns: &[u32],
        moment: &Moment,
        wire: &mut dyn Wire,
    ) {
        for &conn in conns {
            let Some(connection) = self.connections.get(ConnId(conn)) else {
                continue;
            };
            let viewpoint = self.viewers.viewpoint(connection.seat);
            let verdict = decide_capture(audience, viewpoint, moment);
            self.settle_whole(ConnId(conn), verdict, frame, wire);
        }
    }

    fn deliver_broadcast(&mut self, frame: &Bytes, wire: &mut dyn Wire) {
        for conn in (0..self.connections.end()).map(ConnId) {
            let Some(connection) = self.connections.get(conn) else {
                continue;
            };
            let viewpoint = self.viewers.viewpoint(connection.seat);
            let verdict = decide_topic(Recipients::Everyone, viewpoint);
            self.settle_whole(conn, verdict, frame, wire);
        }
    }

    /// Delivers what the server upstream said, as `rules::decide_bridged` wants it.
    pub fn deliver_bridged(
        &mut self,
        conn: ConnId,
        verdict: Verdict,
        head: &Arc<[u8]>,
        rest: &Bytes,
    ) {
        match verdict {
            Verdict::Drop(_) => self.counts.refused += 1,
            Verdict::Deliver(cleared) => {
                let draft = Draft::text(Some(head), rest);
                let taken = self.connections.deliver(conn, cleared, draft, &mut Hold);
                self.counts.delivered += u64::from(taken);
            }
        }
    }

    /// Carries out what the rules decided for a subscription.
    fn settle(&mut self, key: u32, verdict: Verdict, rest: &Bytes, wire: &mut dyn Wire) {
        let sub = &self.subs[index(key)];
        let draft = Draft::text(Some(&sub.head), rest);
        match verdict {
            Verdict::Drop(_) => self.counts.refused += 1,
            Verdict::Deliver(cleared) => {
                let taken = self
                    .connections
                    .deliver(ConnId(sub.conn), cleared, draft, wire);
                self.counts.delivered += u64::from(taken);
            }
        }
    }

    /// Carries out what the rules decided for a connection.
    fn settle_whole(&mut self, conn: ConnId, verdict: Verdict, frame: &Bytes, wire: &mut dyn Wire) {
        match verdict {
            Verdict::Drop(_) => self.counts.refused += 1,
            Verdict::Deliver(cleared) => {
                let draft = Draft::text(None, frame);
                let taken = self.connections.deliver(conn, cleared, draft, wire);
                self.counts.delivered += u64::from(taken);
            }
        }
    }

    fn close_user(&mut self, closing: Closing) {
        let Some(seat) = self.viewers.seat_of(closing.user) else {
            return;
        };
        for &conn in &seat.conns {
            let conn = ConnId(conn);
            let native = self.connections.get(conn).is_some_and(|it| it.native);
            if closing.tokens.include(native) {
                self.connections.must_close(conn, closing.reason);
            }
        }
    }
}

/// A form of a note as a frame, compressed where its receiver has a window for it.
fn draft<'a>(
    head: &'a Arc<[u8]>,
    rest: &'a Rest,
    deflate_bytes_min: usize,
    window: usize,
) -> Draft<'a> {
    // No reference of a block reaches further back than its own beginning.
    let wanted = (deflate_bytes_min..=window).contains(&rest.plain.len());
    match wanted.then(|| rest.deflated()).flatten() {
        None => Draft::text(Some(head), &rest.plain),
        Some(deflated) => Draft::deflated(head, deflated),
    }
}

/// The forms of one event that this worker has fetched, so that it takes the lock of all workers
/// once per form and not once per receiver.
struct FormMemo<'a> {
    forms: &'a Forms,
    fetched: Vec<(FormKey, Option<Arc<Rest>>)>,
    count_made: u64,
}

impl<'a> FormMemo<'a> {
    fn new(forms: &'a Forms) -> Self {
        Self {
            forms,
            fetched: Vec::new(),
            count_made: 0,
        }
    }

    fn rest(&mut self, key: FormKey) -> Option<&Rest> {
        let known = self.fetched.iter().position(|(known, _)| *known == key);
        let at = known.unwrap_or_else(|| {
            let (rest, made) = self.forms.rest(key);
            self.count_made += u64::from(made);
            self.fetched.push((key, rest));
            self.fetched.len() - 1
        });
        self.fetched[at].1.as_deref()
    }
}
