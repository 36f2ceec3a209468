//! Files as browsers get them, under `/files/`.
//!
//! Anyone may have put anything there, so nothing in it may run in the name of this server: what
//! browsers show is of a type that was found in the content and can't hold a script, and all else
//! is for saving.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rusqlite::Connection;

use crate::Standalone;
use crate::model::{drive, emoji};
use crate::store::StoreError;

/// The types that browsers may show.
const SHOWN: &[&str] = &[
    "image/png",
    "image/gif",
    "image/jpeg",
    "image/webp",
    "image/avif",
    "image/bmp",
    "image/vnd.microsoft.icon",
    "audio/aac",
    "audio/mpeg",
    "audio/ogg",
    "audio/x-flac",
    "audio/x-wav",
    "audio/m4a",
    "video/mp4",
    "video/mpeg",
    "video/quicktime",
    "video/webm",
];

/// The route `/files/{blob}`.
pub(crate) fn router(app: Arc<Standalone>) -> Router {
    Router::new()
        .route("/files/{blob}", get(serve))
        .with_state(app)
}

async fn serve(
    State(app): State<Arc<Standalone>>,
    Path(blob): Path<String>,
) -> Result<Response, StatusCode> {
    let find = move |view: &crate::store::View<'_>| Ok::<_, StoreError>(find_content(view, &blob)?);
    let file = app.store.read(find).await.map_err(|error| {
        tracing::error!(?error, "cannot look a file up");
        StatusCode::INTERNAL_SERVER_ERROR
    })?;
    // A name from the table: no path that a request spells ever reaches the directory.
    let file = file.ok_or(StatusCode::NOT_FOUND)?;
    let body = app.blobs.read(&file.blob).await.map_err(|error| {
        tracing::error!(file = file.id, %error, "cannot read a file");
        StatusCode::INTERNAL_SERVER_ERROR
    })?;
    let body = body.ok_or_else(|| {
        tracing::error!(file = file.id, "the content of a file is gone");
        StatusCode::NOT_FOUND
    })?;
    Ok((headers(&file), body).into_response())
}

/// What is served: of a file, or of a custom emoji.
struct Content {
    id: String,
    blob: String,
    kind: String,
    size: u64,
}

fn find_content(connection: &Connection, blob: &str) -> rusqlite::Result<Option<Content>> {
    if let Some(file) = drive::file_by_blob(connection, blob)? {
        return Ok(Some(Content {
            id: file.id,
            blob: file.blob,
            kind: file.kind,
            size: file.size,
        }));
    }
    let emoji = emoji::by_blob(connection, blob)?;
    Ok(emoji.map(|emoji| Content {
        id: emoji.id,
        blob: emoji.blob,
        kind: emoji.kind,
        size: emoji.size,
    }))
}

fn headers(file: &Content) -> HeaderMap {
    let shown = SHOWN.contains(&file.kind.as_str());
    let mut headers = HeaderMap::new();
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; img-src 'self'; media-src 'self'; sandbox",
        ),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::CACHE_CONTROL, "private, max-age=86400, immutable"),
        (
            header::CONTENT_DISPOSITION,
            if shown { "inline" } else { "attachment" },
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let kind = SHOWN.iter().find(|kind| **kind == file.kind);
    let kind = HeaderValue::from_static(kind.unwrap_or(&"application/octet-stream"));
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(header::CONTENT_LENGTH, file.size.into());
    headers
}
