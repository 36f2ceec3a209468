//! What the owner of a `main` topic gets of it: `docs/PROTOCOL.md` section 7.

use crate::key::UserKey;
use crate::note::Origin;
use crate::verdict::{Cleared, Reason, Verdict};
use crate::viewer::Viewer;

/// What the rules need to know of an event of `main`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MainFacts<'a> {
    /// Whose `main` it came on.
    pub owner: UserKey,
    /// What happened.
    pub kind: MainKind,
    /// Who made it happen: who notifies, or who wrote the note. `None`: nobody did.
    pub from: Option<UserKey>,
    /// Where they are from; [`Origin::Unknown`] where nobody did.
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
        match self.kind {
            MainKind::Notification | MainKind::Mention => self.note_hidden,
            MainKind::Reply | MainKind::Other => false,
        }
    }

    /// Why the viewer doesn't want to hear of it.
    fn refuse(&self, viewer: &Viewer) -> Option<Reason> {
        match (self.kind, self.from) {
            (MainKind::Other, _) => None,
            // Achievements, roles, logins: nobody whom one could mute.
            (MainKind::Notification, None) => None,
            // A note always has an author.
            (MainKind::Mention | MainKind::Reply, None) => Some(Reason::Incomplete),
            (MainKind::Notification | MainKind::Mention | MainKind::Reply, Some(from)) => {
                let muted = viewer.mutes(from) || viewer.mutes_instance_of(self.origin);
                muted.then_some(Reason::Muted)
            }
        }
    }
}

/// Whether a viewer gets an event of a `main` topic. Only mutes count here, no blocks.
#[must_use]
pub fn decide_main(facts: &MainFacts<'_>, viewer: &Viewer) -> Verdict {
    if facts.owner != viewer.key {
        return Verdict::Drop(Reason::NotVisible);
    }
    match facts.refuse(viewer) {
        Some(reason) => Verdict::Drop(reason),
        None => Verdict::Deliver(Cleared::whole()),
    }
}
