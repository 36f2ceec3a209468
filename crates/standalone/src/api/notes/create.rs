//! `notes/create`.

mod around;
mod draft;
mod errors;
mod named;
mod poll;
mod publish;

use rusqlite::params;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::ctx::Ctx;
use crate::api::error::{AUTHENTICATION_FAILED, ApiError};
use crate::api::schema::{Field, Params};
use crate::limits::{NOTE_CW_MAX, NOTE_FILES_MAX, NOTE_TEXT_MAX, RECIPIENTS_MAX};
use crate::model::{
    note::{self, Note},
    user,
};
use crate::pack::For;
use crate::roles;
use crate::store::{Col, Tx};
use draft::Draft;
use poll::PollParams;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateParams {
    visibility: Option<String>,
    visible_user_ids: Option<Vec<String>>,
    cw: Option<String>,
    #[serde(default)]
    local_only: bool,
    reaction_acceptance: Option<String>,
    #[serde(default)]
    no_extract_mentions: bool,
    #[serde(default)]
    no_extract_hashtags: bool,
    #[serde(default)]
    no_extract_emojis: bool,
    reply_id: Option<String>,
    renote_id: Option<String>,
    channel_id: Option<String>,
    text: Option<String>,
    file_ids: Option<Vec<String>>,
    media_ids: Option<Vec<String>>,
    poll: Option<PollParams>,
}

impl Params for CreateParams {
    const SCHEMA: &'static [Field] = &[
        Field::string("visibility").one_of(&["public", "home", "followers", "specified"]),
        Field::array("visibleUserIds", &Field::id(""))
            .items(0, RECIPIENTS_MAX as i64)
            .unique(),
        Field::string("cw").nullable().length(1, NOTE_CW_MAX as i64),
        Field::boolean("localOnly"),
        Field::string("reactionAcceptance").nullable().one_of(&[
            "likeOnly",
            "likeOnlyForRemote",
            "nonSensitiveOnly",
            "nonSensitiveOnlyForLocalLikeOnlyForRemote",
        ]),
        Field::boolean("noExtractMentions"),
        Field::boolean("noExtractHashtags"),
        Field::boolean("noExtractEmojis"),
        Field::id("replyId").nullable(),
        Field::id("renoteId").nullable(),
        Field::id("channelId").nullable(),
        Field::string("text")
            .nullable()
            .length(1, NOTE_TEXT_MAX as i64),
        Field::array("fileIds", &Field::id(""))
            .unique()
            .items(1, NOTE_FILES_MAX as i64),
        Field::array("mediaIds", &Field::id(""))
            .unique()
            .items(1, NOTE_FILES_MAX as i64),
        Field::object("poll", poll::SCHEMA).nullable(),
    ];
}

impl CreateParams {
    /// A note without text must have something else.
    fn check(&self) -> Result<(), ApiError> {
        let has_more = self.renote_id.is_some()
            || self.file_ids.is_some()
            || self.media_ids.is_some()
            || self.poll.is_some();
        match &self.text {
            _ if has_more => Ok(()),
            None => {
                let reason = "must have required property 'text'";
                Err(ApiError::invalid_param("#/then/required", reason))
            }
            Some(text) if text.trim().is_empty() => {
                let reason = r#"must match pattern "[^\s]+""#;
                Err(ApiError::invalid_param(
                    "#/then/properties/text/pattern",
                    reason,
                ))
            }
            Some(_) => Ok(()),
        }
    }
}

pub(super) async fn create(ctx: Ctx, params: CreateParams) -> Result<Value, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        let me = user::by_id(tx, me.as_str())?.ok_or(AUTHENTICATION_FAILED)?;
        let Draft { note, poll } = Draft::new(tx, &me, params)?;
        note::insert(tx, &note)?;
        if let Some(poll) = poll {
            poll.insert(tx, &note.id)?;
        }
        // The notes around a new note are published and answered with the counts from before it,
        // and notifications have those from after it.
        let notices = publish::publish(tx, &note, &me)?;
        let packed = tx.pack().note(&note, For::User(&me.id))?;
        count(tx, &note)?;
        roles::tell_changes(tx, &me)?;
        publish::notify(tx, &note, notices)?;
        Ok(json!({ "createdNote": packed }))
    })
    .await
}

/// Counts the note where it belongs.
fn count(tx: &Tx<'_>, note: &Note) -> rusqlite::Result<()> {
    tx.execute(
        "UPDATE user SET notes_count = notes_count + 1, updated_at = ?2 WHERE id = ?1",
        params![Col(&note.user_id), tx.now_ms()],
    )?;
    if let Some(reply) = &note.reply_id {
        tx.execute(
            "UPDATE note SET replies_count = replies_count + 1 WHERE id = ?1",
            [Col(reply)],
        )?;
    }
    if let Some(renote) = note.counted_renote() {
        tx.execute(
            "UPDATE note SET renote_count = renote_count + 1 WHERE id = ?1",
            [Col(renote)],
        )?;
    }
    if let Some(channel) = &note.channel_id {
        tx.execute(
            "UPDATE channel SET notes_count = notes_count + 1, last_noted_at = ?2,
                 users_count = users_count + (
                     SELECT count(*) = 1 FROM note WHERE channel_id = ?1 AND user_id = ?3)
             WHERE id = ?1",
            params![Col(channel), tx.now_ms(), Col(&note.user_id)],
        )?;
    }
    Ok(())
}
