//! What a user's roles allow them: `docs/PROTOCOL.md` section 8, as pure functions over the rows of
//! `role` and `role_assignment`, the settings of the server and what is known of the user.
//!
//! [`held`] says which roles a user has, [`resolve`] what those make of one policy, and [`ages_ms`]
//! at which ages of an account that may change by itself. What can't be understood never helps
//! anyone: a formula of an unknown kind holds for nobody, and a value of a wrong type allows
//! nothing.

mod formula;
mod merge;
mod role;

use serde_json::{Map, Value};

pub use formula::{Facts, Formula};
pub use role::{Assignment, Override, Role, Target};

use protocol::record::PolicyRecord;

/// The roles that a user has, in the order of `roles`: those that were given to them and have not
/// ended, and those whose formula holds. `assignments` are the user's own; `now_ms` is in Unix
/// milliseconds.
#[must_use]
pub fn held<'a>(
    roles: &'a [Role],
    assignments: &[Assignment],
    facts: &Facts,
    now_ms: u64,
) -> Vec<&'a Role> {
    let given: Vec<&str> = assignments
        .iter()
        .filter(|assignment| assignment.lasts(now_ms))
        .map(|assignment| assignment.role.as_str())
        .collect();
    let holds = |role: &&Role| {
        given.contains(&role.id.as_str())
            || match &role.target {
                Target::Manual => false,
                Target::Conditional(formula) => formula.holds(facts, &given, now_ms),
            }
    };
    roles.iter().filter(holds).collect()
}

/// The value of one policy for a user who has these roles; `base` is that of everyone.
///
/// Of the roles, those with the highest priority for it decide; one that doesn't name it counts
/// as the base value with priority 0. Of several values the most generous one wins.
#[must_use]
pub fn resolve(name: &str, base: &Value, held: &[&Role]) -> Value {
    if held.is_empty() {
        return base.clone();
    }
    let overrides: Vec<Option<&Override>> =
        held.iter().map(|role| role.policies.get(name)).collect();
    let priority = |given: &Option<&Override>| given.map_or(0, |given| given.priority);
    let highest = overrides.iter().map(priority).max().unwrap_or(0);
    let values: Vec<&Value> = overrides
        .iter()
        .filter(|given| priority(given) == highest)
        .map(|given| match given {
            Some(given) if !given.use_default => &given.value,
            Some(_) | None => base,
        })
        .collect();
    merge::most_generous(base, &values)
}

/// All policies of a user who has these roles; `base` names every policy there is.
#[must_use]
pub fn all(base: &Map<String, Value>, held: &[&Role]) -> Map<String, Value> {
    base.iter()
        .map(|(name, value)| (name.clone(), resolve(name, value, held)))
        .collect()
}

/// The policies that the stream asks about, of a user who has these roles. `base` is
/// `meta.policies`; what it doesn't name is allowed, as in Misskey.
#[must_use]
pub fn of_stream(base: &Map<String, Value>, held: &[&Role]) -> PolicyRecord {
    let allows = |name: &str| {
        let base = base.get(name).unwrap_or(&Value::Bool(true));
        resolve(name, base, held) == Value::Bool(true)
    };
    PolicyRecord {
        local_timeline: allows("ltlAvailable"),
        global_timeline: allows("gtlAvailable"),
    }
}

/// Whether one of these roles makes a moderator; administrators are moderators too.
#[must_use]
pub fn is_moderator(held: &[&Role]) -> bool {
    held.iter().any(|role| role.moderator || role.administrator)
}

/// Whether one of these roles makes an administrator.
#[must_use]
pub fn is_administrator(held: &[&Role]) -> bool {
    held.iter().any(|role| role.administrator)
}

/// The ages, in milliseconds, at which the formulas of these roles may change their minds about an
/// account: what passes without an event. The other such thing is the end of an assignment.
#[must_use]
pub fn ages_ms(roles: &[Role]) -> Vec<u64> {
    let mut ages = Vec::new();
    for role in roles {
        if let Target::Conditional(formula) = &role.target {
            formula.collect_ages(&mut ages);
        }
    }
    ages.sort_unstable();
    ages.dedup();
    ages
}

#[cfg(test)]
mod tests;
