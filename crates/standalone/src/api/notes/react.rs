//! `notes/reactions/create` and `notes/reactions/delete`.

use protocol::id::UserId;
use rusqlite::{OptionalExtension, params};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::ctx::Ctx;
use crate::api::endpoint::NoContent;
use crate::api::error::{AUTHENTICATION_FAILED, ApiError, ErrorKind};
use crate::api::schema::{Field, Params};
use crate::limits::REACTION_PAIRS_MAX;
use crate::model::note::{self, Note};
use crate::model::{relation, user};
use crate::notifications::{self, Notice};
use crate::pack::For;
use crate::store::{Col, StoreError, Tx};
use crate::{events, reaction};

const NO_SUCH_NOTE: ErrorKind = ErrorKind::client(
    "NO_SUCH_NOTE",
    "033d0620-5bfe-4027-965d-980b0c85a3ea",
    "No such note.",
);
const ALREADY_REACTED: ErrorKind = ErrorKind::client(
    "ALREADY_REACTED",
    "71efcf98-86d6-4e2b-b2ad-9d032369366b",
    "You are already reacting to that note.",
);
const YOU_HAVE_BEEN_BLOCKED: ErrorKind = ErrorKind::client(
    "YOU_HAVE_BEEN_BLOCKED",
    "20ef5475-9f38-4e4c-bd33-de6d979498ec",
    "You cannot react this note because you have been blocked by this user.",
);
const CANNOT_REACT_TO_RENOTE: ErrorKind = ErrorKind::client(
    "CANNOT_REACT_TO_RENOTE",
    "eaccdc08-ddef-43fe-908f-d108faad57f5",
    "You cannot react to Renote.",
);
const NO_SUCH_REACTED_NOTE: ErrorKind = ErrorKind::client(
    "NO_SUCH_NOTE",
    "764d9fce-f9f2-4a0e-92b1-6ceac9a7ad37",
    "No such note.",
);
const NOT_REACTED: ErrorKind = ErrorKind::client(
    "NOT_REACTED",
    "92f4426d-4196-4125-aa5b-02943e2ec8fc",
    "You are not reacting to that note.",
);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateParams {
    note_id: String,
    reaction: String,
}

impl Params for CreateParams {
    const SCHEMA: &'static [Field] = &[
        Field::id("noteId").required(),
        Field::string("reaction").required(),
    ];
}

pub(super) async fn create(ctx: Ctx, params: CreateParams) -> Result<NoContent, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        let me = user::by_id(tx, me.as_str())?.ok_or(AUTHENTICATION_FAILED)?;
        let mut note = note::by_id(tx, &params.note_id)?.ok_or(NO_SUCH_NOTE)?;
        if !tx.pack().is_visible(&note, For::User(&me.id))? {
            return Err(NO_SUCH_NOTE.into());
        }
        if relation::blocks(tx, note.user_id.as_str(), me.id.as_str())? {
            return Err(YOU_HAVE_BEEN_BLOCKED.into());
        }
        if note.is_pure_renote() {
            return Err(CANNOT_REACT_TO_RENOTE.into());
        }
        let reaction = reaction::accepted(tx, &note, &me, &params.reaction)?;
        match of(tx, &note, &me.id)? {
            Some(before) if before == reaction => return Err(ALREADY_REACTED.into()),
            // Another reaction takes the place of the one before.
            Some(before) => take_back(tx, &mut note, &me.id, &before)?,
            None => {}
        }
        react(tx, &mut note, &me.id, &reaction)?;
        Ok(NoContent)
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeleteParams {
    note_id: String,
}

impl Params for DeleteParams {
    const SCHEMA: &'static [Field] = &[Field::id("noteId").required()];
}

pub(super) async fn delete(ctx: Ctx, params: DeleteParams) -> Result<NoContent, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        let mut note = note::by_id(tx, &params.note_id)?.ok_or(NO_SUCH_REACTED_NOTE)?;
        // Whoever reacted may take it back, even if the note isn't theirs to see any more.
        let Some(reaction) = of(tx, &note, &me)? else {
            let seen = tx.pack().is_visible(&note, For::User(&me))?;
            return Err(if seen {
                NOT_REACTED
            } else {
                NO_SUCH_REACTED_NOTE
            }
            .into());
        };
        take_back(tx, &mut note, &me, &reaction)?;
        Ok(NoContent)
    })
    .await
}

/// What a user reacted to a note with.
fn of(tx: &Tx<'_>, note: &Note, user: &UserId) -> rusqlite::Result<Option<String>> {
    tx.prepare_cached("SELECT reaction FROM note_reaction WHERE note_id = ?1 AND user_id = ?2")?
        .query_row([note.id.as_str(), user.as_str()], |row| row.get(0))
        .optional()
}

fn react(
    tx: &mut Tx<'_>,
    note: &mut Note,
    user: &UserId,
    reaction: &str,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO note_reaction (id, note_id, user_id, reaction) VALUES (?1, ?2, ?3, ?4)",
        params![tx.new_id(), Col(&note.id), Col(user), reaction],
    )?;
    let count = note.reactions.get(reaction).and_then(Value::as_u64);
    let count = count.unwrap_or(0) + 1;
    note.reactions.insert(reaction.to_owned(), count.into());
    if note.reaction_pairs.len() < REACTION_PAIRS_MAX {
        note.reaction_pairs.push(pair(user, reaction));
    }
    write(tx, note)?;
    let body = json!({
        "reaction": reaction,
        "emoji": reaction::picture(tx, reaction)?,
        "userId": user.as_str(),
    });
    events::captured(tx, note.audience(), "reacted", &body)?;
    let notice = Notice::new("reaction").from(user).about(note);
    let notice = notice.with("reaction", reaction::short(reaction));
    notifications::notify(tx, &note.user_id, notice)
}

fn take_back(
    tx: &mut Tx<'_>,
    note: &mut Note,
    user: &UserId,
    reaction: &str,
) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM note_reaction WHERE note_id = ?1 AND user_id = ?2",
        [note.id.as_str(), user.as_str()],
    )?;
    match note.reactions.get(reaction).and_then(Value::as_u64) {
        Some(count) if count > 1 => {
            note.reactions
                .insert(reaction.to_owned(), (count - 1).into());
        }
        _ => {
            note.reactions.shift_remove(reaction);
        }
    }
    let pair = pair(user, reaction);
    note.reaction_pairs.retain(|known| *known != pair);
    write(tx, note)?;
    let body = json!({ "reaction": reaction, "userId": user.as_str() });
    events::captured(tx, note.audience(), "unreacted", &body)
}

/// Writes the counts of a note's reactions, and the first of them.
fn write(tx: &Tx<'_>, note: &Note) -> rusqlite::Result<()> {
    tx.prepare_cached("UPDATE note SET reactions = ?2, reaction_pairs = ?3 WHERE id = ?1")?
        .execute(params![
            Col(&note.id),
            Value::from(note.reactions.clone()).to_string(),
            Value::from(note.reaction_pairs.as_slice()).to_string(),
        ])?;
    Ok(())
}

fn pair(user: &UserId, reaction: &str) -> String {
    format!("{user}/{reaction}")
}
