//! *Visible* of `docs/PROTOCOL.md` section 5: the one place that knows for whom a note was
//! written. Delivery, the hiding of parts and captures all ask it.

use crate::decide::Moment;
use crate::key::UserKey;
use crate::note::{Author, Note, Reply, Visibility};
use crate::viewer::{Viewer, Viewpoint};

/// What decides who may see one piece: a note, a link of its chain, or a replied-to note.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece<'a> {
    /// Who wrote it.
    pub(crate) author: UserKey,
    /// For whom, after what the author asks for old notes.
    pub(crate) visibility: Visibility,
    /// The recipients, where it is `specified`.
    pub(crate) visible_users: &'a [UserKey],
    /// Whom it mentions.
    pub(crate) mentions: &'a [UserKey],
    /// Whose note it replies to, where that is known.
    pub(crate) replied_to: Option<UserKey>,
    /// `makeNotesHiddenBefore` covers it.
    pub(crate) too_old: bool,
    /// Its author asks for a login, or the server doesn't show it to visitors.
    pub(crate) needs_login: bool,
}

impl Note {
    /// The note alone, without what it replies to or renotes.
    pub(crate) fn piece(&self, moment: &Moment) -> Piece<'_> {
        Piece {
            author: self.author.key,
            visibility: self.author.narrow(self.visibility, self.created_ms, moment),
            visible_users: &self.visible_users,
            mentions: &self.mentions,
            replied_to: self.reply.as_ref().map(|reply| reply.author.key),
            too_old: self.author.hides(self.created_ms, moment),
            needs_login: self.author.needs_login(moment),
        }
    }
}

impl Reply {
    /// The replied-to note. What it replies to in turn does not travel along, so whether that
    /// was the viewer's is unknown and counts as a no.
    pub(crate) fn piece(&self, moment: &Moment) -> Piece<'_> {
        Piece {
            author: self.author.key,
            visibility: self.author.narrow(self.visibility, self.created_ms, moment),
            visible_users: &self.visible_users,
            mentions: &self.mentions,
            replied_to: None,
            too_old: self.author.hides(self.created_ms, moment),
            needs_login: self.author.needs_login(moment),
        }
    }
}

impl Piece<'_> {
    /// *Hidden parts*: whether the viewer must not read what it says.
    pub(crate) fn must_be_hidden(&self, viewpoint: Viewpoint<'_>) -> bool {
        let barred = match viewpoint {
            Viewpoint::User(viewer) if viewer.key == self.author => return false,
            Viewpoint::User(_) => false,
            Viewpoint::Visitor => self.needs_login,
        };
        barred || self.too_old || !self.is_visible(viewpoint)
    }

    /// *Visible*: whether the viewer may know of it.
    pub(crate) fn is_visible(&self, viewpoint: Viewpoint<'_>) -> bool {
        match viewpoint {
            Viewpoint::Visitor => self.is_for_everyone(),
            Viewpoint::User(viewer) => self.is_visible_to(viewer),
        }
    }

    fn is_visible_to(&self, viewer: &Viewer) -> bool {
        viewer.key == self.author
            || match self.visibility {
                Visibility::Public | Visibility::Home => true,
                Visibility::Followers => {
                    viewer.following.contains(self.author)
                        || self.replied_to == Some(viewer.key)
                        || self.mentions.contains(&viewer.key)
                }
                Visibility::Specified => self.visible_users.contains(&viewer.key),
            }
    }

    fn is_for_everyone(&self) -> bool {
        match self.visibility {
            Visibility::Public | Visibility::Home => true,
            Visibility::Followers | Visibility::Specified => false,
        }
    }
}

impl Author {
    /// Whether visitors may not read what they write.
    fn needs_login(&self, moment: &Moment) -> bool {
        self.requires_signin || !moment.shows_visitors(self.origin.is_local())
    }

    /// Whether `makeNotesHiddenBefore` covers a note of theirs.
    fn hides(&self, created_ms: Option<u64>, moment: &Moment) -> bool {
        self.hidden_before_s
            .is_some_and(|before_s| is_before(created_ms, before_s, moment.now_ms))
    }

    /// The visibility of a note of theirs after `makeNotesFollowersOnlyBefore`. It holds
    /// wherever Visible is asked, so that an old public note is dropped for those who don't
    /// follow, not shown without its text. What a channel carries (`public` on the local
    /// timeline) and what captures tell goes by the visibility that was chosen.
    fn narrow(&self, chosen: Visibility, created_ms: Option<u64>, moment: &Moment) -> Visibility {
        let narrows = self
            .followers_only_before_s
            .is_some_and(|before_s| is_before(created_ms, before_s, moment.now_ms));
        match chosen {
            Visibility::Public | Visibility::Home if narrows => Visibility::Followers,
            Visibility::Public
            | Visibility::Home
            | Visibility::Followers
            | Visibility::Specified => chosen,
        }
    }
}

/// Whether a note's age passes a limit: ≤ 0, older than that many seconds; > 0, created before
/// that Unix time in seconds. A note of unknown age passes.
fn is_before(created_ms: Option<u64>, before_s: i64, now_ms: u64) -> bool {
    let Some(created_ms) = created_ms else {
        return true;
    };
    let limit_ms = before_s.unsigned_abs().saturating_mul(1000);
    if before_s > 0 {
        created_ms < limit_ms
    } else {
        now_ms.saturating_sub(created_ms) > limit_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(created_ms: Option<u64>, before_s: i64, now_ms: u64, expected: bool) {
        assert_eq!(is_before(created_ms, before_s, now_ms), expected);
    }

    #[test]
    fn an_age_in_seconds_is_passed_after_it() {
        check(Some(10_000), -5, 15_000, false);
        check(Some(10_000), -5, 15_001, true);
        check(Some(10_000), 0, 10_000, false);
        check(Some(10_000), 0, 10_001, true);
        // A clock that is behind makes no note old.
        check(Some(10_000), 0, 9_000, false);
    }

    #[test]
    fn a_time_is_passed_by_notes_before_it() {
        check(Some(4_999), 5, 0, true);
        check(Some(5_000), 5, u64::MAX, false);
    }

    #[test]
    fn the_ends_of_the_range_do_not_wrap() {
        check(Some(0), i64::MIN, u64::MAX, false);
        check(Some(u64::MAX - 1), i64::MAX, 0, true);
        check(Some(u64::MAX), i64::MAX, 0, false);
    }

    #[test]
    fn an_unknown_age_passes_every_limit() {
        check(None, -1_000_000, 0, true);
        check(None, 1, u64::MAX, true);
    }
}
