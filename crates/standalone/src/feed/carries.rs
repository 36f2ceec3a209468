//! Which notes the timelines carry (`docs/PROTOCOL.md` section 6), as SQL over a row of `note`.

/// A renote and nothing else.
macro_rules! pure {
    () => {
        "(note.renote_id IS NOT NULL AND note.text IS NULL AND note.cw IS NULL
          AND note.reply_id IS NULL AND NOT note.has_poll AND note.file_ids = '[]')"
    };
}
pub(super) use pure;

/// Whether the viewer follows the author.
macro_rules! followed {
    () => {
        "EXISTS (SELECT 1 FROM follow
                 WHERE follower_id = :me AND followee_id = note.user_id)"
    };
}
pub(super) use followed;

/// Whether the viewer follows the author with replies.
macro_rules! followed_with_replies {
    () => {
        "EXISTS (SELECT 1 FROM follow
                 WHERE follower_id = :me AND followee_id = note.user_id AND with_replies)"
    };
}

/// In a Misskey channel: whether the viewer follows that. Elsewhere: whether they follow the
/// author, or are the author.
macro_rules! on_home {
    () => {
        concat!(
            "CASE WHEN note.channel_id IS NULL THEN note.user_id = :me OR ",
            followed!(),
            " ELSE EXISTS (SELECT 1 FROM channel_follow
                           WHERE user_id = :me AND channel_id = note.channel_id) END"
        )
    };
}

/// Whether the note is no reply, or replies to the viewer, is theirs, or is to its own author.
macro_rules! among_themselves {
    () => {
        "(note.reply_id IS NULL OR note.user_id = :me
          OR note.reply_user_id IN (:me, note.user_id))"
    };
}

/// Whether the note with this id replies to a `followers` note of a stranger.
macro_rules! to_closed_circle {
    ($id:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM note AS answer JOIN note AS asked ON asked.id = answer.reply_id
                     WHERE answer.id = ",
            $id,
            " AND asked.visibility = 'followers' AND asked.user_id <> :me
              AND NOT EXISTS (SELECT 1 FROM follow
                              WHERE follower_id = :me AND followee_id = asked.user_id))"
        )
    };
}

/// With replies, all but those into a closed circle; without, only those among themselves.
macro_rules! reply_fits {
    ($with_replies:expr) => {
        concat!(
            "(note.reply_id IS NULL OR CASE WHEN ",
            $with_replies,
            " THEN NOT ",
            to_closed_circle!("note.id"),
            " ELSE ",
            among_themselves!(),
            " END)"
        )
    };
}

/// What the home timeline carries: notes of followed people and channels.
pub(crate) const HOME: &str = concat!("(", on_home!(), ")");

/// What the hybrid timeline carries beside the home timeline: public notes of this server.
pub(crate) const HYBRID: &str = concat!(
    "(note.channel_id IS NULL AND note.user_host IS NULL AND note.visibility = 'public' OR ",
    on_home!(),
    ")"
);

/// The author is on the list `:list`.
pub(crate) const ON_LIST: &str = "EXISTS (SELECT 1 FROM user_list_member
     WHERE list_id = :list AND user_id = note.user_id)";

/// It belongs to no Misskey channel.
pub(crate) const NOT_IN_CHANNEL: &str = "note.channel_id IS NULL";

/// Replies as the follow of the author says.
pub(crate) const REPLIES_AS_FOLLOWED: &str = reply_fits!(followed_with_replies!());

/// Replies as the author's place on the list `:list` says.
pub(crate) const REPLIES_AS_LISTED: &str = reply_fits!(
    "EXISTS (SELECT 1 FROM user_list_member
             WHERE list_id = :list AND user_id = note.user_id AND with_replies)"
);

/// Replies to others too.
pub(crate) const REPLIES_ASKED_FOR: &str = reply_fits!("TRUE");

/// Replies on the local timeline: those among themselves, and of those followed with replies.
pub(crate) const REPLIES_ON_LOCAL: &str = concat!(
    "(",
    among_themselves!(),
    " OR ",
    followed_with_replies!(),
    ")"
);

/// No pure renote of a reply into a closed circle.
pub(crate) const NO_RENOTE_INTO_CLOSED_CIRCLE: &str = concat!(
    "NOT (",
    pure!(),
    " AND ",
    to_closed_circle!("note.renote_id"),
    ")"
);

/// No pure renotes.
pub(crate) const NO_RENOTES: &str = concat!("NOT ", pure!());

/// No pure renotes by the viewer.
pub(crate) const NO_RENOTES_BY_ME: &str = concat!("NOT (note.user_id = :me AND ", pure!(), ")");

/// No pure renotes of the viewer's notes.
pub(crate) const NO_RENOTES_OF_MINE: &str =
    concat!("NOT (note.renote_user_id = :me AND ", pure!(), ")");

/// No pure renotes of notes of this server.
pub(crate) const NO_RENOTES_OF_LOCAL: &str =
    concat!("NOT (note.renote_user_host IS NULL AND ", pure!(), ")");

/// No replies, but to the author themself.
pub(crate) const NO_REPLIES_TO_OTHERS: &str =
    "(note.reply_id IS NULL OR note.reply_user_id = note.user_id)";

/// Only notes with files.
pub(crate) const WITH_FILES: &str = "note.file_ids <> '[]'";
