//! The avatar and the banner of `i/update`.

use protocol::id::UserId;
use rusqlite::Connection;
use serde_json::{Map, Value};

use crate::api::error::{ApiError, ErrorKind, RESTRICTED_BY_ROLE};
use crate::model::drive;
use crate::model::user::Picture;
use crate::roles::Policies;

const NO_SUCH_AVATAR: ErrorKind = ErrorKind::client(
    "NO_SUCH_AVATAR",
    "539f3a45-f215-4f81-a9a8-31293640207f",
    "No such avatar file.",
);
const NO_SUCH_BANNER: ErrorKind = ErrorKind::client(
    "NO_SUCH_BANNER",
    "0d8f5629-f210-41c2-9433-735831a58595",
    "No such banner file.",
);
const AVATAR_NOT_AN_IMAGE: ErrorKind = ErrorKind::client(
    "AVATAR_NOT_AN_IMAGE",
    "f419f9f8-2f4d-46b1-9fb4-49d3a2fd7191",
    "The file specified as an avatar is not an image.",
);
const BANNER_NOT_AN_IMAGE: ErrorKind = ErrorKind::client(
    "BANNER_NOT_AN_IMAGE",
    "75aedb19-2afd-4e6d-87fc-67941256fa60",
    "The file specified as a banner is not an image.",
);

/// Puts the pictures that are asked for into a user's settings: their own images, or none.
pub(super) fn apply(
    connection: &Connection,
    me: &UserId,
    policies: &Policies,
    changes: &Map<String, Value>,
    settings: &mut Map<String, Value>,
) -> Result<(), ApiError> {
    for (picture, missing, no_image) in [
        (Picture::Avatar, NO_SUCH_AVATAR, AVATAR_NOT_AN_IMAGE),
        (Picture::Banner, NO_SUCH_BANNER, BANNER_NOT_AN_IMAGE),
    ] {
        let (id_key, path_key) = picture.keys();
        let Some(asked) = changes.get(id_key) else {
            continue;
        };
        let Some(id) = asked.as_str() else {
            settings.remove(id_key);
            settings.remove(path_key);
            continue;
        };
        let file = drive::file(connection, id)?
            .filter(|file| file.user_id == *me)
            .ok_or(missing)?;
        if !file.kind.starts_with("image/") {
            return Err(no_image.into());
        }
        if !policies.allow("canUpdateBioMedia") {
            return Err(RESTRICTED_BY_ROLE.into());
        }
        settings.insert(id_key.to_owned(), id.into());
        settings.insert(path_key.to_owned(), format!("/files/{}", file.blob).into());
    }
    Ok(())
}
