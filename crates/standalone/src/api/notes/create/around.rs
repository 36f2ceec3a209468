//! What a new note belongs to: the note it renotes, the one it replies to, its channel. And who
//! may see it because of those.

use protocol::id::ChannelId;
use rusqlite::OptionalExtension;

use super::errors::{
    CANNOT_RENOTE_DUE_TO_VISIBILITY, CANNOT_RENOTE_OUTSIDE_OF_CHANNEL,
    CANNOT_RENOTE_TO_A_PURE_RENOTE, CANNOT_REPLY_TO_A_PURE_RENOTE,
    CANNOT_REPLY_TO_AN_INVISIBLE_NOTE, CANNOT_WIDEN_A_SPECIFIED_CONVERSATION, NO_SUCH_CHANNEL,
    NO_SUCH_RENOTE_TARGET, NO_SUCH_REPLY_TARGET, YOU_HAVE_BEEN_BLOCKED,
};
use crate::api::error::ApiError;
use crate::model::note::{self, Note};
use crate::model::{relation, user::User};
use crate::pack::For;
use crate::store::{Col, Tx};

/// The surroundings of a new note.
pub(super) struct Around {
    pub(super) renote: Option<Note>,
    pub(super) reply: Option<Note>,
    pub(super) channel: Option<ChannelId>,
}

/// What a client asks for.
pub(super) struct Asked<'a> {
    pub(super) renote: Option<&'a str>,
    pub(super) reply: Option<&'a str>,
    pub(super) channel: Option<&'a str>,
    pub(super) visibility: &'a str,
}

impl Around {
    /// Finds what the client names and checks that this user may post there.
    pub(super) fn find(tx: &Tx<'_>, me: &User, asked: &Asked<'_>) -> Result<Self, ApiError> {
        let renote = match asked.renote {
            Some(id) => Some(find_renote(tx, me, id, asked.channel)?),
            None => None,
        };
        let reply = match asked.reply {
            Some(id) => Some(find_reply(tx, me, id, asked.visibility)?),
            None => None,
        };
        let channel = match asked.channel {
            Some(id) => Some(find_channel(tx, id)?.id),
            None => None,
        };
        // A conversation stays where it began.
        let channel = reply
            .as_ref()
            .map_or(channel, |reply| reply.channel_id.clone());
        Ok(Self {
            renote,
            reply,
            channel,
        })
    }

    /// Who may see the note: in a channel everyone, and nobody more than what it answers to.
    pub(super) fn visibility(&self, asked: &str) -> String {
        let asked = if self.channel.is_some() {
            "public"
        } else {
            asked
        };
        let renoted = match &self.renote {
            Some(renote) => renoted_visibility(renote, asked),
            None => asked,
        };
        match &self.reply {
            Some(reply) if reply.visibility != "public" && renoted == "public" => "home",
            Some(_) | None => renoted,
        }
        .to_owned()
    }

    /// Whether the note stays on this server.
    pub(super) fn local_only(&self, asked: bool) -> bool {
        let mut around = self.renote.iter().chain(&self.reply);
        asked || self.channel.is_some() || around.any(|note| note.local_only)
    }
}

/// A renote is seen by nobody more than the note itself.
fn renoted_visibility<'a>(renote: &Note, asked: &'a str) -> &'a str {
    match (renote.visibility.as_str(), asked) {
        ("home", "public") => "home",
        ("followers", "public" | "home") => "followers",
        _ => asked,
    }
}

fn find_renote(tx: &Tx<'_>, me: &User, id: &str, channel: Option<&str>) -> Result<Note, ApiError> {
    let renote = note::by_id(tx, id)?.ok_or(NO_SUCH_RENOTE_TARGET)?;
    if renote.is_pure_renote() {
        return Err(CANNOT_RENOTE_TO_A_PURE_RENOTE.into());
    }
    refuse_if_blocked(tx, me, &renote)?;
    let mine = renote.user_id == me.id;
    let shareable = match renote.visibility.as_str() {
        "public" | "home" => tx.pack().is_visible(&renote, For::User(&me.id))?,
        "followers" => mine,
        _ => false,
    };
    if !shareable {
        return Err(CANNOT_RENOTE_DUE_TO_VISIBILITY.into());
    }
    if let Some(of) = &renote.channel_id
        && Some(of.as_str()) != channel
        && !find_channel(tx, of.as_str())?.renotes_leave
    {
        return Err(CANNOT_RENOTE_OUTSIDE_OF_CHANNEL.into());
    }
    Ok(renote)
}

fn find_reply(tx: &Tx<'_>, me: &User, id: &str, visibility: &str) -> Result<Note, ApiError> {
    let reply = note::by_id(tx, id)?.ok_or(NO_SUCH_REPLY_TARGET)?;
    if reply.is_pure_renote() {
        return Err(CANNOT_REPLY_TO_A_PURE_RENOTE.into());
    }
    if !tx.pack().is_visible(&reply, For::User(&me.id))? {
        return Err(CANNOT_REPLY_TO_AN_INVISIBLE_NOTE.into());
    }
    if reply.visibility == "specified" && visibility != "specified" {
        return Err(CANNOT_WIDEN_A_SPECIFIED_CONVERSATION.into());
    }
    refuse_if_blocked(tx, me, &reply)?;
    Ok(reply)
}

fn refuse_if_blocked(tx: &Tx<'_>, me: &User, note: &Note) -> Result<(), ApiError> {
    if note.user_id != me.id && relation::blocks(tx, note.user_id.as_str(), me.id.as_str())? {
        return Err(YOU_HAVE_BEEN_BLOCKED.into());
    }
    Ok(())
}

struct Channel {
    id: ChannelId,
    renotes_leave: bool,
}

/// A channel that isn't archived.
fn find_channel(tx: &Tx<'_>, id: &str) -> Result<Channel, ApiError> {
    let channel = tx
        .prepare_cached(
            "SELECT id, allow_renote_to_external FROM channel WHERE id = ?1 AND is_archived = 0",
        )?
        .query_row([id], |row| {
            Ok(Channel {
                id: row.get::<_, Col<ChannelId>>(0)?.0,
                renotes_leave: row.get(1)?,
            })
        })
        .optional()?;
    channel.ok_or_else(|| NO_SUCH_CHANNEL.into())
}
