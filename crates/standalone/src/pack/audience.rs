//! Who may see a note over REST: `docs/PROTOCOL.md` section 5. What can't be known is hidden.

use backend::VisitorScope;
use protocol::id::UserId;
use rusqlite::Result;

use super::{For, Packer};
use crate::id::created_ms;
use crate::limits::RENOTE_DEPTH_MAX;
use crate::model::note::{self, Note};
use crate::model::user::{self, User};
use crate::model::{meta, relation};

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
        let author = user::by_id(self.connection, note.user_id.as_str())?;
        author.map_or(Ok(false), |author| self.is_shown(note, &author, to))
    }

    /// Whether a list of notes has a place for this one. A note that is for the viewer but too
    /// old to be read stands there without its content; a pure renote of something that they
    /// may not read would show nothing.
    ///
    /// # Errors
    ///
    /// If the database can't be read.
    pub fn is_listed(&self, note: &Note, to: For<'_>) -> Result<bool> {
        let Some(author) = user::by_id(self.connection, note.user_id.as_str())? else {
            return Ok(false);
        };
        if !self.is_for(note, &author, to)? {
            return Ok(false);
        }
        if note.renote_id.is_none() {
            return Ok(true);
        }
        self.chain_has_something(note, to)
    }

    /// Whether, of a note and what it renotes in turn, no link is a pure renote or none hidden.
    fn chain_has_something(&self, note: &Note, to: For<'_>) -> Result<bool> {
        let (mut any_pure, mut any_hidden) = (false, false);
        let mut link = note.clone();
        for _ in 0..=RENOTE_DEPTH_MAX {
            any_pure |= link.is_pure_renote();
            any_hidden |= !self.is_visible(&link, to)?;
            let Some(id) = &link.renote_id else { break };
            let Some(next) = note::by_id(self.connection, id.as_str())? else {
                return Ok(false);
            };
            link = next;
        }
        Ok(!(any_pure && any_hidden))
    }

    /// [`Packer::is_visible`] for who has the author at hand.
    pub(super) fn is_shown(&self, note: &Note, author: &User, to: For<'_>) -> Result<bool> {
        let is_own = to.user() == Some(&note.user_id);
        if to == For::Stream || is_own {
            return Ok(true);
        }
        Ok(!self.is_before(note, author.hidden_before) && self.is_for(note, author, to)?)
    }

    /// Whether a note was written for this viewer, whatever its age.
    fn is_for(&self, note: &Note, author: &User, to: For<'_>) -> Result<bool> {
        let viewer = match to {
            For::Stream => return Ok(true),
            For::User(viewer) if *viewer == note.user_id => return Ok(true),
            For::User(viewer) => Some(viewer),
            For::Visitor if self.needs_login(author)? => return Ok(false),
            For::Visitor => None,
        };
        match note.visibility.as_str() {
            "public" | "home" if !self.is_before(note, author.followers_only_before) => Ok(true),
            "public" | "home" | "followers" => self.is_for_follower(note, viewer),
            "specified" => Ok(viewer.is_some_and(|me| names(&note.visible_user_ids, me))),
            _ => Ok(false),
        }
    }

    /// Whether visitors may not read what this user writes.
    fn needs_login(&self, author: &User) -> Result<bool> {
        Ok(author.require_signin
            || match meta::visitors_see(self.connection)? {
                VisitorScope::All => false,
                VisitorScope::Local => !author.is_local(),
                VisitorScope::Nothing => true,
            })
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
