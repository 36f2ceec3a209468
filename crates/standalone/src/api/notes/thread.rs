//! `notes/thread-muting/create`, `notes/thread-muting/delete` and `notes/state`.

use rusqlite::params;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::ctx::Ctx;
use crate::api::endpoint::NoContent;
use crate::api::error::{ApiError, ErrorKind};
use crate::api::schema::{Field, Params};
use crate::model::{
    note::{self, Note},
    relation,
};
use crate::pack::For;
use crate::store::{Col, View};
use protocol::id::UserId;

const NO_SUCH_NOTE_TO_MUTE: ErrorKind = ErrorKind::client(
    "NO_SUCH_NOTE",
    "5ff67ada-ed3b-2e71-8e87-a1a421e177d2",
    "No such note.",
);
const NO_SUCH_NOTE_TO_UNMUTE: ErrorKind = ErrorKind::client(
    "NO_SUCH_NOTE",
    "bddd57ac-ceb3-b29d-4334-86ea5fae481a",
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

pub(super) async fn mute(ctx: Ctx, params: NoteParams) -> Result<NoContent, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        let note = find(tx, &params.note_id, &me)?.ok_or(NO_SUCH_NOTE_TO_MUTE)?;
        tx.execute(
            "INSERT OR IGNORE INTO thread_mute (id, user_id, thread_id) VALUES (?1, ?2, ?3)",
            params![tx.new_id(), Col(&me), note.thread()],
        )?;
        Ok(NoContent)
    })
    .await
}

pub(super) async fn unmute(ctx: Ctx, params: NoteParams) -> Result<NoContent, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        let note = find(tx, &params.note_id, &me)?.ok_or(NO_SUCH_NOTE_TO_UNMUTE)?;
        tx.execute(
            "DELETE FROM thread_mute WHERE user_id = ?1 AND thread_id = ?2",
            params![Col(&me), note.thread()],
        )?;
        Ok(NoContent)
    })
    .await
}

/// What the viewer did about a note; nothing, where there is no such note.
pub(super) async fn state(ctx: Ctx, params: NoteParams) -> Result<Value, ApiError> {
    let me = ctx.my_id()?;
    ctx.read(move |view| {
        let muted = match find(view, &params.note_id, &me)? {
            Some(note) => relation::mutes_thread(view, me.as_str(), note.thread())?,
            None => false,
        };
        Ok(json!({ "isFavorited": false, "isMutedThread": muted }))
    })
    .await
}

/// A note that this user may see.
fn find(view: &View<'_>, id: &str, me: &UserId) -> rusqlite::Result<Option<Note>> {
    match note::by_id(view, id)? {
        Some(note) if view.pack().is_visible(&note, For::User(me))? => Ok(Some(note)),
        Some(_) | None => Ok(None),
    }
}
