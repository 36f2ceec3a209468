//! What clients may ask of other lists than the timelines, as SQL over a row of `note`.

use super::carries::{followed, pure};

/// Written by the viewer or by someone they follow.
pub(crate) const FROM_MY_CIRCLE: &str = concat!("(note.user_id = :me OR ", followed!(), ")");

/// Of the visibility `:visibility`.
pub(crate) const OF_VISIBILITY: &str = "note.visibility = :visibility";

/// In a conversation that the viewer doesn't mute.
pub(crate) const NO_MUTED_THREAD: &str = "NOT EXISTS (SELECT 1 FROM thread_mute
     WHERE user_id = :me AND thread_id = ifnull(note.thread_id, note.id))";

/// A reply to `:note`, or a renote that says something.
pub(crate) const REPLY_OR_QUOTE: &str = concat!("(note.reply_id = :note OR NOT ", pure!(), ")");

/// Some group of `:query` has all its tags on the note.
pub(crate) const WITH_TAGS: &str =
    "EXISTS (SELECT 1 FROM json_each(:query) AS one WHERE NOT EXISTS (
         SELECT 1 FROM json_each(one.value) AS wanted WHERE NOT EXISTS (
             SELECT 1 FROM note_tag WHERE tag = wanted.value AND note_id = note.id)))";

/// The text has `:like`, a pattern with `\` for an escape.
pub(crate) const WITH_TEXT: &str =
    r"(note.text LIKE :like ESCAPE '\' OR note.cw LIKE :like ESCAPE '\')";

/// In the Misskey channel `:channel`.
pub(crate) const IN_CHANNEL: &str = "note.channel_id = :channel";

/// By users of the server `:host`.
pub(crate) const FROM_HOST: &str = "note.user_host = :host";

/// By users of this server.
pub(crate) const FROM_HERE: &str = "note.user_host IS NULL";

/// For everyone, on the public timelines.
pub(crate) const PUBLIC: &str = "note.visibility = 'public'";

/// For other servers too.
pub(crate) const NOT_LOCAL_ONLY: &str = "NOT note.local_only";

/// Not the viewer's own.
pub(crate) const NOT_MINE: &str = "note.user_id <> :me";

/// A poll that is open, and in which the viewer has not voted.
pub(crate) const OPEN_TO_MY_VOTE: &str =
    "((asked.expires_at IS NULL OR asked.expires_at > :now) AND NOT EXISTS (
         SELECT 1 FROM poll_vote WHERE note_id = asked.note_id AND user_id = :me))";

/// A condition that a client asks for, asks against, or leaves open.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Choice {
    /// It holds.
    pub(crate) yes: &'static str,
    /// It doesn't.
    pub(crate) no: &'static str,
}

/// A reply.
pub(crate) const REPLY: Choice = Choice {
    yes: "note.reply_id IS NOT NULL",
    no: "note.reply_id IS NULL",
};

/// A renote or a quote.
pub(crate) const RENOTE: Choice = Choice {
    yes: "note.renote_id IS NOT NULL",
    no: "note.renote_id IS NULL",
};

/// With a poll.
pub(crate) const POLL: Choice = Choice {
    yes: "note.has_poll",
    no: "NOT note.has_poll",
};

/// With files.
pub(crate) const FILES: Choice = Choice {
    yes: "note.file_ids <> '[]'",
    no: "note.file_ids = '[]'",
};
