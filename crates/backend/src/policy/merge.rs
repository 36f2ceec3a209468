//! One value out of several.

use serde_json::Value;

/// `chatAvailability`, the least generous first.
const CHAT: [&str; 3] = ["unavailable", "readonly", "available"];

/// The most generous of `values`, which are to be of the type of `base`; those of another type
/// allow nothing.
pub(super) fn most_generous(base: &Value, values: &[&Value]) -> Value {
    match base {
        Value::Bool(_) => values.contains(&&Value::Bool(true)).into(),
        Value::Number(_) => greatest(values),
        Value::String(_) => farthest(values),
        Value::Array(_) => union(values),
        Value::Null | Value::Object(_) => values.first().copied().cloned().unwrap_or_default(),
    }
}

fn greatest(values: &[&Value]) -> Value {
    values
        .iter()
        .filter(|value| value.is_number())
        .max_by(|a, b| number(a).total_cmp(&number(b)))
        .map_or_else(|| 0.into(), |value| (*value).clone())
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NEG_INFINITY)
}

fn farthest(values: &[&Value]) -> Value {
    let rank = |value: &Value| CHAT.iter().position(|known| value == known);
    let best = values.iter().filter_map(|value| rank(value)).max();
    CHAT[best.unwrap_or(0)].into()
}

fn union(values: &[&Value]) -> Value {
    let mut all: Vec<Value> = Vec::new();
    for item in values.iter().filter_map(|value| value.as_array()).flatten() {
        if !all.contains(item) {
            all.push(item.clone());
        }
    }
    all.into()
}
