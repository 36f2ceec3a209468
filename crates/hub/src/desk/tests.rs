//! What goes in and what comes out, with a backend that the test plays.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the scripts pick out what matters to them"
)]

mod changes;
mod enriching;
mod gaps;
mod keys;
mod loading;
mod reactions;
mod rooms;
mod stream;

use protocol::id::ChannelId;
use protocol::record::{
    AudienceRecord, FollowRecord, ListRecord, MuteRecord, PolicyRecord, RoomRecord, ViewerRecord,
    VisitorScope,
};
use rules::{Follows, Viewer};
use serde_json::{Value, json};

use super::*;
use crate::publication::{Closing, NoteEvent};

/// A desk, and what came out of it that has not been compared.
struct Bench {
    desk: Desk,
    now_ms: u64,
    tickets: u64,
    /// The questions that were asked, oldest first.
    asks: Vec<(AskId, Question)>,
}

const START_MS: u64 = 1_700_000_000_000;

impl Bench {
    /// A desk that knows its site.
    fn new() -> Self {
        Self::with(&Limits::default())
    }

    fn with(limits: &Limits) -> Self {
        let mut bench = Self {
            desk: Desk::new(limits),
            now_ms: START_MS,
            tickets: 0,
            asks: Vec::new(),
        };
        bench.check(&["ask Site"]);
        bench.answer(Answer::Site(site(VisitorScope::All)));
        bench.check(&["site All"]);
        bench
    }

    /// A desk that watches these users, who have no relations.
    fn watching(users: &[&str]) -> Self {
        let mut bench = Self::new();
        for user in users {
            bench.watch(user_watch(user));
            bench.outputs();
            bench.answer(Answer::Viewers(vec![viewer(user)]));
            bench.outputs();
        }
        bench
    }

    fn message(&mut self, topic: &str, body: &Value) {
        let payload = Bytes::from(body.to_string());
        self.desk
            .handle_message(topic, &payload, self.now_ms)
            .unwrap();
        self.desk.check_invariants();
    }

    fn internal(&mut self, kind: &str, body: Value) {
        self.message("internal", &json!({"type": kind, "body": body}));
    }

    fn watch(&mut self, what: Watch) {
        self.desk.watch(what, Ticket(self.tickets));
        self.tickets += 1;
        self.desk.check_invariants();
    }

    fn unwatch(&mut self, what: &Watch) {
        self.desk.unwatch(what);
        self.desk.check_invariants();
    }

    /// Answers the oldest question.
    fn answer(&mut self, answer: Answer) {
        let (ask, _) = self.asks.remove(0);
        self.desk.handle_answer(ask, answer, self.now_ms);
        self.desk.check_invariants();
    }

    fn pass(&mut self, ms: u64) {
        self.now_ms += ms;
        self.desk.handle_timeout(self.now_ms);
        self.desk.check_invariants();
    }

    /// Compares all that comes out, a line each.
    #[track_caller]
    fn check(&mut self, expected: &[&str]) {
        assert_eq!(self.outputs(), expected);
    }

    fn outputs(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(output) = self.desk.poll_output() {
            if let Output::Ask { ask, question } = &output {
                self.asks.push((*ask, question.clone()));
            }
            lines.push(self.line(&output));
        }
        lines
    }

    /// An output in few words.
    fn line(&self, output: &Output) -> String {
        match output {
            Output::Ask { question, .. } => match question {
                Question::Viewers(users) => format!("ask Viewers {}", names(users)),
                Question::MyReactions { note, users } => {
                    format!("ask MyReactions {note} {}", names(users))
                }
                Question::Lists(lists) => format!("ask Lists {}", ids(lists)),
                Question::AntennaOwners(antennas) => {
                    format!("ask AntennaOwners {}", ids(antennas))
                }
                Question::Rooms(rooms) => format!("ask Rooms {}", ids(rooms)),
                Question::PackNote { note, viewer } => format!("ask PackNote {note} {viewer}"),
                other => format!("ask {other:?}"),
            },
            Output::Answer { ticket, watched } => match watched {
                Watched::User(viewer) => format!("{}: {}", ticket.0, self.viewer(viewer)),
                Watched::List(list) => format!("{}: {}", ticket.0, self.list(list)),
                Watched::Room(room) => format!("{}: {}", ticket.0, self.room(room)),
                other => format!("{}: {other:?}", ticket.0),
            },
            Output::Publish(publication) => self.event(&publication.event),
        }
    }

    fn event(&self, event: &Event) -> String {
        match event {
            Event::Note(note) => format!("note {}", told(note)),
            Event::RoleNote { role, note } => format!("role {role} note {}", told(note)),
            Event::AntennaNote { antenna, note } => {
                format!("antenna {antenna} note {}", told(note))
            }
            Event::Main { facts, rest } => {
                format!("main {} {}", self.user(facts.owner), text(rest))
            }
            Event::Topic { topic, rest } => format!("topic {topic:?} {}", text(rest)),
            Event::Captured {
                note,
                audience,
                frame,
            } => {
                let author = self.user(audience.author);
                format!(
                    "captured {note} of {author} {:?} {} {}",
                    audience.visibility,
                    audience.local,
                    text(frame)
                )
            }
            Event::Broadcast { frame } => format!("broadcast {}", text(frame)),
            Event::Stats { stats, rest } => format!("stats {stats:?} {}", text(rest)),
            Event::Viewer(viewer) => self.viewer(viewer),
            Event::List(list) => self.list(list),
            Event::Room(room) => self.room(room),
            Event::Role { role, open } => format!("role {role} open {open}"),
            Event::Site(site) => format!("site {:?}", site.visitors_see),
            Event::Close(Closing {
                user,
                tokens,
                reason,
            }) => {
                format!("close {} {tokens:?} {reason:?}", self.user(*user))
            }
        }
    }

    /// A viewer and the sets that are not empty.
    fn viewer(&self, viewer: &Viewer) -> String {
        let mut words = format!("viewer {}", self.user(viewer.key));
        words += &self.set(
            " follows",
            viewer
                .following
                .iter()
                .map(|follow| (follow.user, follow.with_replies)),
        );
        for (name, set) in [
            (" mutes", &viewer.muting),
            (" blocked by", &viewer.blocked_by),
            (" renote-mutes", &viewer.renote_muting),
        ] {
            words += &self.set(name, set.iter().map(|&user| (user, false)));
        }
        if !viewer.muted_instances.is_empty() {
            words += &format!(" instances {:?}", viewer.muted_instances);
        }
        for (name, set) in [
            (" channels", &viewer.following_channels),
            (" muted channels", &viewer.muting_channels),
        ] {
            if !set.is_empty() {
                words += &format!("{name} {}", set.len());
            }
        }
        words
    }

    fn list(&self, list: &List) -> String {
        let owner = self.user(list.owner);
        let members = list
            .members
            .iter()
            .map(|member| (member.user, member.with_replies));
        format!("list {} of {owner}{}", list.id, self.set(":", members))
    }

    fn room(&self, room: &Room) -> String {
        let mut numbers: Vec<&str> = room.members.iter().map(|&user| self.user(user)).collect();
        numbers.sort_unstable();
        let named: Vec<&str> = room.member_ids.iter().map(UserId::as_str).collect();
        assert_eq!(numbers, named, "the two say the same");
        let members = room.members.iter().map(|&user| (user, false));
        format!("room {}{}", room.id, self.set(":", members))
    }

    /// Users in the order of their names; `+` where replies come along.
    fn set(&self, name: &str, users: impl Iterator<Item = (UserKey, bool)>) -> String {
        let mut names: Vec<String> = users
            .map(|(user, plus)| format!(" {}{}", self.user(user), if plus { "+" } else { "" }))
            .collect();
        names.sort();
        if names.is_empty() {
            return String::new();
        }
        format!("{name}{}", names.concat())
    }

    fn user(&self, user: UserKey) -> &str {
        self.desk.ids.user_id(user)
    }
}

/// A note's id, and how our users have reacted to what it renotes.
fn told(note: &NoteEvent) -> String {
    note.forms.describe()
}

fn text(bytes: &Bytes) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn names(users: &[UserId]) -> String {
    let mut names: Vec<&str> = users.iter().map(UserId::as_str).collect();
    names.sort_unstable();
    names.join(" ")
}

fn ids<T: std::fmt::Display>(ids: &[T]) -> String {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    ids.join(" ")
}

/// What the store says of list `l`.
fn list_answer(record: Option<ListRecord>) -> Answer {
    Answer::Lists(record.into_iter().map(|it| (list_id("l"), it)).collect())
}

/// What the store says of antenna `n`.
fn antenna_answer(owner: Option<&str>) -> Answer {
    let antenna = AntennaId::parse("n").unwrap();
    let owner = owner.map(|owner| (antenna, user_id(owner)));
    Answer::AntennaOwners(owner.into_iter().collect())
}

/// What the store says of room `r`, if it is there.
fn room_answer(members: Option<&[&str]>) -> Answer {
    let record = members.map(|members| RoomRecord {
        room: room_id("r"),
        members: members.iter().map(|id| user_id(id)).collect(),
    });
    Answer::Rooms(record.into_iter().collect())
}

fn room_id(id: &str) -> RoomId {
    RoomId::parse(id).unwrap()
}

fn user_id(id: &str) -> UserId {
    UserId::parse(id).unwrap()
}

fn user_watch(id: &str) -> Watch {
    Watch::User(user_id(id))
}

fn list_id(id: &str) -> ListId {
    ListId::parse(id).unwrap()
}

fn site(visitors_see: VisitorScope) -> SiteRecord {
    SiteRecord {
        policies: policies(),
        visitors_see,
    }
}

fn policies() -> PolicyRecord {
    PolicyRecord {
        local_timeline: true,
        global_timeline: true,
    }
}

/// A user without relations.
fn viewer(id: &str) -> ViewerRecord {
    ViewerRecord {
        user: user_id(id),
        following: Vec::new(),
        muting: Vec::new(),
        blocked_by: Vec::new(),
        renote_muting: Vec::new(),
        muted_instances: Vec::new(),
        following_channels: Vec::new(),
        muting_channels: Vec::new(),
        policies: policies(),
        moderator: false,
    }
}

fn following(ids: &[&str]) -> Vec<FollowRecord> {
    let follow = |id: &&str| FollowRecord {
        user: user_id(id),
        with_replies: false,
    };
    ids.iter().map(follow).collect()
}

/// A public note of a local user.
fn note(id: &str, user: &str) -> Value {
    json!({
        "id": id, "userId": user, "user": {"id": user, "host": null},
        "visibility": "public", "text": "t", "createdAt": "2024-01-01T00:00:00.000Z",
    })
}

/// A pure renote of a note with so many reactions, of which these are named.
fn renote(id: &str, reactions: u64, pairs: &[&str]) -> Value {
    let mut renoted = note("shown", "author");
    renoted["reactions"] = json!({"👍": reactions});
    renoted["reactionAndUserPairCache"] = json!(pairs);
    let mut note = note(id, "renoter");
    note["text"] = Value::Null;
    note["renoteId"] = json!("shown");
    note["renote"] = renoted;
    note
}
