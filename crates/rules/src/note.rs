//! What the rules need to know of a note: `docs/PROTOCOL.md` sections 5 and 6.

use crate::key::{ChannelKey, UserKey};

/// A note, with what it replies to and the chain of what it renotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Who wrote it.
    pub author: Author,
    /// Whom it was written for.
    pub visibility: Visibility,
    /// The recipients of a `specified` note.
    pub visible_users: Box<[UserKey]>,
    /// Whom its text mentions.
    pub mentions: Box<[UserKey]>,
    /// The Misskey channel it belongs to.
    pub channel: Option<ChannelKey>,
    /// Whether files are attached.
    pub has_files: bool,
    /// `renoteId` is set and there is no text, `cw`, reply, poll or file.
    pub pure_renote: bool,
    /// When it was written, in Unix milliseconds; `None`: unknown.
    pub created_ms: Option<u64>,
    /// Its hashtags, lower-cased.
    pub tags: Box<[Box<str>]>,
    /// What it replies to; `None`: nothing. A note that replies to an unknown note must not be
    /// built as one that doesn't reply.
    pub reply: Option<Reply>,
    /// What it renotes or quotes, as far as that travels along.
    pub renote: Option<Box<Note>>,
}

/// Who wrote a note, and what they ask of those who show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// The user.
    pub key: UserKey,
    /// Where they are from.
    pub origin: Origin,
    /// `requireSigninToViewContents`.
    pub requires_signin: bool,
    /// `makeNotesHiddenBefore`: ≤ 0, hidden when older than that many seconds; > 0, when
    /// created before that Unix time in seconds.
    pub hidden_before_s: Option<i64>,
    /// `makeNotesFollowersOnlyBefore`, read the same way.
    pub followers_only_before_s: Option<i64>,
}

/// Where a user is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// `host` is null: this server.
    Local,
    /// Another server, lower case.
    Remote(Box<str>),
    /// The note doesn't say: neither local nor on any known host.
    Unknown,
}

impl Note {
    /// The author, and the authors of what the note replies to and of what it renotes.
    pub(crate) fn people(&self) -> impl Iterator<Item = &Author> {
        let replied_to = self.reply.as_ref().map(|reply| &reply.author);
        let renoted = self.renote.as_ref().map(|renote| &renote.author);
        [Some(&self.author), replied_to, renoted]
            .into_iter()
            .flatten()
    }
}

impl Origin {
    /// Whether they are known to be from this server.
    #[must_use]
    pub fn is_local(&self) -> bool {
        match self {
            Self::Local => true,
            Self::Remote(_) | Self::Unknown => false,
        }
    }
}

/// Misskey's `visibility`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// Everyone, and the public timelines.
    Public,
    /// Everyone, but not the public timelines.
    Home,
    /// The author's followers.
    Followers,
    /// The users it names.
    Specified,
}

/// What a note replies to. It travels inside the note, contents and all, so it has an audience
/// of its own to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Who wrote that.
    pub author: Author,
    /// For whom that was written.
    pub visibility: Visibility,
    /// Its recipients, where it is `specified`.
    pub visible_users: Box<[UserKey]>,
    /// Whom its text mentions.
    pub mentions: Box<[UserKey]>,
    /// When it was written, in Unix milliseconds; `None`: unknown.
    pub created_ms: Option<u64>,
}
