//! The desk: one per process. Messages of the backend in, ordered publications out.

mod changes;
mod enrich;
mod id_text;
mod ids;
mod interner;
mod lanes;
mod loads;
mod messages;
mod question;
mod queue;
mod reactions;
mod relations;
mod sets;
mod shelf;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::mem;
use std::sync::Arc;

use bytes::Bytes;
use protocol::event::DecodeError;
use protocol::frame;
use protocol::id::{AntennaId, ListId, NoteId, RoleId, RoomId, UserId};
use protocol::limits::Limits;
use protocol::record::{RoleRecord, SiteRecord};
use rules::UserKey;

use crate::publication::{Event, Publication, Stats};
use crate::worker::{List, Room};
use enrich::{Audiences, Found};
use ids::Ids;
use lanes::{LaneSlot, Lanes};
use loads::{Due, ListChange};
use queue::{Head, Queue};
use reactions::{Arrivals, OwnReactions};
use relations::{Relation, Relations};
use shelf::Shelf;

pub use question::{Answer, AskId, Output, Question, Ticket, Watch, Watched};

/// Turns what the backend tells into one ordered stream for the workers.
///
/// Its methods are of four kinds: `handle_*` take what happened, `watch` and `unwatch` what
/// connections need, [`poll_output`](Self::poll_output) gives effects and must be called until it
/// is empty after each of the former, and [`poll_timeout`](Self::poll_timeout) then says when
/// [`handle_timeout`](Self::handle_timeout) is due. All times are Unix milliseconds.
#[derive(Debug)]
pub struct Desk {
    ids: Ids,
    users: Shelf<UserKey, Relations, Relation>,
    lists: Shelf<ListId, Arc<List>, ListChange>,
    antennas: Shelf<AntennaId, UserId, Gone>,
    roles: Shelf<RoleId, RoleRecord, Option<RoleRecord>>,
    rooms: Shelf<RoomId, Arc<Room>, Vec<UserId>>,
    /// One item: what holds for the whole server.
    site: Shelf<(), SiteRecord, Gone>,
    due: Due,
    /// Those who are watched, as questions name them; made when it is needed.
    watched_users: Option<Arc<[UserId]>>,
    arrivals: Arrivals,
    reactions: OwnReactions,
    audiences: Audiences,
    queue: Queue,
    lanes: Lanes,
    /// Questions, which need no order.
    questions: VecDeque<Output>,
    asked: BTreeMap<AskId, Asked>,
    next_ask: u64,
    timers: BTreeSet<(u64, Timer)>,
    /// When the first mute of each user ends, as it is armed.
    mute_wakes: BTreeMap<UserKey, u64>,
    event_bytes_max: usize,
    held_events_max: usize,
    held_bytes_max: usize,
    counts: Counts,
}

/// What happened at the desk since it was last asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Messages over the limit, which are dropped.
    pub oversized: u64,
    /// Messages that could not be decoded.
    pub undecodable: u64,
    /// Events given up because the store could not complete them.
    pub given_up: u64,
    /// Events dropped because too many were held back while relations were loaded again.
    pub held_dropped: u64,
    /// Questions that were not answered in time, or that the backend could not answer.
    pub failed: u64,
}

/// The one change of a thing that has no others: it is gone.
#[derive(Debug, Clone, Copy)]
struct Gone;

/// What a question was for.
#[derive(Debug)]
enum Asked {
    Site,
    Users(Vec<UserKey>),
    Lists(Arc<[ListId]>),
    Antennas(Arc<[AntennaId]>),
    Role(RoleId),
    Rooms(Arc<[RoomId]>),
    /// To complete one event that waits in a lane.
    Packed(LaneSlot),
    /// To complete the events of a note.
    Audience(NoteId),
    /// To complete the renotes of a note.
    Reactions(NoteId),
}

/// What is due at some time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    /// A question that holds events back.
    Question(AskId),
    /// A load that failed.
    Site,
    User(UserKey),
    List(ListId),
    Antenna(AntennaId),
    Role(RoleId),
    Room(RoomId),
    /// A mute of this user ends.
    MuteEnds(UserKey),
    /// The connections with this user's old token end.
    TokenEnds(UserId),
}

/// How long events are held back for an answer, in milliseconds. One that comes later is ignored.
pub const HOLD_MS: u64 = 2_000;
/// How long an old token lives on for its connections to hear that there is a new one.
const TOKEN_GRACE_MS: u64 = 1_000;
/// How long after a failed load it is tried again.
const RETRY_MS: u64 = 1_000;
/// How many users are asked for at once.
const USERS_PER_QUESTION: usize = 256;

impl Desk {
    /// An empty desk, which asks for the site first.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        let mut desk = Self {
            ids: Ids::default(),
            users: Shelf::default(),
            lists: Shelf::default(),
            antennas: Shelf::default(),
            roles: Shelf::default(),
            rooms: Shelf::default(),
            site: Shelf::default(),
            due: Due::default(),
            watched_users: None,
            arrivals: Arrivals::default(),
            reactions: OwnReactions::default(),
            audiences: Audiences::default(),
            queue: Queue::default(),
            lanes: Lanes::default(),
            questions: VecDeque::new(),
            asked: BTreeMap::new(),
            next_ask: 0,
            timers: BTreeSet::new(),
            mute_wakes: BTreeMap::new(),
            event_bytes_max: limits.event_bytes_max,
            held_events_max: limits.held_events_max,
            held_bytes_max: limits.held_event_bytes_max,
            counts: Counts::default(),
        };
        desk.watch_site();
        desk
    }

    /// Takes a message of the backend. One that can't be understood is counted and otherwise
    /// ignored.
    ///
    /// # Errors
    ///
    /// When the message is not what its topic carries.
    pub fn handle_message(
        &mut self,
        topic: &str,
        payload: &Bytes,
        now_ms: u64,
    ) -> Result<(), DecodeError> {
        if payload.len() > self.event_bytes_max {
            self.counts.oversized += 1;
            return Ok(());
        }
        let event = protocol::event::decode(topic, payload);
        let event = event.inspect_err(|_| self.counts.undecodable += 1)?;
        self.take_event(event, payload, now_ms);
        self.ids.tidy();
        self.bound_queue();
        Ok(())
    }

    /// Messages may have been lost: all that was loaded is loaded again, and what comes waits
    /// for that.
    pub fn handle_gap(&mut self) {
        self.distrust_all();
        self.audiences.clear();
        self.reactions.clear();
        self.queue.bar();
    }

    /// Takes the answer to a question. An answer that comes too late, or twice, is ignored.
    pub fn handle_answer(&mut self, ask: AskId, answer: Answer, now_ms: u64) {
        let Some(asked) = self.asked.remove(&ask) else {
            return;
        };
        self.counts.failed += u64::from(matches!(answer, Answer::Failed));
        match asked {
            Asked::Site => self.load_site(ask, answer, now_ms),
            Asked::Users(users) => self.load_users(ask, users, answer, now_ms),
            Asked::Lists(lists) => self.load_lists(ask, &lists, answer, now_ms),
            Asked::Antennas(antennas) => self.load_antennas(ask, &antennas, answer, now_ms),
            Asked::Rooms(rooms) => self.load_rooms(ask, &rooms, answer, now_ms),
            Asked::Role(role) => self.load_role(ask, &role, answer, now_ms),
            Asked::Packed(slot) => {
                let note = Found::in_answer(answer).and_then(Found::note);
                self.complete_packed(slot, note);
            }
            Asked::Audience(note) => {
                let told = Found::in_answer(answer);
                self.settle_audience(&note, told);
            }
            Asked::Reactions(note) => {
                let told = Found::in_answer(answer);
                self.settle_reactions(note, told, now_ms);
            }
        }
        self.ids.tidy();
    }

    /// Reads all that is known once more, for a store whose changes don't all have an event. What
    /// is known counts until the answers come.
    pub fn handle_reread(&mut self) {
        self.reread_all();
    }

    /// An app's token of a user was found to be worth nothing: as if its revocation had been told.
    pub fn handle_app_revoked(&mut self, user: &UserId) {
        self.end_apps(user.as_str());
    }

    /// Does what is due: mutes that end, questions that were not answered in time, loads to be
    /// tried again.
    pub fn handle_timeout(&mut self, now_ms: u64) {
        while let Some((due_ms, _)) = self.timers.first()
            && *due_ms <= now_ms
            && let Some((_, timer)) = self.timers.pop_first()
        {
            match timer {
                Timer::Question(ask) => {
                    if self.asked.contains_key(&ask) {
                        self.handle_answer(ask, Answer::Failed, now_ms);
                    }
                }
                Timer::Site => self.retry_site(),
                Timer::User(user) => self.retry_user(user),
                Timer::List(list) => self.retry_list(list),
                Timer::Antenna(antenna) => self.retry_antenna(antenna),
                Timer::Role(role) => self.retry_role(role),
                Timer::Room(room) => self.retry_room(room),
                Timer::MuteEnds(user) => self.end_mutes(user, now_ms),
                Timer::TokenEnds(user) => self.end_token(&user),
            }
        }
    }

    /// Publishes statistics.
    pub fn handle_stats(&mut self, stats: Stats, kind: &str, body: &[u8]) {
        if !self.must_drop() {
            let rest = frame::channel_rest(kind, Some(body)).into();
            self.publish(Event::Stats { stats, rest }, 0);
        }
    }

    /// Starts to watch something; answered by [`Output::Answer`]. Counted: it is kept until it
    /// is unwatched as often as a watch of it was answered with more than nothing.
    pub fn watch(&mut self, what: Watch, ticket: Ticket) {
        match what {
            Watch::User(user) => self.watch_user(&user, ticket),
            Watch::List(list) => self.watch_list(list, ticket),
            Watch::Antenna(antenna) => self.watch_antenna(antenna, ticket),
            Watch::Role(role) => self.watch_role(role, ticket),
            Watch::Room(room) => self.watch_room(room, ticket),
        }
    }

    /// Gives back one watch.
    pub fn unwatch(&mut self, what: &Watch) {
        match what {
            Watch::User(user) => {
                if let Some(user) = self.ids.user(user.as_str()) {
                    self.unwatch_user(user);
                }
            }
            Watch::List(list) => self.unwatch_list(list),
            Watch::Room(room) => self.unwatch_room(room),
            Watch::Antenna(antenna) => {
                self.antennas.unwatch(antenna);
            }
            Watch::Role(role) => {
                self.roles.unwatch(role);
            }
        }
        self.ids.tidy();
    }

    /// The next effect.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.ask_for_due();
        if let Some(question) = self.questions.pop_front() {
            return Some(question);
        }
        let open = self.is_fresh();
        self.queue.pop(open)
    }

    /// When [`handle_timeout`](Self::handle_timeout) is due next.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<u64> {
        self.timers.first().map(|&(due_ms, _)| due_ms)
    }

    /// Whether what holds for the whole server is known. Until then visitors may join nothing,
    /// so nobody should be let in.
    #[must_use]
    pub fn knows_site(&self) -> bool {
        self.site.value(&()).is_some()
    }

    /// How many events are held back at this moment.
    #[must_use]
    pub fn held(&self) -> usize {
        self.queue.len() + self.lanes.len()
    }

    /// How many users and Misskey channels are known at this moment.
    #[must_use]
    pub fn known_ids(&self) -> (usize, usize) {
        self.ids.len()
    }

    /// What happened since the last call.
    pub fn take_counts(&mut self) -> Counts {
        mem::take(&mut self.counts)
    }

    /// Adds an event to what goes out. `bytes` is what it holds of a payload.
    fn publish(&mut self, event: Event, bytes: usize) {
        let output = self.publication(event);
        self.queue.push(output, bytes);
    }

    fn publication(&mut self, event: Event) -> Output {
        let _epoch = self.ids.epoch();
        Output::Publish(Arc::new(Publication { event, _epoch }))
    }

    /// Asks the backend.
    fn ask(&mut self, question: Question, asked: Asked) -> AskId {
        let ask = AskId(self.next_ask);
        self.next_ask += 1;
        self.asked.insert(ask, asked);
        self.questions.push_back(Output::Ask { ask, question });
        ask
    }

    /// Asks the backend for what holds events back.
    fn ask_in_time(&mut self, question: Question, asked: Asked, now_ms: u64) {
        let ask = self.ask(question, asked);
        self.timers.insert((now_ms + HOLD_MS, Timer::Question(ask)));
    }

    /// Whether more is held back than may be.
    fn is_full(&self) -> bool {
        self.held() > self.held_events_max
            || self.queue.bytes() + self.lanes.bytes() > self.held_bytes_max
    }

    /// Where more is held back than may be, the first event that awaits an answer goes without.
    fn bound_queue(&mut self) {
        if !self.is_full() {
            return;
        }
        match (self.queue.head(), self.lanes.oldest()) {
            (Head::Waiting(slot), _) => self.complete_without(slot),
            (Head::Free | Head::Barrier, Some(slot)) => self.complete_packed(slot, None),
            (Head::Free | Head::Barrier, None) => {}
        }
    }

    /// Whether an event must be dropped because too many wait for relations to be loaded again:
    /// by what is known, it might reach someone who may not see it.
    fn must_drop(&mut self) -> bool {
        let dropped = self.is_full() && self.queue.head() == Head::Barrier;
        if dropped {
            self.counts.held_dropped += 1;
            // It may have been a reaction.
            self.reactions.clear();
        }
        dropped
    }

    fn is_fresh(&self) -> bool {
        self.users.is_fresh()
            && self.lists.is_fresh()
            && self.antennas.is_fresh()
            && self.roles.is_fresh()
            && self.rooms.is_fresh()
            && self.site.is_fresh()
    }

    /// Panics where holds and relations don't agree. Slow.
    #[doc(hidden)]
    pub fn check_invariants(&self) {
        let mut held: BTreeMap<UserKey, u32> = BTreeMap::new();
        for (user, item) in self.users.iter() {
            *held.entry(*user).or_default() += 1;
            assert!(
                item.watches > 0 || !item.waiting.is_empty(),
                "nobody needs {user:?}"
            );
            for user in item.value.iter().flat_map(Relations::users) {
                *held.entry(user).or_default() += 1;
            }
        }
        for (_, item) in self.lists.iter() {
            if let Some(list) = &item.value {
                *held.entry(list.owner).or_default() += 1;
                for member in list.members.iter() {
                    *held.entry(member.user).or_default() += 1;
                }
            }
        }
        let rooms = self
            .rooms
            .iter()
            .filter_map(|(_, item)| item.value.as_ref());
        for &member in rooms.flat_map(|room| &room.members) {
            *held.entry(member).or_default() += 1;
        }
        let expected: u32 = held.values().sum();
        assert_eq!(
            self.ids.user_holds(),
            expected,
            "each hold has its relation"
        );
        for (user, holds) in held {
            assert_eq!(
                self.ids.holds_user(user),
                holds,
                "each relation holds its user"
            );
        }
    }
}

#[cfg(test)]
mod tests;
