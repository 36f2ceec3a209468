//! What one event costs on its way through the desk and a hub.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "only what these few users lead to is answered"
)]

use std::collections::VecDeque;
use std::io::IoSlice;
use std::sync::Arc;

use bytes::Bytes;
use divan::Bencher;
use divan::counter::ItemsCount;
use hub::{
    Answer, ConnId, Desk, Hold, Hub, Login, Output, Publication, Question, Ticket, Watch, Watched,
    Wire,
};
use protocol::command::ClientId;
use protocol::id::{SubId, UserId};
use protocol::join::{Join, TimelineParams};
use protocol::limits::Limits;
use protocol::record::{FollowRecord, Grant, PolicyRecord, SiteRecord, ViewerRecord, VisitorScope};
use rules::Who;
use seseragi_hub as hub;

fn main() {
    divan::main();
}

const NOW_MS: u64 = 1_800_000_000_000;

const POLICIES: PolicyRecord = PolicyRecord {
    local_timeline: true,
    global_timeline: true,
};

/// A wire that takes everything and forgets it.
struct Sink;

impl Wire for Sink {
    fn write(&mut self, _: ConnId, own: [&[u8]; 2], shared: &Bytes) -> usize {
        own[0].len() + own[1].len() + shared.len()
    }
}

/// A desk, a hub, and the connections of so many users who have joined `homeTimeline`, each
/// following `author` and ten others.
struct World {
    desk: Desk,
    hub: Hub,
}

impl World {
    fn new(users: u32) -> Self {
        let limits = Limits::default();
        let mut world = Self {
            desk: Desk::new(&limits),
            hub: Hub::new(&limits),
        };
        world.take();
        for conn in 0..users {
            let user = UserId::parse(&format!("u{conn}")).expect("it is short");
            world.desk.watch(Watch::User(user), Ticket(u64::from(conn)));
            let viewer = world.take().pop_front().expect("the user is loaded");
            world.join(ConnId(conn), viewer);
        }
        world
    }

    fn join(&mut self, conn: ConnId, watched: Watched) {
        let Watched::User(viewer) = watched else {
            panic!("a user was asked for");
        };
        let native = true;
        self.hub.open(conn, Some(Login { viewer, native }));
        let join = Join::HomeTimeline(TimelineParams::default());
        let id = UserId::parse("u").expect("it is short");
        let grant = Grant::Native;
        let who = Who::User {
            id: &id,
            grant: &grant,
        };
        let admission = rules::join::admit(&join, who, &self.hub.join_facts(conn));
        let admission = admission.expect("all may join it");
        let name = ClientId::parse("12345678").expect("it is short");
        self.hub
            .subscribe(conn, SubId(0), &name, join, admission, None);
    }

    /// Takes what the desk gives out, and answers what it asks.
    fn take(&mut self) -> VecDeque<Watched> {
        let mut watched = VecDeque::new();
        while let Some(output) = self.desk.poll_output() {
            match output {
                Output::Publish(publication) => self.hub.publish(&publication, NOW_MS, &mut Hold),
                Output::Answer { watched: it, .. } => watched.push_back(it),
                Output::Ask { ask, question } => {
                    self.desk.handle_answer(ask, answer(&question), NOW_MS);
                }
            }
        }
        watched
    }
}

fn answer(question: &Question) -> Answer {
    match question {
        Question::Site => Answer::Site(SiteRecord {
            policies: POLICIES,
            visitors_see: VisitorScope::All,
        }),
        Question::Viewers(users) => Answer::Viewers(users.iter().map(record).collect()),
        other => panic!("nothing leads to {other:?}"),
    }
}

fn record(user: &UserId) -> ViewerRecord {
    let others = (0..10).map(|at| format!("followed{at}"));
    let following = std::iter::once("author".to_owned()).chain(others);
    ViewerRecord {
        user: user.clone(),
        following: following
            .map(|name| FollowRecord {
                user: UserId::parse(&name).expect("it is short"),
                with_replies: false,
            })
            .collect(),
        muting: Vec::new(),
        blocked_by: Vec::new(),
        renote_muting: Vec::new(),
        muted_instances: Vec::new(),
        following_channels: Vec::new(),
        muting_channels: Vec::new(),
        policies: POLICIES,
        moderator: false,
    }
}

/// A note of 2 KB.
fn note(author: &str) -> Bytes {
    let text = "seseragi ".repeat(170);
    format!(
        r#"{{"id":"n","createdAt":"2026-11-23T19:38:19.267Z","userId":"{author}","user":{{"id":"{author}","username":"{author}","host":null}},"text":"{text}","cw":null,"visibility":"public","replyId":null,"renoteId":null,"files":[],"reactions":{{}},"tags":[],"mentions":[]}}"#
    )
    .into()
}

fn publication(desk: &mut Desk, author: &str) -> Arc<Publication> {
    let handled = desk.handle_message("notesStream", &note(author), NOW_MS);
    handled.expect("it is a note");
    match desk.poll_output() {
        Some(Output::Publish(publication)) => publication,
        other => panic!("a note is published, and not {other:?}"),
    }
}

/// Decoding, interning, and what travels to the workers.
#[divan::bench]
fn decode_on_the_desk(bencher: Bencher<'_, '_>) {
    let mut world = World::new(1);
    let note = note("author");
    bencher.bench_local(|| {
        let handled = world.desk.handle_message("notesStream", &note, NOW_MS);
        handled.expect("it is a note");
        world.desk.poll_output()
    });
}

/// A note that nobody gets, among so many who read their home timelines.
#[divan::bench(args = [100, 10_000])]
fn route_to_nobody(bencher: Bencher<'_, '_>, users: u32) {
    let mut world = World::new(users);
    let publication = publication(&mut world.desk, "stranger");
    bencher.bench_local(|| world.hub.publish(&publication, NOW_MS, &mut Sink));
}

/// The first receiver of a note pays for its serialising.
#[divan::bench]
fn encode(bencher: Bencher<'_, '_>) {
    let World { mut desk, mut hub } = World::new(1);
    bencher
        .with_inputs(|| publication(&mut desk, "author"))
        .bench_local_refs(|publication| hub.publish(publication, NOW_MS, &mut Sink));
}

/// A note that all get, over wires that take everything: deciding and handing out.
#[divan::bench(args = [1, 1_000, 10_000])]
fn deliver(bencher: Bencher<'_, '_>, users: u32) {
    let mut world = World::new(users);
    let publication = publication(&mut world.desk, "author");
    bencher
        .counter(ItemsCount::new(users))
        .bench_local(|| world.hub.publish(&publication, NOW_MS, &mut Sink));
}

/// The same by way of the mailboxes, which are gathered and emptied.
#[divan::bench(args = [1, 1_000, 10_000])]
fn push(bencher: Bencher<'_, '_>, users: u32) {
    let mut world = World::new(users);
    let publication = publication(&mut world.desk, "author");
    bencher.counter(ItemsCount::new(users)).bench_local(|| {
        world.hub.publish(&publication, NOW_MS, &mut Hold);
        while let Some(conn) = world.hub.next_dirty() {
            let mailbox = world.hub.mailbox(conn).expect("it is open");
            let mut slices = [IoSlice::new(&[]); 8];
            let filled = mailbox.gather(&mut slices);
            let bytes = slices[..filled].iter().map(|slice| slice.len()).sum();
            mailbox.advance(bytes);
        }
    });
}
