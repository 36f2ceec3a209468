//! Notes.

mod create;

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
