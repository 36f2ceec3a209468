//! A hub, and beside it the plainest thing that does the same.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the model picks out what matters to it"
)]

use std::collections::{BTreeMap, BTreeSet};

use protocol::id::{AntennaId, GameId, NoteId, RoleId, RoomId};
use protocol::join::TimelineParams;
use protocol::note::{hide, with_my_reaction};
use protocol::record::{Grant, PolicyRecord, RoleRecord, VisitorScope};
use rules::{
    Audience, Channel, Moment, Note, Recipients, Verdict, Who, decide, decide_capture, decide_main,
    decide_topic,
};

use super::ops::{CONNS, Op, THINGS, user_id};
use super::*;
use crate::publication::{
    Closing, Epoch, Event, Forms, MainEvent, NoteEvent, Publication, Stats, Tokens, TopicKey,
};

const LIMITS: MailboxLimits = MailboxLimits {
    bytes_max: 1 << 20,
    frames_max: 1 << 10,
};

/// The hub under test and the model.
pub(super) struct World {
    hub: Hub,
    wire: Sips,
    conns: BTreeMap<u32, Conn>,
    viewers: BTreeMap<UserKey, Arc<Viewer>>,
    lists: Vec<Arc<List>>,
    roles_open: Vec<bool>,
    rooms: Vec<Arc<Room>>,
    moment: Moment,
    /// What is to be given back to the desk.
    unwatch: BTreeMap<String, usize>,
}

/// One connection of the model.
struct Conn {
    user: Option<UserKey>,
    native: bool,
    closing: bool,
    subs: BTreeMap<u8, (ClientId, Join)>,
    captures: BTreeSet<u8>,
}

impl Default for World {
    fn default() -> Self {
        let lists = (0..THINGS).map(|list| Arc::new(list_of(list, Follows::default())));
        let hub = Hub {
            connections: Connections::new(LIMITS),
            ..Hub::new(&Limits::default())
        };
        Self {
            hub,
            wire: Sips::default(),
            conns: BTreeMap::new(),
            viewers: BTreeMap::new(),
            lists: lists.collect(),
            roles_open: vec![true; usize::from(THINGS)],
            rooms: (0..THINGS)
                .map(|room| Arc::new(room_of(room, &[])))
                .collect(),
            moment: Moment {
                now_ms: 1_000_010_000,
                visitors_see: VisitorScope::Nothing,
            },
            unwatch: BTreeMap::new(),
        }
    }
}

impl World {
    /// Lets something happen to both, and compares what every connection got.
    pub(super) fn step(&mut self, op: Op) {
        let expected = self.apply(op);
        self.hub.check_invariants();
        while let Some(conn) = self.hub.next_dirty() {
            let waits = !self.hub.mailbox(conn).unwrap().is_empty();
            assert!(
                waits || self.conns[&conn.0].closing,
                "{conn:?} is dirty for nothing"
            );
        }
        for conn in 0..CONNS {
            let written = self.wire.came.remove(&conn).unwrap_or_default();
            let mut came = drain_behind(written, &mut self.hub, ConnId(conn));
            let mine = expected.iter().filter(|(to, _)| *to == conn);
            let mut mine: Vec<String> = mine.map(|(_, text)| text.clone()).collect();
            // Between the channels of one connection an event has no order.
            came.sort();
            mine.sort();
            assert_eq!(came, mine, "what connection {conn} gets");
            let closing = self.conns.get(&conn).is_some_and(|conn| conn.closing);
            assert_eq!(
                self.hub.closing(ConnId(conn)).is_some(),
                closing,
                "closing {conn}"
            );
        }
        while let Some(watch) = self.hub.next_unwatch() {
            let given = self.unwatch.get_mut(&format!("{watch:?}"));
            let given = given.filter(|count| **count > 0);
            *given.expect("only what was watched is given back") -= 1;
        }
        let left: usize = self.unwatch.values().sum();
        let watched = self.conns.values().flat_map(|conn| conn.subs.values());
        assert_eq!(
            left,
            watched.filter(|(_, join)| watch_of(join).is_some()).count()
        );
    }

    /// Closes all connections; nothing must be left.
    pub(super) fn finish(mut self) {
        for conn in 0..CONNS {
            self.step(Op::Close { conn });
        }
        assert_eq!((self.hub.subs.len(), self.hub.captured.count()), (0, 0));
    }

    /// Returns who gets what.
    fn apply(&mut self, op: Op) -> Vec<(u32, String)> {
        match op {
            Op::Open { conn, user, native } => self.open(conn, user.map(UserKey), native),
            Op::Close { conn } => {
                self.hub.close(ConnId(conn));
                self.conns.remove(&conn);
            }
            Op::Join { conn, sub, join } => self.join(conn, sub, join),
            Op::Leave { conn, sub } => {
                self.hub.unsubscribe(ConnId(conn), SubId(sub));
                if let Some(conn) = self.conns.get_mut(&conn) {
                    conn.subs.remove(&sub);
                }
            }
            Op::Capture { conn, note } => {
                self.hub.capture(ConnId(conn), &note_id(note));
                if let Some(conn) = self.conns.get_mut(&conn) {
                    conn.captures.insert(note);
                }
            }
            Op::Release { conn, note } => {
                self.hub.release(ConnId(conn), &note_id(note));
                if let Some(conn) = self.conns.get_mut(&conn) {
                    conn.captures.remove(&note);
                }
            }
            Op::Viewer(viewer) => {
                let viewer = Arc::new(viewer);
                self.viewers.insert(viewer.key, Arc::clone(&viewer));
                self.publish(Event::Viewer(viewer));
            }
            Op::List { list, members } => {
                let list_now = Arc::new(list_of(list, members));
                self.lists[usize::from(list)] = Arc::clone(&list_now);
                self.publish(Event::List(list_now));
            }
            Op::Role { role, open } => {
                self.roles_open[usize::from(role)] = open;
                let role = RoleId::parse(&role.to_string()).unwrap();
                self.publish(Event::Role { role, open });
            }
            Op::Room { room, members } => {
                let room_now = Arc::new(room_of(room, &members));
                self.rooms[usize::from(room)] = Arc::clone(&room_now);
                self.publish(Event::Room(room_now));
            }
            Op::Site(moment) => {
                self.moment = moment;
                self.publish(Event::Site(SiteRecord {
                    policies: policies(),
                    visitors_see: moment.visitors_see,
                }));
            }
            Op::CloseUser { user, tokens } => self.close_user(user, tokens),
            Op::Note { note, reactions } => return self.note(note, &reactions, None, None),
            Op::RoleNote { role, note } => return self.note(note, &[], Some(role), None),
            Op::AntennaNote { antenna, note } => return self.note(note, &[], None, Some(antenna)),
            other => return self.other_event(other),
        }
        Vec::new()
    }

    fn close_user(&mut self, user: UserKey, tokens: Tokens) {
        let reason = CloseReason::TokenRevoked;
        self.publish(Event::Close(Closing {
            user,
            tokens,
            reason,
        }));
        let conns = self.conns.values_mut();
        for conn in conns.filter(|conn| conn.user == Some(user)) {
            conn.closing |= match tokens {
                Tokens::Native => conn.native,
                Tokens::App => !conn.native,
                Tokens::All => true,
            };
        }
    }

    fn open(&mut self, conn: u32, user: Option<UserKey>, native: bool) {
        let viewer = user.map(|user| {
            let stranger = || {
                Arc::new(Viewer {
                    key: user,
                    ..rules::arbitrary::stranger()
                })
            };
            Arc::clone(self.viewers.entry(user).or_insert_with(stranger))
        });
        self.hub
            .open(ConnId(conn), viewer.map(|viewer| Login { viewer, native }));
        let opened = Conn {
            user,
            native,
            closing: false,
            subs: BTreeMap::new(),
            captures: BTreeSet::new(),
        };
        self.conns.insert(conn, opened);
    }

    /// Joins where a session would: whoever is let in, into a role that is open.
    fn join(&mut self, conn: u32, sub: u8, join: Join) {
        let Some(user) = self.conns.get(&conn).map(|conn| conn.user) else {
            return;
        };
        let id = user.map(|user| user_id(user.0));
        let who = id.as_ref().map_or(Who::Visitor, |id| Who::User {
            id,
            grant: &Grant::Native,
        });
        let role_open = match &join {
            Join::RoleTimeline { role } => self.roles_open[thing(role.as_str())],
            _ => true,
        };
        let facts = JoinFacts {
            policies: Some(policies()),
            moderator: Some(true),
            owner: id.clone(),
            role: Some(RoleRecord {
                public: true,
                explorable: role_open,
            }),
            in_room: Some(true),
        };
        let Ok(admission) = rules::join::admit(&join, who, &facts) else {
            return;
        };
        let shown = match &join {
            Join::UserList { list, .. } => {
                Some(Shown::List(Arc::clone(&self.lists[thing(list.as_str())])))
            }
            Join::ChatRoom { room } => {
                Some(Shown::Room(Arc::clone(&self.rooms[thing(room.as_str())])))
            }
            _ => None,
        };
        if let Some(watch) = watch_of(&join) {
            *self.unwatch.entry(format!("{watch:?}")).or_default() += 1;
        }
        let name = ClientId::parse(&format!("{conn}-{sub}")).unwrap();
        let (to, number) = (ConnId(conn), SubId(sub));
        let given = join.clone();
        self.hub
            .subscribe(to, number, &name, given, admission, shown.as_ref());
        let conn = self.conns.get_mut(&conn).unwrap();
        conn.subs.insert(sub, (name, join));
    }

    fn publish(&mut self, event: Event) {
        let publication = Publication {
            event,
            _epoch: Epoch::default(),
        };
        self.hub
            .publish(&publication, self.moment.now_ms, &mut self.wire);
    }

    /// A note on the main stream, a role's or an antenna's.
    fn note(
        &mut self,
        note: Note,
        reactions: &[(UserKey, u8)],
        role: Option<u8>,
        antenna: Option<u8>,
    ) -> Vec<(u32, String)> {
        let reactions: BTreeMap<UserKey, u8> = reactions.iter().copied().collect();
        let payload = json(&note);
        let mut expected = Vec::new();
        for (to, viewpoint, id, join) in self.subs() {
            let open = role.is_some_and(|role| self.roles_open[usize::from(role)]);
            let on_topic = match join {
                Join::RoleTimeline { role: its } => {
                    role.is_some_and(|it| its.as_str() == it.to_string())
                }
                Join::Antenna { antenna: its } => {
                    antenna.is_some_and(|it| its.as_str() == it.to_string())
                }
                _ => role.is_none() && antenna.is_none(),
            };
            let channel = self.channel(join, &note, open).filter(|_| on_topic);
            let Some(channel) = channel else { continue };
            if let Verdict::Deliver(cleared) = decide(&note, viewpoint, &channel, &self.moment) {
                let own = viewpoint
                    .viewer()
                    .and_then(|viewer| reactions.get(&viewer.key));
                let own = own.filter(|_| note.pure_renote);
                let mut body = payload.clone();
                if !cleared.hidden().is_empty() {
                    body = hide(&body, cleared.hidden().0).unwrap();
                }
                if let Some(reaction) = own {
                    body = with_my_reaction(&body, &reaction.to_string()).unwrap();
                }
                expected.push((to, framed(id, "note", &body)));
            }
        }
        let own = reactions
            .iter()
            .map(|(user, at)| (*user, at.to_string().into()));
        let event = NoteEvent {
            channel: note.channel.map(|channel| channel.0.to_string().into()),
            forms: Forms::new(payload.into(), own.collect()),
            note,
        };
        let role = role.map(|role| RoleId::parse(&role.to_string()).unwrap());
        let antenna = antenna.map(|antenna| AntennaId::parse(&antenna.to_string()).unwrap());
        self.publish(match (role, antenna) {
            (Some(role), _) => Event::RoleNote { role, note: event },
            (_, Some(antenna)) => Event::AntennaNote {
                antenna,
                note: event,
            },
            (None, None) => Event::Note(event),
        });
        expected
    }

    /// The joined channel as the rules see it, for one note.
    fn channel<'a>(&'a self, join: &'a Join, note: &Note, explorable: bool) -> Option<Channel<'a>> {
        Some(match join {
            Join::HomeTimeline(params) => Channel::Home {
                with_renotes: params.with_renotes,
                with_files: params.with_files,
            },
            Join::LocalTimeline(params) => Channel::Local {
                with_renotes: params.with_renotes,
                with_replies: params.with_replies,
                with_files: params.with_files,
            },
            Join::HybridTimeline(params) => Channel::Hybrid {
                with_renotes: params.with_renotes,
                with_replies: params.with_replies,
                with_files: params.with_files,
            },
            Join::GlobalTimeline(params) => Channel::Global {
                with_renotes: params.with_renotes,
                with_files: params.with_files,
            },
            Join::UserList { list, params } => Channel::UserList {
                members: &self.lists[thing(list.as_str())].members,
                with_renotes: params.with_renotes,
                with_files: params.with_files,
            },
            Join::Hashtag { groups } => Channel::Hashtag { groups },
            Join::RoleTimeline { .. } => Channel::Role { explorable },
            Join::Antenna { .. } => Channel::Antenna,
            Join::Channel { channel } => {
                let here = note
                    .channel
                    .filter(|it| it.0.to_string() == channel.as_str())?;
                Channel::MisskeyChannel { channel: here }
            }
            _ => return None,
        })
    }

    /// Anything but a note.
    fn other_event(&mut self, op: Op) -> Vec<(u32, String)> {
        match op {
            Op::Main {
                owner,
                kind,
                from,
                origin,
            } => self.main(MainEvent {
                owner,
                kind,
                from,
                origin,
                note_hidden: false,
            }),
            Op::Stats(stats) => {
                self.publish(Event::Stats {
                    stats,
                    rest: rest(),
                });
                let wanted = match stats {
                    Stats::Server => Join::ServerStats,
                    Stats::Queue => Join::QueueStats,
                };
                self.receivers(&wanted, |_| true)
            }
            Op::Broadcast => {
                let frame = Bytes::from_static(b"{}");
                self.publish(Event::Broadcast { frame });
                let open = self.conns.iter().filter(|(_, conn)| !conn.closing);
                open.map(|(&to, _)| (to, "{}".to_owned())).collect()
            }
            Op::Captured { note, audience } => self.captured(note, audience),
            Op::Reply { conn, sub } => {
                self.hub.reply(ConnId(conn), SubId(sub), "x", b"1");
                let open = self.conns.get(&conn).filter(|conn| !conn.closing);
                let found = open.and_then(|conn| conn.subs.get(&sub));
                let reply = found.map(|(id, _)| (conn, framed(id, "x", b"1")));
                reply.into_iter().collect()
            }
            topic => self.topic(&topic),
        }
    }

    fn main(&mut self, event: MainEvent) -> Vec<(u32, String)> {
        let expected = self.receivers(&Join::Main, |viewpoint| {
            let viewer = viewpoint.viewer();
            viewer.is_some_and(|viewer| lets_through(&decide_main(&event.facts(), viewer)))
        });
        self.publish(Event::Main {
            facts: event,
            rest: rest(),
        });
        expected
    }

    fn captured(&mut self, note: u8, audience: Audience) -> Vec<(u32, String)> {
        let open = self.conns.iter().filter(|(_, conn)| !conn.closing);
        let told = open.filter(|(_, conn)| {
            let verdict = decide_capture(&audience, self.viewpoint(conn), &self.moment);
            conn.captures.contains(&note) && lets_through(&verdict)
        });
        let expected = told.map(|(&to, _)| (to, r#"{"n":1}"#.to_owned())).collect();
        self.publish(Event::Captured {
            note: note_id(note),
            audience,
            frame: Bytes::from_static(br#"{"n":1}"#),
        });
        expected
    }

    fn topic(&mut self, op: &Op) -> Vec<(u32, String)> {
        let room;
        let (topic, recipients, wanted) = match *op {
            Op::Drive(user) => (TopicKey::Drive(user), Recipients::Only(user), Join::Drive),
            Op::Admin(user) => {
                let recipients = Recipients::Moderator(user);
                (TopicKey::Admin(user), recipients, Join::Admin)
            }
            Op::Reversi(user) => {
                let recipients = Recipients::Only(user);
                (TopicKey::Reversi(user), recipients, Join::Reversi)
            }
            Op::ChatUser { me, other } => {
                let other = user_id(other);
                let wanted = Join::ChatUser {
                    other: other.clone(),
                };
                let topic = TopicKey::ChatUser { me, other };
                (topic, Recipients::Only(me), wanted)
            }
            Op::UserList(list) => {
                let list = &self.lists[usize::from(list)];
                let wanted = Join::UserList {
                    list: list.id.clone(),
                    params: TimelineParams::default(),
                };
                let topic = TopicKey::UserList(list.id.clone());
                (topic, Recipients::Only(list.owner), wanted)
            }
            Op::ChatRoom(number) => {
                room = Arc::clone(&self.rooms[usize::from(number)]);
                let wanted = Join::ChatRoom {
                    room: room.id.clone(),
                };
                let topic = TopicKey::ChatRoom(room.id.clone());
                (topic, Recipients::Members(&room.members), wanted)
            }
            Op::ReversiGame(game) => {
                let game = GameId::parse(&game.to_string()).unwrap();
                let wanted = Join::ReversiGame { game: game.clone() };
                (TopicKey::ReversiGame(game), Recipients::Everyone, wanted)
            }
            _ => unreachable!("the others are no topics"),
        };
        let rest = rest();
        self.publish(Event::Topic { topic, rest });
        self.receivers(&wanted, |viewpoint| {
            lets_through(&decide_topic(recipients, viewpoint))
        })
    }

    /// Who gets `rest()`: those who have joined the same and may.
    fn receivers(&self, wanted: &Join, may: impl Fn(Viewpoint<'_>) -> bool) -> Vec<(u32, String)> {
        let same = |join: &Join| match (join, wanted) {
            (Join::UserList { list: a, .. }, Join::UserList { list: b, .. }) => a == b,
            (a, b) => a == b,
        };
        let subs = self.subs();
        let subs = subs.filter(|(_, viewpoint, _, join)| same(join) && may(*viewpoint));
        subs.map(|(to, _, id, _)| (to, framed(id, "x", b"1")))
            .collect()
    }

    /// All subscriptions of connections that don't close.
    fn subs(&self) -> impl Iterator<Item = (u32, Viewpoint<'_>, &ClientId, &Join)> {
        let open = self.conns.iter().filter(|(_, conn)| !conn.closing);
        open.flat_map(|(&to, conn)| {
            let viewpoint = self.viewpoint(conn);
            let subs = conn.subs.values();
            subs.map(move |(id, join)| (to, viewpoint, id, join))
        })
    }

    fn viewpoint(&self, conn: &Conn) -> Viewpoint<'_> {
        conn.user.map_or(Viewpoint::Visitor, |user| {
            Viewpoint::User(&self.viewers[&user])
        })
    }
}

fn lets_through(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Deliver(_))
}

fn rest() -> Bytes {
    frame::channel_rest("x", Some(b"1")).into()
}

fn framed(id: &ClientId, kind: &str, body: &[u8]) -> String {
    let mut text = frame::channel_head(id).to_vec();
    text.extend_from_slice(&frame::channel_rest(kind, Some(body)));
    String::from_utf8(text).unwrap()
}

/// A note's JSON, as far as it can be told apart and rewritten.
fn json(note: &Note) -> Vec<u8> {
    let reply = if note.reply.is_some() {
        r#"{"text":"r"}"#
    } else {
        "null"
    };
    let renote = note.renote.as_ref().map_or_else(
        || "null".into(),
        |renote| String::from_utf8(json(renote)).unwrap(),
    );
    format!(
        r#"{{"userId":"u{}","text":"t","reply":{reply},"renote":{renote}}}"#,
        note.author.key.0
    )
    .into()
}

/// A room with these members.
fn room_of(room: u8, members: &[UserKey]) -> Room {
    let mut ids: Vec<UserId> = members.iter().map(|user| user_id(user.0)).collect();
    ids.sort();
    ids.dedup();
    Room {
        id: RoomId::parse(&room.to_string()).unwrap(),
        members: members.iter().copied().collect(),
        member_ids: ids.into(),
    }
}

fn list_of(list: u8, members: Follows) -> List {
    let owner = UserKey(u32::from(list));
    List {
        id: ListId::parse(&list.to_string()).unwrap(),
        owner,
        owner_id: user_id(owner.0),
        members,
    }
}

fn note_id(note: u8) -> NoteId {
    NoteId::parse(&format!("n{note}")).unwrap()
}

fn thing(id: &str) -> usize {
    id.parse().unwrap()
}

fn policies() -> PolicyRecord {
    PolicyRecord {
        local_timeline: true,
        global_timeline: true,
    }
}
