//! The rows of `role` and `role_assignment`.

use std::collections::HashMap;

use protocol::id::RoleId;
use serde_json::{Map, Value};

use super::formula::Formula;

/// What of a role decides what its members may do.
#[derive(Debug, Clone, PartialEq)]
pub struct Role {
    /// The role.
    pub id: RoleId,
    /// Who has it.
    pub target: Target,
    /// Its members are moderators.
    pub moderator: bool,
    /// Its members are administrators.
    pub administrator: bool,
    /// What it says of policies, by their name.
    pub policies: HashMap<Box<str>, Override>,
}

/// Who has a role.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// Those to whom it was given.
    Manual,
    /// Those too for whom a formula holds.
    Conditional(Formula),
}

/// What a role says of one policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Override {
    /// The base value stands.
    pub use_default: bool,
    /// 0, 1 or 2: values of a higher priority stand above those of a lower one.
    pub priority: u8,
    /// The value, unless the base value stands.
    pub value: Value,
}

/// A role that was given to a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The role.
    pub role: RoleId,
    /// When it ends, in Unix milliseconds; `None`: never.
    pub expires_at_ms: Option<u64>,
}

impl Assignment {
    /// Whether it has not ended.
    #[must_use]
    pub fn lasts(&self, now_ms: u64) -> bool {
        self.expires_at_ms.is_none_or(|end_ms| end_ms > now_ms)
    }
}

impl Target {
    /// Reads the columns `target` and `condFormula`. A formula that can't be read holds for nobody.
    #[must_use]
    pub fn read(target: &str, formula: Value) -> Self {
        if target == "conditional" {
            Self::Conditional(Formula::read(formula))
        } else {
            Self::Manual
        }
    }
}

impl Override {
    /// Reads the column `policies`: an object of `{useDefault, priority, value}`. A value that is
    /// missing allows nothing.
    #[must_use]
    pub fn read_all(policies: Map<String, Value>) -> HashMap<Box<str>, Self> {
        policies
            .into_iter()
            .map(|(name, given)| (name.into(), Self::read(&given)))
            .collect()
    }

    fn read(given: &Value) -> Self {
        Self {
            use_default: given["useDefault"] == true,
            priority: match given["priority"].as_u64() {
                Some(2) => 2,
                Some(1) => 1,
                Some(_) | None => 0,
            },
            value: given["value"].clone(),
        }
    }
}
