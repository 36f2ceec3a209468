//! What one user wrote.

use serde::Deserialize;
use serde_json::Value;

use super::ctx::Ctx;
use super::endpoint::{Endpoint, Registry};
use super::error::{ApiError, ErrorKind};
use super::paging::{Paging, paged};
use super::schema::{Field, Params};
use crate::feed::{Feed, carries, source};
use crate::model::user;
use crate::pack::For;

const NO_SUCH_USER: ErrorKind = ErrorKind::client(
    "NO_SUCH_USER",
    "27e494ba-2ac2-48e8-893b-10d4d8c2387b",
    "No such user.",
);

const WITH_REPLIES_AND_FILES: ErrorKind = ErrorKind::client(
    "BOTH_WITH_REPLIES_AND_WITH_FILES",
    "91c8cb9f-36ed-46e7-9ca2-7df96ed6e222",
    "Specifying both withReplies and withFiles is not supported",
);

pub(super) fn register(registry: &mut Registry) {
    registry.add(Endpoint::open("users/notes"), notes);
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "these are the parameters, each a boolean of its own"
)]
struct NotesParams {
    user_id: String,
    #[serde(default)]
    with_replies: bool,
    #[serde(default = "yes")]
    with_renotes: bool,
    #[serde(default)]
    with_channel_notes: bool,
    #[serde(default)]
    with_files: bool,
    #[serde(flatten)]
    paging: Paging,
}

fn yes() -> bool {
    true
}

impl Params for NotesParams {
    const SCHEMA: &'static [Field] = paged![
        Field::id("userId").required(),
        Field::boolean("withReplies"),
        Field::boolean("withRenotes"),
        Field::boolean("withChannelNotes"),
        Field::boolean("withFiles"),
        Field::boolean("allowPartial"),
    ];
}

async fn notes(ctx: Ctx, params: NotesParams) -> Result<Vec<Value>, ApiError> {
    if params.with_replies && params.with_files {
        return Err(WITH_REPLIES_AND_FILES.into());
    }
    let viewer = ctx.viewer();
    ctx.read(move |view| {
        let user = user::by_id(view, &params.user_id)?.ok_or(NO_SUCH_USER)?;
        let feed = Feed::of(source::BY_USER)
            .with(":user", user.id.as_str())
            .looking_at_user(user.id.as_str())
            .only_if(!params.with_replies, carries::NO_REPLIES_TO_OTHERS)
            .only_if(!params.with_renotes, carries::NO_RENOTES)
            .only_if(!params.with_channel_notes, carries::NOT_IN_CHANNEL)
            .only_if(params.with_files, carries::WITH_FILES);
        let page = params.paging.page(10);
        Ok(feed.read(view, For::viewer(viewer.as_ref()), &page)?)
    })
    .await
}
