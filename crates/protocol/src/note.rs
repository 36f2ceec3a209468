//! The head of a note: what routing and rules need of it, borrowed from its JSON.
//!
//! The note's bytes travel on untouched; [`hide`] and [`with_my_reaction`] make the only copies
//! that differ.

mod reactions;
mod rewrite;
mod wire;

pub use reactions::{MyReaction, Reactions, reaction_key};
pub use rewrite::{RewriteError, hide, with_my_reaction, with_note};

use crate::event::PayloadError;
use crate::limits::CHAIN_LINKS_MAX;
use crate::text::Text;

/// What routing and rules need of a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteHead<'a> {
    /// The note.
    pub id: Text<'a>,
    /// Who wrote it.
    pub author: AuthorHead<'a>,
    /// Whom it was written for.
    pub visibility: Visibility,
    /// The recipients of a `specified` note.
    pub visible_user_ids: Vec<Text<'a>>,
    /// Whom its text mentions.
    pub mentions: Vec<Text<'a>>,
    /// The Misskey channel it belongs to.
    pub channel_id: Option<Text<'a>>,
    /// Whether files are attached.
    pub has_files: bool,
    /// `renoteId` is set; text, `cw`, reply and poll are null or absent, and there are no files.
    pub pure_renote: bool,
    /// When it was written, in Unix milliseconds. `None`: absent, or not a date.
    pub created_ms: Option<u64>,
    /// Its hashtags, as the note has them: see [`crate::tag::normalise`].
    pub tags: Vec<Text<'a>>,
    /// The note it replies to. Only where no rule asks may it be set and `reply` not: beyond the
    /// note itself and what it purely renotes.
    pub reply_id: Option<Text<'a>>,
    /// What the rules need of that note.
    pub reply: Option<ReplyHead<'a>>,
    /// The note it renotes or quotes. That may be set where `renote` is not: the note is gone.
    pub renote_id: Option<Text<'a>>,
    /// That note, with what it renotes in turn.
    pub renote: Option<Box<NoteHead<'a>>>,
    /// Who reacted, as far as the note says.
    pub reactions: Reactions<'a>,
    /// Parts were hidden when it was packed: `isHidden`.
    pub hidden: bool,
}

/// What the rules need of the note that another replies to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyHead<'a> {
    /// Who wrote it.
    pub author: AuthorHead<'a>,
    /// Whom it was written for.
    pub visibility: Visibility,
    /// Its recipients, where it is `specified`.
    pub visible_user_ids: Vec<Text<'a>>,
    /// Whom its text mentions.
    pub mentions: Vec<Text<'a>>,
    /// When it was written, in Unix milliseconds. `None`: absent, or not a date.
    pub created_ms: Option<u64>,
}

/// Who wrote a note, and what they ask of those who show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorHead<'a> {
    /// The user.
    pub id: Text<'a>,
    /// Where they are from.
    pub host: HostHead<'a>,
    /// `requireSigninToViewContents`.
    pub requires_signin: bool,
    /// `makeNotesHiddenBefore`: ≤ 0, hidden when older than that many seconds; > 0, when
    /// created before that Unix time in seconds.
    pub hidden_before_s: Option<i64>,
    /// `makeNotesFollowersOnlyBefore`, read the same way.
    pub followers_only_before_s: Option<i64>,
}

/// Where a user is from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum HostHead<'a> {
    /// `host` is null: this server.
    Local,
    /// Another server, as the message writes it.
    Remote(Text<'a>),
    /// `host` is absent.
    #[default]
    Unknown,
}

/// Misskey's `visibility`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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

impl Visibility {
    /// Reads Misskey's name for it.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "public" => Some(Self::Public),
            "home" => Some(Self::Home),
            "followers" => Some(Self::Followers),
            "specified" => Some(Self::Specified),
            _ => None,
        }
    }
}

impl<'a> NoteHead<'a> {
    /// Reads a note, such as one that a backend packed.
    ///
    /// # Errors
    ///
    /// When it is not a note, lacks what the rules can't do without (`id`, `userId`, a known
    /// `visibility`, what it or the note it purely renotes replies to), or renotes a chain of
    /// more than [`CHAIN_LINKS_MAX`] links.
    pub fn decode(payload: &'a [u8]) -> Result<Self, PayloadError> {
        Self::decode_text(std::str::from_utf8(payload)?)
    }

    pub(crate) fn decode_text(payload: &'a str) -> Result<Self, PayloadError> {
        let note = wire::read(payload, CHAIN_LINKS_MAX)?;
        if note.lacks_reply() {
            return Err(PayloadError::Reply);
        }
        Ok(note)
    }

    /// Whether the rules would take it, or what it purely renotes, for a note that replies to
    /// nothing although it replies. Further links are only hidden by what they reply to.
    fn lacks_reply(&self) -> bool {
        let links = if self.pure_renote { 2 } else { 1 };
        self.chain()
            .take(links)
            .any(|note| note.reply_id.is_some() && note.reply.is_none())
    }

    /// The note and the chain of what it renotes, the note first.
    pub fn chain(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |note| note.renote.as_deref())
    }
}

#[cfg(test)]
mod tests;
