//! A game of two: from the agreement on its rules to its end. Time and chance are arguments; what
//! is to be told comes back as [`Event`]s.

use protocol::id::UserId;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::board::{Board, Color, Rules};
use super::setting::Setting;

/// How long after both are ready a game begins, in ms.
pub const START_DELAY_MS: u64 = 3_000;

/// One of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Side {
    /// `user1`: who asked for the game, or waited for it.
    One,
    /// `user2`: who accepted.
    Two,
}

/// A game.
#[derive(Debug, Clone, PartialEq)]
pub struct Game {
    /// Its id.
    pub id: String,
    /// The two who play, [`Side::One`] first.
    pub users: [UserId; 2],
    /// What they agree on.
    pub settings: Settings,
    /// How far it is.
    pub phase: Phase,
}

/// What is agreed on before a game.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The board: rows as [`Board::new`] takes them.
    pub map: Vec<String>,
    /// Who has black; `None`: chance decides.
    pub black: Option<Side>,
    /// The rules.
    pub rules: Rules,
    /// How long a turn may take, in seconds.
    pub turn_seconds_max: u64,
    /// The rules may not be changed.
    pub no_irregular_rules: bool,
}

/// How far a game is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Phase {
    /// The two agree on its settings.
    Open {
        /// Who is ready.
        ready: [bool; 2],
        /// When it begins, in Unix milliseconds; `None`: not both are ready.
        starts_at: Option<u64>,
    },
    /// It was begun.
    Begun(Box<Play>),
}

/// What has been played.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Play {
    /// When it began, in Unix milliseconds.
    pub started_at: u64,
    /// Who has black.
    pub black: Side,
    /// The board.
    pub board: Board,
    /// The moves so far.
    pub moves: Vec<Move>,
    /// How it ended; `None`: it has not.
    pub end: Option<End>,
}

/// One move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// When, in Unix milliseconds.
    pub at: u64,
    /// Whose.
    pub color: Color,
    /// The square.
    pub position: usize,
}

/// The end of a game.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// When, in Unix milliseconds.
    pub at: u64,
    /// Who won; `None`: nobody.
    pub winner: Option<Side>,
    /// How it came to that.
    pub cause: Cause,
}

/// Why a game ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cause {
    /// Nobody can move.
    Played,
    /// The loser gave up.
    Surrendered,
    /// The loser took too long.
    TimeIsUp,
}

/// What is to be told to all who watch a game.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Who is ready.
    ReadyStates([bool; 2]),
    /// A setting changed, by whom and to what, as a client writes it.
    Setting(Side, &'static str, Value),
    /// It was begun.
    Started,
    /// A move, with the name that its client gave it.
    Moved(Move, Option<String>),
    /// It ended.
    Ended(Option<Side>),
}

impl Side {
    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::One => Self::Two,
            Self::Two => Self::One,
        }
    }

    /// Its place in an array of two.
    #[must_use]
    pub fn index(self) -> usize {
        match self {
            Self::One => 0,
            Self::Two => 1,
        }
    }

    /// As clients number it.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::One => 1,
            Self::Two => 2,
        }
    }

    /// The side that clients number so.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::One),
            2 => Some(Self::Two),
            _ => None,
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        const EIGHT: [&str; 8] = [
            "--------", "--------", "--------", "---wb---", "---bw---", "--------", "--------",
            "--------",
        ];
        Self {
            map: EIGHT.map(str::to_owned).to_vec(),
            black: None,
            rules: Rules::default(),
            turn_seconds_max: 90,
            no_irregular_rules: false,
        }
    }
}

impl Game {
    /// Who somebody is in this game; `None`: they only watch.
    #[must_use]
    pub fn side_of(&self, user: &UserId) -> Option<Side> {
        let sides = [Side::One, Side::Two];
        sides.into_iter().find(|&side| self.user(side) == user)
    }

    /// Who plays on a side.
    #[must_use]
    pub fn user(&self, side: Side) -> &UserId {
        &self.users[side.index()]
    }

    /// What has been played, if anything has.
    #[must_use]
    pub fn play(&self) -> Option<&Play> {
        match &self.phase {
            Phase::Open { .. } => None,
            Phase::Begun(play) => Some(play),
        }
    }

    /// Somebody is ready, or is no longer.
    pub fn set_ready(&mut self, side: Side, is_ready: bool, now_ms: u64) -> Option<Event> {
        let Phase::Open { ready, starts_at } = &mut self.phase else {
            return None;
        };
        ready[side.index()] = is_ready;
        *starts_at = match ready {
            [true, true] => starts_at.or(Some(now_ms + START_DELAY_MS)),
            _ => None,
        };
        Some(Event::ReadyStates(*ready))
    }

    /// Somebody changes a setting. Who is ready has agreed to what there is.
    pub fn set(&mut self, side: Side, setting: Setting) -> Option<Event> {
        let Phase::Open { ready, .. } = &self.phase else {
            return None;
        };
        let refused =
            ready[side.index()] || (self.settings.no_irregular_rules && setting.is_irregular());
        if refused {
            return None;
        }
        let (key, value) = setting.shown();
        setting.apply(&mut self.settings);
        Some(Event::Setting(side, key, value))
    }

    /// Whether a player may still call it off.
    #[must_use]
    pub fn can_be_canceled(&self) -> bool {
        self.play().is_none()
    }

    /// Begins the game, if it is time. `first_has_black` is what chance says.
    pub fn start(&mut self, now_ms: u64, first_has_black: bool) -> Vec<Event> {
        let Phase::Open {
            starts_at: Some(at),
            ..
        } = self.phase
        else {
            return Vec::new();
        };
        let board = Board::new(&self.settings.map, self.settings.rules);
        let Some(board) = board.filter(|_| at <= now_ms) else {
            return Vec::new();
        };
        let chance = if first_has_black {
            Side::One
        } else {
            Side::Two
        };
        let mut play = Play {
            started_at: now_ms,
            black: self.settings.black.unwrap_or(chance),
            board,
            moves: Vec::new(),
            end: None,
        };
        // On some maps nobody can ever move.
        let ended = play.end_if_over(now_ms);
        self.phase = Phase::Begun(Box::new(play));
        std::iter::once(Event::Started).chain(ended).collect()
    }

    /// Somebody puts a stone. Nothing comes of a move that is not theirs to make.
    pub fn put(
        &mut self,
        side: Side,
        position: usize,
        name: Option<String>,
        now_ms: u64,
    ) -> Vec<Event> {
        let Some(play) = self.running() else {
            return Vec::new();
        };
        let color = play.color_of(side);
        if !play.board.put(color, position) {
            return Vec::new();
        }
        let made = Move {
            at: now_ms.max(play.last_at()),
            color,
            position,
        };
        play.moves.push(made);
        let ended = play.end_if_over(now_ms);
        std::iter::once(Event::Moved(made, name))
            .chain(ended)
            .collect()
    }

    /// Ends the game where whose turn it is has taken too long.
    pub fn claim_time_is_up(&mut self, now_ms: u64) -> Option<Event> {
        let limit_ms = self.settings.turn_seconds_max * 1000;
        let play = self.running()?;
        let loser = play.side_of(play.board.turn()?);
        if now_ms < play.last_at().saturating_add(limit_ms) {
            return None;
        }
        Some(play.end(now_ms, Some(loser.other()), Cause::TimeIsUp))
    }

    /// Somebody gives up.
    pub fn surrender(&mut self, side: Side, now_ms: u64) -> Option<Event> {
        let play = self.running()?;
        Some(play.end(now_ms, Some(side.other()), Cause::Surrendered))
    }

    /// What is played at the moment.
    fn running(&mut self) -> Option<&mut Play> {
        match &mut self.phase {
            Phase::Begun(play) if play.end.is_none() => Some(play),
            Phase::Begun(_) | Phase::Open { .. } => None,
        }
    }
}

impl Play {
    /// The colour of a side.
    #[must_use]
    pub fn color_of(&self, side: Side) -> Color {
        Color::from_black(side == self.black)
    }

    /// The side of a colour.
    #[must_use]
    pub fn side_of(&self, color: Color) -> Side {
        match color {
            Color::Black => self.black,
            Color::White => self.black.other(),
        }
    }

    /// The moves as clients and the store have them: how long after the one before (the first:
    /// when), 1 for black or 0, 0 for a stone that was put, and where.
    #[must_use]
    pub fn logs(&self) -> Value {
        let mut before = 0;
        let mut logs = Vec::with_capacity(self.moves.len());
        for made in &self.moves {
            let black = u8::from(made.color.is_black());
            logs.push(json!([made.at - before, black, 0, made.position]));
            before = made.at;
        }
        logs.into()
    }

    /// Since when it is whose turn it is.
    fn last_at(&self) -> u64 {
        self.moves.last().map_or(self.started_at, |made| made.at)
    }

    fn end_if_over(&mut self, now_ms: u64) -> Option<Event> {
        if self.board.turn().is_some() {
            return None;
        }
        let winner = self.board.winner().map(|color| self.side_of(color));
        Some(self.end(now_ms, winner, Cause::Played))
    }

    fn end(&mut self, at: u64, winner: Option<Side>, cause: Cause) -> Event {
        self.end = Some(End { at, winner, cause });
        Event::Ended(winner)
    }
}

#[cfg(test)]
mod tests;
