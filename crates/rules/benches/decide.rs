//! What a verdict costs, for someone with many relations.

use std::hint::black_box;

use divan::Bencher;
use protocol::record::{PolicyRecord, VisitorScope};
use seseragi_rules::{
    Author, Channel, Follow, Follows, Moment, Note, Origin, UserKey, Viewer, Viewpoint, Visibility,
    decide,
};

fn main() {
    divan::main();
}

const MOMENT: Moment = Moment {
    now_ms: 1_800_000_000_000,
    visitors_see: VisitorScope::All,
};

fn note(author: u32, renote: Option<Note>) -> Note {
    Note {
        author: Author {
            key: UserKey(author),
            origin: Origin::Remote("example.com".into()),
            requires_signin: false,
            hidden_before_s: None,
            followers_only_before_s: None,
        },
        visibility: Visibility::Public,
        visible_users: Box::default(),
        mentions: Box::default(),
        channel: None,
        has_files: false,
        pure_renote: renote.is_some(),
        created_ms: Some(MOMENT.now_ms - 1_000),
        tags: Box::default(),
        reply: None,
        renote: renote.map(Box::new),
    }
}

/// Follows the even users, and mutes and is blocked by many others, below and above `many`.
fn viewer(many: u32) -> Viewer {
    let follow = |at| Follow {
        user: UserKey(2 * at),
        with_replies: false,
    };
    Viewer {
        key: UserKey(1),
        following: Follows::new((1..=many).map(follow)),
        muting: (0..many).map(|at| UserKey(10 * many + at)).collect(),
        blocked_by: (0..many).map(|at| UserKey(20 * many + at)).collect(),
        renote_muting: (0..many).map(|at| UserKey(30 * many + at)).collect(),
        muted_instances: [Box::from("elsewhere.example")].into(),
        following_channels: [].into_iter().collect(),
        muting_channels: [].into_iter().collect(),
        policies: PolicyRecord {
            local_timeline: true,
            global_timeline: true,
        },
        moderator: false,
    }
}

const HOME: Channel<'_> = Channel::Home {
    with_renotes: true,
    with_files: false,
};

#[divan::bench(args = [10, 1_000])]
fn home_timeline(bencher: Bencher<'_, '_>, many: u32) {
    let (viewer, note) = (viewer(many), note(many, None));
    bencher.bench_local(|| {
        let viewpoint = Viewpoint::User(black_box(&viewer));
        decide(black_box(&note), viewpoint, &HOME, &MOMENT)
    });
}

#[divan::bench(args = [10, 1_000])]
fn home_timeline_of_a_renote(bencher: Bencher<'_, '_>, many: u32) {
    let (viewer, note) = (viewer(many), note(many, Some(note(many + 1, None))));
    bencher.bench_local(|| {
        let viewpoint = Viewpoint::User(black_box(&viewer));
        decide(black_box(&note), viewpoint, &HOME, &MOMENT)
    });
}

#[divan::bench]
fn global_timeline_of_a_visitor(bencher: Bencher<'_, '_>) {
    let note = note(2, None);
    let channel = Channel::Global {
        with_renotes: true,
        with_files: false,
    };
    bencher.bench_local(|| {
        decide(
            black_box(&note),
            Viewpoint::Visitor,
            black_box(&channel),
            &MOMENT,
        )
    });
}
