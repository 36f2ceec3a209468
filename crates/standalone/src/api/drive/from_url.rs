//! `drive/files/upload-from-url`: a file that this server fetches itself. The answer comes at
//! once, and `urlUploadFinished` once the file is there; of one that can't be fetched nothing comes.

use std::sync::Arc;
use std::time::Duration;

use protocol::id::UserId;
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::errors::UNALLOWED_TYPE;
use super::files::{self, CreateParams};
use crate::api::ctx::Ctx;
use crate::api::endpoint::{Endpoint, NoContent, Registry};
use crate::api::error::{ApiError, ErrorKind};
use crate::api::schema::{Field, Params};
use crate::api::upload::{Receiving, Upload};
use crate::events;
use crate::fetch::{FetchError, Fetcher};
use crate::limits::{FETCH_MS_MAX, FETCH_URL_CHARS_MAX, FILE_BYTES_MAX};
use crate::model::user;
use crate::store::Tx;

const FETCHING_IS_OFF: ErrorKind = ErrorKind::client(
    "UPLOAD_FROM_URL_IS_OFF",
    "5d2f1c2e-8c0b-4a86-9e0a-1f6f0f6a4a0c",
    "This server takes no files from other servers.",
);
const TOO_SLOW: ErrorKind = ErrorKind::client(
    "UPLOAD_TOO_SLOW",
    "0c0f6b7c-2a0e-4f0f-8d1c-6f2b9b1f7a55",
    "The upload took too long.",
);

pub(super) fn register(registry: &mut Registry) {
    registry.add(
        Endpoint::login("drive/files/upload-from-url", "write:drive"),
        upload_from_url,
    );
}

#[derive(Deserialize)]
struct FromUrlParams {
    url: String,
    marker: Option<String>,
    #[serde(flatten)]
    file: CreateParams,
}

impl Params for FromUrlParams {
    const SCHEMA: &'static [Field] = &[
        Field::string("url")
            .required()
            .length(1, FETCH_URL_CHARS_MAX as i64),
        files::FOLDER_ID,
        files::COMMENT,
        Field::boolean("isSensitive"),
        Field::boolean("force"),
        Field::string("marker").nullable().length(0, 512),
    ];
}

async fn upload_from_url(ctx: Ctx, params: FromUrlParams) -> Result<NoContent, ApiError> {
    let me = ctx.my_id()?;
    let fetcher = ctx.app().fetcher.clone().ok_or(FETCHING_IS_OFF)?;
    let url = Url::parse(&params.url)
        .map_err(|_| ApiError::invalid_param("#/properties/url/format", "must be a URL"))?;
    let places = Arc::clone(&fetcher.places);
    let place = places.try_acquire_owned();
    let place = place.map_err(|_| ApiError::Limited {
        retry_after_s: FETCH_MS_MAX / 1000,
    })?;
    tokio::spawn(async move {
        let _place = place;
        // The address may hold a secret: no log has it.
        match take(&ctx, &fetcher, &me, url, params).await {
            Ok(()) => {}
            Err(TakeError::Fetch(error)) => {
                tracing::info!(user = me.as_str(), %error, "a file of an address is not taken");
            }
            Err(TakeError::Api(ApiError::Internal(error))) => {
                tracing::error!(%error, "cannot take a file of an address");
            }
            Err(TakeError::Api(error)) => {
                tracing::info!(user = me.as_str(), %error, "a file of an address is not taken");
            }
        }
    });
    Ok(NoContent)
}

/// Why a file was not taken.
enum TakeError {
    Fetch(FetchError),
    Api(ApiError),
}

impl<E: Into<ApiError>> From<E> for TakeError {
    fn from(error: E) -> Self {
        Self::Api(error.into())
    }
}

async fn take(
    ctx: &Ctx,
    fetcher: &Fetcher,
    me: &UserId,
    url: Url,
    params: FromUrlParams,
) -> Result<(), TakeError> {
    let limit = Duration::from_millis(FETCH_MS_MAX);
    let fetching = tokio::time::timeout(limit, fetch(ctx, fetcher, url));
    let upload = fetching.await.map_err(|_| ApiError::from(TOO_SLOW))??;
    if !files::is_allowed(&upload.kind) {
        return Err(ApiError::from(UNALLOWED_TYPE).into());
    }
    let me = me.clone();
    let write = move |tx: &mut Tx<'_>| store(tx, &me, upload, params);
    if let Some(upload) = ctx.write(write).await? {
        upload.blob.keep();
    }
    Ok(())
}

/// Fetches a file to the disk, when it is its turn.
async fn fetch(ctx: &Ctx, fetcher: &Fetcher, url: Url) -> Result<Upload, TakeError> {
    let _turn = fetcher.turns.acquire().await.map_err(ApiError::internal)?;
    let found = fetcher.get(url, FILE_BYTES_MAX).await;
    let mut fetched = found.map_err(TakeError::Fetch)?;
    // A name that nobody may give a file is as good as none.
    let name = fetched
        .name()
        .filter(|name| files::new_name(Some(name)).is_ok());
    let mut receiving = Receiving::begin(ctx.app()).await?;
    while let Some(chunk) = fetched.chunk().await.map_err(TakeError::Fetch)? {
        if receiving.size() + chunk.len() as u64 > FILE_BYTES_MAX {
            return Err(TakeError::Fetch(FetchError::TooLarge));
        }
        receiving.write(&chunk).await?;
    }
    Ok(receiving.finish(name).await?)
}

/// Gives back the upload if it became a file, as [`files::store`] does.
fn store(
    tx: &mut Tx<'_>,
    me: &UserId,
    upload: Upload,
    params: FromUrlParams,
) -> Result<Option<Upload>, ApiError> {
    let owner = user::by_id(tx, me.as_str())?;
    // Suspended or deleted while the file was on its way.
    if owner.is_none_or(|owner| owner.is_suspended) {
        return Ok(None);
    }
    let name = files::new_name(upload.filename.as_deref())?;
    let (packed, upload) = files::store(tx, me, name, upload, params.file)?;
    let body = json!({ "marker": params.marker, "file": packed });
    events::main(tx, me, "urlUploadFinished", &body)?;
    Ok(upload)
}

#[cfg(test)]
mod tests;
