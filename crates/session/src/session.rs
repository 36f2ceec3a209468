//! The state machine.

mod bridge;

use std::collections::VecDeque;
use std::sync::Arc;

use protocol::channel::Channel;
use protocol::close::CloseReason;
use protocol::command::{BridgeConnect, ClientId, Command, Connect};
use protocol::frame;
use protocol::id::{NoteId, SubId};
use protocol::join::Join;
use protocol::limits::{Limits, UNANSWERED_CHANNELS_MAX};
use rules::{Admission, JoinFacts, Who};

use crate::captures::{Captured, Captures};
use crate::output::{Answer, AskId, Login, Output, Question};
use crate::timers::{Timer, Timers};

/// The state of one connection.
///
/// `handle_*` take what happened; [`poll_output`](Self::poll_output) gives what is to be done and
/// is called until it is empty after each of them; [`poll_timeout`](Self::poll_timeout) then
/// says when [`handle_timeout`](Self::handle_timeout) is due, and
/// [`wants_input`](Self::wants_input) whether to read on. All times are milliseconds of one clock
/// that doesn't go back.
#[derive(Debug)]
pub struct Session {
    limits: Arc<Limits>,
    login: Option<Box<Login>>,
    channels: Vec<Joined>,
    captures: Captures,
    timers: Timers,
    /// The join that awaits its answer, and what waits behind it.
    pending: Option<Box<Pending>>,
    asked: u32,
    outputs: VecDeque<Output>,
    closed: bool,
}

/// A joined channel.
#[derive(Debug)]
struct Joined {
    id: ClientId,
    sub: SubId,
    channel: Feed,
}

/// Who feeds a joined channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Feed {
    Here(Channel),
    /// The server upstream, though the channel is one of ours.
    Upstream(Channel),
    /// The server upstream, which has said that the channel is joined.
    Foreign,
    /// The server upstream, if it knows the channel. `pong`: the client wants to hear of that.
    Unanswered {
        pong: bool,
    },
}

/// The most channels that may count, so that each and those without an answer have a number.
const CHANNELS_MAX: usize = u8::MAX as usize - UNANSWERED_CHANNELS_MAX;

/// How often a question is asked before the connection is closed for want of an answer.
const ASKS_MAX: u8 = 3;

/// A join that awaits its answer.
#[derive(Debug)]
struct Pending {
    ask: AskId,
    /// How often it was asked.
    asks: u8,
    question: Question,
    connect: Connect,
    /// Commands that came since.
    commands: VecDeque<Command>,
    /// What those hold, in bytes.
    bytes: usize,
}

impl Session {
    /// The session of a connection that was opened just now.
    #[must_use]
    pub fn new(login: Option<Login>, limits: &Arc<Limits>, now_ms: u64) -> Self {
        let mut session = Self {
            limits: Arc::clone(limits),
            login: login.map(Box::new),
            channels: Vec::new(),
            captures: Captures::default(),
            timers: Timers::new(),
            pending: None,
            asked: 0,
            outputs: VecDeque::new(),
            closed: false,
        };
        session.timers.start(Timer::Silence, now_ms, limits);
        session.timers.start(Timer::Ping, now_ms, limits);
        session.touch(now_ms);
        session
    }

    /// Takes a message of the client. `facts` are what holds for its user at this moment:
    /// `Hub::join_facts`.
    pub fn handle_command(&mut self, command: Command, facts: &JoinFacts) {
        if self.closed {
            return;
        }
        match &mut self.pending {
            Some(pending) => {
                pending.bytes += weight(&command);
                pending.commands.push_back(command);
            }
            None => self.carry_out(command, facts),
        }
    }

    /// Who is behind the connection; `None`: a visitor.
    #[must_use]
    pub fn login(&self) -> Option<&Login> {
        self.login.as_deref()
    }

    /// The same, as the rules see them.
    #[must_use]
    pub fn who(&self) -> Who<'_> {
        who(self.login.as_deref())
    }

    /// Takes the answer to a question, with what holds at this moment. One that comes after the
    /// end changes nothing: what is watched for it is the shell's to give back. A question that
    /// failed is asked again; in the end the client has to come back, rather than miss a channel
    /// without knowing.
    pub fn handle_answer(&mut self, ask: AskId, answer: &Answer, facts: &JoinFacts) {
        if self
            .pending
            .as_ref()
            .is_none_or(|pending| pending.ask != ask)
        {
            return;
        }
        let Some(pending) = self.pending.take() else {
            return;
        };
        if *answer == Answer::Failed {
            self.ask_again(pending);
            return;
        }
        self.conclude(pending.connect, pending.question, answer, facts);
        let mut waiting = pending.commands;
        while let Some(command) = waiting.pop_front() {
            self.carry_out(command, facts);
            if let Some(next) = &mut self.pending {
                next.bytes = waiting.iter().map(weight).sum();
                next.commands = waiting;
                return;
            }
        }
    }

    /// Something came from the client: any byte counts as life.
    pub fn handle_life(&mut self, now_ms: u64) {
        if !self.closed {
            self.timers.start(Timer::Silence, now_ms, &self.limits);
        }
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now_ms: u64) {
        while let Some(timer) = self.timers.due(now_ms) {
            match timer {
                Timer::Silence => self.close(CloseReason::Silent),
                Timer::Ping => {
                    self.timers.start(Timer::Ping, now_ms, &self.limits);
                    self.outputs.push_back(Output::Ping);
                }
                Timer::Touch => self.touch(now_ms),
            }
        }
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<Output> {
        let output = self.outputs.pop_front();
        if output.is_none() {
            self.outputs = VecDeque::new();
        }
        output
    }

    /// When [`handle_timeout`](Self::handle_timeout) is due; `u64::MAX`: never.
    #[must_use]
    pub fn poll_timeout(&self) -> u64 {
        self.timers.next()
    }

    /// Whether the shell may go on to read from the client, and to hand over what it has read.
    /// While false, an answer is awaited and enough commands wait behind it, or all is over.
    #[must_use]
    pub fn wants_input(&self) -> bool {
        !self.closed
            && self.pending.as_ref().is_none_or(|pending| {
                pending.commands.len() < self.limits.pending_commands_max
                    && pending.bytes < self.limits.message_bytes_max
            })
    }

    fn carry_out(&mut self, command: Command, facts: &JoinFacts) {
        match command {
            Command::Connect(connect) => self.connect(connect, facts),
            Command::Bridge(connect) => self.bridge(connect),
            Command::Disconnect { id } => self.disconnect(&id),
            Command::Operation { id, kind, body } => {
                if let Some(joined) = self.channels.iter().find(|joined| joined.id == id) {
                    let sub = joined.sub;
                    self.outputs.push_back(match joined.channel {
                        Feed::Here(channel) => Output::Operate {
                            sub,
                            channel,
                            kind,
                            body,
                        },
                        Feed::Upstream(_) | Feed::Foreign | Feed::Unanswered { .. } => {
                            Output::BridgeOperate { sub, kind, body }
                        }
                    });
                }
            }
            Command::Capture { note } => self.capture(note),
            Command::Release { note } => {
                if self.captures.release(&note) {
                    self.outputs.push_back(Output::Release(note));
                }
            }
            Command::ReadNotifications => {
                let user = self.login.as_ref().map(|login| login.user.clone());
                self.outputs.extend(user.map(Output::ReadNotifications));
            }
        }
    }

    fn connect(&mut self, connect: Connect, facts: &JoinFacts) {
        self.disconnect(&connect.id);
        if !self.has_room() || self.has_shared(connect.channel) {
            return;
        }
        if rules::join::gate(connect.channel, who(self.login.as_deref())).is_err() {
            return;
        }
        let Some(question) = question_of(&connect.join) else {
            if let Some(admission) = self.admit(&connect.join, facts) {
                self.join(connect, admission);
            }
            return;
        };
        let ask = self.ask(&question);
        self.pending = Some(Box::new(Pending {
            ask,
            asks: 1,
            question,
            connect,
            commands: VecDeque::new(),
            bytes: 0,
        }));
    }

    fn ask(&mut self, question: &Question) -> AskId {
        let ask = AskId(self.asked);
        self.asked = self.asked.wrapping_add(1);
        self.outputs.push_back(Output::Ask {
            ask,
            question: question.clone(),
        });
        ask
    }

    /// Asks once more, or closes.
    fn ask_again(&mut self, mut pending: Box<Pending>) {
        if pending.asks < ASKS_MAX {
            pending.asks += 1;
            pending.ask = self.ask(&pending.question);
            self.pending = Some(pending);
        } else {
            self.close(CloseReason::Restart);
        }
    }

    fn close(&mut self, reason: CloseReason) {
        self.closed = true;
        self.pending = None;
        self.timers.stop();
        self.outputs.push_back(Output::Close(reason));
    }

    /// Joins or refuses, after the answer.
    fn conclude(&mut self, connect: Connect, asked: Question, answer: &Answer, facts: &JoinFacts) {
        let mut facts = facts.clone();
        match answer {
            Answer::Owner(owner) => facts.owner = Some(owner.clone()),
            Answer::Role(role) => facts.role = Some(*role),
            Answer::InRoom(in_room) => facts.in_room = Some(*in_room),
            Answer::Unknown | Answer::Failed => {}
        }
        match self.admit(&connect.join, &facts) {
            Some(admission) => self.join(connect, admission),
            None if matches!(answer, Answer::Unknown | Answer::Failed) => {}
            None => self.outputs.push_back(Output::Unwatch(asked)),
        }
    }

    fn admit(&self, join: &Join, facts: &JoinFacts) -> Option<Admission> {
        rules::join::admit(join, who(self.login.as_deref()), facts).ok()
    }

    fn join(&mut self, connect: Connect, admission: Admission) {
        let Connect {
            channel,
            id,
            join,
            pong,
        } = connect;
        let sub = self.free_number();
        let answer = pong.then(|| Output::Send(frame::connected(&id).into()));
        self.channels.push(Joined {
            id: id.clone(),
            sub,
            channel: Feed::Here(channel),
        });
        self.outputs.push_back(Output::Subscribe {
            sub,
            id,
            join,
            admission,
        });
        self.outputs.extend(answer);
    }

    fn disconnect(&mut self, id: &ClientId) {
        if let Some(at) = self.channels.iter().position(|joined| joined.id == *id) {
            let Joined { sub, channel, .. } = self.channels.remove(at);
            self.outputs.push_back(match channel {
                Feed::Here(_) => Output::Unsubscribe { sub },
                Feed::Upstream(_) | Feed::Foreign | Feed::Unanswered { .. } => {
                    Output::BridgeLeave { sub }
                }
            });
        }
    }

    fn capture(&mut self, note: NoteId) {
        match self.captures.capture(&note, self.limits.captures_max) {
            Captured::Again => {}
            Captured::New { evicted } => {
                self.outputs.extend(evicted.map(Output::Release));
                self.outputs.push_back(Output::Capture(note));
            }
        }
    }

    /// Moves the last-active date of the user, if there is one.
    fn touch(&mut self, now_ms: u64) {
        if let Some(login) = &self.login {
            self.timers.start(Timer::Touch, now_ms, &self.limits);
            self.outputs.push_back(Output::Touch(login.user.clone()));
        }
    }

    /// Whether one more channel may be joined.
    fn has_room(&self) -> bool {
        let max = self.limits.channels_max.min(CHANNELS_MAX);
        let counted = self
            .channels
            .iter()
            .filter(|joined| joined.channel.counts());
        counted.count() < max
    }

    /// Whether a channel can be joined once and is.
    fn has_shared(&self, channel: Channel) -> bool {
        let mut joined = self.channels.iter().map(|joined| joined.channel.known());
        channel.spec().shared && joined.any(|joined| joined == Some(channel))
    }

    /// The lowest number that no joined channel has.
    fn free_number(&self) -> SubId {
        let is_free = |sub: &SubId| self.channels.iter().all(|joined| joined.sub != *sub);
        let free = (0..=u8::MAX).map(SubId).find(is_free);
        free.expect("fewer channels are joined than there are numbers")
    }
}

impl Feed {
    /// The channel, where it is one of ours.
    fn known(self) -> Option<Channel> {
        match self {
            Self::Here(channel) | Self::Upstream(channel) => Some(channel),
            Self::Foreign | Self::Unanswered { .. } => None,
        }
    }

    /// Whether it counts among the channels that a connection may join.
    fn counts(self) -> bool {
        !matches!(self, Self::Unanswered { .. })
    }
}

/// What must be found out before a join can be decided.
fn question_of(join: &Join) -> Option<Question> {
    match join {
        Join::UserList { list, .. } => Some(Question::List(list.clone())),
        Join::Antenna { antenna } => Some(Question::Antenna(antenna.clone())),
        Join::RoleTimeline { role } => Some(Question::Role(role.clone())),
        Join::ChatRoom { room } => Some(Question::Room(room.clone())),
        Join::Main
        | Join::HomeTimeline(_)
        | Join::LocalTimeline(_)
        | Join::HybridTimeline(_)
        | Join::GlobalTimeline(_)
        | Join::Hashtag { .. }
        | Join::Channel { .. }
        | Join::Drive
        | Join::ServerStats
        | Join::QueueStats
        | Join::Admin
        | Join::ChatUser { .. }
        | Join::Messaging { .. }
        | Join::MessagingIndex
        | Join::Reversi
        | Join::ReversiGame { .. } => None,
    }
}

fn who(login: Option<&Login>) -> Who<'_> {
    login.map_or(Who::Visitor, |Login { user, grant }| Who::User {
        id: user,
        grant,
    })
}

/// What a waiting command holds, in bytes, give or take.
fn weight(command: &Command) -> usize {
    let own = size_of::<Command>();
    match command {
        Command::Connect(Connect { id, join, .. }) => own + id.as_str().len() + join_weight(join),
        Command::Bridge(BridgeConnect {
            channel,
            id,
            params,
            ..
        }) => {
            let params = params.as_ref().map_or(0, |params| params.get().len());
            own + channel.len() + id.as_str().len() + params
        }
        Command::Operation { id, kind, body } => {
            own + id.as_str().len() + kind.len() + body.get().len()
        }
        Command::Disconnect { id } => own + id.as_str().len(),
        Command::Capture { note } | Command::Release { note } => own + note.as_str().len(),
        Command::ReadNotifications => own,
    }
}

/// What the params of a join hold beyond an id.
fn join_weight(join: &Join) -> usize {
    if let Join::Hashtag { groups } = join {
        let tags = groups.iter().flatten();
        tags.map(|tag| tag.len() + size_of::<Box<str>>()).sum()
    } else {
        0
    }
}

#[cfg(test)]
mod tests;
