//! The shell of a desk and two hubs, and what each connection must get.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::IoSlice;

use bytes::Bytes;
use protocol::command::ClientId;
use protocol::frame;
use protocol::id::{ChannelId, ListId, NoteId, SubId};
use protocol::join::{Join, TimelineParams};
use protocol::limits::Limits;
use protocol::note::{NoteHead, Visibility as Head, hide};
use protocol::record::{Grant, SiteRecord, VisitorScope};
use rules::{
    Audience, Channel, MainFacts, MainKind, Moment, Origin, Verdict, Viewer, Viewpoint, Who,
    decide, decide_capture, decide_main,
};
use serde_json::json;
use seseragi_hub::{
    Answer, AskId, ConnId, Desk, Hold, Hub, Login, Output, Question, Shown, Ticket, Watch, Watched,
};

use super::ops::{CONNS, Op, What, name};
use super::truth::{self, Truth};

/// Everything.
pub(crate) struct World {
    desk: Desk,
    hubs: [Hub; 2],
    truth: Truth,
    now_ms: u64,
    /// Questions, and what the backend would have said at once.
    asks: VecDeque<(AskId, Question, Answer)>,
    tickets: BTreeMap<Ticket, Waiting>,
    next_ticket: u64,
    conns: BTreeMap<u32, Conn>,
    next_generation: u64,
}

/// Who waits for the desk.
enum Waiting {
    Open {
        conn: u32,
        generation: u64,
        user: u8,
    },
    Join {
        conn: u32,
        generation: u64,
        sub: u8,
        list: u8,
    },
}

/// A connection of the model.
struct Conn {
    generation: u64,
    user: Option<u8>,
    /// Whether it has its user's relations.
    open: bool,
    subs: BTreeMap<u8, What>,
    captures: BTreeSet<u8>,
}

impl World {
    pub(crate) fn new() -> Self {
        let limits = Limits::default();
        let mut world = Self {
            desk: Desk::new(&limits),
            hubs: [Hub::new(&limits), Hub::new(&limits)],
            truth: Truth::default(),
            now_ms: 1_800_000_000_000,
            asks: VecDeque::new(),
            tickets: BTreeMap::new(),
            next_ticket: 0,
            conns: BTreeMap::new(),
            next_generation: 0,
        };
        world.drain();
        world.answer(false);
        world
    }

    /// Lets something happen, and compares what every connection got.
    pub(crate) fn step(&mut self, op: &Op) {
        let mut expected = Vec::new();
        match op {
            Op::Open { conn, user } => self.open(*conn, *user),
            Op::Close { conn } => self.close(*conn),
            Op::Join { conn, sub, what } => self.join(*conn, *sub, *what),
            Op::Leave { conn, sub } => {
                self.hub(*conn).unsubscribe(ConnId(*conn), SubId(*sub));
                if let Some(conn) = self.conns.get_mut(conn) {
                    conn.subs.remove(sub);
                }
            }
            Op::Capture { conn, note } => {
                if let Some(open) = self.conns.get_mut(conn).filter(|conn| conn.open) {
                    open.captures.insert(*note);
                    self.hub(*conn).capture(ConnId(*conn), &note_id(*note));
                }
            }
            Op::Change(change) => {
                let (kind, body) = self.truth.apply(change, self.now_ms);
                self.message("internal", &json!({"type": kind, "body": body}));
            }
            Op::Lost(change) => {
                self.truth.apply(change, self.now_ms);
                self.desk.handle_gap();
                self.drain();
                while !self.asks.is_empty() {
                    self.answer(false);
                }
            }
            Op::Note(note) => {
                let payload = note.to_string();
                expected = self.expect_note(payload.as_bytes());
                self.message("notesStream", note);
            }
            Op::Update {
                note,
                author,
                visibility,
                to,
            } => {
                expected = self.expect_update(*note, *author, visibility, *to);
                let body = json!({
                    "id": note_id(*note).as_str(), "userId": name(*author),
                    "visibility": visibility, "visibleUserIds": [name(*to)], "body": {},
                });
                let topic = format!("noteStream:{}", note_id(*note));
                self.message(&topic, &json!({"type": "reacted", "body": body}));
            }
            Op::Notify { to, from, host } => {
                let user = json!({"id": name(*from), "host": host});
                let body =
                    json!({"id": "1", "type": "follow", "userId": name(*from), "user": user});
                expected = self.expect_main(*to, *from, *host, &body.to_string());
                let event = json!({"type": "notification", "body": body});
                self.message(&format!("mainStream:{}", name(*to)), &event);
            }
            Op::Answer { early } => self.answer(*early),
            Op::Pass { ms } => {
                self.now_ms += ms;
                self.desk.handle_timeout(self.now_ms);
            }
        }
        self.drain();
        self.compare(&expected);
    }

    /// Closes everything; nobody may be left at the desk.
    pub(crate) fn finish(mut self) {
        for conn in 0..CONNS {
            self.close(conn);
        }
        while !self.asks.is_empty() {
            self.answer(false);
        }
        self.drain();
        assert!(self.tickets.is_empty(), "each watch is answered");
        for at in 0..1_000 {
            let stranger = json!({"id": "n", "userId": format!("s{at}"), "visibility": "public"});
            let payload = Bytes::from(stranger.to_string());
            let handled = self
                .desk
                .handle_message("notesStream", &payload, self.now_ms);
            handled.unwrap();
            while self.desk.poll_output().is_some() {}
        }
        let (users, channels) = self.desk.known_ids();
        assert!(
            users < 1_000 && channels == 0,
            "{users} users, {channels} channels"
        );
    }

    fn message(&mut self, topic: &str, body: &serde_json::Value) {
        let payload = Bytes::from(body.to_string());
        self.desk
            .handle_message(topic, &payload, self.now_ms)
            .unwrap();
        self.drain();
    }

    fn watch(&mut self, watch: Watch, waiting: Waiting) {
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        self.tickets.insert(ticket, waiting);
        self.desk.watch(watch, ticket);
        self.drain();
    }

    /// The backend answers its oldest question.
    fn answer(&mut self, early: bool) {
        let Some((ask, question, at_once)) = self.asks.pop_front() else {
            return;
        };
        let answer = if early { at_once } else { self.read(&question) };
        self.desk.handle_answer(ask, answer, self.now_ms);
        self.drain();
    }

    /// What the backend says at this moment.
    fn read(&self, question: &Question) -> Answer {
        match question {
            Question::Site => Answer::Site(SiteRecord {
                policies: truth::policies(),
                visitors_see: VisitorScope::All,
            }),
            Question::Viewers(users) => {
                let users = users.iter().map(|id| truth::number(id.as_str()));
                Answer::Viewers(users.map(|user| self.truth.record(user)).collect())
            }
            Question::Lists(lists) => {
                let record = |id: &ListId| {
                    let list = truth::number(id.as_str());
                    (id.clone(), self.truth.list_record(list))
                };
                Answer::Lists(lists.iter().map(record).collect())
            }
            other => panic!("nothing leads to {other:?}"),
        }
    }

    fn drain(&mut self) {
        while let Some(output) = self.desk.poll_output() {
            match output {
                Output::Publish(publication) => {
                    for hub in &mut self.hubs {
                        hub.publish(&publication, self.now_ms, &mut Hold);
                        hub.check_invariants();
                    }
                }
                Output::Ask { ask, question } => {
                    let at_once = self.read(&question);
                    self.asks.push_back((ask, question, at_once));
                }
                Output::Answer { ticket, watched } => {
                    let waiting = self.tickets.remove(&ticket).unwrap();
                    self.answered(waiting, watched);
                }
            }
        }
        for hub in &mut self.hubs {
            while let Some(watch) = hub.next_unwatch() {
                self.desk.unwatch(&watch);
            }
        }
        self.desk.check_invariants();
    }

    fn answered(&mut self, waiting: Waiting, watched: Watched) {
        match (waiting, watched) {
            (
                Waiting::Open {
                    conn,
                    generation,
                    user,
                },
                Watched::User(viewer),
            ) => {
                let still = self.conns.get_mut(&conn);
                match still.filter(|still| still.generation == generation) {
                    Some(still) => {
                        still.open = true;
                        let login = Login {
                            viewer,
                            native: true,
                        };
                        self.hub(conn).open(ConnId(conn), Some(login));
                    }
                    None => self.desk.unwatch(&Watch::User(truth::user_id(user))),
                }
            }
            (
                Waiting::Join {
                    conn,
                    generation,
                    sub,
                    list,
                },
                Watched::List(snapshot),
            ) => {
                let still = self.conns.get_mut(&conn);
                match still.filter(|still| still.generation == generation) {
                    Some(still) if still.user == Some(list) => {
                        still.subs.insert(sub, What::List(list));
                        self.subscribe(conn, sub, What::List(list), Some(snapshot));
                    }
                    _ => self.desk.unwatch(&Watch::List(list_id(list))),
                }
            }
            (_, other) => panic!("nobody asked for {other:?}"),
        }
    }

    fn open(&mut self, conn: u32, user: Option<u8>) {
        self.close(conn);
        self.next_generation += 1;
        let generation = self.next_generation;
        let opened = Conn {
            generation,
            user,
            open: user.is_none(),
            subs: BTreeMap::new(),
            captures: BTreeSet::new(),
        };
        self.conns.insert(conn, opened);
        match user {
            None => self.hub(conn).open(ConnId(conn), None),
            Some(user) => {
                let watch = Watch::User(truth::user_id(user));
                self.watch(
                    watch,
                    Waiting::Open {
                        conn,
                        generation,
                        user,
                    },
                );
            }
        }
    }

    fn close(&mut self, conn: u32) {
        let Some(closed) = self.conns.remove(&conn) else {
            return;
        };
        self.hub(conn).close(ConnId(conn));
        if let Some(user) = closed.user.filter(|_| closed.open) {
            self.desk.unwatch(&Watch::User(truth::user_id(user)));
        }
        self.drain();
    }

    fn join(&mut self, conn: u32, sub: u8, what: What) {
        let Some(open) = self.conns.get_mut(&conn).filter(|conn| conn.open) else {
            return;
        };
        let generation = open.generation;
        let needs_login = !matches!(
            what,
            What::Local { .. } | What::Global | What::Tag(_) | What::Channel(_)
        );
        if needs_login && open.user.is_none() {
            return;
        }
        if let What::List(list) = what {
            let waiting = Waiting::Join {
                conn,
                generation,
                sub,
                list,
            };
            return self.watch(Watch::List(list_id(list)), waiting);
        }
        open.subs.insert(sub, what);
        self.subscribe(conn, sub, what, None);
    }

    fn subscribe(
        &mut self,
        conn: u32,
        sub: u8,
        what: What,
        list: Option<std::sync::Arc<seseragi_hub::List>>,
    ) {
        let join = join_of(what);
        let user = self.conns[&conn].user.map(truth::user_id);
        let who = user.as_ref().map_or(Who::Visitor, |id| Who::User {
            id,
            grant: &Grant::Native,
        });
        let mut facts = self.hub(conn).join_facts(ConnId(conn));
        facts.owner = list.as_ref().map(|list| list.owner_id.clone());
        let shown = list.map(Shown::List);
        let admission = rules::join::admit(&join, who, &facts).expect("the model lets in as much");
        let id = client_id(conn, sub);
        self.hub(conn).subscribe(
            ConnId(conn),
            SubId(sub),
            &id,
            join,
            admission,
            shown.as_ref(),
        );
    }

    fn hub(&mut self, conn: u32) -> &mut Hub {
        &mut self.hubs[usize::from(conn % 2 == 1)]
    }

    /// What a note must become, by looking at every subscription.
    fn expect_note(&self, payload: &[u8]) -> Vec<(u32, String)> {
        let head = NoteHead::decode(payload).unwrap();
        let note = truth::facts(&head);
        let mut expected = Vec::new();
        for (&conn, open) in self.conns.iter().filter(|(_, conn)| conn.open) {
            let viewer = self.viewer(open);
            let viewpoint = viewpoint(viewer.as_ref());
            for (&sub, &what) in &open.subs {
                let (members, groups) = (self.members(what), groups(what));
                let channel = channel(what, &members, &groups);
                let on_channel = match what {
                    What::Channel(channel) => note.channel == Some(truth::channel_key(channel)),
                    _ => true,
                };
                let verdict = decide(&note, viewpoint, &channel, &self.moment());
                if let (true, Verdict::Deliver(cleared)) = (on_channel, verdict) {
                    let mut body = payload.to_vec();
                    if !cleared.hidden().is_empty() {
                        body = hide(payload, cleared.hidden().0).unwrap();
                    }
                    expected.push((conn, framed(conn, sub, "note", &body)));
                }
            }
        }
        expected
    }

    fn expect_update(&self, note: u8, author: u8, visibility: &str, to: u8) -> Vec<(u32, String)> {
        let audience = Audience {
            author: truth::key(author),
            local: false,
            visibility: truth::visibility(Head::parse(visibility).unwrap()),
            visible_users: [truth::key(to)].into(),
        };
        let frame = format!(
            r#"{{"type":"noteUpdated","body":{{"id":"{}","type":"reacted","body":{{}}}}}}"#,
            note_id(note)
        );
        let open = self.conns.iter().filter(|(_, conn)| conn.open);
        let told = open.filter(|(_, conn)| {
            let viewer = self.viewer(conn);
            let verdict = decide_capture(&audience, viewpoint(viewer.as_ref()), &self.moment());
            conn.captures.contains(&note) && matches!(verdict, Verdict::Deliver(_))
        });
        told.map(|(&conn, _)| (conn, frame.clone())).collect()
    }

    fn expect_main(&self, to: u8, from: u8, host: Option<&str>, body: &str) -> Vec<(u32, String)> {
        let origin = host.map_or(Origin::Local, |host| Origin::Remote(host.into()));
        let facts = MainFacts {
            owner: truth::key(to),
            kind: MainKind::Notification,
            from: Some(truth::key(from)),
            origin: &origin,
            note_hidden: false,
        };
        let verdict = decide_main(&facts, &self.truth.viewer(to, self.now_ms));
        let mut expected = Vec::new();
        let theirs = self
            .conns
            .iter()
            .filter(|(_, conn)| conn.open && conn.user == Some(to));
        for (&conn, open) in theirs.filter(|_| matches!(verdict, Verdict::Deliver(_))) {
            for (&sub, _) in open.subs.iter().filter(|(_, what)| **what == What::Main) {
                expected.push((conn, framed(conn, sub, "notification", body.as_bytes())));
            }
        }
        expected
    }

    fn compare(&mut self, expected: &[(u32, String)]) {
        for conn in 0..CONNS {
            let mut came = texts(self.hub(conn), ConnId(conn));
            let mine = expected.iter().filter(|(to, _)| *to == conn);
            let mut mine: Vec<String> = mine.map(|(_, text)| text.clone()).collect();
            came.sort();
            mine.sort();
            assert_eq!(came, mine, "what connection {conn} gets");
        }
    }

    fn viewer(&self, conn: &Conn) -> Option<Viewer> {
        conn.user.map(|user| self.truth.viewer(user, self.now_ms))
    }

    fn members(&self, what: What) -> rules::Follows {
        match what {
            What::List(list) => self.truth.members(list),
            _ => rules::Follows::default(),
        }
    }

    fn moment(&self) -> Moment {
        Moment {
            now_ms: self.now_ms,
            visitors_see: VisitorScope::All,
        }
    }
}

/// All whole frames that wait for a connection.
fn texts(hub: &mut Hub, conn: ConnId) -> Vec<String> {
    let Some(mailbox) = hub.mailbox(conn) else {
        return Vec::new();
    };
    let mut texts = Vec::new();
    while !mailbox.is_empty() {
        let mut slices = [IoSlice::new(&[]); 3];
        let filled = mailbox.gather(&mut slices);
        let header = slices[0].len();
        let wire: Vec<u8> = slices[..filled]
            .iter()
            .flat_map(|slice| slice.to_vec())
            .collect();
        // A short frame without a head leaves room for the next one's header.
        let len = match wire[1] {
            126 => 4 + usize::from(u16::from_be_bytes([wire[2], wire[3]])),
            short => 2 + usize::from(short),
        };
        texts.push(String::from_utf8(wire[header..len].to_vec()).unwrap());
        mailbox.advance(len);
    }
    texts
}

fn viewpoint(viewer: Option<&Viewer>) -> Viewpoint<'_> {
    viewer.map_or(Viewpoint::Visitor, Viewpoint::User)
}

fn join_of(what: What) -> Join {
    let params = |with_replies: bool| TimelineParams {
        with_replies,
        ..TimelineParams::default()
    };
    match what {
        What::Home => Join::HomeTimeline(params(false)),
        What::Local { with_replies } => Join::LocalTimeline(params(with_replies)),
        What::Hybrid { with_replies } => Join::HybridTimeline(params(with_replies)),
        What::Global => Join::GlobalTimeline(params(false)),
        What::List(list) => Join::UserList {
            list: list_id(list),
            params: params(false),
        },
        What::Tag(_) => Join::Hashtag {
            groups: groups(what),
        },
        What::Channel(channel) => Join::Channel {
            channel: ChannelId::parse(&format!("c{channel}")).unwrap(),
        },
        What::Main => Join::Main,
    }
}

fn channel<'a>(
    what: What,
    members: &'a rules::Follows,
    groups: &'a [Vec<Box<str>>],
) -> Channel<'a> {
    let (with_renotes, with_files) = (true, false);
    match what {
        What::Home => Channel::Home {
            with_renotes,
            with_files,
        },
        What::Local { with_replies } => Channel::Local {
            with_renotes,
            with_replies,
            with_files,
        },
        What::Hybrid { with_replies } => Channel::Hybrid {
            with_renotes,
            with_replies,
            with_files,
        },
        What::Global => Channel::Global {
            with_renotes,
            with_files,
        },
        What::List(_) => Channel::UserList {
            members,
            with_renotes,
            with_files,
        },
        What::Tag(_) => Channel::Hashtag { groups },
        What::Channel(channel) => Channel::MisskeyChannel {
            channel: truth::channel_key(channel),
        },
        // No note has a role's topic here, so nobody gets one.
        What::Main => Channel::Role { explorable: false },
    }
}

/// One tag, or both in one group.
fn groups(what: What) -> Vec<Vec<Box<str>>> {
    match what {
        What::Tag(0) => vec![vec!["t0".into()]],
        What::Tag(_) => vec![vec!["t0".into(), "t1".into()], vec!["t1".into()]],
        _ => Vec::new(),
    }
}

fn framed(conn: u32, sub: u8, kind: &str, body: &[u8]) -> String {
    let mut text = frame::channel_head(&client_id(conn, sub)).to_vec();
    text.extend_from_slice(&frame::channel_rest(kind, Some(body)));
    String::from_utf8(text).unwrap()
}

fn client_id(conn: u32, sub: u8) -> ClientId {
    ClientId::parse(&format!("{conn}-{sub}")).unwrap()
}

fn list_id(list: u8) -> ListId {
    ListId::parse(&format!("l{list}")).unwrap()
}

fn note_id(note: u8) -> NoteId {
    NoteId::parse(&format!("n{note}")).unwrap()
}
