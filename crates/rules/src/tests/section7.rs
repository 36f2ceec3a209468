//! What the owner of a `main` topic gets of it, and for whom the topics without notes are.

use protocol::id::UserId;
use protocol::record::Grant;

use super::build::*;
use crate::{
    Cleared, Keys, MainFacts, MainKind, Origin, Reason, Recipients, UserKey, Verdict, Viewer,
    Viewpoint, Who, decide_bridged, decide_main, decide_topic,
};

const FAR: &str = "far.example";

fn facts(kind: MainKind, from: Option<UserKey>, origin: &Origin) -> MainFacts<'_> {
    MainFacts {
        owner: ME,
        kind,
        from,
        origin,
        note_hidden: false,
    }
}

#[track_caller]
fn check(name: &str, facts: MainFacts<'_>, viewer: &Viewer, expected: Option<Reason>) {
    let verdict = decide_main(&facts, viewer);
    match expected {
        Some(reason) => assert_eq!(verdict, Verdict::Drop(reason), "{name}"),
        None => assert_eq!(verdict, Verdict::Deliver(Cleared::whole()), "{name}"),
    }
}

#[test]
fn notifications_mentions_and_replies() {
    let far = Origin::Remote(FAR.into());
    let muted = Some(Reason::Muted);
    for kind in [MainKind::Notification, MainKind::Mention, MainKind::Reply] {
        let local = facts(kind, Some(ANN), &Origin::Local);
        let remote = facts(kind, Some(ANN), &far);
        let name = "drop a `notification` from a user I mute; a `mention` or a `reply` likewise";
        check(name, local, &me().muting(ANN), muted);
        check(name, local, &me().muting(BOB), None);
        let name = "only mutes are named: a block keeps nothing off it";
        check(name, local, &me().blocked_by(ANN), None);
        let name = "or from an instance I mute";
        check(name, remote, &me().muting_instance(FAR), muted);
        check(name, remote, &me().muting_instance("bad.example"), None);
        check(name, local, &me().muting_instance(FAR), None);
        let name = "an unknown host may be any that I mute";
        let unknown = facts(kind, Some(ANN), &Origin::Unknown);
        check(name, unknown, &me().muting_instance(FAR), muted);
        check(name, unknown, &me(), None);
    }
    let unknown = |kind| facts(kind, None, &Origin::Unknown);
    let viewer = me().muting_instance(FAR);
    let name = "a notification from nobody is from nobody I mute";
    check(name, unknown(MainKind::Notification), &viewer, None);
    let name = "a note without an author is from anybody";
    check(
        name,
        unknown(MainKind::Mention),
        &me(),
        Some(Reason::Incomplete),
    );
    check(
        name,
        unknown(MainKind::Reply),
        &me(),
        Some(Reason::Incomplete),
    );
}

#[test]
fn every_other_type_passes() {
    let name = "pass every type on as it comes";
    let other = facts(MainKind::Other, Some(ANN), &Origin::Unknown);
    check(name, other, &me().muting(ANN).muting_instance(FAR), None);
    let name = "`main` is its owner's";
    for kind in [
        MainKind::Notification,
        MainKind::Mention,
        MainKind::Reply,
        MainKind::Other,
    ] {
        let facts = MainFacts {
            owner: BOB,
            ..facts(kind, Some(ANN), &Origin::Local)
        };
        check(name, facts, &me(), Some(Reason::NotVisible));
    }
}

#[test]
fn hidden_notes_are_packed_again() {
    // Where a notification's or a mention's note is `isHidden`, send it packed for me instead.
    for (kind, note_hidden, expected) in [
        (MainKind::Notification, true, true),
        (MainKind::Notification, false, false),
        (MainKind::Mention, true, true),
        (MainKind::Mention, false, false),
        (MainKind::Reply, true, false),
        (MainKind::Other, true, false),
    ] {
        let facts = MainFacts {
            note_hidden,
            ..facts(kind, Some(ANN), &Origin::Local)
        };
        assert_eq!(facts.needs_packing(), expected, "{kind:?} {note_hidden}");
    }
}

#[test]
fn what_was_said_upstream_is_for_the_very_viewer_who_asked() {
    let ids = ["me", "other"].map(|id| UserId::parse(id).unwrap());
    let app = |permissions: &[&str]| Grant::App {
        permissions: permissions.iter().map(|&name| name.to_owned()).collect(),
    };
    let grants = [
        Grant::Native,
        app(&["read:account"]),
        app(&["read:account", "read:chat"]),
    ];
    let mut viewers = vec![Who::Visitor];
    for id in &ids {
        viewers.extend(grants.iter().map(|grant| Who::User { id, grant }));
    }
    for (at, &asker) in viewers.iter().enumerate() {
        for (to, &receiver) in viewers.iter().enumerate() {
            let gets = decide_bridged(asker, receiver) == Verdict::Deliver(Cleared::whole());
            assert_eq!(gets, at == to, "{asker:?} asked, {receiver:?} hears");
        }
    }
}

#[test]
fn topics_of_one_user_are_theirs() {
    let gets = |recipients, viewer: Option<&Viewer>| {
        let viewpoint = viewer.map_or(Viewpoint::Visitor, Viewpoint::User);
        decide_topic(recipients, viewpoint) == Verdict::Deliver(Cleared::whole())
    };
    assert!(gets(Recipients::Only(ME), Some(&me())));
    assert!(!gets(Recipients::Only(ANN), Some(&me())));
    assert!(!gets(Recipients::Only(ME), None));

    assert!(gets(Recipients::Moderator(ME), Some(&me().moderating())));
    assert!(!gets(Recipients::Moderator(ME), Some(&me())));
    assert!(!gets(Recipients::Moderator(ANN), Some(&me().moderating())));
    assert!(!gets(Recipients::Moderator(ME), None));

    let (both, one) = (Keys::from_iter([ANN, ME]), Keys::from_iter([ANN]));
    assert!(gets(Recipients::Members(&both), Some(&me())));
    assert!(!gets(Recipients::Members(&one), Some(&me())));
    assert!(!gets(Recipients::Members(&both), None));

    assert!(gets(Recipients::Everyone, Some(&me())));
    assert!(gets(Recipients::Everyone, None));
}
