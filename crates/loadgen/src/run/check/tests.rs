use super::super::scenario::Scenario;
use super::*;

/// Two authors; every second note of each is for followers alone.
const SCENARIO: &str = r#"
    seconds = 4
    authors = 2
    notes = { per_second = 2.0, visibilities = ["public", "followers"] }
    group = []
"#;

/// A reader on `homeTimeline` and `localTimeline` who follows the first author, and what came.
struct World {
    plan: Plan,
    reader: Reader,
    ids: HashMap<String, u64>,
    tally: Tally,
}

impl World {
    fn new() -> Self {
        let scenario = toml::from_str::<Scenario>(SCENARIO).unwrap();
        let channels = [Channel::Home, Channel::Local];
        Self {
            plan: Plan::of(&scenario),
            reader: Reader::new(0, Follows::of(0, 1, 2), &channels, true),
            ids: HashMap::new(),
            tally: Tally::default(),
        }
    }

    fn take(&mut self, text: &str) {
        self.reader
            .take(
                text.as_bytes(),
                "r",
                &self.plan,
                &mut self.ids,
                &mut self.tally,
            )
            .unwrap();
    }

    fn note(&mut self, channel: &str, run: &str, number: u64) {
        let text = text(run, number, 100);
        self.take(&format!(
            r#"{{"type":"channel","body":{{"id":"{channel}","type":"note","body":{{"id":"n{number}","text":"{text}"}}}}}}"#
        ));
    }

    fn reaction(&mut self, number: u64) {
        self.take(&format!(
            r#"{{"type":"noteUpdated","body":{{"id":"n{number}","type":"reacted","body":{{}}}}}}"#
        ));
    }

    /// What was wrong: doubled, out of order, to the wrong viewer.
    fn wrong(&self) -> [u64; 3] {
        let tally = &self.tally;
        [tally.doubled, tally.out_of_order, tally.to_wrong_viewer]
    }
}

#[test]
fn what_comes_once_and_in_order_is_right() {
    let mut world = World::new();
    for (channel, number) in [("0", 0), ("1", 0), ("1", 1), ("0", 2), ("0", 4), ("1", 4)] {
        world.note(channel, "r", number);
    }
    world.reaction(4);
    assert_eq!(world.wrong(), [0; 3]);
    assert_eq!(world.tally.deliveries, 7);
    // Of the first five notes all have come, and the reaction.
    assert_eq!(world.reader.missing(&world.plan, 5, &[4]), 0);
    // The author's next one is public and hasn't come on either channel; a reaction is missing.
    assert_eq!(world.reader.missing(&world.plan, 6, &[0, 4]), 2);
}

#[test]
fn each_kind_of_wrong_is_told_apart() {
    let mut world = World::new();
    world.note("0", "r", 4);
    world.note("0", "r", 0);
    assert_eq!(world.wrong(), [0, 1, 0]);
    world.note("0", "r", 4);
    assert_eq!(world.wrong(), [1, 1, 0]);
    // Of somebody who isn't followed, for followers on a public channel, and on no channel.
    world.note("0", "r", 3);
    world.note("1", "r", 2);
    world.note("7", "r", 0);
    assert_eq!(world.wrong(), [1, 1, 3]);
    // Beyond those that were posted.
    world.note("1", "r", 8);
    assert_eq!(world.wrong(), [1, 1, 4]);
    world.reaction(4);
    world.reaction(4);
    assert_eq!(world.wrong(), [2, 1, 4]);
    assert!(!world.tally.is_clean());
}

#[test]
fn what_is_not_of_the_run_is_none_of_its_business() {
    let mut world = World::new();
    world.note("0", "of another run", 0);
    world.reaction(3);
    world.take(r#"{"type":"connected","body":{"id":"0"}}"#);
    world.take(
        r#"{"type":"channel","body":{"id":"0","type":"note","body":{"id":"n","text":null}}}"#,
    );
    assert_eq!(world.wrong(), [0; 3]);
    assert_eq!((world.tally.deliveries, world.tally.others), (0, 4));
    assert!(world.tally.is_clean());
}
