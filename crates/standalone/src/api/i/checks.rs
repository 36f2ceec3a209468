//! What of `i/update` a schema can't check.

use protocol::id::ID_BYTES_MAX;
use serde_json::{Map, Value};

use crate::api::error::{ApiError, ErrorKind};
use crate::api::notifications::TYPES;
use crate::limits::MUTED_WORD_ITEMS_MAX;

const NO_SUCH_PAGE: ErrorKind = ErrorKind::client(
    "NO_SUCH_PAGE",
    "8e01b590-7eb9-431b-a239-860e086c408e",
    "No such page.",
);
const INVALID_REGEXP: ErrorKind = ErrorKind::client(
    "INVALID_REGEXP",
    "0d786918-10df-41cd-8f33-8dec7d9a89a5",
    "Invalid Regular Expression.",
);
const TOO_MANY_MUTED_WORDS: ErrorKind = ErrorKind::client(
    "TOO_MANY_MUTED_WORDS",
    "010665b1-a211-42d2-bc64-8f6609d79785",
    "Too many muted words.",
);

/// Of whom one may want notifications.
const RECEIVE_FROM: &[&str] = &[
    "all",
    "following",
    "follower",
    "mutualFollow",
    "followingOrFollower",
    "never",
    "list",
];

/// Checks what fits the schema already.
/// `words_max` is how many characters the muted words have, in each of the two lists.
pub(super) fn check(changes: &Map<String, Value>, words_max: usize) -> Result<(), ApiError> {
    // There are no pages here that one could name.
    if changes.get("pinnedPageId").is_some_and(|id| !id.is_null()) {
        return Err(NO_SUCH_PAGE.into());
    }
    if let Some(Value::String(day)) = changes.get("birthday")
        && !is_day(day)
    {
        let reason = r#"must match pattern "^([0-9]{4})-([0-9]{2})-([0-9]{2})$""#;
        return Err(ApiError::invalid_param(
            "#/properties/birthday/pattern",
            reason,
        ));
    }
    for key in ["mutedWords", "hardMutedWords"] {
        if let Some(Value::Array(words)) = changes.get(key) {
            check_words(key, words, words_max)?;
        }
    }
    match changes.get("notificationRecieveConfig") {
        Some(Value::Object(config)) => check_config(config),
        Some(_) | None => Ok(()),
    }
}

/// Whether the text has the form of a date: `2000-01-31`.
pub(in crate::api) fn is_day(text: &str) -> bool {
    let is_digit = |(at, byte): (usize, u8)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    text.len() == 10 && text.bytes().enumerate().all(is_digit)
}

fn check_words(key: &str, words: &[Value], words_max: usize) -> Result<(), ApiError> {
    if words.len() > MUTED_WORD_ITEMS_MAX {
        return Err(TOO_MANY_MUTED_WORDS.into());
    }
    let mut characters = 0;
    for item in words {
        match item {
            Value::String(pattern) => {
                if !is_regexp(pattern) {
                    return Err(INVALID_REGEXP.into());
                }
                characters += pattern.chars().count();
            }
            Value::Array(words) if words.iter().all(Value::is_string) => {
                // An empty word counts as well: it takes room.
                let lengths = words.iter().filter_map(Value::as_str);
                characters += lengths
                    .map(|word| word.chars().count().max(1))
                    .sum::<usize>();
            }
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Array(_)
            | Value::Object(_) => {
                let at = format!("#/properties/{key}/items/oneOf");
                let reason = "must match exactly one schema in oneOf";
                return Err(ApiError::invalid_param(at, reason));
            }
        }
    }
    if characters > words_max {
        return Err(TOO_MANY_MUTED_WORDS.into());
    }
    Ok(())
}

/// Whether the text looks like `/pattern/flags`. Clients alone run it.
fn is_regexp(text: &str) -> bool {
    let Some((pattern, flags)) = text
        .strip_prefix('/')
        .and_then(|rest| rest.rsplit_once('/'))
    else {
        return false;
    };
    !pattern.is_empty() && flags.bytes().all(|flag| b"dgimsuvy".contains(&flag))
}

fn check_config(config: &Map<String, Value>) -> Result<(), ApiError> {
    for (kind, wish) in config {
        let from = wish["type"].as_str();
        let known = from.is_some_and(|from| RECEIVE_FROM.contains(&from));
        let list = wish["userListId"].as_str();
        let complete = from != Some("list") || list.is_some_and(|id| id.len() <= ID_BYTES_MAX);
        let keys = wish.as_object().map_or(0, Map::len);
        let plain = keys == 1 + usize::from(list.is_some());
        if !known || !complete || !plain || !TYPES.contains(&kind.as_str()) {
            let at = format!("#/properties/notificationRecieveConfig/properties/{kind}/oneOf");
            let reason = "must match exactly one schema in oneOf";
            return Err(ApiError::invalid_param(at, reason));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_four_two_and_two_digits() {
        assert!(is_day("2000-01-31"));
        for wrong in ["", "2000-1-31", "2000-01-3x", "2000/01/31", "2000-01-311"] {
            assert!(!is_day(wrong), "{wrong}");
        }
    }

    #[test]
    fn regular_expressions_stand_between_slashes() {
        for right in ["/a/", "/a\\/b/i", "/a/b/gi"] {
            assert!(is_regexp(right), "{right}");
        }
        for wrong in ["", "/", "//", "a", "/a", "/a/x"] {
            assert!(!is_regexp(wrong), "{wrong}");
        }
    }
}
