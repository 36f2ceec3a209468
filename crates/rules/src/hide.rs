//! *Hidden parts* of `docs/PROTOCOL.md` section 5: what a copy of a note must leave out.
//!
//! A note travels with the chain of what it renotes, and each link with what it replies to,
//! contents and all. The walk covers every one of them.

use protocol::limits::CHAIN_LINKS_MAX;

use crate::decide::Moment;
use crate::note::Note;
use crate::verdict::{Cleared, Hidden, Reason, Verdict};
use crate::viewer::Viewpoint;

/// Lets a note through in the form its parts allow, or drops it.
pub(crate) fn clear(note: &Note, viewpoint: Viewpoint<'_>, moment: &Moment) -> Verdict {
    let mut hidden = Hidden::default();
    let mut any_pure_renote = false;
    for (depth, link) in chain(note).enumerate() {
        if depth == CHAIN_LINKS_MAX {
            return Verdict::Drop(Reason::TooDeep);
        }
        any_pure_renote |= link.pure_renote;
        if link.piece(moment).must_be_hidden(viewpoint) {
            hidden = hidden.and_link(depth);
        }
        let reply = link.reply.as_ref().map(|reply| reply.piece(moment));
        if reply.is_some_and(|reply| reply.must_be_hidden(viewpoint)) {
            hidden = hidden.and_reply(depth);
        }
    }
    // A pure renote shows nothing but the renoted note. What is hidden beside the chain, in a
    // replied-to note, leaves it something to show.
    if any_pure_renote && hidden.any_link() {
        return Verdict::Drop(Reason::HiddenInRenote);
    }
    Verdict::Deliver(Cleared::without(hidden))
}

/// The note, what it renotes, what that renotes, and so on.
fn chain(note: &Note) -> impl Iterator<Item = &Note> {
    std::iter::successors(Some(note), |link| link.renote.as_deref())
}
