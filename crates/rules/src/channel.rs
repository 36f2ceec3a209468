//! Which notes each channel of the stream carries: `docs/PROTOCOL.md` section 6.
//!
//! Only what is peculiar to each channel is here; what holds on all of them (Visible, the rules
//! for visitors, mutes, hidden parts) is [`decide`](crate::decide())'s.

use crate::key::ChannelKey;
use crate::note::{Note, Visibility};
use crate::viewer::{Follows, Viewer, Viewpoint};

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
        /// An OR of ANDs of tags, NFKC-normalised and lower-cased.
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

impl Channel<'_> {
    /// Whether a note that the viewer may see belongs on the channel they joined. Visitors get
    /// nothing on a channel that needs a login.
    pub(crate) fn carries(&self, note: &Note, viewpoint: Viewpoint<'_>) -> bool {
        self.wants(note) && self.fits(note, viewpoint.viewer())
    }

    /// Whether a note is what the params of the `connect` ask for.
    fn wants(&self, note: &Note) -> bool {
        match *self {
            Self::Home {
                with_renotes,
                with_files,
            }
            | Self::Local {
                with_renotes,
                with_files,
                ..
            }
            | Self::Hybrid {
                with_renotes,
                with_files,
                ..
            }
            | Self::Global {
                with_renotes,
                with_files,
            }
            | Self::UserList {
                with_renotes,
                with_files,
                ..
            } => (with_renotes || !note.pure_renote) && (!with_files || note.has_files),
            Self::Hashtag { .. }
            | Self::Role { .. }
            | Self::Antenna
            | Self::MisskeyChannel { .. } => true,
        }
    }

    /// Whether a note is what the channel is about.
    fn fits(&self, note: &Note, viewer: Option<&Viewer>) -> bool {
        match *self {
            Self::Home { .. } => viewer.is_some_and(|viewer| fits_home(note, viewer)),
            Self::Local { with_replies, .. } => fits_local(note, viewer, with_replies),
            Self::Hybrid { with_replies, .. } => {
                viewer.is_some_and(|viewer| fits_hybrid(note, viewer, with_replies))
            }
            Self::Global { .. } => is_public(note) && note.channel.is_none(),
            Self::UserList { members, .. } => {
                viewer.is_some_and(|viewer| fits_list(note, viewer, members))
            }
            Self::Hashtag { groups } => groups.iter().any(|group| has_all_tags(note, group)),
            Self::Role { explorable } => explorable && is_public(note),
            Self::Antenna => viewer.is_some(),
            Self::MisskeyChannel { channel } => note.channel == Some(channel),
        }
    }

    /// The Misskey channel that the viewer looks at.
    pub(crate) fn misskey_channel(&self) -> Option<ChannelKey> {
        match self {
            Self::MisskeyChannel { channel } => Some(*channel),
            Self::Home { .. }
            | Self::Local { .. }
            | Self::Hybrid { .. }
            | Self::Global { .. }
            | Self::UserList { .. }
            | Self::Hashtag { .. }
            | Self::Role { .. }
            | Self::Antenna => None,
        }
    }
}

fn fits_home(note: &Note, viewer: &Viewer) -> bool {
    is_followed(note, viewer)
        && reply_fits(note, viewer, viewer.follows_with_replies(note.author.key))
        && renoted_reply_fits(note, viewer)
}

fn fits_local(note: &Note, viewer: Option<&Viewer>, with_replies: bool) -> bool {
    let reply_fits = |viewer: &Viewer| {
        with_replies
            || viewer.follows_with_replies(note.author.key)
            || is_among_themselves(note, viewer)
    };
    is_public_and_local(note) && viewer.is_none_or(reply_fits)
}

fn fits_hybrid(note: &Note, viewer: &Viewer, with_replies: bool) -> bool {
    let with_replies = with_replies || viewer.follows_with_replies(note.author.key);
    (is_followed(note, viewer) || is_public_and_local(note))
        && reply_fits(note, viewer, with_replies)
        && renoted_reply_fits(note, viewer)
}

fn fits_list(note: &Note, viewer: &Viewer, members: &Follows) -> bool {
    let member = members.find(note.author.key);
    note.channel.is_none()
        && member.is_some_and(|member| reply_fits(note, viewer, member.with_replies))
}

/// In a Misskey channel: whether the viewer follows that. Elsewhere: whether they follow the
/// author, or are the author.
fn is_followed(note: &Note, viewer: &Viewer) -> bool {
    match note.channel {
        Some(channel) => viewer.following_channels.contains(channel),
        None => viewer.is_or_follows(note.author.key),
    }
}

fn is_public(note: &Note) -> bool {
    note.visibility == Visibility::Public
}

fn is_public_and_local(note: &Note) -> bool {
    is_public(note) && note.channel.is_none() && note.author.origin.is_local()
}

/// With replies, all but those to a `followers` note of a stranger; without, only those that
/// concern the viewer or go to their own author.
fn reply_fits(note: &Note, viewer: &Viewer, with_replies: bool) -> bool {
    if with_replies {
        !replies_to_closed_circle(note, viewer)
    } else {
        is_among_themselves(note, viewer)
    }
}

/// No pure renote of a reply to a `followers` note of a stranger.
fn renoted_reply_fits(note: &Note, viewer: &Viewer) -> bool {
    let renoted = note.renote.as_deref().filter(|_| note.pure_renote);
    !renoted.is_some_and(|renoted| replies_to_closed_circle(renoted, viewer))
}

/// Whether it replies to a `followers` note whose author the viewer neither follows nor is.
fn replies_to_closed_circle(note: &Note, viewer: &Viewer) -> bool {
    note.reply.as_ref().is_some_and(|reply| {
        reply.visibility == Visibility::Followers && !viewer.is_or_follows(reply.author.key)
    })
}

/// Whether it is no reply, or replies to the viewer, is theirs, or is to its own author.
fn is_among_themselves(note: &Note, viewer: &Viewer) -> bool {
    note.reply.as_ref().is_none_or(|reply| {
        let to = reply.author.key;
        to == viewer.key || note.author.key == viewer.key || to == note.author.key
    })
}

/// Whether a note has every tag of a group. An empty group asks for nothing and gets nothing.
fn has_all_tags(note: &Note, group: &[Box<str>]) -> bool {
    !group.is_empty() && group.iter().all(|tag| note.tags.contains(tag))
}
