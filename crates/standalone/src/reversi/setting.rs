//! The settings that two agree on before a game, as clients send them.

use serde_json::Value;

use super::board::{Board, Rules};
use super::game::{Settings, Side};

/// One setting.
#[derive(Debug, Clone, PartialEq)]
pub enum Setting {
    /// `map`.
    Map(Vec<String>),
    /// `bw`: who has black.
    Black(Option<Side>),
    /// `isLlotheo`.
    FewerWins(bool),
    /// `canPutEverywhere`.
    PutEverywhere(bool),
    /// `loopedBoard`.
    Looped(bool),
    /// `timeLimitForEachTurn`, in seconds.
    TurnSecondsMax(u64),
}

/// The longest time limit of a turn, in seconds.
const TURN_SECONDS_MAX: u64 = 24 * 60 * 60;

impl Setting {
    /// Reads a setting. `None`: there is none of this name, or it can't have this value.
    #[must_use]
    pub fn parse(key: &str, value: &Value) -> Option<Self> {
        Some(match key {
            "map" => {
                let rows = value.as_array()?.iter();
                let rows: Vec<String> = rows
                    .map(|row| row.as_str().map(str::to_owned))
                    .collect::<Option<_>>()?;
                Board::new(&rows, Rules::default())?;
                Self::Map(rows)
            }
            "bw" => Self::Black(black_from(value.as_str()?)?),
            "isLlotheo" => Self::FewerWins(value.as_bool()?),
            "canPutEverywhere" => Self::PutEverywhere(value.as_bool()?),
            "loopedBoard" => Self::Looped(value.as_bool()?),
            "timeLimitForEachTurn" => {
                let seconds = value.as_u64()?;
                if !(1..=TURN_SECONDS_MAX).contains(&seconds) {
                    return None;
                }
                Self::TurnSecondsMax(seconds)
            }
            _ => return None,
        })
    }

    /// Whether it makes the rules other than those that everybody knows.
    #[must_use]
    pub fn is_irregular(&self) -> bool {
        match self {
            Self::FewerWins(on) | Self::PutEverywhere(on) | Self::Looped(on) => *on,
            Self::Map(_) | Self::Black(_) | Self::TurnSecondsMax(_) => false,
        }
    }

    /// Its name and value as clients have them.
    #[must_use]
    pub fn shown(&self) -> (&'static str, Value) {
        match self {
            Self::Map(rows) => ("map", rows.clone().into()),
            Self::Black(side) => ("bw", black_text(*side).into()),
            Self::FewerWins(on) => ("isLlotheo", (*on).into()),
            Self::PutEverywhere(on) => ("canPutEverywhere", (*on).into()),
            Self::Looped(on) => ("loopedBoard", (*on).into()),
            Self::TurnSecondsMax(seconds) => ("timeLimitForEachTurn", (*seconds).into()),
        }
    }

    /// Sets it.
    pub fn apply(self, settings: &mut Settings) {
        match self {
            Self::Map(rows) => settings.map = rows,
            Self::Black(side) => settings.black = side,
            Self::FewerWins(on) => settings.rules.fewer_wins = on,
            Self::PutEverywhere(on) => settings.rules.put_everywhere = on,
            Self::Looped(on) => settings.rules.looped = on,
            Self::TurnSecondsMax(seconds) => settings.turn_seconds_max = seconds,
        }
    }
}

/// `bw` as clients have it.
#[must_use]
pub fn black_text(side: Option<Side>) -> &'static str {
    match side {
        None => "random",
        Some(Side::One) => "1",
        Some(Side::Two) => "2",
    }
}

/// What a `bw` means; `None`: nothing.
#[must_use]
pub fn black_from(text: &str) -> Option<Option<Side>> {
    [None, Some(Side::One), Some(Side::Two)]
        .into_iter()
        .find(|&side| black_text(side) == text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_read_is_what_is_shown() {
        for (key, value) in [
            ("map", json!(["-bw ", "wb--"])),
            ("bw", json!("random")),
            ("bw", json!("1")),
            ("bw", json!("2")),
            ("isLlotheo", json!(true)),
            ("canPutEverywhere", json!(false)),
            ("loopedBoard", json!(true)),
            ("timeLimitForEachTurn", json!(5)),
        ] {
            let setting = Setting::parse(key, &value).unwrap();
            assert_eq!(setting.shown(), (key, value));
        }
    }

    #[test]
    fn nonsense_is_no_setting() {
        for (key, value) in [
            ("nonsense", json!("1")),
            ("map", json!([])),
            ("map", json!(["--", "-"])),
            ("map", json!(["x"])),
            ("map", json!([1])),
            ("map", json!(vec!["-"; 33])),
            ("bw", json!("3")),
            ("bw", json!(1)),
            ("isLlotheo", json!("true")),
            ("timeLimitForEachTurn", json!(0)),
            ("timeLimitForEachTurn", json!(-1)),
            ("timeLimitForEachTurn", json!(1.5)),
            ("timeLimitForEachTurn", json!(86_401)),
            ("noIrregularRules", json!(false)),
            ("form1", json!({})),
        ] {
            assert_eq!(Setting::parse(key, &value), None, "{key} {value}");
        }
    }
}
