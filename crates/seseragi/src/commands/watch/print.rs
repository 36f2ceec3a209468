//! How `watch` shows messages: as they came, or a line for people.

use std::io::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::join::Join;

/// The longest text of a note that is shown, in characters.
const TEXT_CHARS_MAX: usize = 100;

/// How messages are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// As they came.
    Json,
    /// A line each.
    Plain,
    /// A line each, with colours.
    Coloured,
}

/// Writes to standard output.
pub(super) struct Printer {
    style: Style,
}

impl Printer {
    pub(super) fn new(style: Style) -> Self {
        Self { style }
    }

    /// Shows one message. Gives the id of a note that has just appeared, to be captured.
    pub(super) fn message(&self, text: &str, joins: &[Join]) -> std::io::Result<Option<String>> {
        let message: Value = serde_json::from_str(text).unwrap_or(Value::Null);
        let line = match self.style {
            Style::Json => text.to_owned(),
            Style::Plain | Style::Coloured => self.line(&message, joins),
        };
        writeln!(std::io::stdout(), "{line}")?;
        let is_note = message["type"] == "channel" && message["body"]["type"] == "note";
        Ok(is_note
            .then(|| message["body"]["body"]["id"].as_str().map(str::to_owned))
            .flatten())
    }

    /// Says on standard error that the connection is gone.
    pub(super) fn lost(&self, why: &str, wait: Duration) {
        let seconds = wait.as_secs_f32();
        let why = printable(why);
        // Where nobody can be told, there is nothing else to do about it.
        drop(writeln!(
            std::io::stderr(),
            "no connection ({why}); again in {seconds:.1} s"
        ));
    }

    /// Says on standard error that the connection is there again.
    pub(super) fn back(&self) {
        drop(writeln!(std::io::stderr(), "connected again"));
    }

    fn line(&self, message: &Value, joins: &[Join]) -> String {
        let body = &message["body"];
        let (from, kind, what) = match message["type"].as_str().unwrap_or("?") {
            "channel" => {
                let at: Option<usize> = body["id"].as_str().and_then(|id| id.parse().ok());
                let from = at.and_then(|at| joins.get(at));
                let from = from.map_or("?", |join| join.channel.as_str());
                (from, text(&body["type"]), summary(&body["body"]))
            }
            "noteUpdated" => ("capture", text(&body["type"]), update(body)),
            kind => ("server", kind.to_owned(), short(&body.to_string())),
        };
        let time = time_of_day();
        if self.style == Style::Coloured {
            let colour = colour(&kind);
            format!(
                "\x1b[2m{time}\x1b[0m \x1b[36m{from:<14}\x1b[0m \x1b[{colour}m{kind:<12}\x1b[0m {what}"
            )
        } else {
            format!("{time} {from:<14} {kind:<12} {what}")
        }
    }
}

/// Whether colours are wanted where they are possible: see <https://no-color.org>.
pub(super) fn colours_wanted() -> bool {
    let dumb = std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
    !dumb && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// The colour of a type of event: green where something comes, red where it goes.
fn colour(kind: &str) -> u8 {
    match kind {
        "note" => 32,
        "reacted" | "pollVoted" => 35,
        "deleted" | "unreacted" | "unfollow" => 31,
        "notification" | "mention" | "reply" | "followed" => 33,
        _ => 34,
    }
}

/// The body of a channel's event in a few words.
fn summary(body: &Value) -> String {
    if body["visibility"].is_string() {
        return note(body);
    }
    if body["username"].is_string() {
        return format!("@{}", text(&body["username"]));
    }
    if body["note"].is_object() {
        let kind = text(&body["type"]);
        let user = text(&body["user"]["username"]);
        return format!("{kind} by @{user}: {}", note(&body["note"]));
    }
    short(&body.to_string())
}

fn note(note: &Value) -> String {
    let user = text(&note["user"]["username"]);
    let host = note["user"]["host"].as_str();
    let host = host.map_or_else(String::new, |host| format!("@{host}"));
    let renote = if note["renote"].is_object() {
        format!(" [renote of {}]", self::note(&note["renote"]))
    } else {
        String::new()
    };
    let words = note["text"].as_str().map_or_else(String::new, short);
    format!(
        "@{user}{host}: {}{words}{}{renote}",
        warning(note),
        parts(note)
    )
}

/// The content warning, which stands before the words.
fn warning(note: &Value) -> String {
    note["cw"]
        .as_str()
        .map_or_else(String::new, |cw| format!("[cw: {}] ", short(cw)))
}

/// What else a note carries, and for whom it is.
fn parts(note: &Value) -> String {
    let mut parts = String::new();
    if let Some(count) = note["fileIds"]
        .as_array()
        .map(Vec::len)
        .filter(|&count| count > 0)
    {
        parts += &format!(" [files: {count}]");
    }
    if let Some(choices) = note["poll"]["choices"].as_array() {
        let choices: Vec<String> = choices.iter().map(|choice| text(&choice["text"])).collect();
        parts += &format!(" [poll: {}]", short(&choices.join(" / ")));
    }
    match note["visibility"].as_str() {
        None | Some("public") => {}
        Some(visibility) => parts += &format!(" [{}]", printable(visibility)),
    }
    parts
}

fn update(body: &Value) -> String {
    let detail = &body["body"];
    let what = ["reaction", "choice", "deletedAt"]
        .iter()
        .find(|key| !detail[**key].is_null())
        .map_or_else(String::new, |key| format!(" {}", plain(&detail[*key])));
    format!("{}{what}", text(&body["id"]))
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), printable)
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| "?".to_owned(), printable)
}

fn short(text: &str) -> String {
    let mut short: String = printable(text).chars().take(TEXT_CHARS_MAX).collect();
    if text.chars().count() > TEXT_CHARS_MAX {
        short.push('…');
    }
    short
}

/// What others wrote, without what would steer the terminal or turn the line around.
pub(super) fn printable(text: &str) -> String {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
    };
    text.chars()
        .map(|c| if steers(c) { ' ' } else { c })
        .collect()
}

/// The time of day in UTC.
fn time_of_day() -> String {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let seconds = since.as_secs() % 86_400;
    format!(
        "{:02}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn messages_become_readable_lines() {
        let joins = Join::usual(false);
        let bob = json!({"id": "n1", "visibility": "public", "text": "hello\x1b[31m\nthere",
            "user": {"username": "bob", "host": null}});
        let mut rich = bob.clone();
        rich["cw"] = json!("spoilers");
        rich["fileIds"] = json!(["f"]);
        rich["poll"] = json!({"choices": [{"text": "a"}, {"text": "\u{202e}b"}]});
        rich["visibility"] = json!("followers");
        let cases = [
            (
                json!({"type": "channel", "body": {"id": "0", "type": "note", "body": rich}}),
                "localTimeline  note         @bob: [cw: spoilers] hello [31m there \
                 [files: 1] [poll: a /  b] [followers]",
            ),
            (
                json!({"type": "channel", "body": {"id": "0", "type": "note", "body": bob}}),
                "localTimeline  note         @bob: hello [31m there",
            ),
            (
                json!({"type": "noteUpdated", "body": {"id": "n1", "type": "reacted",
                "body": {"reaction": "👍", "userId": "u"}}}),
                "capture        reacted      n1 👍",
            ),
        ];
        for (message, expected) in cases {
            let line = Printer::new(Style::Plain).line(&message, &joins);
            assert_eq!(line.split_once(' ').unwrap().1, expected);
        }
    }
}
