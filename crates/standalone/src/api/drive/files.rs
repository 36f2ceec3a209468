//! `drive/files/create|show|update|delete`.

use protocol::id::UserId;
use rusqlite::{Connection, params};
use serde::Deserialize;
use serde_json::Value;

use super::errors::{
    NAME_AT_CREATE, NAME_AT_UPDATE, NO_FILE_DELETED, NO_FILE_SENT, NO_FILE_SHOWN, NO_FILE_UPDATED,
    NO_FOLDER_FOR_FILE, NO_FREE_SPACE, UNALLOWED_TYPE,
};
use crate::api::ctx::Ctx;
use crate::api::endpoint::{Endpoint, NoContent, Registry};
use crate::api::error::{ApiError, ErrorKind};
use crate::api::schema::{Field, Params};
use crate::api::upload::{TOO_LARGE, Upload};
use crate::events;
use crate::limits::{DRIVE_MIB_MAX, FILE_BYTES_MAX, FILE_NAME_CHARS_MAX, FILES_MAX, MIB};
use crate::model::drive::{self, File};
use crate::model::user::{self, Picture};
use crate::pack::Owner;
use crate::roles::Policies;
use crate::store::{Col, Tx};

pub(super) fn register(registry: &mut Registry) {
    let write = |name| Endpoint::login(name, "write:drive");
    registry.add(write("drive/files/create").with_file(), create);
    registry.add(Endpoint::login("drive/files/show", "read:drive"), show);
    registry.add(write("drive/files/update"), update);
    registry.add(write("drive/files/delete"), delete);
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateParams {
    folder_id: Option<String>,
    name: Option<String>,
    comment: Option<String>,
    #[serde(default)]
    is_sensitive: bool,
    #[serde(default)]
    force: bool,
}

pub(super) const FOLDER_ID: Field = Field::id("folderId").nullable();
pub(super) const COMMENT: Field = Field::string("comment").nullable().length(0, 512);

impl Params for CreateParams {
    const SCHEMA: &'static [Field] = &[
        FOLDER_ID,
        Field::string("name").nullable(),
        COMMENT,
        Field::boolean("isSensitive"),
        Field::boolean("force"),
    ];
}

/// Makes a file of an upload; if the user has one of the same content, that one is the answer.
async fn create(ctx: Ctx, params: CreateParams) -> Result<Value, ApiError> {
    let me = ctx.my_id()?;
    let upload = ctx.take_upload().ok_or(NO_FILE_SENT)?;
    let name = params.name.clone().or_else(|| upload.filename.clone());
    let name = new_name(name.as_deref())?;
    if !is_allowed(&upload.kind) {
        return Err(UNALLOWED_TYPE.into());
    }
    let writing = ctx.clone();
    ctx.to_the_end(async move {
        let write = move |tx: &mut Tx<'_>| store(tx, &me, name, upload, params);
        let (packed, committed) = writing.write(write).await?;
        if let Some(upload) = committed {
            upload.blob.keep();
        }
        Ok(packed)
    })
    .await
}

/// Gives back the upload if it became a file: its content is to be kept once that is committed.
pub(super) fn store(
    tx: &mut Tx<'_>,
    me: &UserId,
    name: String,
    upload: Upload,
    params: CreateParams,
) -> Result<(Value, Option<Upload>), ApiError> {
    if !params.force
        && let Some(same) = drive::file_by_md5(tx, me, &upload.md5)?
    {
        return Ok((tx.pack().file(&same, Owner::Left), None));
    }
    check_folder(tx, me, params.folder_id.as_deref())?;
    let policies = Policies::of_id(tx, Some(me))?;
    if upload.size > policies.limit("maxFileSizeMb", FILE_BYTES_MAX / MIB) * MIB {
        return Err(TOO_LARGE.into());
    }
    let (files, _) = drive::counts(tx, me)?;
    if files >= FILES_MAX || drive::usage(tx, me)? + upload.size > capacity(&policies) {
        return Err(NO_FREE_SPACE.into());
    }
    let mut file = file_of(tx, me, name, &upload, params);
    let owner = user::by_id(tx, me.as_str())?;
    let always = owner.and_then(|owner| owner.settings.get("alwaysMarkNsfw")?.as_bool());
    file.is_sensitive |= always == Some(true) || policies.allow("alwaysMarkNsfw");
    drive::save_file(tx, &file)?;
    let packed = tx.pack().file(&file, Owner::Left);
    events::main(tx, me, "driveFileCreated", &packed)?;
    events::drive(tx, me, "fileCreated", &packed)?;
    Ok((packed, Some(upload)))
}

/// How many bytes a user's files may have together.
pub(super) fn capacity(policies: &Policies) -> u64 {
    policies.limit("driveCapacityMb", DRIVE_MIB_MAX) * MIB
}

fn file_of(tx: &Tx<'_>, me: &UserId, name: String, upload: &Upload, params: CreateParams) -> File {
    let (width, height) = upload.pixels.unzip();
    File {
        id: tx.new_id(),
        user_id: me.clone(),
        blob: upload.blob.name().to_owned(),
        name,
        kind: upload.kind.clone(),
        md5: upload.md5.clone(),
        size: upload.size,
        width,
        height,
        is_sensitive: params.is_sensitive,
        comment: params.comment,
        folder_id: params.folder_id,
    }
}

/// The name of a new file. Browsers call what has no name `blob`.
pub(super) fn new_name(asked: Option<&str>) -> Result<String, ApiError> {
    match asked.map(str::trim) {
        None | Some("" | "blob") => Ok("untitled".to_owned()),
        Some(name) => checked(name, NAME_AT_CREATE),
    }
}

/// Refuses what could be a path, though no name of a file ever becomes one here.
fn checked(name: &str, refusal: ErrorKind) -> Result<String, ApiError> {
    let blank = name.trim().is_empty();
    let path = name.contains(['/', '\\', '\0']) || name.contains("..");
    if blank || path || name.chars().count() > FILE_NAME_CHARS_MAX {
        return Err(refusal.into());
    }
    Ok(name.to_owned())
}

/// Whether files of this type may be uploaded: see `uploadableFileTypes`.
pub(super) fn is_allowed(kind: &str) -> bool {
    let groups = ["text/", "image/", "video/", "audio/"];
    kind == "application/json" || groups.iter().any(|group| kind.starts_with(group))
}

fn check_folder(
    connection: &Connection,
    me: &UserId,
    folder: Option<&str>,
) -> Result<(), ApiError> {
    match folder {
        Some(id) if drive::folder(connection, me, id)?.is_none() => Err(NO_FOLDER_FOR_FILE.into()),
        Some(_) | None => Ok(()),
    }
}

/// The user's own file: that of another user is none, so that nobody learns which there are.
fn own(
    connection: &Connection,
    me: &UserId,
    id: &str,
    missing: ErrorKind,
) -> Result<File, ApiError> {
    drive::file(connection, id)?
        .filter(|file| file.user_id == *me)
        .ok_or_else(|| missing.into())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ShowParams {
    file_id: Option<String>,
    url: Option<String>,
}

impl Params for ShowParams {
    const SCHEMA: &'static [Field] = &[Field::id("fileId"), Field::string("url").length(0, 512)];
}

async fn show(ctx: Ctx, params: ShowParams) -> Result<Value, ApiError> {
    let me = ctx.my_id()?;
    ctx.read(move |view| {
        let id = match (params.file_id, params.url) {
            (Some(id), _) => id,
            (None, Some(url)) => {
                let blob = url
                    .strip_prefix(view.site().url())
                    .and_then(|path| path.strip_prefix("/files/"));
                let file = drive::file_by_blob(view, blob.unwrap_or_default())?;
                file.ok_or(NO_FILE_SHOWN)?.id
            }
            (None, None) => {
                let reason = "must match a schema in anyOf";
                return Err(ApiError::invalid_param("#/anyOf", reason));
            }
        };
        let file = own(view, &me, &id, NO_FILE_SHOWN)?;
        Ok(view.pack().file_detailed(&file)?)
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UpdateParams {
    file_id: String,
    name: Option<String>,
    is_sensitive: Option<bool>,
    #[serde(default, deserialize_with = "crate::api::schema::given")]
    folder_id: Option<Option<String>>,
    #[serde(default, deserialize_with = "crate::api::schema::given")]
    comment: Option<Option<String>>,
}

impl Params for UpdateParams {
    const SCHEMA: &'static [Field] = &[
        Field::id("fileId").required(),
        FOLDER_ID,
        Field::string("name"),
        Field::boolean("isSensitive"),
        COMMENT,
    ];
}

async fn update(ctx: Ctx, params: UpdateParams) -> Result<Value, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        let mut file = own(tx, &me, &params.file_id, NO_FILE_UPDATED)?;
        if let Some(name) = &params.name {
            file.name = checked(name, NAME_AT_UPDATE)?;
        }
        if let Some(folder) = params.folder_id {
            check_folder(tx, &me, folder.as_deref())?;
            file.folder_id = folder;
        }
        if let Some(comment) = params.comment {
            file.comment = comment;
        }
        file.is_sensitive = params.is_sensitive.unwrap_or(file.is_sensitive);
        drive::save_file(tx, &file)?;
        let packed = tx.pack().file(&file, Owner::Left);
        events::drive(tx, &me, "fileUpdated", &packed)?;
        Ok(packed)
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FileParams {
    file_id: String,
}

impl Params for FileParams {
    const SCHEMA: &'static [Field] = &[Field::id("fileId").required()];
}

async fn delete(ctx: Ctx, params: FileParams) -> Result<NoContent, ApiError> {
    let me = ctx.my_id()?;
    let writing = ctx.clone();
    ctx.to_the_end(async move {
        let delete = move |tx: &mut Tx<'_>| {
            let file = own(tx, &me, &params.file_id, NO_FILE_DELETED)?;
            tx.execute("DELETE FROM drive_file WHERE id = ?1", [&file.id])?;
            forget_picture(tx, &me, &file.id)?;
            events::drive(tx, &me, "fileDeleted", &file.id)?;
            Ok(file.blob)
        };
        let blob = writing.write(delete).await?;
        writing.app().remove_blobs(vec![blob]).await;
        Ok(NoContent)
    })
    .await
}

/// Takes a file that is gone out of its owner's profile.
fn forget_picture(tx: &mut Tx<'_>, me: &UserId, id: &str) -> Result<(), ApiError> {
    for picture in [Picture::Avatar, Picture::Banner] {
        let (id_key, path_key) = picture.keys();
        let changed = tx
            .prepare_cached(
                "UPDATE user SET settings = json_remove(settings, '$.' || ?3, '$.' || ?4)
                 WHERE id = ?1 AND json_extract(settings, '$.' || ?3) = ?2",
            )?
            .execute(params![Col(me), id, id_key, path_key])?;
        if changed > 0 {
            events::local_user_updated(tx, me)?;
        }
    }
    Ok(())
}
