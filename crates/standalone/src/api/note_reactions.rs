//! Who reacted to a note, and what a user reacted to.

use protocol::id::UserId;
use rusqlite::params;
use serde::Deserialize;
use serde_json::{Value, json};

use super::ctx::Ctx;
use super::endpoint::{Endpoint, Registry};
use super::error::{ApiError, ErrorKind};
use super::paging::{Page, Paging, paged};
use super::schema::{Field, Params};
use super::threads;
use crate::feed::{Feed, source};
use crate::model::note::Note;
use crate::model::user;
use crate::pack::{For, time};
use crate::store::View;

const NO_SUCH_NOTE: ErrorKind = ErrorKind::client(
    "NO_SUCH_NOTE",
    "263fff3d-d0e1-4af4-bea7-8408059b451a",
    "No such note.",
);

const REACTIONS_NOT_PUBLIC: ErrorKind = ErrorKind::client(
    "REACTIONS_NOT_PUBLIC",
    "673a7dd2-6924-1093-e0c0-e68456ceae5c",
    "Reactions of the user is not public.",
);

pub(super) fn register(registry: &mut Registry) {
    registry.add(Endpoint::open("notes/reactions").also_get(), of_note);
    registry.add(Endpoint::open("users/reactions"), of_user);
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfNoteParams {
    note_id: String,
    #[serde(rename = "type")]
    reaction: Option<String>,
    #[serde(flatten)]
    paging: Paging,
}

impl Params for OfNoteParams {
    const SCHEMA: &'static [Field] = paged![
        Field::id("noteId").required(),
        Field::string("type").nullable(),
    ];
}

/// A row of `note_reaction`.
struct Reaction {
    id: String,
    user_id: String,
    reaction: String,
}

async fn of_note(ctx: Ctx, params: OfNoteParams) -> Result<Vec<Value>, ApiError> {
    let viewer = ctx.viewer();
    ctx.read(move |view| {
        let to = For::viewer(viewer.as_ref());
        let note = threads::find(view, &params.note_id, to)?.ok_or(NO_SUCH_NOTE)?;
        let kept = params.reaction.as_deref().map(kept_spelling);
        let reactions = read(view, &note, kept.as_deref(), &params.paging.page(10))?;
        let packed = reactions.iter().map(|reaction| pack(view, reaction));
        Ok(packed.collect::<Result<_, _>>()?)
    })
    .await
}

/// A reaction as it is kept: a custom emoji of this server is `:name@.:`, not `:name:`.
fn kept_spelling(asked: &str) -> String {
    let name = asked
        .strip_prefix(':')
        .and_then(|rest| rest.strip_suffix(':'));
    match name {
        Some(name) if !name.contains('@') => format!(":{name}@.:"),
        Some(_) | None => asked.to_owned(),
    }
}

fn read(
    view: &View<'_>,
    note: &Note,
    kind: Option<&str>,
    page: &Page,
) -> rusqlite::Result<Vec<Reaction>> {
    let sql = format!(
        "SELECT id, user_id, reaction FROM note_reaction
         WHERE note_id = ?1 AND id > ?2 AND id < ?3 AND (?4 IS NULL OR reaction = ?4)
         ORDER BY id {} LIMIT ?5",
        page.order
    );
    view.prepare_cached(&sql)?
        .query_map(
            params![note.id.as_str(), page.after, page.before, kind, page.limit],
            |row| {
                Ok(Reaction {
                    id: row.get(0)?,
                    user_id: row.get(1)?,
                    reaction: row.get(2)?,
                })
            },
        )?
        .collect()
}

fn pack(view: &View<'_>, reaction: &Reaction) -> rusqlite::Result<Value> {
    Ok(json!({
        "id": reaction.id,
        "createdAt": time::created_at(&reaction.id),
        "user": view.pack().user_lite_by_id(&reaction.user_id)?,
        "type": reaction.reaction,
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfUserParams {
    user_id: String,
    #[serde(flatten)]
    paging: Paging,
}

impl Params for OfUserParams {
    const SCHEMA: &'static [Field] = paged![Field::id("userId").required()];
}

async fn of_user(ctx: Ctx, params: OfUserParams) -> Result<Vec<Value>, ApiError> {
    let viewer = ctx.viewer();
    ctx.read(move |view| {
        let user = user::by_id(view, &params.user_id)?;
        let user = user.filter(|user| user.public_reactions || viewer.as_ref() == Some(&user.id));
        let user = user.ok_or(REACTIONS_NOT_PUBLIC)?;
        let to = For::viewer(viewer.as_ref());
        let feed = Feed::of(source::REACTED_TO).with(":user", user.id.as_str());
        let notes = feed.rows(view, to, &params.paging.page(10), 0)?;
        let packed = notes.iter().map(|note| with_note(view, &user.id, note, to));
        Ok(packed.collect::<Result<_, _>>()?)
    })
    .await
}

fn with_note(view: &View<'_>, user: &UserId, note: &Note, to: For<'_>) -> rusqlite::Result<Value> {
    let reaction = view
        .prepare_cached(
            "SELECT id, reaction FROM note_reaction WHERE note_id = ?1 AND user_id = ?2",
        )?
        .query_row([note.id.as_str(), user.as_str()], |row| {
            Ok(Reaction {
                id: row.get(0)?,
                user_id: user.as_str().to_owned(),
                reaction: row.get(1)?,
            })
        })?;
    let mut packed = pack(view, &reaction)?;
    packed["note"] = view.pack().note(note, to)?;
    Ok(packed)
}
