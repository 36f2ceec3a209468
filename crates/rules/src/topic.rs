//! Events that are no notes: for whom each topic's are.

use crate::join::Admission;
use crate::key::UserKey;
use crate::verdict::{Cleared, Reason, Verdict};
use crate::viewer::{Keys, Viewpoint};

/// For whom an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recipients<'a> {
    /// Every connection, visitors too: what is broadcast, and the statistics.
    Everyone,
    /// One user: `drive`, `reversi`, `chatUser`, the members of a list (its owner).
    Only(UserKey),
    /// One user, as long as they are a moderator: `admin`.
    Moderator(UserKey),
    /// Those who are in a chat room at this moment: `chatRoom`.
    Members(&'a Keys<UserKey>),
    /// Whoever was admitted when they joined: `reversiGame`.
    Admitted(Admission),
}

/// Whether a viewer gets an event that is neither a note, nor of a captured note, nor of `main`.
#[must_use]
pub fn decide_topic(recipients: Recipients<'_>, viewpoint: Viewpoint<'_>) -> Verdict {
    let is_theirs = match recipients {
        Recipients::Everyone | Recipients::Admitted(_) => true,
        Recipients::Only(user) => viewpoint.viewer().is_some_and(|viewer| viewer.key == user),
        Recipients::Members(members) => viewpoint
            .viewer()
            .is_some_and(|viewer| members.contains(viewer.key)),
        Recipients::Moderator(user) => viewpoint
            .viewer()
            .is_some_and(|viewer| viewer.key == user && viewer.moderator),
    };
    if is_theirs {
        Verdict::Deliver(Cleared::whole())
    } else {
        Verdict::Drop(Reason::NotVisible)
    }
}
