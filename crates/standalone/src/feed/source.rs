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
