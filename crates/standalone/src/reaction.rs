//! Reactions as they are kept: a Unicode emoji without its variation selectors, or `:name@.:` for
//! a custom emoji of this server.

use rusqlite::{Connection, OptionalExtension};
use serde_json::{Map, Value, json};

use crate::model::note::Note;
use crate::model::user::User;
use crate::store::json_col;

/// What stands in for a reaction that isn't known or not accepted.
pub(crate) const FALLBACK: &str = "❤";

/// The reaction that a note takes for what `user` asks for.
pub(crate) fn accepted(
    connection: &Connection,
    note: &Note,
    user: &User,
    asked: &str,
) -> rusqlite::Result<String> {
    let acceptance = note.reaction_acceptance.as_deref().unwrap_or_default();
    let likes_only = match acceptance {
        "likeOnly" => true,
        "likeOnlyForRemote" | "nonSensitiveOnlyForLocalLikeOnlyForRemote" => !user.is_local(),
        _ => false,
    };
    if likes_only {
        return Ok(FALLBACK.to_owned());
    }
    let Some(name) = custom_name(asked) else {
        return Ok(unicode(asked).unwrap_or_else(|| FALLBACK.to_owned()));
    };
    let no_sensitive = acceptance.starts_with("nonSensitiveOnly");
    let emoji = find(connection, name)?.filter(|emoji| {
        let sensitive = emoji.get("isSensitive").and_then(Value::as_bool);
        !no_sensitive || sensitive == Some(false)
    });
    Ok(match emoji {
        Some(_) => format!(":{name}@.:"),
        None => FALLBACK.to_owned(),
    })
}

/// The reaction that a chat message takes for what is asked for.
pub(crate) fn in_chat(connection: &Connection, asked: &str) -> rusqlite::Result<String> {
    let kept = match custom_name(asked) {
        Some(name) => find(connection, name)?.map(|_| format!(":{name}:")),
        None => unicode(asked),
    };
    Ok(kept.unwrap_or_else(|| FALLBACK.to_owned()))
}

/// The `emoji` of a `reacted` event: where its picture is, or null.
pub(crate) fn picture(connection: &Connection, reaction: &str) -> rusqlite::Result<Value> {
    let Some(name) = custom_name(reaction) else {
        return Ok(Value::Null);
    };
    let emoji = find(connection, name)?;
    Ok(emoji.map_or(
        Value::Null,
        |emoji| json!({ "name": format!("{name}@."), "url": emoji.get("url") }),
    ))
}

/// A reaction as a notification names it: without the `@.`.
pub(crate) fn short(reaction: &str) -> String {
    custom_name(reaction).map_or_else(|| reaction.to_owned(), |name| format!(":{name}:"))
}

/// The name in `:name:` or `:name@.:`.
fn custom_name(reaction: &str) -> Option<&str> {
    let inner = reaction.strip_prefix(':')?.strip_suffix(':')?;
    let name = inner.strip_suffix("@.").unwrap_or(inner);
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'+' | b'-');
    (!name.is_empty() && name.bytes().all(fits)).then_some(name)
}

/// An emoji in the one spelling that is kept. Sequences keep their selectors, as in Misskey.
fn unicode(asked: &str) -> Option<String> {
    const SELECTOR: char = '\u{fe0f}';
    const JOINER: char = '\u{200d}';
    let bare = asked.replace(SELECTOR, "");
    emojis::get(asked).or_else(|| emojis::get(&bare))?;
    Some(if asked.contains(JOINER) {
        asked.to_owned()
    } else {
        bare
    })
}

/// A custom emoji of this server, packed.
fn find(connection: &Connection, name: &str) -> rusqlite::Result<Option<Map<String, Value>>> {
    connection
        .prepare_cached("SELECT payload FROM emoji WHERE name = ?1")?
        .query_row([name], |row| json_col(row, "payload"))
        .optional()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emoji_are_kept_in_one_spelling() {
        for (asked, kept) in [
            ("👍", Some("👍")),
            ("👍🏽", Some("👍🏽")),
            ("❤️", Some("❤")),
            ("❤", Some("❤")),
            ("1️⃣", Some("1\u{20e3}")),
            ("🇯🇵", Some("🇯🇵")),
            ("👨‍👩‍👧", Some("👨‍👩‍👧")),
            ("🏳️‍🌈", Some("🏳️‍🌈")),
            ("👍👍", None),
            ("1", None),
            ("a", None),
            ("", None),
        ] {
            assert_eq!(unicode(asked).as_deref(), kept, "{asked}");
        }
    }

    #[test]
    fn custom_emoji_are_named_with_or_without_this_server() {
        for (reaction, name) in [
            (":blob:", Some("blob")),
            (":blob@.:", Some("blob")),
            (":a_b+c-1:", Some("a_b+c-1")),
            (":blob@far.example:", None),
            ("::", None),
            (":", None),
            ("blob", None),
        ] {
            assert_eq!(custom_name(reaction), name, "{reaction}");
        }
        assert_eq!(short(":blob@.:"), ":blob:");
        assert_eq!(short("👍"), "👍");
    }
}
