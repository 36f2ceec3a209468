use proptest::prelude::*;

use super::*;

const NOW_MS: u64 = 1_795_462_857_174;

fn game(settings: Settings) -> Game {
    let user = |id: &str| UserId::parse(id).unwrap();
    Game {
        id: "game".to_owned(),
        users: [user("one"), user("two")],
        settings,
        phase: Phase::Open {
            ready: [false, false],
            starts_at: None,
        },
    }
}

/// A game in which one has black, begun at `NOW_MS`.
fn begun(map: &[&str]) -> Game {
    let mut game = game(Settings {
        map: map.iter().map(|&row| row.to_owned()).collect(),
        black: Some(Side::One),
        ..Settings::default()
    });
    game.set_ready(Side::One, true, NOW_MS - START_DELAY_MS);
    game.set_ready(Side::Two, true, NOW_MS - START_DELAY_MS);
    assert_eq!(game.start(NOW_MS, false)[0], Event::Started);
    game
}

/// The recorded game: who is ready, when it begins, the moves as they were kept, who gave up.
#[test]
fn a_recorded_game_goes_as_it_went() {
    let mut game = game(Settings::default());
    let ready = |one, two| Some(Event::ReadyStates([one, two]));
    let setting = Setting::Black(Some(Side::One));
    assert_eq!(
        game.set(Side::One, setting),
        Some(Event::Setting(Side::One, "bw", "1".into()))
    );
    assert_eq!(game.set_ready(Side::One, true, 0), ready(true, false));
    assert_eq!(game.set_ready(Side::One, false, 0), ready(false, false));
    assert_eq!(game.set_ready(Side::One, true, 0), ready(true, false));
    assert_eq!(game.set_ready(Side::Two, true, 1_000), ready(true, true));
    assert_eq!(game.start(3_999, false), []);
    assert_eq!(game.start(4_000, false), [Event::Started]);
    assert_eq!(game.put(Side::Two, 19, None, 4_000), [], "not their turn");
    let first = Move {
        at: 1_795_462_858_650,
        color: Color::Black,
        position: 19,
    };
    assert_eq!(
        game.put(Side::One, 19, Some("b1".to_owned()), first.at),
        [Event::Moved(first, Some("b1".to_owned()))]
    );
    assert_eq!(game.put(Side::Two, 18, None, first.at + 379).len(), 1);
    assert_eq!(game.put(Side::One, 63, None, first.at + 400), [], "illegal");
    assert_eq!(game.claim_time_is_up(first.at + 1_442), None);
    let play = game.play().unwrap();
    assert_eq!(
        play.logs(),
        json!([[1_795_462_858_650_u64, 1, 0, 19], [379, 0, 0, 18]])
    );
    assert_eq!(play.board.checksum(), -238_577_073);
    assert_eq!(
        game.surrender(Side::One, first.at + 2_000),
        Some(Event::Ended(Some(Side::Two)))
    );
}

#[test]
fn who_is_ready_has_agreed_to_what_there_is() {
    let mut game = game(Settings::default());
    game.set_ready(Side::One, true, 0);
    assert_eq!(game.set(Side::One, Setting::Looped(true)), None);
    assert!(game.set(Side::Two, Setting::Looped(true)).is_some());
    assert!(game.settings.rules.looped);
}

#[test]
fn where_that_was_agreed_on_the_rules_stay_regular() {
    let mut game = game(Settings {
        no_irregular_rules: true,
        ..Settings::default()
    });
    for setting in [
        Setting::Looped(true),
        Setting::FewerWins(true),
        Setting::PutEverywhere(true),
    ] {
        assert_eq!(game.set(Side::One, setting), None);
    }
    assert!(game.set(Side::One, Setting::TurnSecondsMax(5)).is_some());
}

#[test]
fn a_game_does_not_begin_where_one_is_no_longer_ready() {
    let mut game = game(Settings::default());
    game.set_ready(Side::One, true, 0);
    game.set_ready(Side::Two, true, 0);
    game.set_ready(Side::One, false, 2_000);
    assert_eq!(game.start(3_000, true), []);
    game.set_ready(Side::One, true, 2_500);
    assert_eq!(game.start(5_499, true), []);
    assert_eq!(game.start(5_500, true), [Event::Started]);
    assert!(!game.can_be_canceled());
    assert_eq!(game.set_ready(Side::One, false, 6_000), None);
    assert_eq!(game.set(Side::One, Setting::Looped(true)), None);
}

#[test]
fn chance_decides_who_begins_unless_that_was_agreed_on() {
    for (agreed, chance, black) in [
        (None, true, Side::One),
        (None, false, Side::Two),
        (Some(Side::One), false, Side::One),
        (Some(Side::Two), true, Side::Two),
    ] {
        let mut game = game(Settings {
            black: agreed,
            ..Settings::default()
        });
        game.set_ready(Side::One, true, 0);
        game.set_ready(Side::Two, true, 0);
        game.start(3_000, chance);
        assert_eq!(game.play().unwrap().black, black);
    }
}

#[test]
fn the_last_move_ends_the_game() {
    let mut game = begun(&["-wb-w"]);
    let told = game.put(Side::One, 0, None, NOW_MS + 1);
    assert_eq!(told.len(), 2);
    assert_eq!(told[1], Event::Ended(Some(Side::One)));
    assert_eq!(game.surrender(Side::Two, NOW_MS + 2), None);
    assert_eq!(game.claim_time_is_up(u64::MAX), None);
}

#[test]
fn a_game_in_which_nobody_can_move_ends_as_it_begins() {
    let mut game = game(Settings {
        map: vec!["bbw".to_owned()],
        black: Some(Side::Two),
        ..Settings::default()
    });
    game.set_ready(Side::One, true, 0);
    game.set_ready(Side::Two, true, 0);
    assert_eq!(
        game.start(3_000, false),
        [Event::Started, Event::Ended(Some(Side::Two))]
    );
}

#[test]
fn who_takes_too_long_loses() {
    let mut game = begun(&["--------", "---wb---", "---bw---", "--------"]);
    let limit_ms = game.settings.turn_seconds_max * 1000;
    assert_eq!(game.claim_time_is_up(NOW_MS + limit_ms - 1), None);
    let legal = (0..32).find(|&at| game.play().unwrap().board.can_put(Color::Black, at));
    assert_eq!(
        game.put(Side::One, legal.unwrap(), None, NOW_MS + 10).len(),
        1
    );
    assert_eq!(game.claim_time_is_up(NOW_MS + limit_ms), None);
    assert_eq!(
        game.claim_time_is_up(NOW_MS + 10 + limit_ms),
        Some(Event::Ended(Some(Side::One)))
    );
    assert_eq!(game.play().unwrap().end.unwrap().cause, Cause::TimeIsUp);
}

#[derive(Debug, Clone)]
enum Op {
    Ready(Side, bool),
    Set(Side, Setting),
    Start,
    Put(Side, usize),
    Claim,
    Surrender(Side),
    Pass(u64),
}

fn any_op() -> impl Strategy<Value = Op> {
    let side = prop_oneof![Just(Side::One), Just(Side::Two)];
    let setting = prop_oneof![
        any::<bool>().prop_map(Setting::Looped),
        any::<bool>().prop_map(Setting::FewerWins),
        any::<bool>().prop_map(Setting::PutEverywhere),
        Just(Setting::Map(vec!["-wb-".to_owned(), "-bw-".to_owned()])),
        (1..4_u64).prop_map(Setting::TurnSecondsMax),
    ];
    prop_oneof![
        4 => (side.clone(), prop::bool::weighted(0.8)).prop_map(|(side, is)| Op::Ready(side, is)),
        1 => (side.clone(), setting).prop_map(|(side, it)| Op::Set(side, it)),
        3 => Just(Op::Start),
        12 => (side.clone(), 0..64_usize).prop_map(|(side, at)| Op::Put(side, at)),
        1 => Just(Op::Claim),
        1 => side.prop_map(Op::Surrender),
        3 => (0..2_000_u64).prop_map(Op::Pass),
    ]
}

/// What must hold of a game whatever was done, judged by what was told of it alone.
#[derive(Default)]
struct Model {
    ready: [bool; 2],
    both_since: Option<u64>,
    board: Option<Board>,
    moves: Vec<Move>,
    ended: bool,
}

impl Model {
    fn take(&mut self, game: &Game, event: &Event, now_ms: u64) {
        assert!(!self.ended, "nothing is told of a game that is over");
        match event {
            Event::ReadyStates(ready) => {
                assert!(self.board.is_none());
                self.both_since = match (*ready, self.ready) {
                    ([true, true], [true, true]) => self.both_since,
                    ([true, true], _) => Some(now_ms),
                    _ => None,
                };
                self.ready = *ready;
            }
            Event::Setting(side, ..) => {
                assert!(self.board.is_none() && !self.ready[side.index()]);
            }
            Event::Started => {
                assert!(self.board.is_none());
                assert!(now_ms - self.both_since.unwrap() >= START_DELAY_MS);
                self.board = Board::new(&game.settings.map, game.settings.rules);
            }
            Event::Moved(made, _) => {
                assert!(self.board.as_mut().unwrap().put(made.color, made.position));
                self.moves.push(*made);
            }
            Event::Ended(_) => self.ended = true,
        }
    }
}

proptest! {
    #[test]
    fn a_game_is_what_was_told_of_it(ops in prop::collection::vec(any_op(), 0..120)) {
        let mut game = game(Settings::default());
        let mut model = Model::default();
        let mut now_ms = NOW_MS;
        for op in ops {
            let told = match op {
                Op::Ready(side, is) => game.set_ready(side, is, now_ms).into_iter().collect(),
                Op::Set(side, setting) => game.set(side, setting).into_iter().collect(),
                Op::Start => game.start(now_ms, true),
                Op::Put(side, position) => game.put(side, position, None, now_ms),
                Op::Claim => game.claim_time_is_up(now_ms).into_iter().collect(),
                Op::Surrender(side) => game.surrender(side, now_ms).into_iter().collect(),
                Op::Pass(ms) => { now_ms += ms; Vec::new() }
            };
            for event in &told {
                model.take(&game, event, now_ms);
            }
            prop_assert_eq!(game.play().map(|play| &play.board), model.board.as_ref());
            if let Some(play) = game.play() {
                prop_assert_eq!(&play.moves, &model.moves);
                prop_assert_eq!(play.end.is_some(), model.ended);
                prop_assert!(play.board.turn().is_some() || model.ended);
            }
            let saved = serde_json::to_string(&game.phase).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Phase>(&saved).unwrap(), &game.phase);
        }
    }
}
