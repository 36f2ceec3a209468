//! Single cases that a reader may want to see.

use protocol::id::NoteId;
use protocol::record::{Grant, PolicyRecord, VisitorScope};
use rules::{Author, Note, Origin, Visibility, Who};

use super::*;
use crate::publication::{Closing, Epoch, Event, Forms, NoteEvent, Publication, Tokens};

const USER: UserKey = UserKey(7);

fn publication(event: Event) -> Publication {
    Publication {
        event,
        _epoch: Epoch::default(),
    }
}

fn broadcast(text: &'static str) -> Publication {
    let frame = Bytes::from_static(text.as_bytes());
    publication(Event::Broadcast { frame })
}

fn login() -> Login {
    let viewer = Arc::new(Viewer {
        key: USER,
        ..rules::arbitrary::stranger()
    });
    Login {
        viewer,
        native: true,
    }
}

fn public_note() -> Publication {
    let note = Note {
        author: Author {
            key: UserKey(8),
            origin: Origin::Local,
            requires_signin: false,
            hidden_before_s: None,
            followers_only_before_s: None,
        },
        visibility: Visibility::Public,
        visible_users: Box::default(),
        mentions: Box::default(),
        channel: None,
        has_files: false,
        pure_renote: false,
        created_ms: None,
        tags: Box::default(),
        reply: None,
        renote: None,
    };
    let forms = Forms::new(Bytes::from_static(b"{}"), Vec::new());
    publication(Event::Note(NoteEvent {
        note,
        channel: None,
        forms,
    }))
}

/// A hub whose connections, all visitors, have joined `localTimeline`.
fn local_timelines(conns: u32) -> Hub {
    let mut hub = Hub::new(&Limits::default());
    let site = SiteRecord {
        policies: PolicyRecord {
            local_timeline: true,
            global_timeline: true,
        },
        visitors_see: VisitorScope::All,
    };
    hub.publish(&publication(Event::Site(site)), 0, &mut Hold);
    for conn in (0..conns).map(ConnId) {
        hub.open(conn, None);
        let join = Join::LocalTimeline(protocol::join::TimelineParams::default());
        let admission = rules::join::admit(&join, Who::Visitor, &hub.join_facts(conn)).unwrap();
        let id = ClientId::parse("tl").unwrap();
        hub.subscribe(conn, SubId(0), &id, join, admission, None);
    }
    hub
}

#[test]
fn a_note_is_serialised_once_for_all_connections_of_all_workers() {
    let (mut one, mut two) = (local_timelines(30), local_timelines(20));
    let note = public_note();
    one.publish(&note, 0, &mut Hold);
    two.publish(&note, 0, &mut Hold);
    let (one, two) = (one.take_counts(), two.take_counts());
    assert_eq!((one.delivered, two.delivered), (30, 20));
    assert_eq!((one.forms_made, two.forms_made), (1, 0));
}

#[test]
fn visitors_get_nothing_before_the_site_is_known() {
    let mut hub = local_timelines(1);
    hub.site = None;
    hub.publish(&public_note(), 0, &mut Hold);
    assert_eq!(drain(&mut hub, ConnId(0)), Vec::<String>::new());
}

#[test]
fn whoever_reads_too_slowly_is_closed_and_nobody_else_is() {
    let mut hub = Hub::new(&Limits {
        mailbox_frames_max: 2,
        ..Limits::default()
    });
    hub.open(ConnId(0), None);
    hub.open(ConnId(1), None);
    for text in ["a", "b", "c"] {
        hub.publish(&broadcast(text), 0, &mut Hold);
        assert_eq!(drain(&mut hub, ConnId(1)), [text]);
    }
    assert_eq!(hub.closing(ConnId(0)), Some(CloseReason::Slow));
    assert_eq!(hub.closing(ConnId(1)), None);
    assert!(
        hub.mailbox(ConnId(0)).unwrap().is_empty(),
        "its memory is free"
    );
    assert_eq!(hub.take_counts().overflows, 1);
}

/// Takes so many frames as they are, and then nothing.
struct Takes(usize);

impl Wire for Takes {
    fn write(&mut self, _: ConnId, own: [&[u8]; 2], shared: &Bytes) -> usize {
        let Some(left) = self.0.checked_sub(1) else {
            return 0;
        };
        self.0 = left;
        own.concat().len() + shared.len()
    }
}

#[test]
fn only_what_the_wire_leaves_waits() {
    let mut hub = local_timelines(3);
    hub.publish(&public_note(), 0, &mut Takes(2));
    assert_eq!(hub.take_counts().delivered, 3);
    assert_eq!(hub.next_dirty(), Some(ConnId(2)));
    assert_eq!(hub.next_dirty(), None);
    assert_eq!(drain(&mut hub, ConnId(0)), Vec::<String>::new());
    assert_eq!(drain(&mut hub, ConnId(2)).len(), 1);
}

#[test]
fn nothing_overtakes_what_waits() {
    let mut hub = Hub::new(&Limits::default());
    hub.open(ConnId(0), None);
    hub.send(ConnId(0), &Bytes::from_static(b"first"));
    let mut wire = Takes(1);
    hub.publish(&broadcast("second"), 0, &mut wire);
    assert_eq!(wire.0, 1, "nothing is written around the mailbox");
    assert_eq!(drain(&mut hub, ConnId(0)), ["first", "second"]);
}

#[test]
fn a_connection_that_must_close_is_not_written_to() {
    let mut hub = Hub::new(&Limits::default());
    hub.open(ConnId(0), Some(login()));
    let close = Event::Close(Closing {
        user: USER,
        tokens: Tokens::All,
        reason: CloseReason::UserSuspended,
    });
    hub.publish(&publication(close), 0, &mut Hold);
    let mut wire = Takes(1);
    hub.publish(&broadcast("after"), 0, &mut wire);
    assert_eq!(wire.0, 1);
    assert_eq!(hub.take_counts().delivered, 0);
}

#[test]
fn what_came_before_a_close_is_still_written() {
    let mut hub = Hub::new(&Limits::default());
    hub.open(ConnId(0), Some(login()));
    hub.publish(&broadcast("before"), 0, &mut Hold);
    let close = Event::Close(Closing {
        user: USER,
        tokens: Tokens::Native,
        reason: CloseReason::TokenRevoked,
    });
    hub.publish(&publication(close), 0, &mut Hold);
    hub.publish(&broadcast("after"), 0, &mut Hold);
    hub.send_frame(ConnId(0), &Bytes::from_static(b"\x81\x03end"));
    assert_eq!(hub.closing(ConnId(0)), Some(CloseReason::TokenRevoked));
    assert_eq!(drain(&mut hub, ConnId(0)), ["before", "end"]);
}

#[test]
fn a_number_that_is_opened_again_is_another_connection() {
    let mut hub = Hub::new(&Limits::default());
    hub.open(ConnId(0), Some(login()));
    hub.capture(ConnId(0), &NoteId::parse("n").unwrap());
    hub.send(ConnId(0), &Bytes::from_static(b"old"));
    hub.open(ConnId(0), None);
    assert_eq!(hub.next_dirty(), None);
    assert_eq!(drain(&mut hub, ConnId(0)), Vec::<String>::new());
    hub.check_invariants();
    assert!(hub.captured.conns_of("n").is_empty());
}

#[test]
fn app_tokens_outlive_the_native_one() {
    let mut hub = Hub::new(&Limits::default());
    let app = Login {
        native: false,
        ..login()
    };
    hub.open(ConnId(0), Some(login()));
    hub.open(ConnId(1), Some(app));
    for (tokens, reason, open) in [
        (Tokens::Native, CloseReason::TokenRevoked, true),
        (Tokens::All, CloseReason::UserSuspended, false),
    ] {
        let close = Event::Close(Closing {
            user: USER,
            tokens,
            reason,
        });
        hub.publish(&publication(close), 0, &mut Hold);
        assert_eq!(hub.closing(ConnId(0)), Some(CloseReason::TokenRevoked));
        assert_eq!(hub.closing(ConnId(1)).is_none(), open);
    }
}

#[test]
fn topics_of_one_user_need_their_login() {
    let mut hub = Hub::new(&Limits::default());
    hub.open(ConnId(0), Some(login()));
    let id = UserId::parse("u").unwrap();
    let who = Who::User {
        id: &id,
        grant: &Grant::Native,
    };
    let admission = rules::join::admit(&Join::Main, who, &hub.join_facts(ConnId(0))).unwrap();
    let name = ClientId::parse("m").unwrap();
    hub.subscribe(ConnId(0), SubId(3), &name, Join::Main, admission, None);
    assert_eq!(hub.join(ConnId(0), SubId(3)), Some(&Join::Main));
    assert_eq!(hub.join(ConnId(0), SubId(4)), None);
    hub.reply(ConnId(0), SubId(3), "x", b"{}");
    let expected = r#"{"type":"channel","body":{"id":"m","type":"x","body":{}}}"#;
    assert_eq!(drain(&mut hub, ConnId(0)), [expected]);
}
