//! All lines, without I/O: requests of connections and messages of the server upstream in,
//! effects out. Times are milliseconds of one clock that doesn't go back.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::mem;
use std::sync::Arc;

use protocol::bridge::{LineId, Message};
use protocol::channel::Channel;
use protocol::id::{SubId, UserId};
use protocol::limits::Limits;
use protocol::record::Grant;
use serde_json::value::RawValue;

use super::line::{Admitted, Line, State};
use super::link::{Asker, Bridged, Joining, Seat};
use crate::http::Token;
use crate::source::Place;

/// The number of a line; none is used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct LineNo(u64);

/// One try to open the stream of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Try {
    pub(super) line: LineNo,
    epoch: u32,
}

/// All lines.
#[derive(Debug)]
pub(super) struct Lines {
    lines: BTreeMap<LineNo, Line>,
    line_by_key: HashMap<Key, LineNo>,
    key_by_line: BTreeMap<LineNo, Key>,
    channel_by_seat: BTreeMap<Seat, (LineNo, LineId)>,
    /// How many lines visitors have of their own.
    visitors: usize,
    retries: BTreeSet<(u64, LineNo)>,
    /// Lines in which nothing is joined, and when they end.
    idle: BTreeSet<(u64, LineNo)>,
    effects: VecDeque<Effect>,
    next_line: u64,
    lines_max: usize,
    bytes_max: usize,
    counts: Counts,
}

/// Who shares a line.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    /// All visitors, for what can be shared.
    Visitors,
    /// One visitor, for what can't.
    Visitor(Place),
    /// A user, with one token and what that may do; `None`: everything.
    User(UserId, Token, Option<Vec<String>>),
}

/// What is to be done.
#[derive(Debug)]
pub(super) enum Effect {
    /// Open a stream.
    Open(Try, Arc<Asker>),
    /// Send this in the stream that is open.
    Send(LineNo, String),
    /// The same, of which a little may be lost.
    Operate(LineNo, String),
    /// Close the stream, or stop to open it.
    Close(LineNo),
    /// Tell a connection.
    Deliver(Bridged),
}

/// What was not passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Counts {
    /// Joins, because there are too many lines or channels.
    pub(crate) joins: u64,
    /// Operations, because too much waits or they make no sense.
    pub(crate) operations: u64,
    /// Messages of the server upstream that are for no channel.
    pub(crate) messages: u64,
}

/// How long after the first failure a stream is opened again, and the longest that this becomes.
const RETRY_MS: u64 = 1_000;
const RETRY_MS_MAX: u64 = 60_000;

/// How long a stream stays open after its last channel, for the next one. Without it a client that
/// joins and leaves by turns would make connections upstream as fast as it can talk.
const IDLE_MS: u64 = 5_000;

impl Lines {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            lines: BTreeMap::new(),
            line_by_key: HashMap::new(),
            key_by_line: BTreeMap::new(),
            channel_by_seat: BTreeMap::new(),
            visitors: 0,
            retries: BTreeSet::new(),
            idle: BTreeSet::new(),
            effects: VecDeque::new(),
            next_line: 0,
            lines_max: limits.bridges_max,
            bytes_max: limits.bridge_queue_bytes_max,
            counts: Counts::default(),
        }
    }

    /// Joins a channel.
    pub(super) fn join(&mut self, joining: Joining, now_ms: u64) {
        let Joining {
            seat,
            asker,
            connect,
            silent,
        } = joining;
        let key = Key::of(&asker, &connect.channel, seat.place);
        let Some(number) = self.find_or_begin(key, &asker) else {
            self.counts.joins += 1;
            return;
        };
        let line = self.lines.get_mut(&number).expect("it was found");
        match line.join(seat, connect, silent) {
            Admitted::Yes(id, text, told) => {
                if let Some(ends_ms) = line.ends_ms.take() {
                    self.idle.remove(&(ends_ms, number));
                }
                self.channel_by_seat.insert(seat, (number, id));
                let sent = text.map(|text| Effect::Send(number, text));
                let told = told.map(Effect::Deliver);
                self.effects.extend(sent.into_iter().chain(told));
            }
            Admitted::Full => {
                self.counts.joins += 1;
                self.rest_if_empty(number, now_ms + IDLE_MS);
            }
        }
    }

    /// Leaves a channel. The stream stays open for a while.
    pub(super) fn leave(&mut self, seat: Seat, now_ms: u64) {
        if let Some(number) = self.remove(seat) {
            self.rest_if_empty(number, now_ms + IDLE_MS);
        }
    }

    /// Leaves a channel. Returns the line.
    fn remove(&mut self, seat: Seat) -> Option<LineNo> {
        let (number, id) = self.channel_by_seat.remove(&seat)?;
        let line = self.lines.get_mut(&number).expect("a channel has its line");
        let text = line.leave(id, seat);
        self.effects
            .extend(text.map(|text| Effect::Send(number, text)));
        Some(number)
    }

    /// Leaves all channels of a connection. Streams that only it had are closed.
    pub(super) fn gone(&mut self, place: Place) {
        let first = Seat {
            place,
            sub: SubId(0),
            serial: 0,
        };
        let theirs = self.channel_by_seat.range(first..);
        let theirs = theirs.map(|(seat, _)| *seat);
        let theirs: Vec<Seat> = theirs.take_while(|seat| seat.place == place).collect();
        let lines: BTreeSet<LineNo> = theirs
            .into_iter()
            .filter_map(|it| self.remove(it))
            .collect();
        for number in lines {
            self.end_if_empty(number);
        }
        self.end_of_visitor(place);
    }

    /// Passes an operation on, or keeps it until the stream is open.
    pub(super) fn operate(&mut self, seat: Seat, kind: &str, body: &RawValue) {
        let Some(&(number, id)) = self.channel_by_seat.get(&seat) else {
            return;
        };
        let line = self.lines.get_mut(&number).expect("a channel has its line");
        match line.operate(id, seat, kind, body) {
            Ok(text) => self
                .effects
                .extend(text.map(|text| Effect::Operate(number, text))),
            Err(()) => self.count_lost_operation(),
        }
    }

    /// An operation was not passed on.
    pub(super) fn count_lost_operation(&mut self) {
        self.counts.operations += 1;
    }

    /// A stream is open.
    pub(super) fn opened(&mut self, of: Try) {
        if let Some(line) = self.current(of) {
            let texts = line.open();
            let texts = texts.into_iter().map(|text| Effect::Send(of.line, text));
            self.effects.extend(texts);
        }
    }

    /// A stream broke, or could not be opened. `hopeless`: another try soon won't help.
    /// `jitter` is anything from 0 to 1.
    pub(super) fn lost(&mut self, of: Try, hopeless: bool, jitter: f64, now_ms: u64) {
        let Some(line) = self.current(of) else {
            return;
        };
        let doubled = RETRY_MS << line.failures.min(6);
        let longest = if hopeless {
            RETRY_MS_MAX
        } else {
            doubled.min(RETRY_MS_MAX)
        };
        // From half of it to all of it, so that not all lines come back at once.
        let wait_ms = longest / 2 + (longest as f64 / 2.0 * jitter) as u64;
        line.lose(now_ms + wait_ms);
        self.retries.insert((now_ms + wait_ms, of.line));
    }

    /// A message came in a stream.
    pub(super) fn message(&mut self, of: Try, text: &str) {
        let Some(line) = self.current(of) else {
            return;
        };
        let told = match Message::decode(text) {
            Some(Message::Connected(id)) => line.connected(id),
            Some(Message::Event { id, kind, rest }) => {
                line.event(id, kind.as_deref(), &rest.into())
            }
            // What is for every connection comes to ours on its own way.
            None => {
                self.counts.messages += 1;
                return;
            }
        };
        self.effects.extend(told.into_iter().map(Effect::Deliver));
    }

    /// Ends lines that nobody needs any more, and opens the streams again whose time has come.
    pub(super) fn timeout(&mut self, now_ms: u64) {
        while let Some(&(due_ms, number)) = self.idle.first()
            && due_ms <= now_ms
        {
            self.end_if_empty(number);
        }
        while let Some(&(due_ms, number)) = self.retries.first()
            && due_ms <= now_ms
        {
            self.retries.pop_first();
            if let Some(line) = self.lines.get_mut(&number) {
                line.state = State::Opening;
                line.epoch += 1;
                let again = Try {
                    line: number,
                    epoch: line.epoch,
                };
                let asker = Arc::clone(&line.asker);
                self.effects.push_back(Effect::Open(again, asker));
            }
        }
    }

    /// When [`timeout`](Self::timeout) is due.
    pub(super) fn poll_timeout(&self) -> Option<u64> {
        let firsts = [self.idle.first(), self.retries.first()];
        let firsts = firsts.into_iter().flatten();
        firsts.map(|&(due_ms, _)| due_ms).min()
    }

    /// The next thing to do.
    pub(super) fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// How many lines there are.
    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// What was not passed on since the last call.
    pub(super) fn take_counts(&mut self) -> Counts {
        mem::take(&mut self.counts)
    }

    fn find_or_begin(&mut self, key: Key, asker: &Arc<Asker>) -> Option<LineNo> {
        if let Some(&number) = self.line_by_key.get(&key) {
            return Some(number);
        }
        if !self.has_room_for(&key)
            && let Some(&(_, oldest)) = self.idle.first()
        {
            self.end_if_empty(oldest);
        }
        if !self.has_room_for(&key) {
            return None;
        }
        let number = LineNo(self.next_line);
        self.next_line += 1;
        let line = Line::new(Arc::clone(asker), self.bytes_max);
        let first = Try {
            line: number,
            epoch: line.epoch,
        };
        self.lines.insert(number, line);
        self.visitors += usize::from(key.is_of_visitor());
        self.line_by_key.insert(key.clone(), number);
        self.key_by_line.insert(number, key);
        self.effects
            .push_back(Effect::Open(first, Arc::clone(asker)));
        Some(number)
    }

    /// Whether one more line may begin. Whatever visitors and users do, that of all visitors may.
    fn has_room_for(&self, key: &Key) -> bool {
        let of_all = usize::from(self.line_by_key.contains_key(&Key::Visitors));
        let has_room = self.lines.len() - of_all + 1 < self.lines_max;
        match key {
            Key::Visitors => true,
            Key::Visitor(_) => has_room && (self.visitors + 1) * 2 <= self.lines_max,
            Key::User(..) => has_room,
        }
    }

    /// Gives a line in which nothing is joined a time to end.
    fn rest_if_empty(&mut self, number: LineNo, ends_ms: u64) {
        if let Some(line) = self.lines.get_mut(&number)
            && line.is_empty()
            && line.ends_ms.is_none()
        {
            line.ends_ms = Some(ends_ms);
            self.idle.insert((ends_ms, number));
        }
    }

    /// Ends the line of a visitor who is gone, for whom it stayed open.
    fn end_of_visitor(&mut self, place: Place) {
        if let Some(&number) = self.line_by_key.get(&Key::Visitor(place)) {
            self.end_if_empty(number);
        }
    }

    fn end_if_empty(&mut self, number: LineNo) {
        if !self.lines.get(&number).is_some_and(Line::is_empty) {
            return;
        }
        let line = self.lines.remove(&number).expect("it was just found");
        if let State::Broken(retry_ms) = line.state {
            self.retries.remove(&(retry_ms, number));
        }
        if let Some(ends_ms) = line.ends_ms {
            self.idle.remove(&(ends_ms, number));
        }
        if let Some(key) = self.key_by_line.remove(&number) {
            self.visitors -= usize::from(key.is_of_visitor());
            self.line_by_key.remove(&key);
        }
        self.effects.push_back(Effect::Close(number));
    }

    /// The line of a try, unless it is over or there was another one since.
    fn current(&mut self, of: Try) -> Option<&mut Line> {
        let line = self.lines.get_mut(&of.line)?;
        (line.epoch == of.epoch && !matches!(line.state, State::Broken(_))).then_some(line)
    }
}

impl Key {
    fn of(asker: &Asker, channel: &str, place: Place) -> Self {
        match (&asker.login, &asker.token) {
            (Some(login), Some(token)) => {
                let permissions = match &login.grant {
                    Grant::Native => None,
                    Grant::App { permissions } => Some(permissions.clone()),
                };
                Self::User(login.user.clone(), token.clone(), permissions)
            }
            _ if Channel::parse(channel).is_some_and(|it| it.spec().shared) => Self::Visitors,
            _ => Self::Visitor(place),
        }
    }

    fn is_of_visitor(&self) -> bool {
        matches!(self, Self::Visitor(_))
    }
}

#[cfg(test)]
mod tests;
