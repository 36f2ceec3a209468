//! What a user's roles allow them: `docs/PROTOCOL.md` section 8, as pure functions over the rows of
//! `role` and `role_assignment`, the settings of the server and what is known of the user.
//!
//! [`held`] says which roles a user has, [`resolve`] what those make of one policy, and
//! [`next_change_ms`] when the passing of time alone may change that. What can't be understood
//! never helps anyone: a formula of an unknown kind holds for nobody, and a value of a wrong type
//! allows nothing.

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
    let assigned = |role: &Role| {
        assignments
            .iter()
            .any(|assignment| assignment.role == role.id && assignment.lasts(now_ms))
    };
    let given: Vec<&str> = roles
        .iter()
        .filter(|role| assigned(role))
        .map(|role| role.id.as_str())
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

/// The next moment, in Unix milliseconds, at which a user's roles may change without an event:
/// an assignment ends, or the account reaches an age that a formula asks about.
#[must_use]
pub fn next_change_ms(
    roles: &[Role],
    assignments: &[Assignment],
    facts: &Facts,
    now_ms: u64,
) -> Option<u64> {
    let ends = assignments
        .iter()
        .filter_map(|assignment| assignment.expires_at_ms);
    let ages = roles.iter().filter_map(|role| match &role.target {
        Target::Manual => None,
        Target::Conditional(formula) => formula.next_age_ms(facts, now_ms),
    });
    ends.filter(|end_ms| *end_ms > now_ms).chain(ages).min()
}

#[cfg(test)]
mod tests;
