//! Who may see a note over REST: `protocol.md` section 5. What can't be known is hidden.

use protocol::id::UserId;
use rusqlite::Result;

use super::{For, Packer};
use crate::id::created_ms;
use crate::model::{note::Note, relation, user::User};

impl Packer<'_> {
    /// Whether the content of a note is for this viewer.
    ///
    /// # Errors
    ///
    /// If the database can't be read.
    pub fn is_visible(&self, note: &Note, to: For<'_>) -> Result<bool> {
        if to == For::Stream || to.user() == Some(&note.user_id) {
            return Ok(true);
        }
        let author = crate::model::user::by_id(self.connection, note.user_id.as_str())?;
        author.map_or(Ok(false), |author| self.is_shown(note, &author, to))
    }

    /// [`Packer::is_visible`] for who has the author at hand.
    pub(super) fn is_shown(&self, note: &Note, author: &User, to: For<'_>) -> Result<bool> {
        let viewer = match to {
            For::Stream => return Ok(true),
            For::User(viewer) if *viewer == note.user_id => return Ok(true),
            For::User(viewer) => Some(viewer),
            For::Visitor => None,
        };
        if author.require_signin && viewer.is_none() {
            return Ok(false);
        }
        if self.is_before(note, author.hidden_before) {
            return Ok(false);
        }
        match note.visibility.as_str() {
            "public" | "home" if !self.is_before(note, author.followers_only_before) => Ok(true),
            "public" | "home" | "followers" => self.is_for_follower(note, viewer),
            "specified" => Ok(viewer.is_some_and(|me| names(&note.visible_user_ids, me))),
            _ => Ok(false),
        }
    }

    fn is_for_follower(&self, note: &Note, viewer: Option<&UserId>) -> Result<bool> {
        let Some(me) = viewer else { return Ok(false) };
        if note.reply_user_id.as_ref() == Some(me) || names(&note.mentions, me) {
            return Ok(true);
        }
        relation::follows(self.connection, me.as_str(), note.user_id.as_str())
    }

    /// Whether a note is older than a limit that its author set: up to 0 an age in seconds
    /// (negated), above 0 a Unix time in seconds.
    fn is_before(&self, note: &Note, limit: Option<i64>) -> bool {
        let Some(limit) = limit else { return false };
        let created = created_ms(note.id.as_str()).unwrap_or(0);
        let moment = match u64::try_from(limit) {
            Ok(seconds) if seconds > 0 => seconds.saturating_mul(1000),
            _ => self
                .now_ms
                .saturating_sub(limit.unsigned_abs().saturating_mul(1000)),
        };
        created < moment
    }
}

fn names(ids: &[String], user: &UserId) -> bool {
    ids.iter().any(|id| id == user.as_str())
}
