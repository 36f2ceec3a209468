//! The formula of a conditional role.

use serde::Deserialize;
use serde_json::Value;

/// What a formula may ask about a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The user is one of this server.
    pub local: bool,
    /// An administrator has suspended them.
    pub suspended: bool,
    /// They approve who follows them.
    pub locked: bool,
    /// They are a bot.
    pub bot: bool,
    /// They are a cat.
    pub cat: bool,
    /// They want to be found.
    pub explorable: bool,
    /// When the account was made, in Unix milliseconds.
    pub created_ms: u64,
    /// How many follow them.
    pub followers: u64,
    /// How many they follow.
    pub following: u64,
    /// How many notes they have.
    pub notes: u64,
}

/// A condition, as the column `condFormula` has it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are Misskey's and say it all")]
pub enum Formula {
    And {
        values: Vec<Formula>,
    },
    Or {
        values: Vec<Formula>,
    },
    Not {
        value: Box<Formula>,
    },
    RoleAssignedTo {
        #[serde(rename = "roleId")]
        role: Box<str>,
    },
    IsLocal,
    IsRemote,
    IsSuspended,
    IsLocked,
    IsBot,
    IsCat,
    IsExplorable,
    CreatedLessThan {
        sec: f64,
    },
    CreatedMoreThan {
        sec: f64,
    },
    FollowersLessThanOrEq {
        value: f64,
    },
    FollowersMoreThanOrEq {
        value: f64,
    },
    FollowingLessThanOrEq {
        value: f64,
    },
    FollowingMoreThanOrEq {
        value: f64,
    },
    NotesLessThanOrEq {
        value: f64,
    },
    NotesMoreThanOrEq {
        value: f64,
    },
    /// A kind of a newer or another server: neither it nor its opposite is known to hold.
    #[serde(other)]
    Unknown,
}

impl Formula {
    /// Reads a formula; one that can't be read is [`Formula::Unknown`].
    #[must_use]
    pub fn read(formula: Value) -> Self {
        serde_json::from_value(formula).unwrap_or(Self::Unknown)
    }

    /// Whether it is known to hold for a user, to whom the roles `given` were given by hand.
    #[must_use]
    pub fn holds(&self, facts: &Facts, given: &[&str], now_ms: u64) -> bool {
        self.evaluate(facts, given, now_ms) == Some(true)
    }

    /// Kleene's logic of three values: `None` is what isn't known.
    fn evaluate(&self, facts: &Facts, given: &[&str], now_ms: u64) -> Option<bool> {
        let of = |formula: &Self| formula.evaluate(facts, given, now_ms);
        Some(match self {
            Self::And { values } => return combine(values.iter().map(of), false),
            Self::Or { values } => return combine(values.iter().map(of), true),
            Self::Not { value } => !of(value)?,
            Self::RoleAssignedTo { role } => given.contains(&&**role),
            Self::IsLocal => facts.local,
            Self::IsRemote => !facts.local,
            Self::IsSuspended => facts.suspended,
            Self::IsLocked => facts.locked,
            Self::IsBot => facts.bot,
            Self::IsCat => facts.cat,
            Self::IsExplorable => facts.explorable,
            Self::CreatedLessThan { sec } => !reaches(facts, *sec, now_ms),
            Self::CreatedMoreThan { sec } => reaches(facts, *sec, now_ms),
            Self::FollowersLessThanOrEq { value } => count(facts.followers) <= *value,
            Self::FollowersMoreThanOrEq { value } => count(facts.followers) >= *value,
            Self::FollowingLessThanOrEq { value } => count(facts.following) <= *value,
            Self::FollowingMoreThanOrEq { value } => count(facts.following) >= *value,
            Self::NotesLessThanOrEq { value } => count(facts.notes) <= *value,
            Self::NotesMoreThanOrEq { value } => count(facts.notes) >= *value,
            Self::Unknown => return None,
        })
    }

    /// Adds the ages that it asks about, in milliseconds.
    pub(super) fn collect_ages(&self, ages: &mut Vec<u64>) {
        match self {
            Self::And { values } | Self::Or { values } => {
                for value in values {
                    value.collect_ages(ages);
                }
            }
            Self::Not { value } => value.collect_ages(ages),
            Self::CreatedLessThan { sec } | Self::CreatedMoreThan { sec } => {
                ages.push(age_ms(*sec));
            }
            Self::RoleAssignedTo { .. }
            | Self::IsLocal
            | Self::IsRemote
            | Self::IsSuspended
            | Self::IsLocked
            | Self::IsBot
            | Self::IsCat
            | Self::IsExplorable
            | Self::FollowersLessThanOrEq { .. }
            | Self::FollowersMoreThanOrEq { .. }
            | Self::FollowingLessThanOrEq { .. }
            | Self::FollowingMoreThanOrEq { .. }
            | Self::NotesLessThanOrEq { .. }
            | Self::NotesMoreThanOrEq { .. }
            | Self::Unknown => {}
        }
    }
}

/// `deciding` if one part has that value, else unknown if one part is, else the opposite.
fn combine(parts: impl Iterator<Item = Option<bool>>, deciding: bool) -> Option<bool> {
    let mut value = Some(!deciding);
    for part in parts {
        match part {
            Some(part) if part == deciding => return Some(deciding),
            Some(_) => {}
            None => value = None,
        }
    }
    value
}

/// Whether an account is `sec` seconds old.
fn reaches(facts: &Facts, sec: f64, now_ms: u64) -> bool {
    now_ms >= facts.created_ms.saturating_add(age_ms(sec))
}

/// Whole milliseconds of what may have a fraction, or be no age at all.
fn age_ms(sec: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast of a float ends at the bounds of its type, which is what is wanted"
    )]
    let age_ms = (sec * 1000.0) as u64;
    age_ms
}

fn count(count: u64) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of followers and notes are far below 2^53"
    )]
    let count = count as f64;
    count
}
