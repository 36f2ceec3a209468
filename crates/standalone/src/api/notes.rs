//! Notes.

mod create;
mod delete;
mod react;
mod thread;
mod vote;

use serde::Deserialize;
use serde_json::Value;

use super::ctx::Ctx;
use super::endpoint::{Endpoint, Registry};
use super::error::{ApiError, ErrorKind};
use super::schema::{Field, Params};
use crate::model::note;
use crate::pack::For;

/// There is no such note, or not for this viewer.
const NO_SUCH_NOTE: ErrorKind = ErrorKind::client(
    "NO_SUCH_NOTE",
    "24fcbfc6-2e37-42b6-8388-c29b3861a08d",
    "No such note.",
);

pub(super) fn register(registry: &mut Registry) {
    registry.add(
        Endpoint::login("notes/create", "write:notes"),
        create::create,
    );
    registry.add(Endpoint::open("notes/show"), show);
    registry.add(
        Endpoint::login("notes/delete", "write:notes"),
        delete::delete,
    );
    registry.add(
        Endpoint::login("notes/unrenote", "write:notes"),
        delete::unrenote,
    );
    registry.add(
        Endpoint::login("notes/reactions/create", "write:reactions"),
        react::create,
    );
    registry.add(
        Endpoint::login("notes/reactions/delete", "write:reactions"),
        react::delete,
    );
    registry.add(
        Endpoint::login("notes/polls/vote", "write:votes"),
        vote::vote,
    );
    registry.add(
        Endpoint::login("notes/thread-muting/create", "write:account"),
        thread::mute,
    );
    registry.add(
        Endpoint::login("notes/thread-muting/delete", "write:account"),
        thread::unmute,
    );
    registry.add(
        Endpoint::login("notes/state", "read:account"),
        thread::state,
    );
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ShowParams {
    note_id: String,
}

impl Params for ShowParams {
    const SCHEMA: &'static [Field] = &[Field::id("noteId").required()];
}

async fn show(ctx: Ctx, params: ShowParams) -> Result<Value, ApiError> {
    let viewer = ctx.viewer();
    ctx.read(move |view| {
        let to = For::viewer(viewer.as_ref());
        let note = note::by_id(view, &params.note_id)?.ok_or(NO_SUCH_NOTE)?;
        if !view.pack().is_visible(&note, to)? {
            return Err(NO_SUCH_NOTE.into());
        }
        Ok(view.pack().note(&note, to)?)
    })
    .await
}

#[cfg(test)]
mod tests;
