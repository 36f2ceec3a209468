//! The one question of the note timelines: `docs/PROTOCOL.md` sections 5 and 6.

use protocol::record::VisitorScope;

use crate::channel::Channel;
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

/// Whether, and in which form, a viewer gets a note on a channel they joined.
#[must_use]
pub fn decide(
    _note: &Note,
    _viewpoint: Viewpoint<'_>,
    _channel: &Channel<'_>,
    _moment: &Moment,
) -> Verdict {
    Verdict::Drop(Reason::NotVisible)
}
