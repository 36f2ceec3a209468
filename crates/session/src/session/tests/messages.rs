//! Captures, operations and what is ignored.

use super::*;

#[test]
fn captures_are_counted() {
    let mut world = World::visitor();
    world.check(
        Say(r#"{"type":"subNote","body":{"id":"n"}}"#),
        &["capture n"],
    );
    world.check(Say(r#"{"type":"s","body":{"id":"n"}}"#), &[]);
    world.check(Say(r#"{"type":"unsubNote","body":{"id":"n"}}"#), &[]);
    world.check(Say(r#"{"type":"sr","body":{"id":"m"}}"#), &["capture m"]);
    world.check(Say(r#"{"type":"un","body":{"id":"n"}}"#), &["release n"]);
    world.check(Say(r#"{"type":"un","body":{"id":"n"}}"#), &[]);
}

#[test]
fn the_least_recently_captured_of_1536_gives_way() {
    let mut world = World::visitor();
    let capture = |id: u32| format!(r#"{{"type":"s","body":{{"id":"n{id}"}}}}"#);
    for id in 0..1536 {
        world.check(Say(&capture(id)), &[&format!("capture n{id}")]);
    }
    world.check(Say(&capture(0)), &[]);
    world.check(Say(&capture(1536)), &["release n1", "capture n1536"]);
    world.check(Say(&capture(1537)), &["release n2", "capture n1537"]);
    world.check(Say(r#"{"type":"un","body":{"id":"n1"}}"#), &[]);
}

#[test]
fn operations_reach_their_channel() {
    let mut world = World::native();
    world.connect(r#""channel":"serverStats","id":"s""#);
    let log =
        r#"{"type":"channel","body":{"id":"s","type":"requestLog","body":{"id":"1","length":9}}}"#;
    let expected = r#"operate 0 serverStats requestLog {"id":"1","length":9}"#;
    world.check(Say(log), &[expected]);
    world.check(
        Say(r#"{"type":"ch","body":{"id":"x","type":"read","body":{}}}"#),
        &[],
    );
    world.check(Say(r#"{"type":"ch","body":{"id":"s","type":"read"}}"#), &[]);
}

#[test]
fn notifications_are_read_by_their_owner_only() {
    let read = r#"{"type":"readNotification","body":{"id":"x"}}"#;
    World::native().check(Say(read), &["read notifications u"]);
    World::visitor().check(Say(read), &[]);
}

#[test]
fn what_is_no_command_changes_nothing() {
    let mut world = World::native();
    for text in [
        "h",
        "ping",
        "null",
        "[]",
        "{}",
        r#"{"type":"nope","body":{}}"#,
        r#"{"type":"connect"}"#,
        r#"{"type":"connect","body":{"channel":"nope","id":"1"}}"#,
        r#"{"type":"connect","body":{"channel":"main","id":1}}"#,
        r#"{"type":"connect","body":{"channel":"main","id":"1","params":[]}}"#,
        r#"{"type":"connect","body":{"channel":"main","id":"1","pong":"yes"}}"#,
        r#"{"type":"connect","body":{"channel":"hashtag","id":"1","params":{"q":[[]]}}}"#,
        r#"{"type":"connect","body":{"channel":"userList","id":"1","params":{"listId":5}}}"#,
        r#"{"type":"s","body":{}}"#,
    ] {
        world.check(Say(text), &[]);
    }
    assert!(world.session.channels.is_empty());
}
