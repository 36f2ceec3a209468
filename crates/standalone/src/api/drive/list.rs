//! `drive/files`, `drive/stream`, `drive/folders`, and finding files by what is in them.

use protocol::id::UserId;
use rusqlite::{Connection, params};
use serde::Deserialize;
use serde_json::Value;

use crate::api::ctx::Ctx;
use crate::api::endpoint::{Endpoint, Registry};
use crate::api::error::ApiError;
use crate::api::paging::{Page, Paging, paged};
use crate::api::schema::{Field, Params};
use crate::model::drive::{File, Folder};
use crate::pack::Owner;
use crate::store::Col;

pub(super) fn register(registry: &mut Registry) {
    let read = |name| Endpoint::login(name, "read:drive");
    registry.add(read("drive/files"), files);
    registry.add(read("drive/stream"), stream);
    registry.add(read("drive/folders"), folders);
    registry.add(read("drive/files/find-by-hash"), find_by_hash);
    registry.add(read("drive/files/check-existence"), check_existence);
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListParams {
    folder_id: Option<String>,
    r#type: Option<String>,
    #[serde(flatten)]
    paging: Paging,
}

impl Params for ListParams {
    const SCHEMA: &'static [Field] = paged![
        Field::id("folderId").nullable(),
        Field::string("type").nullable().length(0, 128),
    ];
}

async fn files(ctx: Ctx, params: ListParams) -> Result<Value, ApiError> {
    const IN_FOLDER: &str = "AND folder_id IS ?6";
    listed(ctx, params, IN_FOLDER).await
}

async fn stream(ctx: Ctx, params: ListParams) -> Result<Value, ApiError> {
    // It shows the files of all folders, so it looks at none.
    const ANYWHERE: &str = "AND ?6 IS ?6";
    listed(ctx, params, ANYWHERE).await
}

async fn listed(ctx: Ctx, params: ListParams, place: &'static str) -> Result<Value, ApiError> {
    let me = ctx.my_id()?;
    ctx.read(move |view| {
        let page = params.paging.page(10);
        // `image/*` stands for every type that begins so.
        let kind = params.r#type.unwrap_or_else(|| "*".to_owned());
        let (kind, exact) = kind
            .strip_suffix('*')
            .map_or((kind.as_str(), true), |group| (group, false));
        let sql = format!(
            "SELECT * FROM drive_file WHERE user_id = ?1 AND id > ?2 AND id < ?3
                 AND CASE WHEN ?5 THEN type = ?4 ELSE substr(type, 1, length(?4)) = ?4 END
                 {place} ORDER BY id {} LIMIT ?7",
            page.order,
        );
        let mut statement = view.prepare_cached(&sql)?;
        let folder = params.folder_id;
        let files = statement.query_map(
            params![
                Col(&me),
                page.after,
                page.before,
                kind,
                exact,
                folder,
                page.limit
            ],
            File::from_row,
        )?;
        let packed = files.map(|file| Ok(view.pack().file(&file?, Owner::Left)));
        packed.collect()
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FoldersParams {
    folder_id: Option<String>,
    #[serde(flatten)]
    paging: Paging,
}

impl Params for FoldersParams {
    const SCHEMA: &'static [Field] = paged![Field::id("folderId").nullable()];
}

async fn folders(ctx: Ctx, params: FoldersParams) -> Result<Value, ApiError> {
    let me = ctx.my_id()?;
    ctx.read(move |view| {
        let page = params.paging.page(10);
        let folders = folders_in(view, &me, params.folder_id.as_deref(), &page)?;
        let packed = folders.iter().map(|folder| view.pack().folder(folder));
        Ok(packed.collect())
    })
    .await
}

fn folders_in(
    connection: &Connection,
    me: &UserId,
    parent: Option<&str>,
    page: &Page,
) -> rusqlite::Result<Vec<Folder>> {
    let sql = format!(
        "SELECT * FROM drive_folder WHERE user_id = ?1 AND parent_id IS ?2 AND id > ?3 AND id < ?4
         ORDER BY id {} LIMIT ?5",
        page.order,
    );
    connection
        .prepare_cached(&sql)?
        .query_map(
            params![Col(me), parent, page.after, page.before, page.limit],
            Folder::from_row,
        )?
        .collect()
}

#[derive(Deserialize)]
struct HashParams {
    md5: String,
}

impl Params for HashParams {
    const SCHEMA: &'static [Field] = &[Field::string("md5").required().length(0, 64)];
}

async fn find_by_hash(ctx: Ctx, params: HashParams) -> Result<Value, ApiError> {
    let me = ctx.my_id()?;
    ctx.read(move |view| {
        let mut statement = view.prepare_cached(
            "SELECT * FROM drive_file WHERE user_id = ?1 AND md5 = ?2 ORDER BY id LIMIT 100",
        )?;
        let files = statement.query_map(params![Col(&me), params.md5], File::from_row)?;
        let packed = files.map(|file| Ok(view.pack().file(&file?, Owner::Named)));
        packed.collect()
    })
    .await
}

async fn check_existence(ctx: Ctx, params: HashParams) -> Result<bool, ApiError> {
    let me = ctx.my_id()?;
    ctx.read(move |view| {
        let file = crate::model::drive::file_by_md5(view, &me, &params.md5)?;
        Ok(file.is_some())
    })
    .await
}
