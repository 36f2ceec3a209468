//! `notes/delete` and `notes/unrenote`.

use protocol::id::UserId;
use rusqlite::{Connection, params};
use serde::Deserialize;
use serde_json::json;

use crate::api::ctx::Ctx;
use crate::api::endpoint::NoContent;
use crate::api::error::{ApiError, ErrorKind};
use crate::api::schema::{Field, Params};
use crate::model::note::{self, Note};
use crate::model::user;
use crate::pack::{For, time};
use crate::store::{Col, StoreError, Tx};
use crate::{events, roles};

const NO_SUCH_NOTE: ErrorKind = ErrorKind::client(
    "NO_SUCH_NOTE",
    "490be23f-8c1f-4796-819f-94cb4f9d1630",
    "No such note.",
);
const ACCESS_DENIED: ErrorKind = ErrorKind::client(
    "ACCESS_DENIED",
    "fe8d7103-0ea8-4ec3-814d-f8b401dc69e9",
    "Access denied.",
);
const NO_SUCH_RENOTED_NOTE: ErrorKind = ErrorKind::client(
    "NO_SUCH_NOTE",
    "efd4a259-2442-496b-8dd7-b255aa1a160f",
    "No such note.",
);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NoteParams {
    note_id: String,
}

impl Params for NoteParams {
    const SCHEMA: &'static [Field] = &[Field::id("noteId").required()];
}

pub(super) async fn delete(ctx: Ctx, params: NoteParams) -> Result<NoContent, ApiError> {
    let me = ctx.me()?.clone();
    ctx.write(move |tx| {
        let note = note::by_id(tx, &params.note_id)?.ok_or(NO_SUCH_NOTE)?;
        if note.user_id != me.id && !me.staff.moderator {
            let seen = tx.pack().is_visible(&note, For::User(&me.id))?;
            return Err(if seen { ACCESS_DENIED } else { NO_SUCH_NOTE }.into());
        }
        remove(tx, &note)?;
        Ok(NoContent)
    })
    .await
}

pub(super) async fn unrenote(ctx: Ctx, params: NoteParams) -> Result<NoContent, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        let note = note::by_id(tx, &params.note_id)?.ok_or(NO_SUCH_RENOTED_NOTE)?;
        if !tx.pack().is_visible(&note, For::User(&me))? {
            return Err(NO_SUCH_RENOTED_NOTE.into());
        }
        for renote in renotes(tx, &note, &me)? {
            // One of them may have answered to another and be gone with it.
            if note::by_id(tx, renote.id.as_str())?.is_some() {
                remove(tx, &renote)?;
            }
        }
        Ok(NoContent)
    })
    .await
}

/// All renotes of a note by one user, with or without words, the newest first.
fn renotes(connection: &Connection, note: &Note, by: &UserId) -> rusqlite::Result<Vec<Note>> {
    connection
        .prepare_cached(
            "SELECT * FROM note WHERE renote_id = ?1 AND user_id = ?2 ORDER BY id DESC",
        )?
        .query_map([note.id.as_str(), by.as_str()], Note::from_row)?
        .collect()
}

/// Deletes a note and tells those who captured it. What replies to it or renotes it goes with it,
/// without a word.
fn remove(tx: &mut Tx<'_>, note: &Note) -> Result<(), StoreError> {
    let body = json!({ "deletedAt": time::iso(tx.now_ms()) });
    events::captured(tx, note.audience(), "deleted", &body)?;
    // The newest go first: so none of them has others left to take along, however long the
    // conversation is, and SQLite's limit of nested deletions is never met.
    for note in with_dependents(tx, note)? {
        let author = user::by_id(tx, note.user_id.as_str())?;
        uncount(tx, &note)?;
        tx.prepare_cached("DELETE FROM note WHERE id = ?1")?
            .execute([Col(&note.id)])?;
        if let Some(author) = author {
            roles::tell_changes(tx, &author)?;
        }
    }
    Ok(())
}

/// The note and all that replies to it or renotes it, and so on, the newest first.
fn with_dependents(connection: &Connection, note: &Note) -> rusqlite::Result<Vec<Note>> {
    connection
        .prepare_cached(
            "WITH RECURSIVE doomed(id) AS (
                 VALUES (?1)
                 UNION SELECT note.id FROM doomed JOIN note ON note.reply_id = doomed.id
                 UNION SELECT note.id FROM doomed JOIN note ON note.renote_id = doomed.id)
             SELECT note.* FROM note JOIN doomed USING (id) ORDER BY note.id DESC",
        )?
        .query_map([note.id.as_str()], Note::from_row)?
        .collect()
}

/// Takes a note out of the counts that it is in.
fn uncount(connection: &Connection, note: &Note) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE user SET notes_count = max(notes_count - 1, 0) WHERE id = ?1")?
        .execute([Col(&note.user_id)])?;
    if let Some(reply) = &note.reply_id {
        connection
            .prepare_cached(
                "UPDATE note SET replies_count = max(replies_count - 1, 0) WHERE id = ?1",
            )?
            .execute([Col(reply)])?;
    }
    if let Some(renote) = note.counted_renote() {
        connection
            .prepare_cached(
                "UPDATE note SET renote_count = max(renote_count - 1, 0) WHERE id = ?1",
            )?
            .execute([Col(renote)])?;
    }
    if let Some(channel) = &note.channel_id {
        connection
            .prepare_cached(
                "UPDATE channel SET notes_count = max(notes_count - 1, 0),
                     users_count = max(users_count - (
                         SELECT count(*) = 1 FROM note WHERE channel_id = ?1 AND user_id = ?2), 0)
                 WHERE id = ?1",
            )?
            .execute(params![Col(channel), Col(&note.user_id)])?;
    }
    Ok(())
}
