//! Who hears of a captured note: the last paragraph of `docs/PROTOCOL.md` section 3.

use crate::decide::Moment;
use crate::key::UserKey;
use crate::note::Visibility;
use crate::verdict::{Reason, Verdict};
use crate::viewer::Viewpoint;

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

/// Whether a viewer who captured a note hears of what happens to it.
#[must_use]
pub fn decide_capture(
    _audience: &Audience,
    _viewpoint: Viewpoint<'_>,
    _moment: &Moment,
) -> Verdict {
    Verdict::Drop(Reason::NotVisible)
}
