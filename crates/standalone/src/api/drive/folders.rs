//! `drive/folders/create|show|update|delete`.

use serde::Deserialize;
use serde_json::Value;

use super::errors::{
    NO_FOLDER_DELETED, NO_FOLDER_SHOWN, NO_FOLDER_UPDATED, NO_PARENT_AT_CREATE,
    NO_PARENT_AT_UPDATE, NOT_EMPTY, RECURSIVE_NESTING, TOO_MANY_FOLDERS,
};
use crate::api::ctx::Ctx;
use crate::api::endpoint::{Endpoint, NoContent, Registry};
use crate::api::error::ApiError;
use crate::api::schema::{Field, Params};
use crate::events;
use crate::limits::FOLDERS_MAX;
use crate::model::drive::{self, Folder};

pub(super) fn register(registry: &mut Registry) {
    let write = |name| Endpoint::login(name, "write:drive");
    registry.add(write("drive/folders/create"), create);
    registry.add(Endpoint::login("drive/folders/show", "read:drive"), show);
    registry.add(write("drive/folders/update"), update);
    registry.add(write("drive/folders/delete"), delete);
}

const NAME: Field = Field::string("name").length(0, 200);
const PARENT_ID: Field = Field::id("parentId").nullable();

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateParams {
    name: Option<String>,
    parent_id: Option<String>,
}

impl Params for CreateParams {
    const SCHEMA: &'static [Field] = &[NAME, PARENT_ID];
}

async fn create(ctx: Ctx, params: CreateParams) -> Result<Value, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        if let Some(parent) = &params.parent_id
            && drive::folder(tx, &me, parent)?.is_none()
        {
            return Err(NO_PARENT_AT_CREATE.into());
        }
        if drive::counts(tx, &me)?.1 >= FOLDERS_MAX {
            return Err(TOO_MANY_FOLDERS.into());
        }
        let folder = Folder {
            id: tx.new_id(),
            user_id: me.clone(),
            name: params.name.unwrap_or_else(|| "Untitled".to_owned()),
            parent_id: params.parent_id,
        };
        drive::save_folder(tx, &folder)?;
        let packed = tx.pack().folder(&folder);
        events::drive(tx, &me, "folderCreated", &packed)?;
        Ok(packed)
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FolderParams {
    folder_id: String,
}

impl Params for FolderParams {
    const SCHEMA: &'static [Field] = &[Field::id("folderId").required()];
}

async fn show(ctx: Ctx, params: FolderParams) -> Result<Value, ApiError> {
    let me = ctx.my_id()?;
    ctx.read(move |view| {
        let folder = drive::folder(view, &me, &params.folder_id)?.ok_or(NO_FOLDER_SHOWN)?;
        let (folders, files) = drive::count(view, &folder.id)?;
        let mut packed = view.pack().folder(&folder);
        packed["foldersCount"] = folders.into();
        packed["filesCount"] = files.into();
        if let Some(parent) = &folder.parent_id
            && let Some(parent) = drive::folder(view, &me, parent)?
        {
            packed["parent"] = view.pack().folder(&parent);
        }
        Ok(packed)
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UpdateParams {
    folder_id: String,
    name: Option<String>,
    #[serde(default, deserialize_with = "crate::api::schema::given")]
    parent_id: Option<Option<String>>,
}

impl Params for UpdateParams {
    const SCHEMA: &'static [Field] = &[Field::id("folderId").required(), NAME, PARENT_ID];
}

async fn update(ctx: Ctx, params: UpdateParams) -> Result<Value, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        let mut folder = drive::folder(tx, &me, &params.folder_id)?.ok_or(NO_FOLDER_UPDATED)?;
        if let Some(name) = params.name {
            folder.name = name;
        }
        if let Some(parent) = params.parent_id {
            if let Some(parent) = &parent {
                drive::folder(tx, &me, parent)?.ok_or(NO_PARENT_AT_UPDATE)?;
                if drive::is_within(tx, parent, &folder.id)? {
                    return Err(RECURSIVE_NESTING.into());
                }
            }
            folder.parent_id = parent;
        }
        drive::save_folder(tx, &folder)?;
        let packed = tx.pack().folder(&folder);
        events::drive(tx, &me, "folderUpdated", &packed)?;
        Ok(packed)
    })
    .await
}

async fn delete(ctx: Ctx, params: FolderParams) -> Result<NoContent, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        let folder = drive::folder(tx, &me, &params.folder_id)?.ok_or(NO_FOLDER_DELETED)?;
        if drive::count(tx, &folder.id)? != (0, 0) {
            return Err(NOT_EMPTY.into());
        }
        tx.execute("DELETE FROM drive_folder WHERE id = ?1", [&folder.id])?;
        events::drive(tx, &me, "folderDeleted", &folder.id)?;
        Ok(NoContent)
    })
    .await
}
