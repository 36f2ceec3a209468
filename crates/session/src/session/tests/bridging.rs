//! Channels that the server upstream feeds.

use super::*;

fn connect(world: &mut World, name: &str, id: &str) -> Vec<String> {
    let text =
        format!(r#"{{"type":"connect","body":{{"channel":"{name}","id":"{id}","pong":true}}}}"#);
    say(world, &text)
}

fn say(world: &mut World, text: &str) -> Vec<String> {
    let command = command::decode_beside_upstream(text).expect("it is well-formed");
    world.session.handle_command(command, &world.facts);
    world.outputs()
}

/// The server upstream says that a channel is joined.
fn joined(world: &mut World, sub: u8) -> Vec<String> {
    world.session.handle_bridge_joined(SubId(sub));
    world.outputs()
}

fn connected(id: &str) -> String {
    format!(r#"{{"type":"connected","body":{{"id":"{id}"}}}}"#)
}

#[test]
fn channels_upstream_have_numbers_and_ids_like_others() {
    let mut world = World::visitor();
    assert_eq!(connect(&mut world, "fork", "a"), ["bridge 0 a fork"]);
    assert_eq!(joined(&mut world, 0), [connected("a")]);
    assert_eq!(joined(&mut world, 0), [""; 0], "it is told once");
    assert_eq!(
        connect(&mut world, "localTimeline", "b"),
        ["subscribe 1 b localTimeline".to_owned(), connected("b")]
    );
    let operate =
        |id: &str| format!(r#"{{"type":"ch","body":{{"id":"{id}","type":"x","body":{{"n":1}}}}}}"#);
    assert_eq!(
        say(&mut world, &operate("a")),
        [r#"bridge operate 0 x {"n":1}"#]
    );
    assert_eq!(say(&mut world, &operate("c")), [""; 0]);
    // A second channel under an id takes the place of the first, on whichever side.
    assert_eq!(
        connect(&mut world, "fork2", "b"),
        ["unsubscribe 1", "bridge 1 b fork2"]
    );
    assert_eq!(connect(&mut world, "fork", "a")[0], "bridge leave 0");
    let leave = r#"{"type":"disconnect","body":{"id":"b"}}"#;
    assert_eq!(say(&mut world, leave), ["bridge leave 1"]);
    assert_eq!(say(&mut world, leave), [""; 0]);
    assert_eq!(joined(&mut world, 1), [""; 0], "it was left meanwhile");
}

#[test]
fn channels_upstream_count_once_they_are_joined() {
    let limits = Limits {
        channels_max: 2,
        ..Limits::default()
    };
    let mut world = World::new(None, limits);
    for id in ["a", "b", "c"] {
        assert_eq!(connect(&mut world, "fork", id).len(), 1);
    }
    assert_eq!(joined(&mut world, 1), [connected("b")]);
    assert_eq!(connect(&mut world, "localTimeline", "l").len(), 2);
    // There is no room for one more, whoever feeds it.
    assert_eq!(connect(&mut world, "fork", "d"), [""; 0]);
    assert_eq!(connect(&mut world, "globalTimeline", "d"), [""; 0]);
    assert_eq!(joined(&mut world, 2), ["bridge leave 2"]);
}

/// The recorded server does so too: what it doesn't know takes no place.
#[test]
fn of_the_unanswered_the_oldest_gives_way() {
    let mut world = World::visitor();
    for id in 0..32 {
        assert_eq!(connect(&mut world, "nope", &format!("n{id}")).len(), 1);
    }
    assert_eq!(
        connect(&mut world, "nope", "more"),
        ["bridge leave 0", "bridge 0 more nope"]
    );
    for id in 0..32 {
        assert_eq!(
            connect(&mut world, "localTimeline", &format!("l{id}")).len(),
            2
        );
    }
    assert_eq!(connect(&mut world, "localTimeline", "l32"), [""; 0]);
}

#[test]
fn statistics_are_joined_at_once_and_once() {
    let mut world = World::native();
    assert_eq!(
        connect(&mut world, "serverStats", "a"),
        ["bridge 0 a serverStats".to_owned(), connected("a")]
    );
    assert_eq!(joined(&mut world, 0), [""; 0]);
    assert_eq!(connect(&mut world, "serverStats", "b"), [""; 0]);
    // What they have no use for would keep them from being shared; others' is theirs.
    let with = |name: &str| {
        format!(r#"{{"type":"connect","body":{{"channel":"{name}","id":"q","params":{{"p":1}}}}}}"#)
    };
    assert_eq!(
        say(&mut world, &with("queueStats")),
        ["bridge 1 q queueStats"]
    );
    assert_eq!(
        say(&mut world, &with("fork"))[1],
        r#"bridge 1 q fork {"p":1}"#
    );
    // Under the same id it is left first.
    let again = connect(&mut world, "serverStats", "a");
    assert_eq!(again[..2], ["bridge leave 0", "bridge 0 a serverStats"]);
}

#[test]
fn a_join_upstream_waits_behind_one_that_is_asked_about() {
    let mut world = World::native();
    let list =
        r#"{"type":"connect","body":{"channel":"userList","id":"l","params":{"listId":"l"}}}"#;
    assert_eq!(say(&mut world, list), ["ask 0 List(ListId(l))"]);
    assert_eq!(connect(&mut world, "fork", "a"), [""; 0]);
    world
        .session
        .handle_answer(AskId(0), &owner("u"), &world.facts);
    assert_eq!(
        world.outputs(),
        ["subscribe 0 l userList", "bridge 1 a fork"]
    );
}
