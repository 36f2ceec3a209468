//! Which notes `watch` captures.

use std::collections::VecDeque;

use serde_json::json;

/// How many of the notes that come are captured at a time; the server takes 1,536.
const CAPTURED_MAX: usize = 1_000;

/// The notes whose reactions, votes and deletion are watched.
#[derive(Debug, Default)]
pub(super) struct Captures {
    /// Those that were named.
    named: Vec<String>,
    /// Whether each note that comes is captured too.
    all: bool,
    /// Of those, the newest, the oldest first.
    newest: VecDeque<String>,
}

impl Captures {
    /// Captures the notes of these ids, and with an empty id each one that comes.
    pub(super) fn new(ids: impl Iterator<Item = String>) -> Self {
        let (empty, named): (Vec<String>, Vec<String>) = ids.partition(String::is_empty);
        Self {
            named,
            all: !empty.is_empty(),
            newest: VecDeque::new(),
        }
    }

    /// The messages with which a new connection begins.
    pub(super) fn messages(&self) -> Vec<String> {
        let notes = self.named.iter().chain(&self.newest);
        notes.map(|note| message("subNote", note)).collect()
    }

    /// The messages to send when a note has come.
    pub(super) fn arrived(&mut self, note: &str) -> Vec<String> {
        // Several channels may carry it: captured twice, it would have to be released twice.
        if !self.all || self.named.iter().chain(&self.newest).any(|id| id == note) {
            return Vec::new();
        }
        let mut messages = vec![message("subNote", note)];
        self.newest.push_back(note.to_owned());
        if self.newest.len() > CAPTURED_MAX
            && let Some(oldest) = self.newest.pop_front()
        {
            messages.push(message("unsubNote", &oldest));
        }
        messages
    }
}

fn message(kind: &str, note: &str) -> String {
    json!({"type": kind, "body": {"id": note}}).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn captures(ids: &[&str]) -> Captures {
        Captures::new(ids.iter().map(|id| (*id).to_owned()))
    }

    #[test]
    fn only_what_was_asked_for_is_captured() {
        assert!(captures(&[]).arrived("a").is_empty());
        let mut named = captures(&["n"]);
        assert!(named.arrived("a").is_empty());
        assert_eq!(
            named.messages(),
            [r#"{"type":"subNote","body":{"id":"n"}}"#]
        );
    }

    #[test]
    fn each_note_is_captured_once_and_again_on_a_new_connection() {
        let mut all = captures(&["", "n"]);
        assert_eq!(all.arrived("a").len(), 1);
        assert!(all.arrived("a").is_empty());
        assert!(all.arrived("n").is_empty());
        assert_eq!(all.messages().len(), 2);
    }

    #[test]
    fn the_oldest_is_released() {
        let mut all = captures(&[""]);
        for n in 0..CAPTURED_MAX {
            assert_eq!(all.arrived(&n.to_string()).len(), 1);
        }
        let messages = all.arrived("last");
        assert_eq!(messages[1], r#"{"type":"unsubNote","body":{"id":"0"}}"#);
        assert_eq!(all.messages().len(), CAPTURED_MAX);
    }
}
