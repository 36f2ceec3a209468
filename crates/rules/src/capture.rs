//! Who hears of a captured note: the last paragraph of `docs/PROTOCOL.md` section 3.

use protocol::record::VisitorScope;

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
    /// As little as the event tells of the note: those whom it mentions, or whom it replies to,
    /// don't count unless they follow.
    fn piece(&self) -> Piece<'_> {
        Piece {
            author: self.author,
            visibility: self.visibility,
            visible_users: &self.visible_users,
            mentions: &[],
            replied_to: None,
        }
    }
}

/// Whether a viewer who captured a note hears of what happens to it.
#[must_use]
pub fn decide_capture(audience: &Audience, viewpoint: Viewpoint<'_>, moment: &Moment) -> Verdict {
    let shown = match viewpoint {
        Viewpoint::User(_) => true,
        Viewpoint::Visitor => match moment.visitors_see {
            VisitorScope::All => true,
            VisitorScope::Local => audience.local,
            VisitorScope::Nothing => false,
        },
    };
    if !shown {
        Verdict::Drop(Reason::NotForVisitors)
    } else if audience.piece().is_visible(viewpoint) {
        Verdict::Deliver(Cleared::whole())
    } else {
        Verdict::Drop(Reason::NotVisible)
    }
}
