//! From what a client asks for to the note that is written.

use protocol::id::NoteId;
use serde_json::Map;

use super::CreateParams;
use super::around::{Around, Asked};
use super::errors::NO_SUCH_FILE;
use super::named::{self, Addressees};
use super::poll::Poll;
use crate::api::error::ApiError;
use crate::mfm::{self, Named};
use crate::model::note::Note;
use crate::model::user::User;
use crate::roles::Policies;
use crate::store::Tx;

/// A note that is allowed.
pub(super) struct Draft {
    pub(super) note: Note,
    pub(super) poll: Option<Poll>,
}

impl Draft {
    /// Checks what the client asks for and gives it the shape that is written.
    pub(super) fn new(tx: &Tx<'_>, me: &User, mut params: CreateParams) -> Result<Self, ApiError> {
        params.check()?;
        let asked = params.visibility.as_deref().unwrap_or("public");
        let around = Around::find(
            tx,
            me,
            &Asked {
                renote: params.renote_id.as_deref(),
                reply: params.reply_id.as_deref(),
                channel: params.channel_id.as_deref(),
                visibility: asked,
            },
        )?;
        let policies = Policies::of(tx, Some(me), tx.now_ms())?;
        let mut visibility = around.visibility(asked);
        if visibility == "public" && around.channel.is_none() && !policies.allow("canPublicNote") {
            "home".clone_into(&mut visibility);
        }
        let named = read_names(&params);
        let recipients = params.visible_user_ids.take().unwrap_or_default();
        let addressees = Addressees::find(
            tx,
            me,
            &named.mentions,
            around.reply.as_ref(),
            (visibility == "specified").then_some(recipients),
            policies.count("mentionLimit"),
        )?;
        let file_ids = find_files(
            tx,
            me,
            params.file_ids.take().or_else(|| params.media_ids.take()),
        )?;
        let poll = params
            .poll
            .take()
            .map(|poll| Poll::new(poll, tx.now_ms()))
            .transpose()?;
        let local_only = around.local_only(params.local_only);
        let note = Note {
            visibility,
            visible_user_ids: addressees.recipients,
            mentions: addressees.mentions,
            tags: named::tags(&named.hashtags),
            emojis: named.emojis,
            file_ids,
            has_poll: poll.is_some(),
            local_only,
            ..plain(tx, me, params, around)
        };
        Ok(Self { note, poll })
    }
}

/// The note as far as it follows from nothing else.
fn plain(tx: &Tx<'_>, me: &User, params: CreateParams, around: Around) -> Note {
    let Around {
        renote,
        reply,
        channel,
    } = around;
    Note {
        id: NoteId::parse(&tx.new_id()).expect("a new id is a valid one"),
        user_id: me.id.clone(),
        user_host: me.host.clone(),
        text: params.text.and_then(trimmed),
        cw: params.cw,
        visibility: String::new(),
        visible_user_ids: Vec::new(),
        mentions: Vec::new(),
        tags: Vec::new(),
        emojis: Vec::new(),
        file_ids: Vec::new(),
        thread_id: reply.as_ref().map(|reply| reply.thread().to_owned()),
        reply_id: reply.as_ref().map(|reply| reply.id.clone()),
        reply_user_id: reply.as_ref().map(|reply| reply.user_id.clone()),
        reply_user_host: reply.and_then(|reply| reply.user_host),
        renote_id: renote.as_ref().map(|renote| renote.id.clone()),
        renote_user_id: renote.as_ref().map(|renote| renote.user_id.clone()),
        renote_user_host: renote.and_then(|renote| renote.user_host),
        channel_id: channel,
        has_poll: false,
        local_only: false,
        reaction_acceptance: params.reaction_acceptance,
        renote_count: 0,
        replies_count: 0,
        clipped_count: 0,
        reactions: Map::new(),
        reaction_pairs: Vec::new(),
    }
}

/// Text without the space around it; nothing but space is no text.
fn trimmed(text: String) -> Option<String> {
    let trimmed = text.trim();
    match trimmed.len() {
        0 => None,
        length if length == text.len() => Some(text),
        _ => Some(trimmed.to_owned()),
    }
}

/// What the text, the warning and the choices name, but for what the client wants left alone.
fn read_names(params: &CreateParams) -> Named {
    let choices = params.poll.iter().flat_map(|poll| &poll.choices);
    let parts = params.text.iter().chain(&params.cw).chain(choices);
    let mut named = mfm::named(parts.map(String::as_str));
    if params.no_extract_mentions {
        named.mentions.clear();
    }
    if params.no_extract_hashtags {
        named.hashtags.clear();
    }
    if params.no_extract_emojis {
        named.emojis.clear();
    }
    named
}

/// The author's own files, in the order given.
fn find_files(tx: &Tx<'_>, me: &User, asked: Option<Vec<String>>) -> Result<Vec<String>, ApiError> {
    let asked = asked.unwrap_or_default();
    let mut statement =
        tx.prepare_cached("SELECT 1 FROM drive_file WHERE id = ?1 AND user_id = ?2")?;
    for id in &asked {
        if !statement.exists([id.as_str(), me.id.as_str()])? {
            return Err(NO_SUCH_FILE.into());
        }
    }
    Ok(asked)
}
