//! The one question of the note timelines: `docs/PROTOCOL.md` sections 5 and 6.

use protocol::record::VisitorScope;

use crate::channel::Channel;
use crate::hide;
use crate::mute::is_muted;
use crate::note::Note;
use crate::verdict::{Reason, Verdict};
use crate::viewer::Viewpoint;

/// What holds for everyone while one event is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The time, in Unix milliseconds.
    pub now_ms: u64,
    /// Which notes the server shows to visitors.
    pub visitors_see: VisitorScope,
}

impl Moment {
    /// Whether visitors get what a local, or another, user wrote.
    pub(crate) fn shows_visitors(&self, local: bool) -> bool {
        match self.visitors_see {
            VisitorScope::All => true,
            VisitorScope::Local => local,
            VisitorScope::Nothing => false,
        }
    }
}

/// Whether, and in which form, a viewer gets a note on a channel they joined.
///
/// The caller answers for the facts: that the note came on the topic of the channel's role or
/// antenna, and that the viewer was admitted to the channel.
#[must_use]
pub fn decide(
    note: &Note,
    viewpoint: Viewpoint<'_>,
    channel: &Channel<'_>,
    moment: &Moment,
) -> Verdict {
    match refuse(note, viewpoint, channel, moment) {
        Some(reason) => Verdict::Drop(reason),
        None => hide::clear(note, viewpoint, moment),
    }
}

/// Why the note is not for the viewer at all, whatever its parts.
fn refuse(
    note: &Note,
    viewpoint: Viewpoint<'_>,
    channel: &Channel<'_>,
    moment: &Moment,
) -> Option<Reason> {
    if note.pure_renote && note.renote.is_none() {
        return Some(Reason::Incomplete);
    }
    if !note.piece(moment).is_visible(viewpoint) {
        return Some(Reason::NotVisible);
    }
    if !channel.carries(note, viewpoint) {
        return Some(Reason::NotOnChannel);
    }
    match viewpoint {
        Viewpoint::Visitor => (!is_for_visitors(note, moment)).then_some(Reason::NotForVisitors),
        Viewpoint::User(viewer) => is_muted(note, viewer, channel).then_some(Reason::Muted),
    }
}

/// The sign-in rule and what the server shows to visitors.
fn is_for_visitors(note: &Note, moment: &Moment) -> bool {
    moment.shows_visitors(note.author.origin.is_local())
        && !note.people().any(|author| author.requires_signin)
}
