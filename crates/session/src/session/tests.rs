//! Scripts: what goes in, when, and what comes out.

mod bridging;
mod clock;
mod joining;
mod messages;

use protocol::command;
use protocol::id::UserId;
use protocol::record::{Grant, PolicyRecord, RoleRecord};

use super::*;

/// A session, its user and what holds for them.
struct World {
    session: Session,
    facts: JoinFacts,
    now_ms: u64,
}

/// One thing that goes in.
enum Input<'a> {
    /// A message, as the client writes it.
    Say(&'a str),
    /// The answer to the question with this number.
    Answer(u32, Answer),
    /// Time passes to this moment, in milliseconds.
    At(u64),
    /// Something comes from the client.
    Life,
}
use Input::{At, Life, Say};

impl World {
    fn new(login: Option<Login>, limits: Limits) -> Self {
        let facts = JoinFacts {
            policies: Some(PolicyRecord {
                local_timeline: true,
                global_timeline: true,
            }),
            moderator: Some(true),
            ..JoinFacts::default()
        };
        let mut world = Self {
            session: Session::new(login, &Arc::new(limits), 0),
            facts,
            now_ms: 0,
        };
        let touch: Vec<String> = world
            .session
            .login
            .iter()
            .map(|_| "touch u".to_owned())
            .collect();
        assert_eq!(world.outputs(), touch, "the user is active on connect");
        world
    }

    fn native() -> Self {
        Self::new(Some(login(Grant::Native)), Limits::default())
    }

    fn visitor() -> Self {
        Self::new(None, Limits::default())
    }

    fn app(permissions: &[&str]) -> Self {
        let permissions = permissions.iter().map(ToString::to_string).collect();
        Self::new(Some(login(Grant::App { permissions })), Limits::default())
    }

    /// Does something and compares what comes out, a line each.
    #[track_caller]
    fn check(&mut self, input: Input<'_>, expected: &[&str]) {
        match input {
            Say(text) => {
                if let Some(command) = command::decode(text) {
                    self.session.handle_command(command, &self.facts);
                }
            }
            Input::Answer(ask, answer) => {
                self.session.handle_answer(AskId(ask), &answer, &self.facts);
            }
            At(now_ms) => {
                assert!(now_ms >= self.now_ms, "time doesn't go back");
                self.now_ms = now_ms;
                self.session.handle_timeout(now_ms);
            }
            Life => self.session.handle_life(self.now_ms),
        }
        assert_eq!(self.outputs(), expected);
    }

    /// All outputs, a line each.
    fn outputs(&mut self) -> Vec<String> {
        let outputs = std::iter::from_fn(|| self.session.poll_output());
        let lines = outputs.map(|output| line(&output)).collect();
        assert_eq!(
            self.session.outputs.capacity(),
            0,
            "an idle session owns no buffers"
        );
        lines
    }

    fn connect(&mut self, text: &str) -> Vec<String> {
        let text = format!(r#"{{"type":"connect","body":{{{text}}}}}"#);
        let command = command::decode(&text).expect("a well-formed `connect`");
        self.session.handle_command(command, &self.facts);
        self.outputs()
    }
}

fn login(grant: Grant) -> Login {
    let user = UserId::parse("u").unwrap();
    Login { user, grant }
}

/// An output in few words.
fn line(output: &Output) -> String {
    match output {
        Output::Send(text) => String::from_utf8(text.to_vec()).unwrap(),
        Output::Subscribe { sub, id, join, .. } => {
            format!(
                "subscribe {} {} {}",
                sub.0,
                id.as_str(),
                join.channel().name()
            )
        }
        Output::Unsubscribe { sub } => format!("unsubscribe {}", sub.0),
        Output::Unwatch(question) => format!("unwatch {question:?}"),
        Output::Capture(note) => format!("capture {note}"),
        Output::Release(note) => format!("release {note}"),
        Output::Ask { ask, question } => format!("ask {} {question:?}", ask.0),
        Output::Operate {
            sub,
            channel,
            kind,
            body,
        } => format!("operate {} {} {kind} {body}", sub.0, channel.name()),
        Output::BridgeJoin { sub, connect } => {
            let params = connect.params.as_ref().map(|params| format!(" {params}"));
            format!(
                "bridge {} {} {}{}",
                sub.0,
                connect.id.as_str(),
                connect.channel,
                params.unwrap_or_default()
            )
        }
        Output::BridgeLeave { sub } => format!("bridge leave {}", sub.0),
        Output::BridgeOperate { sub, kind, body } => {
            format!("bridge operate {} {kind} {body}", sub.0)
        }
        Output::ReadNotifications(user) => format!("read notifications {user}"),
        Output::Touch(user) => format!("touch {user}"),
        Output::Ping => "ping".to_owned(),
        Output::Close(reason) => format!("close {reason:?}"),
    }
}

/// Everything that a join may be asked about, in the user's favour.
fn role() -> RoleRecord {
    RoleRecord {
        public: true,
        explorable: true,
    }
}

fn owner(user: &str) -> Answer {
    Answer::Owner(UserId::parse(user).unwrap())
}
