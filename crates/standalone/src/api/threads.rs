//! The notes around a note: replies, renotes, and the conversation above it.

use serde::Deserialize;
use serde_json::Value;

use super::ctx::Ctx;
use super::endpoint::{Endpoint, Registry};
use super::error::{ApiError, ErrorKind};
use super::paging::{Paging, paged};
use super::schema::{Field, Params};
use crate::feed::{Feed, filters, source};
use crate::model::note::{self, Note};
use crate::pack::For;
use crate::store::View;

const NO_NOTE_RENOTED: ErrorKind = ErrorKind::client(
    "NO_SUCH_NOTE",
    "12908022-2e21-46cd-ba6a-3edaf6093f46",
    "No such note.",
);

const NO_NOTE_IN_CONVERSATION: ErrorKind = ErrorKind::client(
    "NO_SUCH_NOTE",
    "e1035875-9551-45ec-afa8-1ded1fcb53c8",
    "No such note.",
);

pub(super) fn register(registry: &mut Registry) {
    registry.add(Endpoint::open("notes/replies"), replies);
    registry.add(Endpoint::open("notes/renotes"), renotes);
    registry.add(Endpoint::open("notes/children"), children);
    registry.add(Endpoint::open("notes/conversation"), conversation);
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AroundParams {
    note_id: String,
    #[serde(flatten)]
    paging: Paging,
}

impl Params for AroundParams {
    const SCHEMA: &'static [Field] = paged![Field::id("noteId").required()];
}

async fn replies(ctx: Ctx, params: AroundParams) -> Result<Vec<Value>, ApiError> {
    answer(&ctx, Feed::of(source::REPLIES), params, None).await
}

async fn renotes(ctx: Ctx, params: AroundParams) -> Result<Vec<Value>, ApiError> {
    let feed = Feed::of(source::RENOTES);
    answer(&ctx, feed, params, Some(NO_NOTE_RENOTED)).await
}

async fn children(ctx: Ctx, params: AroundParams) -> Result<Vec<Value>, ApiError> {
    let feed = Feed::of(source::CHILDREN).only(filters::REPLY_OR_QUOTE);
    answer(&ctx, feed, params, None).await
}

/// A page of the notes around one, which must be there for the viewer where `missing` says what
/// is wrong otherwise.
async fn answer(
    ctx: &Ctx,
    feed: Feed,
    params: AroundParams,
    missing: Option<ErrorKind>,
) -> Result<Vec<Value>, ApiError> {
    let viewer = ctx.viewer();
    ctx.read(move |view| {
        let to = For::viewer(viewer.as_ref());
        if let Some(missing) = missing {
            find(view, &params.note_id, to)?.ok_or(missing)?;
        }
        let feed = feed.with(":note", params.note_id);
        Ok(feed.read(view, to, &params.paging.page(10))?)
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ConversationParams {
    note_id: String,
    #[serde(default)]
    offset: usize,
    #[serde(flatten)]
    paging: Paging,
}

impl Params for ConversationParams {
    const SCHEMA: &'static [Field] = &[
        Field::id("noteId").required(),
        Field::integer("limit").range(1, 100),
        Field::integer("offset").at_least(0),
    ];
}

async fn conversation(ctx: Ctx, params: ConversationParams) -> Result<Vec<Value>, ApiError> {
    let viewer = ctx.viewer();
    ctx.read(move |view| {
        let to = For::viewer(viewer.as_ref());
        find(view, &params.note_id, to)?.ok_or(NO_NOTE_IN_CONVERSATION)?;
        let feed = Feed::of(source::ANCESTORS).with(":note", params.note_id);
        let notes = feed.rows(view, to, &params.paging.page(10), params.offset)?;
        Ok(view.pack().notes(&notes, to)?)
    })
    .await
}

/// The note with this id, if the viewer may read it.
pub(super) fn find(view: &View<'_>, id: &str, to: For<'_>) -> rusqlite::Result<Option<Note>> {
    let Some(note) = note::by_id(view, id)? else {
        return Ok(None);
    };
    Ok(view.pack().is_visible(&note, to)?.then_some(note))
}
