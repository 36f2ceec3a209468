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
use crate::model::note::{self, Note};
use crate::model::user;
use crate::pack::For;
use crate::store::View;

/// There is no such note, or not for this viewer.
const NO_SUCH_NOTE: ErrorKind = ErrorKind::client(
    "NO_SUCH_NOTE",
    "24fcbfc6-2e37-42b6-8388-c29b3861a08d",
    "No such note.",
);

/// The author shows notes to those with an account.
const SIGNIN_REQUIRED: ErrorKind = ErrorKind::client(
    "SIGNIN_REQUIRED",
    "8e75455b-738c-471d-9f80-62693f33372e",
    "Signin required.",
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
            return Err(refusal(view, &note, to)?.into());
        }
        Ok(view.pack().note(&note, to)?)
    })
    .await
}

/// Why a note isn't shown. A visitor learns of one that anyone with an account may read.
fn refusal(view: &View<'_>, note: &Note, to: For<'_>) -> rusqlite::Result<ErrorKind> {
    let author = user::by_id(view, note.user_id.as_str())?;
    let wants_account = author.is_some_and(|author| author.require_signin);
    let is_open = matches!(note.visibility.as_str(), "public" | "home");
    Ok(match to {
        For::Visitor if wants_account && is_open => SIGNIN_REQUIRED,
        For::Visitor | For::User(_) | For::Stream => NO_SUCH_NOTE,
    })
}

#[cfg(test)]
mod tests;
