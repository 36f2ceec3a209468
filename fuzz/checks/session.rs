//! What must hold of a session, whatever its client does and whenever its answers come. The
//! fuzz target calls it with anything, the tests with the corpus.
//!
//! Two sessions get the same commands: one is answered at once, the other when the input says
//! so, and some of its questions fail first. Each must keep to the contract, and in the end both
//! must have done the same.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arbitrary::{Arbitrary, Unstructured};
use protocol::channel::Channel;
use protocol::command::{BridgeConnect, ClientId, Command, Connect};
use protocol::id::{NoteId, SubId, UserId};
use protocol::join::Join;
use protocol::limits::{Limits, UNANSWERED_CHANNELS_MAX};
use protocol::record::{Grant, PolicyRecord, RoleRecord};
use rules::{JoinFacts, Who};
use serde_json::value::RawValue;
use session::{Answer, AskId, Login, Output, Question, Session};

/// The first of the numbers of channels that stand for one that the server upstream feeds.
const UPSTREAM: u8 = 200;

/// How often a question may fail before the client has to come back.
const FAILURES_MAX: u8 = 3;

/// One thing that happens to a connection.
#[derive(Debug, Clone, Copy, Arbitrary)]
enum Operation {
    /// `connect`, under one of a few ids, to something with one of a few ids.
    Connect {
        channel: u8,
        id: u8,
        thing: bool,
        pong: bool,
    },
    Disconnect {
        id: u8,
    },
    Operate {
        id: u8,
    },
    Capture {
        note: u8,
    },
    Release {
        note: u8,
    },
    ReadNotifications,
    /// The question that is out, if any, gets its answer.
    Answer,
    /// The question that is out, if any, fails.
    Fail,
    /// Time passes.
    Pass {
        seconds: u8,
    },
    Life,
}

/// Applies an input, and checks what comes of it.
///
/// # Panics
///
/// When something does not hold.
pub(crate) fn check(data: &[u8]) {
    let mut input = Unstructured::new(data);
    let Ok((who, generous, operations)) = <(u8, bool, Vec<Operation>)>::arbitrary(&mut input)
    else {
        return;
    };
    let mut prompt = World::new(who, generous);
    let mut late = World::new(who, generous);
    for operation in operations {
        prompt.apply(operation);
        prompt.answer();
        if matches!(operation, Operation::Answer) {
            late.answer();
        } else if matches!(operation, Operation::Fail) {
            late.fail();
        } else if late.session.wants_input() || !is_command(operation) {
            late.apply(operation);
        } else {
            // The shell does not read while the session does not want it; it waits.
            late.answer_all();
            late.apply(operation);
        }
    }
    late.answer_all();
    if !prompt.closed && !late.closed {
        assert_eq!(prompt.done, late.done, "the answers only delay");
        assert_eq!(prompt.joined, late.joined);
        assert_eq!(prompt.bridged, late.bridged);
        assert_eq!(prompt.captured, late.captured);
    }
}

fn is_command(operation: Operation) -> bool {
    !matches!(
        operation,
        Operation::Answer | Operation::Fail | Operation::Pass { .. } | Operation::Life
    )
}

/// A session, what its outputs have led to, and the backend behind it.
struct World {
    session: Session,
    login: Option<Login>,
    facts: JoinFacts,
    generous: bool,
    limits: Arc<Limits>,
    now_ms: u64,
    life_ms: u64,
    question: Option<(AskId, Question)>,
    /// How often the question that is out has failed.
    failures: u8,
    /// A question failed too often.
    gave_up: bool,
    joined: BTreeMap<SubId, (ClientId, Channel)>,
    /// Channels that the server upstream feeds.
    bridged: BTreeMap<SubId, ClientId>,
    captured: BTreeSet<NoteId>,
    /// What was done for the client, apart from what time does.
    done: Vec<String>,
    closed: bool,
}

impl World {
    fn new(who: u8, generous: bool) -> Self {
        let permissions = ["read:account", "read:chat", "read:admin:stream"];
        let named = permissions.iter().enumerate();
        let grant = Grant::App {
            permissions: named
                .filter(|(at, _)| who >> at & 1 == 1)
                .map(|(_, name)| (*name).to_owned())
                .collect(),
        };
        let login = (who % 16 < 14).then(|| Login {
            user: UserId::parse("u").expect("it is short"),
            grant: if who % 16 < 6 { Grant::Native } else { grant },
        });
        let limits = Arc::new(Limits {
            channels_max: 5,
            captures_max: 4,
            pending_commands_max: 6,
            ..Limits::default()
        });
        let mut world = Self {
            session: Session::new(login.clone(), &limits, 0),
            login,
            facts: JoinFacts {
                policies: Some(PolicyRecord {
                    local_timeline: generous,
                    global_timeline: true,
                }),
                moderator: Some(generous),
                ..JoinFacts::default()
            },
            generous,
            limits,
            now_ms: 0,
            life_ms: 0,
            question: None,
            failures: 0,
            gave_up: false,
            joined: BTreeMap::new(),
            bridged: BTreeMap::new(),
            captured: BTreeSet::new(),
            done: Vec::new(),
            closed: false,
        };
        world.drain();
        world
    }

    fn apply(&mut self, operation: Operation) {
        let command = match operation {
            Operation::Connect {
                channel,
                id,
                thing,
                pong,
            } if channel < UPSTREAM => connect(channel, id, thing, pong),
            Operation::Connect {
                channel, id, pong, ..
            } => bridge(channel, id, pong),
            Operation::Disconnect { id } => Command::Disconnect { id: client_id(id) },
            Operation::Operate { id } => Command::Operation {
                id: client_id(id),
                kind: "read".to_owned(),
                body: RawValue::from_string("{}".to_owned()).expect("it is JSON"),
            },
            Operation::Capture { note } => Command::Capture {
                note: note_id(note),
            },
            Operation::Release { note } => Command::Release {
                note: note_id(note),
            },
            Operation::ReadNotifications => Command::ReadNotifications,
            Operation::Answer | Operation::Fail => return,
            Operation::Pass { seconds } => return self.pass(u64::from(seconds) * 1000),
            Operation::Life => {
                if !self.closed {
                    self.life_ms = self.now_ms;
                }
                return self.session.handle_life(self.now_ms);
            }
        };
        self.session.handle_command(command, &self.facts);
        self.drain();
    }

    fn pass(&mut self, ms: u64) {
        self.now_ms += ms;
        self.session.handle_timeout(self.now_ms);
        self.drain();
        assert!(
            self.session.poll_timeout() > self.now_ms,
            "what was due is done"
        );
        let silent_ms = self.now_ms - self.life_ms;
        let silent = silent_ms >= self.limits.silence_timeout_ms;
        assert_eq!(self.closed, silent || self.gave_up);
    }

    /// Answers the question that is out.
    fn answer(&mut self) {
        let Some((ask, question)) = self.question.take() else {
            return;
        };
        let answer = match question {
            Question::List(list) => self.owner(list.as_str()),
            Question::Antenna(antenna) => self.owner(antenna.as_str()),
            Question::Role(role) => Answer::Role(RoleRecord {
                public: true,
                explorable: role.as_str() == "1",
            }),
            Question::Room(room) => Answer::InRoom(room.as_str() == "1"),
        };
        self.failures = 0;
        self.session.handle_answer(ask, &answer, &self.facts);
        self.drain();
    }

    /// Fails the question that is out: it is asked again at once, or that was the end.
    fn fail(&mut self) {
        let Some((ask, question)) = self.question.take() else {
            return;
        };
        let ended = self.closed;
        let done = self.done.len();
        self.failures += 1;
        self.session
            .handle_answer(ask, &Answer::Failed, &self.facts);
        self.drain();
        assert_eq!(self.done.len(), done, "nothing comes of a failure");
        if ended {
            assert!(self.question.is_none(), "nothing is asked after the end");
        } else if self.failures < FAILURES_MAX {
            let (again, asked) = self.question.as_ref().expect("it is asked again");
            assert!(*again != ask && *asked == question, "the same, anew");
        } else {
            assert!(self.closed, "the client has to come back");
            self.gave_up = true;
        }
    }

    fn answer_all(&mut self) {
        while self.question.is_some() {
            self.answer();
        }
    }

    /// Half of the things are the user's.
    fn owner(&self, thing: &str) -> Answer {
        match (thing, self.generous) {
            ("1", _) => Answer::Owner(UserId::parse("u").expect("it is short")),
            (_, true) => Answer::Owner(UserId::parse("other").expect("it is short")),
            (_, false) => Answer::Unknown,
        }
    }

    fn drain(&mut self) {
        while let Some(output) = self.session.poll_output() {
            assert!(!self.closed, "nothing follows the end: {output:?}");
            self.check(output);
        }
        assert!(self.joined.len() <= self.limits.channels_max);
        let bridged_max = self.limits.channels_max + UNANSWERED_CHANNELS_MAX;
        assert!(self.bridged.len() <= bridged_max);
        assert!(self.captured.len() <= self.limits.captures_max);
    }

    fn check(&mut self, output: Output) {
        let line = format!("{output:?}");
        match output {
            Output::Subscribe { sub, id, join, .. } => {
                let channel = join.channel();
                let before = self.joined.insert(sub, (id.clone(), channel));
                assert_eq!(before, None, "the number is free");
                let same = self.joined.values().filter(|(other, _)| *other == id);
                assert_eq!(same.count(), 1, "one channel to an id");
                let same = self.joined.values().filter(|(_, other)| *other == channel);
                assert!(!channel.spec().shared || same.count() == 1, "shared once");
                self.check_grant(channel);
            }
            Output::Unsubscribe { sub } => {
                assert!(self.joined.remove(&sub).is_some(), "it was joined");
            }
            Output::Capture(note) => assert!(self.captured.insert(note), "it was free"),
            Output::Release(note) => assert!(self.captured.remove(&note), "it was captured"),
            Output::Ask { ask, question } => {
                assert!(self.question.is_none(), "one question at a time");
                self.question = Some((ask, question));
                return;
            }
            Output::Operate { sub, channel, .. } => {
                assert_eq!(self.joined.get(&sub).map(|(_, it)| *it), Some(channel));
            }
            Output::BridgeJoin { sub, connect } => {
                let before = self.bridged.insert(sub, connect.id);
                let is_free = before.is_none() && !self.joined.contains_key(&sub);
                assert!(is_free, "the number is free");
            }
            Output::BridgeLeave { sub } => {
                assert!(self.bridged.remove(&sub).is_some(), "it was joined");
            }
            Output::BridgeOperate { sub, .. } => assert!(self.bridged.contains_key(&sub)),
            Output::ReadNotifications(_) => assert!(self.login.is_some()),
            Output::Touch(_) => {
                assert!(self.login.is_some());
                return;
            }
            Output::Ping => return,
            Output::Close(_) => {
                self.closed = true;
                return;
            }
            Output::Send(_) | Output::Unwatch(_) => {}
        }
        assert!(
            self.question.is_none(),
            "what comes behind a join waits: {line}"
        );
        self.done.push(line);
    }

    /// Whoever joins has the login and the permission.
    fn check_grant(&self, channel: Channel) {
        let who = self.login.as_ref().map_or(Who::Visitor, |login| Who::User {
            id: &login.user,
            grant: &login.grant,
        });
        assert_eq!(rules::join::gate(channel, who), Ok(()));
    }
}

fn connect(channel: u8, id: u8, thing: bool, pong: bool) -> Command {
    let channel = Channel::ALL[usize::from(channel) % Channel::ALL.len()];
    let thing = u8::from(thing);
    let params = format!(
        r#"{{"listId":"{thing}","antennaId":"{thing}","roleId":"{thing}","roomId":"{thing}","channelId":"{thing}","otherId":"{thing}","gameId":"{thing}","q":[["a"]]}}"#
    );
    Command::Connect(Connect {
        channel,
        id: client_id(id),
        join: Join::decode(channel, Some(&params)).expect("the params fit every channel"),
        pong,
    })
}

fn bridge(channel: u8, id: u8, pong: bool) -> Command {
    let names = ["fork", "serverStats", "queueStats"];
    Command::Bridge(BridgeConnect {
        channel: names[usize::from(channel) % names.len()].into(),
        id: client_id(id),
        params: None,
        pong,
    })
}

fn client_id(id: u8) -> ClientId {
    ClientId::parse(&(id % 8).to_string()).expect("it is short")
}

fn note_id(note: u8) -> NoteId {
    NoteId::parse(&(note % 6).to_string()).expect("it is short")
}
