//! Events that are no notes: for whom each topic's are.

use crate::join::Admission;
use crate::key::UserKey;
use crate::note::Origin;
use crate::verdict::{Reason, Verdict};
use crate::viewer::{Viewer, Viewpoint};

/// For whom an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recipients {
    /// Every connection, visitors too: what is broadcast, and the statistics.
    Everyone,
    /// One user: `drive`, `reversi`, `chatUser`, the members of a list (its owner).
    Only(UserKey),
    /// One user, as long as they are a moderator: `admin`.
    Moderator(UserKey),
    /// Whoever was admitted when they joined: `chatRoom`, `reversiGame`.
    Admitted(Admission),
}

/// Whether a viewer gets an event that is neither a note, nor of a captured note, nor of `main`.
#[must_use]
pub fn decide_topic(_recipients: Recipients, _viewpoint: Viewpoint<'_>) -> Verdict {
    Verdict::Drop(Reason::NotVisible)
}

/// What the rules need to know of an event of `main`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MainFacts<'a> {
    /// Whose `main` it came on.
    pub owner: UserKey,
    /// What happened.
    pub kind: MainKind,
    /// Who made it happen: who notifies, or who wrote the note. `None`: nobody did.
    pub from: Option<UserKey>,
    /// Where they are from.
    pub origin: &'a Origin,
    /// Whether the note it carries is `isHidden`.
    pub note_hidden: bool,
}

/// The events of `main` that the rules tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MainKind {
    /// `notification`.
    Notification,
    /// `mention`.
    Mention,
    /// `reply`.
    Reply,
    /// Any other: passed on as it comes.
    Other,
}

impl MainFacts<'_> {
    /// Whether the note must be packed again for the viewer before the event may go.
    #[must_use]
    pub fn needs_packing(&self) -> bool {
        false
    }
}

/// Whether a viewer gets an event of a `main` topic: `docs/PROTOCOL.md` section 7.
#[must_use]
pub fn decide_main(_facts: &MainFacts<'_>, _viewer: &Viewer) -> Verdict {
    Verdict::Drop(Reason::NotVisible)
}
