//! How a note is written in JSON, and the way from there to its head.

use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny};

use serde_json::value::RawValue;

use super::reactions::{Count, Reactions, Sum};
use super::{AuthorHead, HostHead, NoteHead, ReplyHead, Visibility};
use crate::event::PayloadError;
use crate::json::{self, Object};
use crate::text::Text;
use crate::time;

/// The fields of a note that the head is made of.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireNote<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow, default)]
    created_at: Option<Text<'a>>,
    #[serde(borrow)]
    user_id: Text<'a>,
    #[serde(borrow, default)]
    user: Option<Object<WireUser<'a>>>,
    #[serde(default)]
    text: Option<IgnoredAny>,
    #[serde(default)]
    cw: Option<IgnoredAny>,
    #[serde(default)]
    poll: Option<IgnoredAny>,
    visibility: Visibility,
    #[serde(borrow, default)]
    visible_user_ids: Option<Vec<Text<'a>>>,
    #[serde(borrow, default)]
    mentions: Option<Vec<Text<'a>>>,
    #[serde(borrow, default)]
    channel_id: Option<Text<'a>>,
    #[serde(default)]
    file_ids: Option<Vec<IgnoredAny>>,
    #[serde(borrow, default)]
    tags: Option<Vec<Text<'a>>>,
    #[serde(borrow, default)]
    reply_id: Option<Text<'a>>,
    #[serde(borrow, default)]
    reply: Option<Object<WireReply<'a>>>,
    #[serde(borrow, default)]
    renote_id: Option<Text<'a>>,
    #[serde(borrow, default)]
    renote: Option<&'a RawValue>,
    #[serde(default)]
    reaction_count: Option<Count>,
    #[serde(default)]
    reactions: Option<Sum>,
    #[serde(borrow, default)]
    reaction_and_user_pair_cache: Option<Vec<Text<'a>>>,
    #[serde(default)]
    is_hidden: Option<bool>,
}

/// The fields of the replied-to note.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireReply<'a> {
    #[serde(borrow, default)]
    created_at: Option<Text<'a>>,
    #[serde(borrow)]
    user_id: Text<'a>,
    #[serde(borrow, default)]
    user: Option<Object<WireUser<'a>>>,
    visibility: Visibility,
    #[serde(borrow, default)]
    visible_user_ids: Option<Vec<Text<'a>>>,
    #[serde(borrow, default)]
    mentions: Option<Vec<Text<'a>>>,
}

/// The fields of a note's `user`.
#[derive(serde::Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct WireUser<'a> {
    #[serde(borrow, default)]
    host: HostHead<'a>,
    #[serde(default)]
    require_signin_to_view_contents: Option<bool>,
    #[serde(default)]
    make_notes_hidden_before: Option<i64>,
    #[serde(default)]
    make_notes_followers_only_before: Option<i64>,
}

/// Reads a note and the chain of what it renotes, which may have so many links. Each link is
/// read by itself, so that the nesting of a message doesn't decide how much stack it takes.
pub(super) fn read(text: &str, links_max: usize) -> Result<NoteHead<'_>, PayloadError> {
    let links_left = links_max.checked_sub(1).ok_or(PayloadError::Chain)?;
    let wire: WireNote<'_> = json::object(text)?;
    let renote = match wire.renote {
        Some(renote) => Some(Box::new(read(renote.get(), links_left)?)),
        None => None,
    };
    Ok(wire.into_head(renote))
}

impl<'a> WireNote<'a> {
    fn into_head(self, renote: Option<Box<NoteHead<'a>>>) -> NoteHead<'a> {
        let has_files = self.file_ids.is_some_and(|ids| !ids.is_empty());
        let bare = self.text.is_none() && self.cw.is_none() && self.poll.is_none();
        let pure_renote = self.renote_id.is_some() && bare && self.reply_id.is_none() && !has_files;
        let summed = self.reactions.unwrap_or_default().0;
        NoteHead {
            id: self.id,
            author: author(self.user_id, self.user),
            visibility: self.visibility,
            visible_user_ids: self.visible_user_ids.unwrap_or_default(),
            mentions: self.mentions.unwrap_or_default(),
            channel_id: self.channel_id,
            has_files,
            pure_renote,
            created_ms: self.created_at.and_then(|date| time::parse_unix_ms(&date)),
            tags: self.tags.unwrap_or_default(),
            reply_id: self.reply_id,
            reply: self.reply.map(|reply| reply.0.into_head()),
            renote_id: self.renote_id,
            renote,
            reactions: Reactions {
                count: self.reaction_count.unwrap_or_default().0.max(summed),
                pairs: self.reaction_and_user_pair_cache.unwrap_or_default(),
            },
            hidden: self.is_hidden.unwrap_or(false),
        }
    }
}

impl<'a> WireReply<'a> {
    fn into_head(self) -> ReplyHead<'a> {
        ReplyHead {
            author: author(self.user_id, self.user),
            visibility: self.visibility,
            visible_user_ids: self.visible_user_ids.unwrap_or_default(),
            mentions: self.mentions.unwrap_or_default(),
            created_ms: self.created_at.and_then(|date| time::parse_unix_ms(&date)),
        }
    }
}

/// Makes an author of the fields `userId` and `user`.
fn author<'a>(id: Text<'a>, user: Option<Object<WireUser<'a>>>) -> AuthorHead<'a> {
    let user = user.unwrap_or_default().0;
    AuthorHead {
        id,
        host: user.host,
        requires_signin: user.require_signin_to_view_contents.unwrap_or(false),
        hidden_before_s: user.make_notes_hidden_before,
        followers_only_before_s: user.make_notes_followers_only_before,
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for HostHead<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(|host| host.map_or(Self::Local, Self::Remote))
    }
}

impl<'de> Deserialize<'de> for Visibility {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = Text::deserialize(deserializer)?;
        Self::parse(&name).ok_or_else(|| D::Error::custom("unknown visibility"))
    }
}
