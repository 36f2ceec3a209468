//! What the server upstream says in a stream of the bridge.

use crate::join::Who;
use crate::verdict::{Cleared, Reason, Verdict};

/// Whether a connection gets what the server upstream said in a stream that was opened as `asker`.
///
/// The server upstream has judged by its own rules what that asker may see, and nothing here knows
/// better. So it may go to connections of the very same viewer alone: the same user with the same
/// grant, or a visitor where it was said to a visitor. Notes inside were packed for that viewer.
#[must_use]
pub fn decide_bridged(asker: Who<'_>, receiver: Who<'_>) -> Verdict {
    if asker == receiver {
        Verdict::Deliver(Cleared::whole())
    } else {
        Verdict::Drop(Reason::NotVisible)
    }
}
