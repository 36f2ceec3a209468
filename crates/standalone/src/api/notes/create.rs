//! `notes/create`.

use protocol::id::NoteId;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::api::ctx::Ctx;
use crate::api::error::{AUTHENTICATION_FAILED, ApiError, ErrorKind};
use crate::api::schema::{Field, Params};
use crate::events;
use crate::limits::{NOTE_CW_MAX, NOTE_TEXT_MAX};
use crate::model::{
    note::{self, Note},
    relation,
    user::{self, User},
};
use crate::pack::For;
use crate::store::{StoreError, Tx};

const NO_SUCH_RENOTE_TARGET: ErrorKind = ErrorKind::client(
    "NO_SUCH_RENOTE_TARGET",
    "b5c90186-4ab0-49c8-9bba-a1f76c282ba4",
    "No such renote target.",
);
const CANNOT_RENOTE_TO_A_PURE_RENOTE: ErrorKind = ErrorKind::client(
    "CANNOT_RENOTE_TO_A_PURE_RENOTE",
    "fd4cc33e-2a37-48dd-99cc-9b806eb2031a",
    "You can not Renote a pure Renote.",
);
const CANNOT_RENOTE_DUE_TO_VISIBILITY: ErrorKind = ErrorKind::client(
    "CANNOT_RENOTE_DUE_TO_VISIBILITY",
    "be9529e9-fe72-4de0-ae43-0b363c4938af",
    "You can not Renote due to target visibility.",
);
const NO_SUCH_REPLY_TARGET: ErrorKind = ErrorKind::client(
    "NO_SUCH_REPLY_TARGET",
    "749ee0f6-d3da-459a-bf02-282e2da4292c",
    "No such reply target.",
);
const CANNOT_REPLY_TO_AN_INVISIBLE_NOTE: ErrorKind = ErrorKind::client(
    "CANNOT_REPLY_TO_AN_INVISIBLE_NOTE",
    "b98980fa-3780-406c-a935-b6d0eeee10d1",
    "You cannot reply to an invisible Note.",
);
const CANNOT_REPLY_TO_A_PURE_RENOTE: ErrorKind = ErrorKind::client(
    "CANNOT_REPLY_TO_A_PURE_RENOTE",
    "3ac74a84-8fd5-4bb0-870f-01804f82ce15",
    "You can not reply to a pure Renote.",
);
const CANNOT_WIDEN_A_SPECIFIED_CONVERSATION: ErrorKind = ErrorKind::client(
    "CANNOT_REPLY_TO_SPECIFIED_VISIBILITY_NOTE_WITH_EXTENDED_VISIBILITY",
    "ed940410-535c-4d5e-bfa3-af798671e93c",
    "You cannot reply to a specified visibility note with extended visibility.",
);
const YOU_HAVE_BEEN_BLOCKED: ErrorKind = ErrorKind::client(
    "YOU_HAVE_BEEN_BLOCKED",
    "b390d7e1-8a5e-46ed-b625-06271cafd3d3",
    "You have been blocked by this user.",
);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateParams {
    text: Option<String>,
    cw: Option<String>,
    visibility: Option<String>,
    visible_user_ids: Option<Vec<String>>,
    #[serde(default)]
    local_only: bool,
    reaction_acceptance: Option<String>,
    reply_id: Option<String>,
    renote_id: Option<String>,
}

impl Params for CreateParams {
    const SCHEMA: &'static [Field] = &[
        Field::string("visibility").one_of(&["public", "home", "followers", "specified"]),
        Field::array("visibleUserIds", &Field::id("")).unique(),
        Field::string("cw").nullable().length(1, NOTE_CW_MAX as i64),
        Field::boolean("localOnly"),
        Field::string("reactionAcceptance").nullable().one_of(&[
            "likeOnly",
            "likeOnlyForRemote",
            "nonSensitiveOnly",
            "nonSensitiveOnlyForLocalLikeOnlyForRemote",
        ]),
        Field::id("replyId").nullable(),
        Field::id("renoteId").nullable(),
        Field::string("text")
            .nullable()
            .length(1, NOTE_TEXT_MAX as i64),
    ];
}

pub(super) async fn create(ctx: Ctx, params: CreateParams) -> Result<Value, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        let me = user::by_id(tx, me.as_str())?.ok_or(AUTHENTICATION_FAILED)?;
        let draft = Draft::new(tx, &me, params)?;
        let note = draft.into_note(tx, &me)?;
        note::insert(tx, &note)?;
        publish(tx, &note)?;
        count(tx, &note)?;
        let packed = tx.pack().note(&note, For::User(&me.id))?;
        Ok(json!({ "createdNote": packed }))
    })
    .await
}

/// The events of a new note, in Misskey's order.
fn publish(tx: &mut Tx<'_>, note: &Note) -> Result<(), ApiError> {
    let packed = tx.pack().note(note, For::Stream)?;
    Ok(events::note(tx, &packed)?)
}

/// Counts the note where it belongs. That comes after packing: the notes around a new note are
/// published with the counts from before it.
fn count(tx: &Tx<'_>, note: &Note) -> rusqlite::Result<()> {
    tx.execute(
        "UPDATE user SET notes_count = notes_count + 1 WHERE id = ?1",
        [note.user_id.as_str()],
    )?;
    if let Some(reply) = &note.reply_id {
        tx.execute(
            "UPDATE note SET replies_count = replies_count + 1 WHERE id = ?1",
            [reply.as_str()],
        )?;
    }
    // A renote of one's own note doesn't count.
    if let Some(renote) = &note.renote_id
        && note.renote_user_id.as_ref() != Some(&note.user_id)
    {
        tx.execute(
            "UPDATE note SET renote_count = renote_count + 1 WHERE id = ?1",
            [renote.as_str()],
        )?;
    }
    Ok(())
}

/// What the client asked for, with the notes it names found and allowed.
struct Draft {
    params: CreateParams,
    visibility: String,
    reply: Option<Note>,
    renote: Option<Note>,
}

impl Draft {
    fn new(tx: &Tx<'_>, me: &User, params: CreateParams) -> Result<Self, ApiError> {
        if params.text.is_none() && params.renote_id.is_none() {
            let reason = "must have required property 'text'";
            return Err(ApiError::invalid_param("#/anyOf/0/required", reason));
        }
        let mut visibility = params
            .visibility
            .clone()
            .unwrap_or_else(|| "public".to_owned());
        let renote = match &params.renote_id {
            Some(id) => Some(find_renote(tx, me, id)?),
            None => None,
        };
        if let Some(renote) = &renote {
            visibility = renoted_visibility(renote, visibility);
        }
        let reply = match &params.reply_id {
            Some(id) => Some(find_reply(tx, me, id, &visibility)?),
            None => None,
        };
        if let Some(reply) = &reply {
            visibility = replied_visibility(reply, visibility);
        }
        Ok(Self {
            params,
            visibility,
            reply,
            renote,
        })
    }

    fn into_note(self, tx: &Tx<'_>, me: &User) -> Result<Note, ApiError> {
        let Self {
            params,
            visibility,
            reply,
            renote,
        } = self;
        let recipients = if visibility == "specified" {
            recipients(
                tx,
                params.visible_user_ids.unwrap_or_default(),
                reply.as_ref(),
                me,
            )?
        } else {
            Vec::new()
        };
        let mentions = mentions(reply.as_ref(), &recipients, me);
        let id = NoteId::parse(&tx.new_id()).expect("a new id is a valid one");
        Ok(Note {
            id,
            user_id: me.id.clone(),
            user_host: me.host.clone(),
            text: params.text,
            cw: params.cw,
            visibility,
            visible_user_ids: recipients,
            mentions,
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
            channel_id: None,
            has_poll: false,
            local_only: params.local_only,
            reaction_acceptance: params.reaction_acceptance,
            renote_count: 0,
            replies_count: 0,
            clipped_count: 0,
            reactions: Map::new(),
            reaction_pairs: Vec::new(),
        })
    }
}

fn find_renote(tx: &Tx<'_>, me: &User, id: &str) -> Result<Note, ApiError> {
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
    Ok(renote)
}

/// A renote is seen by nobody more than the note itself.
fn renoted_visibility(renote: &Note, asked: String) -> String {
    match (renote.visibility.as_str(), asked.as_str()) {
        ("home", "public") => "home".to_owned(),
        ("followers", "public" | "home") => "followers".to_owned(),
        _ => asked,
    }
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

/// A public reply to a note that isn't public stays off the public timelines.
fn replied_visibility(reply: &Note, asked: String) -> String {
    if reply.visibility != "public" && asked == "public" {
        "home".to_owned()
    } else {
        asked
    }
}

fn refuse_if_blocked(tx: &Tx<'_>, me: &User, note: &Note) -> Result<(), ApiError> {
    if note.user_id != me.id && relation::blocks(tx, note.user_id.as_str(), me.id.as_str())? {
        return Err(YOU_HAVE_BEEN_BLOCKED.into());
    }
    Ok(())
}

/// Who gets a `specified` note: those who exist, and whom it replies to.
fn recipients(
    tx: &Tx<'_>,
    asked: Vec<String>,
    reply: Option<&Note>,
    me: &User,
) -> Result<Vec<String>, StoreError> {
    let mut recipients = Vec::with_capacity(asked.len());
    for id in asked {
        if user::by_id(tx, &id)?.is_some() {
            recipients.push(id);
        }
    }
    add_replied_to(&mut recipients, reply, me);
    Ok(recipients)
}

/// Whom a note is addressed to beside those whom its text names.
fn mentions(reply: Option<&Note>, recipients: &[String], me: &User) -> Vec<String> {
    let mut mentions = Vec::new();
    add_replied_to(&mut mentions, reply, me);
    for id in recipients {
        if *id != me.id.as_str() && !mentions.contains(id) {
            mentions.push(id.clone());
        }
    }
    mentions
}

fn add_replied_to(users: &mut Vec<String>, reply: Option<&Note>, me: &User) {
    let Some(reply) = reply.filter(|reply| reply.user_id != me.id) else {
        return;
    };
    if !users.iter().any(|id| id == reply.user_id.as_str()) {
        users.push(reply.user_id.as_str().to_owned());
    }
}
