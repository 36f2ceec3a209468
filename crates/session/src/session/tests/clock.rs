//! Pings, silence and the last-active date.

use super::*;

#[test]
fn a_silent_client_is_pinged_and_then_closed() {
    let mut world = World::visitor();
    assert_eq!(world.session.poll_timeout(), 60_000);
    world.check(At(59_999), &[]);
    world.check(At(60_000), &["ping"]);
    assert_eq!(world.session.poll_timeout(), 120_000);
    world.check(At(120_000), &["close Silent"]);
    assert_eq!(world.session.poll_timeout(), u64::MAX);
    assert!(!world.session.wants_input());
    world.check(At(500_000), &[]);
    world.check(Life, &[]);
    world.check(At(900_000), &[]);
    world.check(Say(r#"{"type":"s","body":{"id":"n"}}"#), &[]);
}

#[test]
fn any_life_keeps_the_connection() {
    let mut world = World::visitor();
    for minute in 1..30 {
        world.check(At(minute * 60_000), &["ping"]);
        world.check(Life, &[]);
    }
    world.check(At(29 * 60_000 + 119_999), &["ping"]);
    world.check(At(29 * 60_000 + 120_000), &["close Silent"]);
}

#[test]
fn the_user_is_active_every_five_minutes() {
    let mut world = World::native();
    for minute in 1..=11 {
        let active: &[&str] = match minute {
            5 | 10 => &["ping", "touch u"],
            _ => &["ping"],
        };
        world.check(At(minute * 60_000), active);
        world.check(Life, &[]);
    }
}

#[test]
fn a_late_clock_does_each_thing_once() {
    let mut world = World::native();
    world.now_ms = 100_000;
    world.check(Life, &[]);
    world.check(At(215_000), &["ping"]);
    assert_eq!(world.session.poll_timeout(), 220_000, "silence since 100 s");
}

#[test]
fn the_intervals_are_limits() {
    let limits = Limits {
        ping_interval_ms: 10,
        silence_timeout_ms: 25,
        touch_interval_ms: 15,
        ..Limits::default()
    };
    let mut world = World::new(Some(login(Grant::Native)), limits);
    world.check(At(10), &["ping"]);
    world.check(At(15), &["touch u"]);
    world.check(At(20), &["ping"]);
    world.check(At(25), &["close Silent"]);
}

#[test]
fn an_answer_after_the_end_changes_nothing() {
    let mut world = World::native();
    world.connect(r#""channel":"antenna","id":"a","params":{"antennaId":"x"}"#);
    world.check(At(120_000), &["close Silent"]);
    world.check(Input::Answer(0, owner("other")), &[]);
    world.check(Input::Answer(0, owner("u")), &[]);
}
