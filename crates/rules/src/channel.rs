//! Which notes each channel of the stream carries: `docs/PROTOCOL.md` section 6.

use crate::key::ChannelKey;
use crate::viewer::Follows;

/// One joined channel that carries notes, with the params of its `connect`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel<'a> {
    /// `homeTimeline`.
    Home {
        /// Pure renotes come along.
        with_renotes: bool,
        /// Only notes with files.
        with_files: bool,
    },
    /// `localTimeline`.
    Local {
        /// Pure renotes come along.
        with_renotes: bool,
        /// Replies to others come along.
        with_replies: bool,
        /// Only notes with files.
        with_files: bool,
    },
    /// `hybridTimeline`.
    Hybrid {
        /// Pure renotes come along.
        with_renotes: bool,
        /// Replies to others come along.
        with_replies: bool,
        /// Only notes with files.
        with_files: bool,
    },
    /// `globalTimeline`.
    Global {
        /// Pure renotes come along.
        with_renotes: bool,
        /// Only notes with files.
        with_files: bool,
    },
    /// `userList`.
    UserList {
        /// Who is on the list at this moment.
        members: &'a Follows,
        /// Pure renotes come along.
        with_renotes: bool,
        /// Only notes with files.
        with_files: bool,
    },
    /// `hashtag`.
    Hashtag {
        /// An OR of ANDs of tags, normalised as [`Note::tags`](crate::Note::tags) are.
        groups: &'a [Vec<Box<str>>],
    },
    /// `roleTimeline`, for a note of its topic.
    Role {
        /// Whether the role is still explorable at this moment.
        explorable: bool,
    },
    /// `antenna`, for a note of its topic.
    Antenna,
    /// `channel`: one Misskey channel.
    MisskeyChannel {
        /// Which one.
        channel: ChannelKey,
    },
}
