use proptest::prelude::*;

use super::*;

const EIGHT: [&str; 8] = [
    "--------", "--------", "--------", "---wb---", "---bw---", "--------", "--------", "--------",
];

fn board(map: &[&str], rules: Rules) -> Board {
    Board::new(map, rules).unwrap()
}

fn plain() -> Rules {
    Rules::default()
}

fn looped() -> Rules {
    Rules {
        looped: true,
        ..plain()
    }
}

#[test]
fn a_stone_turns_those_between_it_and_another() {
    let mut board = board(&EIGHT, plain());
    assert!(!board.put(Color::White, 18), "it is not White's turn");
    assert!(!board.put(Color::Black, 63), "nothing would turn");
    assert!(!board.put(Color::Black, 27), "there is a stone");
    assert!(!board.put(Color::Black, 64), "there is no such square");
    assert!(board.put(Color::Black, 19));
    assert_eq!(board.rows()[2..5], ["---b----", "---bb---", "---bw---"]);
    assert_eq!(board.turn(), Some(Color::White));
}

/// The moves of a recorded game, and the checksum that its server kept.
#[test]
fn the_checksum_is_that_of_a_real_server() {
    let mut board = board(&EIGHT, plain());
    assert!(board.put(Color::Black, 19));
    assert!(board.put(Color::White, 18));
    assert_eq!(board.checksum(), -238_577_073);
}

#[test]
fn a_map_is_rows_of_one_length_in_four_letters() {
    for map in [
        &[][..],
        &[""],
        &["--", "-"],
        &["-x"],
        &["é-"],
        &["-", "-", "\n"],
    ] {
        assert_eq!(Board::new(map, plain()), None, "{map:?}");
    }
    let row = "-".repeat(SIDE_MAX);
    assert!(Board::new(&vec![row.as_str(); SIDE_MAX], plain()).is_some());
    assert_eq!(Board::new(&vec![row.as_str(); SIDE_MAX + 1], plain()), None);
    assert_eq!(Board::new(&["-".repeat(SIDE_MAX + 1)], plain()), None);
}

#[test]
fn a_game_may_be_over_before_it_begins_or_begin_with_white() {
    assert_eq!(board(&["----"], plain()).turn(), None);
    assert_eq!(board(&["-bw "], plain()).turn(), Some(Color::White));
    assert_eq!(board(&["-wb "], plain()).turn(), Some(Color::Black));
}

#[test]
fn around_a_looped_board_a_stone_meets_itself() {
    assert!(!board(&["-www"], plain()).can_put(Color::Black, 0));
    let mut around = board(&["-www"], looped());
    assert!(around.put(Color::Black, 0));
    assert_eq!(around.rows(), ["bbbb"]);
    assert!(!board(&["-w w"], looped()).can_put(Color::Black, 0));
}

#[test]
fn who_has_more_wins_or_who_has_fewer() {
    let fewer = Rules {
        fewer_wins: true,
        ..plain()
    };
    for (map, more) in [
        ("bbw", Some(Color::Black)),
        ("bww", Some(Color::White)),
        ("bw", None),
    ] {
        assert_eq!(board(&[map], plain()).winner(), more);
        assert_eq!(board(&[map], fewer).winner(), more.map(Color::other));
    }
}

prop_compose! {
    fn any_board()(
        width in 1..7_usize, height in 1..7_usize,
        fewer_wins: bool, put_everywhere: bool, looped: bool,
        letters in proptest::collection::vec("[-bw ]", 36),
    ) -> Board {
        let rows: Vec<String> = letters.chunks(width).take(height).map(<[_]>::concat).collect();
        let rows: Vec<String> = rows.into_iter().filter(|row| row.len() == width).collect();
        let rules = Rules { fewer_wins, put_everywhere, looped };
        Board::new(&rows, rules).unwrap()
    }
}

proptest! {
    /// A game ends: each move fills a square. What is written down is the game itself.
    #[test]
    fn every_game_ends_and_can_be_resumed(
        mut board in any_board(), choices in proptest::collection::vec(any::<usize>(), 36),
    ) {
        for choice in choices {
            let Some(color) = board.turn() else { break };
            let free = |board: &Board| {
                board.squares.iter().filter(|&&square| square == Square::Empty).count()
            };
            let before = free(&board);
            let legal: Vec<usize> =
                (0..board.squares.len()).filter(|&at| board.can_put(color, at)).collect();
            prop_assert!(!legal.is_empty());
            prop_assert!(board.put(color, legal[choice % legal.len()]));
            prop_assert_eq!(free(&board), before - 1);
            let saved = serde_json::to_string(&board).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Board>(&saved).unwrap(), &board);
        }
        prop_assert_eq!(board.turn(), None);
    }
}
