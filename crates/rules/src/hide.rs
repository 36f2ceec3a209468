//! *Hidden parts* of `docs/PROTOCOL.md` section 5: what a copy of a note must leave out.
//!
//! A note travels with the chain of what it renotes, and each link with what it replies to,
//! contents and all. The walk covers every one of them.

use protocol::limits::CHAIN_LINKS_MAX;
use protocol::record::VisitorScope;

use crate::decide::Moment;
use crate::note::{Author, Note, Origin};
use crate::verdict::{Cleared, Hidden, Reason, Verdict};
use crate::viewer::Viewpoint;
use crate::visible::Piece;

/// Lets a note through in the form its parts allow, or drops it.
pub(crate) fn clear(note: &Note, viewpoint: Viewpoint<'_>, moment: &Moment) -> Verdict {
    let mut hidden = Hidden::default();
    let mut any_pure_renote = false;
    for (depth, link) in chain(note).enumerate() {
        if depth == CHAIN_LINKS_MAX {
            return Verdict::Drop(Reason::TooDeep);
        }
        any_pure_renote |= link.pure_renote;
        if must_hide(
            &link.author,
            link.piece(moment),
            link.created_ms,
            viewpoint,
            moment,
        ) {
            hidden = hidden.and_link(depth);
        }
        if let Some(reply) = &link.reply
            && must_hide(
                &reply.author,
                reply.piece(moment),
                reply.created_ms,
                viewpoint,
                moment,
            )
        {
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

/// Whether the viewer must not see what one piece says.
fn must_hide(
    author: &Author,
    piece: Piece<'_>,
    created_ms: Option<u64>,
    viewpoint: Viewpoint<'_>,
    moment: &Moment,
) -> bool {
    let barred = match viewpoint {
        Viewpoint::User(viewer) if viewer.key == author.key => return false,
        Viewpoint::User(_) => false,
        Viewpoint::Visitor => {
            author.requires_signin || !visitors_see(&author.origin, moment.visitors_see)
        }
    };
    barred || author.hides(created_ms, moment) || !piece.is_visible(viewpoint)
}

/// Whether visitors get what someone of this origin wrote.
pub(crate) fn visitors_see(origin: &Origin, scope: VisitorScope) -> bool {
    match scope {
        VisitorScope::All => true,
        VisitorScope::Local => origin.is_local(),
        VisitorScope::Nothing => false,
    }
}
