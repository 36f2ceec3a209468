//! Who hears of a captured note: the last paragraph of `docs/PROTOCOL.md` section 3.

use crate::decide::Moment;
use crate::key::UserKey;
use crate::note::Visibility;
use crate::verdict::{Cleared, Reason, Verdict};
use crate::viewer::Viewpoint;
use crate::visible::Piece;

/// Whom a captured note was written for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audience {
    /// Who wrote it.
    pub author: UserKey,
    /// Whether the author is a user of this server; false where that isn't known.
    pub local: bool,
    /// Whom it was written for.
    pub visibility: Visibility,
    /// The recipients of a `specified` note.
    pub visible_users: Box<[UserKey]>,
}

impl Audience {
    /// As little as the event tells of the note: neither whom it mentions, nor whom it replies
    /// to, nor what its author asks for old notes.
    fn piece(&self, moment: &Moment) -> Piece<'_> {
        Piece {
            author: self.author,
            visibility: self.visibility,
            visible_users: &self.visible_users,
            mentions: &[],
            replied_to: None,
            too_old: false,
            needs_login: !moment.shows_visitors(self.local),
        }
    }
}

/// Whether a viewer who captured a note hears of what happens to it.
#[must_use]
pub fn decide_capture(audience: &Audience, viewpoint: Viewpoint<'_>, moment: &Moment) -> Verdict {
    let piece = audience.piece(moment);
    let is_visitor = viewpoint.viewer().is_none();
    if is_visitor && piece.needs_login {
        Verdict::Drop(Reason::NotForVisitors)
    } else if piece.is_visible(viewpoint) {
        Verdict::Deliver(Cleared::whole())
    } else {
        Verdict::Drop(Reason::NotVisible)
    }
}
