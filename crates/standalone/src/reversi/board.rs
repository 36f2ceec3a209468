//! The board of Reversi, by the rules of the npm package `misskey-reversi`, which clients use: what
//! the two make of the same moves must be the same to the last square.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

/// A board, whose turn it is on it, and the rules it goes by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Saved", try_from = "Saved")]
pub struct Board {
    width: usize,
    squares: Vec<Square>,
    rules: Rules,
    turn: Option<Color>,
}

/// A colour of stones, and the player who has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Color {
    /// Moves first.
    Black,
    /// Moves second.
    White,
}

/// What a game may do differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Rules {
    /// `isLlotheo`: who has fewer stones wins.
    pub fewer_wins: bool,
    /// `canPutEverywhere`: a stone need not turn another.
    pub put_everywhere: bool,
    /// `loopedBoard`: each edge borders on the one across.
    pub looped: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Square {
    Missing,
    Empty,
    Stone(Color),
}

/// A board as it is kept.
#[derive(Serialize, Deserialize)]
struct Saved {
    rows: Vec<String>,
    rules: Rules,
    turn: Option<Color>,
}

/// What is kept is no board.
#[derive(Debug, thiserror::Error)]
#[error("the rows are no board")]
pub struct NoBoard;

/// The longest side of a map, in squares.
pub const SIDE_MAX: usize = 32;

/// The eight ways from a square: to the right and down, each by -1, 0 or 1.
const WAYS: [(isize, isize); 8] = [
    (0, -1),
    (1, -1),
    (1, 0),
    (1, 1),
    (0, 1),
    (-1, 1),
    (-1, 0),
    (-1, -1),
];

impl Color {
    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Black => Self::White,
            Self::White => Self::Black,
        }
    }

    /// As clients write it: true is black.
    #[must_use]
    pub fn is_black(self) -> bool {
        self == Self::Black
    }

    /// The colour that clients write so.
    #[must_use]
    pub fn from_black(black: bool) -> Self {
        if black { Self::Black } else { Self::White }
    }
}

impl Square {
    fn parse(letter: char) -> Option<Self> {
        Some(match letter {
            ' ' => Self::Missing,
            '-' => Self::Empty,
            'b' => Self::Stone(Color::Black),
            'w' => Self::Stone(Color::White),
            _ => return None,
        })
    }

    fn letter(self) -> char {
        match self {
            Self::Missing => ' ',
            Self::Empty => '-',
            Self::Stone(Color::Black) => 'b',
            Self::Stone(Color::White) => 'w',
        }
    }

    /// As the package has it, written as JSON.
    fn json(self) -> &'static str {
        match self {
            Self::Missing | Self::Empty => "null",
            Self::Stone(Color::Black) => "true",
            Self::Stone(Color::White) => "false",
        }
    }
}

impl Board {
    /// The board of a map: rows of `-`, `b`, `w`, and spaces where there is no square. `None`: it
    /// is none, with no square, with rows of different lengths, or too large.
    #[must_use]
    pub fn new<S: AsRef<str>>(map: &[S], rules: Rules) -> Option<Self> {
        let mut board = Self {
            width: map.first()?.as_ref().len(),
            squares: squares(map)?,
            rules,
            turn: None,
        };
        let colors = [Color::Black, Color::White];
        board.turn = colors.into_iter().find(|&color| board.can_move(color));
        Some(board)
    }

    /// The board as rows in the letters of a map.
    #[must_use]
    pub fn rows(&self) -> Vec<String> {
        let rows = self.squares.chunks(self.width);
        rows.map(|row| row.iter().map(|square| square.letter()).collect())
            .collect()
    }

    /// Whose turn it is; `None`: the game is over.
    #[must_use]
    pub fn turn(&self) -> Option<Color> {
        self.turn
    }

    /// Whether a player may put a stone on a square, were it their turn.
    #[must_use]
    pub fn can_put(&self, color: Color, position: usize) -> bool {
        self.squares.get(position) == Some(&Square::Empty)
            && (self.rules.put_everywhere || !self.turned(color, position).is_empty())
    }

    /// Puts a stone, and sees whose turn it is then. `false`: it is not theirs, or they may not.
    pub fn put(&mut self, color: Color, position: usize) -> bool {
        if self.turn != Some(color) || !self.can_put(color, position) {
            return false;
        }
        self.squares[position] = Square::Stone(color);
        for turned in self.turned(color, position) {
            self.squares[turned] = Square::Stone(color);
        }
        let next = [color.other(), color];
        self.turn = next.into_iter().find(|&color| self.can_move(color));
        true
    }

    /// Who has won a game that is over; `None`: nobody.
    #[must_use]
    pub fn winner(&self) -> Option<Color> {
        let count = |color| {
            let stones = self.squares.iter();
            stones.filter(|&&it| it == Square::Stone(color)).count()
        };
        let (black, white) = (count(Color::Black), count(Color::White));
        let more = match black.cmp(&white) {
            std::cmp::Ordering::Equal => return None,
            std::cmp::Ordering::Greater => Color::Black,
            std::cmp::Ordering::Less => Color::White,
        };
        Some(if self.rules.fewer_wins {
            more.other()
        } else {
            more
        })
    }

    /// The checksum by which clients find out whether their board is this one: CRC-32, taken as a
    /// signed number, of the JSON that the package's state has.
    #[must_use]
    pub fn checksum(&self) -> i32 {
        let squares: Vec<&str> = self.squares.iter().map(|square| square.json()).collect();
        let turn = match self.turn {
            None => "null",
            Some(color) => Square::Stone(color).json(),
        };
        let mut json = String::new();
        let written = write!(json, r#"{{"board":[{}],"turn":{turn}}}"#, squares.join(","));
        written.expect("text can always be written to");
        crc32fast::hash(json.as_bytes()).cast_signed()
    }

    fn can_move(&self, color: Color) -> bool {
        (0..self.squares.len()).any(|position| self.can_put(color, position))
    }

    /// The squares whose stones turn where `color` puts one on `position`.
    fn turned(&self, color: Color, position: usize) -> Vec<usize> {
        let mut turned = Vec::new();
        for way in WAYS {
            let before = turned.len();
            if !self.follow(color, position, way, &mut turned) {
                turned.truncate(before);
            }
        }
        turned
    }

    /// Collects the stones of the other colour along one way; whether one's own is at its end.
    /// Around a looped board, the stone that is put is its own end.
    fn follow(
        &self,
        color: Color,
        start: usize,
        way: (isize, isize),
        found: &mut Vec<usize>,
    ) -> bool {
        let mut position = start;
        while let Some(next) = self.step(position, way) {
            if next == start {
                return true;
            }
            match self.squares[next] {
                Square::Missing | Square::Empty => return false,
                Square::Stone(stone) if stone == color => return true,
                Square::Stone(_) => found.push(next),
            }
            position = next;
        }
        false
    }

    /// The next square on a way; `None`: it leaves the board.
    fn step(&self, position: usize, (right, down): (isize, isize)) -> Option<usize> {
        let height = self.squares.len() / self.width;
        let along = |at: usize, by: isize, length: usize| {
            let next = at.checked_add_signed(by).filter(|&next| next < length);
            next.or_else(|| {
                self.rules
                    .looped
                    .then_some(if by < 0 { length - 1 } else { 0 })
            })
        };
        let x = along(position % self.width, right, self.width)?;
        let y = along(position / self.width, down, height)?;
        Some(y * self.width + x)
    }
}

impl From<Board> for Saved {
    fn from(board: Board) -> Self {
        Self {
            rows: board.rows(),
            rules: board.rules,
            turn: board.turn,
        }
    }
}

impl TryFrom<Saved> for Board {
    type Error = NoBoard;

    fn try_from(saved: Saved) -> Result<Self, NoBoard> {
        Ok(Self {
            width: saved.rows.first().ok_or(NoBoard)?.len(),
            squares: squares(&saved.rows).ok_or(NoBoard)?,
            rules: saved.rules,
            turn: saved.turn,
        })
    }
}

/// The squares of a map, row by row.
fn squares<S: AsRef<str>>(map: &[S]) -> Option<Vec<Square>> {
    let width = map.first()?.as_ref().len();
    let fits = (1..=SIDE_MAX).contains(&width)
        && map.len() <= SIDE_MAX
        && map.iter().all(|row| row.as_ref().len() == width);
    if !fits {
        return None;
    }
    let letters = map.iter().flat_map(|row| row.as_ref().chars());
    letters.map(Square::parse).collect()
}

#[cfg(test)]
mod tests;
