//! Plays games of Reversi by the server's rules: a game in JSON on each line of the standard input,
//! and for it on a line of the standard output what the board was before and after each move.

use std::io::{BufWriter, Write, stdin, stdout};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use standalone::reversi::board::{Board, Color, Rules};

/// A game to play.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Game {
    map: Vec<String>,
    is_llotheo: bool,
    can_put_everywhere: bool,
    looped_board: bool,
    /// The squares that stones are put on, by whose turn it is.
    moves: Vec<usize>,
}

/// What a board is at one moment.
#[derive(Serialize)]
struct State {
    board: String,
    /// True is black; `None`: the game is over.
    turn: Option<bool>,
    /// Where whose turn it is may put a stone.
    legal: Vec<usize>,
    winner: Option<bool>,
    crc32: i32,
}

fn main() -> Result<()> {
    let mut out = BufWriter::new(stdout().lock());
    for line in stdin().lines() {
        let game: Game = serde_json::from_str(&line?).context("a line is no game")?;
        serde_json::to_writer(&mut out, &play(&game)?)?;
        writeln!(out)?;
        out.flush()?;
    }
    Ok(())
}

/// The board as it begins and after each move, up to one that is refused.
fn play(game: &Game) -> Result<Vec<State>> {
    let rules = Rules {
        fewer_wins: game.is_llotheo,
        put_everywhere: game.can_put_everywhere,
        looped: game.looped_board,
    };
    let mut board = Board::new(&game.map, rules).context("a map is none")?;
    let mut states = vec![state(&board)];
    for &position in &game.moves {
        match board.turn() {
            Some(color) if board.put(color, position) => states.push(state(&board)),
            _ => break,
        }
    }
    Ok(states)
}

fn state(board: &Board) -> State {
    let letters = board.rows().concat();
    let turn = board.turn();
    let may = |&position: &usize| turn.is_some_and(|color| board.can_put(color, position));
    State {
        legal: (0..letters.len()).filter(may).collect(),
        board: letters,
        turn: turn.map(Color::is_black),
        winner: board
            .winner()
            .filter(|_| turn.is_none())
            .map(Color::is_black),
        crc32: board.checksum(),
    }
}
