//! Requests that carry a file: `multipart/form-data`.
//!
//! The token comes before the file, or in the header: nobody without one writes to the disk.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use md5::{Digest, Md5};
use multer::{Constraints, Field, Multipart, SizeLimit};
use serde_json::{Map, Value};

use super::endpoint::Registered;
use super::error::{ApiError, ErrorKind, INVALID_BODY};
use super::{auth, schema};
use crate::Standalone;
use crate::blobs::{Draft, Unkept};
use crate::limits::{
    BODY_BYTES_MAX, FILE_BYTES_MAX, FORM_BYTES_MAX, FORM_FIELDS_MAX, UPLOAD_MS_MAX,
};

pub(super) const TOO_LARGE: ErrorKind = ErrorKind::client(
    "MAX_FILE_SIZE_EXCEEDED",
    "b9d8c348-33f0-4673-b9a9-5d4da058977a",
    "Cannot upload the file because it exceeds the maximum file size.",
)
.status(413);
const TOO_SLOW: ErrorKind = ErrorKind::client(
    "UPLOAD_TOO_SLOW",
    "1d2e5b44-6a86-4e0c-9f57-0b7b5a0f7a7c",
    "The upload took too long.",
)
.status(408);

/// How many bytes of a file tell its type.
const HEAD_BYTES: usize = 8192;

/// A file that came with a request, and what was found in it.
pub(super) struct Upload {
    pub(super) blob: Unkept,
    /// The name that the client gives the file.
    pub(super) filename: Option<String>,
    pub(super) kind: String,
    pub(super) md5: String,
    pub(super) size: u64,
    pub(super) pixels: Option<(u64, u64)>,
}

/// Whether a request carries a form.
pub(super) fn is_form(head: &Parts) -> bool {
    content_type(head).starts_with("multipart/form-data")
}

fn content_type(head: &Parts) -> &str {
    let value = head.headers.get(CONTENT_TYPE);
    value
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

/// Reads the parameters and the file of a form. Few files come at once: others wait for a turn.
pub(super) async fn read(
    app: &Arc<Standalone>,
    registered: &Registered,
    head: &Parts,
    body: Body,
) -> Result<(Map<String, Value>, Option<Upload>), ApiError> {
    let reading = read_fields(app, registered, head, body);
    tokio::time::timeout(Duration::from_millis(UPLOAD_MS_MAX), reading)
        .await
        .map_err(|_| TOO_SLOW)?
}

async fn read_fields(
    app: &Arc<Standalone>,
    registered: &Registered,
    head: &Parts,
    body: Body,
) -> Result<(Map<String, Value>, Option<Upload>), ApiError> {
    let boundary = multer::parse_boundary(content_type(head)).map_err(|_| INVALID_BODY)?;
    let sizes = SizeLimit::new()
        .whole_stream(FILE_BYTES_MAX + BODY_BYTES_MAX as u64)
        .per_field(FORM_BYTES_MAX as u64)
        .for_field("file", FILE_BYTES_MAX);
    let constraints = Constraints::new().size_limit(sizes);
    let mut form = Multipart::with_constraints(body.into_data_stream(), boundary, constraints);
    let (mut fields, mut upload) = (Map::new(), None);
    while let Some(field) = form.next_field().await.map_err(refusal)? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == "file" && upload.is_none() {
            let me = auth::authenticate(app, &head.headers, &fields).await?;
            auth::authorize(&registered.endpoint, me.as_ref())?;
            let _turn = app.uploads.acquire().await.map_err(ApiError::internal)?;
            upload = Some(receive(app, field).await?);
        } else if name == "file" || fields.len() >= FORM_FIELDS_MAX {
            return Err(INVALID_BODY.into());
        } else {
            fields.insert(name, field.text().await.map_err(refusal)?.into());
        }
    }
    schema::cast(registered.schema, &mut fields);
    Ok((fields, upload))
}

async fn receive(app: &Standalone, mut field: Field<'_>) -> Result<Upload, ApiError> {
    let filename = field.file_name().map(str::to_owned);
    let mut receiving = Receiving::begin(app).await?;
    while let Some(chunk) = field.chunk().await.map_err(refusal)? {
        receiving.write(&chunk).await?;
    }
    receiving.finish(filename).await
}

/// A file that is being received; gone without a trace unless it is finished and kept.
pub(super) struct Receiving {
    draft: Draft,
    md5: Md5,
    size: u64,
    head: Vec<u8>,
}

impl Receiving {
    pub(super) async fn begin(app: &Standalone) -> Result<Self, ApiError> {
        Ok(Self {
            draft: app.blobs.begin().await.map_err(ApiError::internal)?,
            md5: Md5::new(),
            size: 0,
            head: Vec::new(),
        })
    }

    /// How many bytes came so far.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    pub(super) async fn write(&mut self, chunk: &[u8]) -> Result<(), ApiError> {
        self.md5.update(chunk);
        self.size += chunk.len() as u64;
        let missing = HEAD_BYTES - self.head.len();
        self.head
            .extend_from_slice(&chunk[..chunk.len().min(missing)]);
        self.draft.write(chunk).await.map_err(ApiError::internal)
    }

    /// Ends the file, and looks at what it is.
    pub(super) async fn finish(self, filename: Option<String>) -> Result<Upload, ApiError> {
        let blob = self.draft.finish().await.map_err(ApiError::internal)?;
        let kind = sniff(&self.head);
        let (blob, pixels) = if kind.starts_with("image/") {
            let measure = move || {
                let pixels = blob.image_size();
                (blob, pixels)
            };
            let measured = tokio::task::spawn_blocking(measure).await;
            measured.map_err(ApiError::internal)?
        } else {
            (blob, None)
        };
        Ok(Upload {
            blob,
            filename,
            kind: kind.to_owned(),
            md5: hex(&self.md5.finalize()),
            size: self.size,
            pixels,
        })
    }
}

/// What the content is. The client may say what it likes.
fn sniff(head: &[u8]) -> &'static str {
    if let Some(known) = infer::get(head) {
        return known.mime_type();
    }
    // The head may end within a character.
    let is_text = match std::str::from_utf8(head) {
        Ok(text) => !text.contains('\0'),
        Err(error) => error.error_len().is_none() && head.len() == HEAD_BYTES,
    };
    if is_text {
        "text/plain"
    } else {
        "application/octet-stream"
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What the client hears of a form that can't be read to its end.
fn refusal(error: multer::Error) -> ApiError {
    if let multer::Error::StreamSizeExceeded { .. } = error {
        return TOO_LARGE.into();
    }
    if let multer::Error::FieldSizeExceeded { field_name, .. } = &error
        && field_name.as_deref() == Some("file")
    {
        return TOO_LARGE.into();
    }
    INVALID_BODY.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_is_that_of_the_content() {
        for (head, kind) in [
            (&b"\x89PNG\r\n\x1a\n"[..], "image/png"),
            (b"GIF89a", "image/gif"),
            (b"<!DOCTYPE html><script>", "text/html"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'>", "text/plain"),
            (b"words", "text/plain"),
            (b"\xff\x00\x01", "application/octet-stream"),
            (b"\x00\x00", "application/octet-stream"),
        ] {
            assert_eq!(sniff(head), kind);
        }
    }
}
