//! `drive/files/find` and `drive/files/attached-notes`.

use rusqlite::params;
use serde::Deserialize;
use serde_json::Value;

use crate::api::ctx::Ctx;
use crate::api::endpoint::{Endpoint, Registry};
use crate::api::error::{ApiError, ErrorKind};
use crate::api::paging::{Paging, paged};
use crate::api::schema::{Field, Params};
use crate::feed::{Feed, source};
use crate::limits::FILES_FOUND_MAX;
use crate::model::drive::{self, File};
use crate::pack::{For, Owner};
use crate::store::Col;

const NO_SUCH_FILE: ErrorKind = ErrorKind::client(
    "NO_SUCH_FILE",
    "c118ece3-2e4b-4296-99d1-51756e32d232",
    "No such file.",
);

pub(super) fn register(registry: &mut Registry) {
    let read = |name| Endpoint::login(name, "read:drive");
    registry.add(read("drive/files/find"), find);
    registry.add(read("drive/files/attached-notes"), attached_notes);
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FindParams {
    name: String,
    folder_id: Option<String>,
}

impl Params for FindParams {
    const SCHEMA: &'static [Field] = &[
        Field::string("name").required(),
        Field::id("folderId").nullable(),
    ];
}

async fn find(ctx: Ctx, params: FindParams) -> Result<Vec<Value>, ApiError> {
    let me = ctx.my_id()?;
    ctx.read(move |view| {
        let mut statement = view.prepare_cached(
            "SELECT * FROM drive_file WHERE user_id = ?1 AND name = ?2 AND folder_id IS ?3
             ORDER BY id LIMIT ?4",
        )?;
        let cells = params![Col(&me), params.name, params.folder_id, FILES_FOUND_MAX];
        let files = statement.query_map(cells, File::from_row)?;
        let packed = files.map(|file| Ok(view.pack().file(&file?, Owner::Left)));
        Ok(packed.collect::<rusqlite::Result<_>>()?)
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NotesParams {
    file_id: String,
    #[serde(flatten)]
    paging: Paging,
}

impl Params for NotesParams {
    const SCHEMA: &'static [Field] = paged![Field::id("fileId").required()];
}

/// Only a file's owner can put it into notes, so these are notes of theirs.
async fn attached_notes(ctx: Ctx, params: NotesParams) -> Result<Vec<Value>, ApiError> {
    let me = ctx.my_id()?;
    ctx.read(move |view| {
        let file = drive::file(view, &params.file_id)?
            .filter(|file| file.user_id == me)
            .ok_or(NO_SUCH_FILE)?;
        let feed = Feed::of(source::BY_USER)
            .only("instr(note.file_ids, :file) > 0")
            .with(":user", me.as_str())
            .with(":file", format!("\"{}\"", file.id));
        Ok(feed.read(view, For::User(&me), &params.paging.page(10))?)
    })
    .await
}
