//! Where the notes of a list come from: the index that has them in the order of their ids.

/// A source, in SQL.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source {
    /// Tables; the notes are called `note`.
    pub(super) from: &'static str,
    /// The column of the note's id that the index sorts by.
    pub(super) key: &'static str,
    /// What the index is asked for.
    pub(super) only: &'static str,
}

/// All notes.
pub(crate) const ALL: Source = Source {
    from: "note",
    key: "note.id",
    only: "TRUE",
};

/// Public notes of users of this server.
pub(crate) const LOCAL: Source = Source {
    from: "note INDEXED BY note_local",
    key: "note.id",
    only: "note.user_host IS NULL AND note.visibility = 'public'",
};

/// Public notes.
pub(crate) const PUBLIC: Source = Source {
    from: "note INDEXED BY note_public",
    key: "note.id",
    only: "note.visibility = 'public'",
};

/// What `:user` wrote.
pub(crate) const BY_USER: Source = Source {
    from: "note INDEXED BY note_user",
    key: "note.id",
    only: "note.user_id = :user",
};

/// What is in the Misskey channel `:channel`.
pub(crate) const IN_CHANNEL: Source = Source {
    from: "note INDEXED BY note_channel",
    key: "note.id",
    only: "note.channel_id = :channel",
};

/// What the antenna `:antenna` caught.
pub(crate) const CAUGHT: Source = Source {
    from: "antenna_note JOIN note ON note.id = antenna_note.note_id",
    key: "antenna_note.note_id",
    only: "antenna_note.antenna_id = :antenna",
};

/// What those wrote who have the role `:role`.
pub(crate) const OF_ROLE: Source = Source {
    from: "role_note AS found CROSS JOIN note ON note.id = found.note_id",
    key: "found.note_id",
    only: "found.role_id = :role",
};

/// Replies to `:note`.
pub(crate) const REPLIES: Source = Source {
    from: "note INDEXED BY note_reply",
    key: "note.id",
    only: "note.reply_id = :note",
};

/// Renotes and quotes of `:note`.
pub(crate) const RENOTES: Source = Source {
    from: "note INDEXED BY note_renote",
    key: "note.id",
    only: "note.renote_id = :note",
};

/// Replies to `:note`, and quotes of it.
pub(crate) const CHILDREN: Source = Source {
    from: "(SELECT id AS found_id FROM note WHERE reply_id = :note
            UNION SELECT id FROM note WHERE renote_id = :note) AS found
           CROSS JOIN note ON note.id = found_id",
    key: "found_id",
    only: "TRUE",
};

/// What `:note` replies to, what that replies to, and so on. Each is older than the one before
/// it, so the order of the ids is the way up.
pub(crate) const ANCESTORS: Source = Source {
    from: "(WITH RECURSIVE above (found_id) AS (
                SELECT reply_id FROM note WHERE id = :note
                UNION SELECT reply_id FROM note JOIN above ON id = found_id)
            SELECT found_id FROM above) AS found
           CROSS JOIN note ON note.id = found_id",
    key: "found_id",
    only: "TRUE",
};

/// Notes that name the viewer: that mention them, or are for them.
pub(crate) const NAMING_ME: Source = Source {
    from: "note_addressee AS found CROSS JOIN note ON note.id = found.note_id",
    key: "found.note_id",
    only: "found.user_id = :me",
};

/// Notes with the tag `:tag`.
pub(crate) const TAGGED: Source = Source {
    from: "note_tag AS found CROSS JOIN note ON note.id = found.note_id",
    key: "found.note_id",
    only: "found.tag = :tag",
};

/// Notes with one of the tags that the groups of `:query` begin with.
pub(crate) const TAGGED_IN_ANY: Source = Source {
    from: "(SELECT DISTINCT note_id AS found_id FROM note_tag
            WHERE tag IN (SELECT value ->> 0 FROM json_each(:query))) AS found
           CROSS JOIN note ON note.id = found_id",
    key: "found_id",
    only: "TRUE",
};

/// Notes to which `:user` reacted, in the order of the reactions.
pub(crate) const REACTED_TO: Source = Source {
    from: "note_reaction AS found INDEXED BY note_reaction_user
           CROSS JOIN note ON note.id = found.note_id",
    key: "found.id",
    only: "found.user_id = :user",
};

/// The notes that got the most reactions from `:since`, a reaction's id, on.
pub(crate) const FEATURED: Source = Source {
    from: "(SELECT note_id AS found_id FROM note_reaction WHERE id > :since
            GROUP BY note_id ORDER BY count(*) DESC, note_id DESC LIMIT 100) AS found
           CROSS JOIN note ON note.id = found_id",
    key: "found_id",
    only: "TRUE",
};

/// Notes with a poll.
pub(crate) const POLLS: Source = Source {
    from: "poll AS asked CROSS JOIN note ON note.id = asked.note_id",
    key: "asked.note_id",
    only: "TRUE",
};
