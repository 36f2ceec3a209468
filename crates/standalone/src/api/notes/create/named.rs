//! Whom and what a new note names.

use super::errors::CONTAINS_TOO_MANY_MENTIONS;
use crate::api::error::ApiError;
use crate::limits::{TAG_CHARS_MAX, TAGS_MAX};
use crate::mfm::Mention;
use crate::model::{
    note::Note,
    user::{self, User},
};
use crate::store::Tx;

/// Who a note is for beside its visibility.
pub(super) struct Addressees {
    /// Whom it mentions: those its text names, whom it replies to, and the recipients.
    pub(super) mentions: Vec<String>,
    /// The recipients of a `specified` note.
    pub(super) recipients: Vec<String>,
}

impl Addressees {
    /// Finds them. `recipients` is `None` unless the note is `specified`: a name in its text alone
    /// makes nobody a recipient.
    pub(super) fn find(
        tx: &Tx<'_>,
        me: &User,
        named: &[Mention],
        reply: Option<&Note>,
        recipients: Option<Vec<String>>,
        mentions_max: usize,
    ) -> Result<Self, ApiError> {
        let mut mentions = Vec::new();
        for mention in named {
            if let Some(user) = find_user(tx, mention)? {
                add(&mut mentions, user.id.as_str());
            }
        }
        let replied_to = reply
            .map(|reply| reply.user_id.as_str())
            .filter(|user| *user != me.id.as_str());
        if let Some(user) = replied_to {
            add(&mut mentions, user);
        }
        let recipients = match recipients {
            Some(asked) => find_recipients(tx, asked, replied_to)?,
            None => Vec::new(),
        };
        for user in recipients.iter().filter(|user| *user != me.id.as_str()) {
            add(&mut mentions, user);
        }
        if mentions.len() > mentions_max {
            return Err(CONTAINS_TOO_MANY_MENTIONS.into());
        }
        Ok(Self {
            mentions,
            recipients,
        })
    }
}

fn find_user(tx: &Tx<'_>, mention: &Mention) -> rusqlite::Result<Option<User>> {
    let host = mention.host.as_ref().map(|host| host.to_lowercase());
    let host = host.filter(|host| host != tx.site().host());
    let user = user::by_name(tx, &mention.username, host.as_deref())?;
    Ok(user.filter(|user| !user.is_deleted))
}

/// Those who exist, and whom the note replies to.
fn find_recipients(
    tx: &Tx<'_>,
    asked: Vec<String>,
    replied_to: Option<&str>,
) -> Result<Vec<String>, ApiError> {
    let mut recipients = Vec::with_capacity(asked.len());
    for id in asked {
        if user::by_id(tx, &id)?.is_some() {
            recipients.push(id);
        }
    }
    if let Some(user) = replied_to {
        add(&mut recipients, user);
    }
    Ok(recipients)
}

/// The tags as they are compared, each once, without those that are too long or too many.
pub(super) fn tags(hashtags: &[String]) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for hashtag in hashtags {
        let tag = protocol::tag::normalise(hashtag);
        if tags.len() < TAGS_MAX && tag.chars().count() <= TAG_CHARS_MAX {
            add(&mut tags, &tag);
        }
    }
    tags
}

fn add(list: &mut Vec<String>, text: &str) {
    if !list.iter().any(|known| known == text) {
        list.push(text.to_owned());
    }
}
