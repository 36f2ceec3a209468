//! Who hears of a captured note.

use protocol::record::VisitorScope;

use super::build::*;
use crate::{
    Audience, Hidden, Moment, Reason, UserKey, Verdict, Viewer, Viewpoint, Visibility,
    decide_capture,
};

#[track_caller]
fn check(
    name: &str,
    audience: &Audience,
    viewer: Option<&Viewer>,
    scope: VisitorScope,
    expected: Result<(), Reason>,
) {
    let viewpoint = viewer.map_or(Viewpoint::Visitor, Viewpoint::User);
    let moment = Moment {
        visitors_see: scope,
        ..now()
    };
    let answer = match decide_capture(audience, viewpoint, &moment) {
        Verdict::Deliver(cleared) => {
            assert_eq!(cleared.hidden(), Hidden(0), "{name}");
            Ok(())
        }
        Verdict::Drop(reason) => Err(reason),
    };
    assert_eq!(answer, expected, "{name}");
}

fn audience(author: UserKey, visibility: Visibility, users: &[UserKey]) -> Audience {
    Audience {
        author,
        local: true,
        visibility,
        visible_users: users.into(),
    }
}

#[test]
fn who_gets_note_updated() {
    use Visibility::{Followers, Home, Public, Specified};
    let users = |name, audience: &Audience, viewer: &Viewer, expected| {
        check(
            name,
            audience,
            Some(viewer),
            VisitorScope::Nothing,
            expected,
        );
    };
    let no = Err(Reason::NotVisible);

    let name = "the author";
    for visibility in [Public, Home, Followers, Specified] {
        users(name, &audience(ME, visibility, &[]), &me(), Ok(()));
    }
    let name = "anyone for `public` and `home`";
    users(name, &audience(ANN, Public, &[]), &me(), Ok(()));
    users(name, &audience(ANN, Home, &[]), &me(), Ok(()));
    let name = "for `followers` the author's followers (one who is mentioned or replied to sees the note, but the event doesn't say so)";
    users(
        name,
        &audience(ANN, Followers, &[]),
        &me().following(&[ANN]),
        Ok(()),
    );
    users(
        name,
        &audience(ANN, Followers, &[]),
        &me().following(&[BOB]),
        no,
    );
    users(name, &audience(ANN, Followers, &[ME]), &me(), no);
    let name = "for `specified` the users in `visibleUserIds`";
    users(name, &audience(ANN, Specified, &[BOB, ME]), &me(), Ok(()));
    users(
        name,
        &audience(ANN, Specified, &[BOB]),
        &me().following(&[ANN]),
        no,
    );
    users(name, &audience(ANN, Specified, &[]), &me(), no);
}

#[test]
fn a_visitor_only_if_the_server_shows_content_to_visitors() {
    let name = "a visitor only if the server shows content to visitors";
    let local = audience(ANN, Visibility::Public, &[]);
    let far = Audience {
        local: false,
        ..local.clone()
    };
    let no = Err(Reason::NotForVisitors);
    check(name, &local, None, VisitorScope::All, Ok(()));
    check(name, &far, None, VisitorScope::All, Ok(()));
    check(name, &local, None, VisitorScope::Local, Ok(()));
    check(name, &far, None, VisitorScope::Local, no);
    check(name, &local, None, VisitorScope::Nothing, no);
    let name = "and only of what is for everyone";
    for visibility in [Visibility::Followers, Visibility::Specified] {
        let closed = audience(ANN, visibility, &[ME]);
        check(
            name,
            &closed,
            None,
            VisitorScope::All,
            Err(Reason::NotVisible),
        );
    }
    let home = audience(ANN, Visibility::Home, &[]);
    check(name, &home, None, VisitorScope::All, Ok(()));
}
