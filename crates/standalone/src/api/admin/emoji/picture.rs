//! The picture of a custom emoji: a copy of an image in somebody's drive.

use crate::api::ctx::Ctx;
use crate::api::error::{ApiError, ErrorKind};
use crate::blobs::Unkept;
use crate::limits::EMOJI_BYTES_MAX;
use crate::model::drive;

const NO_SUCH_FILE: ErrorKind = ErrorKind::client(
    "NO_SUCH_FILE",
    "fc46b5a4-6b92-4c33-ac66-b806659bb5cf",
    "No such file.",
);
const UNSUPPORTED_FILE_TYPE: ErrorKind = ErrorKind::client(
    "UNSUPPORTED_FILE_TYPE",
    "f7599d96-8750-af68-1633-9575d625c1a7",
    "Unsupported file type.",
);
const TOO_LARGE: ErrorKind = ErrorKind::client(
    "EMOJI_TOO_LARGE",
    "0b5c2c0a-6d5e-4f06-8f0a-7b1f0c2b4b51",
    "The file is too large for an emoji.",
);

/// A picture that is gone unless it is kept.
pub(super) struct Picture {
    pub(super) blob: Unkept,
    pub(super) kind: String,
    pub(super) size: u64,
}

impl Picture {
    /// Copies an image of the user who asks, if they may manage emojis at all.
    pub(super) async fn of_file(ctx: &Ctx, id: String) -> Result<Self, ApiError> {
        let me = ctx.me()?.clone();
        let find = ctx.read(move |view| {
            super::must_manage(view, &me)?;
            let file = drive::file(view, &id)?.filter(|file| file.user_id == me.id);
            file.ok_or_else(|| NO_SUCH_FILE.into())
        });
        let file = find.await?;
        if !file.kind.starts_with("image/") {
            return Err(UNSUPPORTED_FILE_TYPE.into());
        }
        if file.size > EMOJI_BYTES_MAX {
            return Err(TOO_LARGE.into());
        }
        let copied = ctx.app().blobs.copy(&file.blob).await;
        // Deleted a moment ago.
        let blob = copied.map_err(ApiError::internal)?.ok_or(NO_SUCH_FILE)?;
        Ok(Self {
            blob,
            kind: file.kind,
            size: file.size,
        })
    }
}
