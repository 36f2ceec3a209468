//! Users.

use serde::Deserialize;
use serde_json::Value;

use super::ctx::Ctx;
use super::endpoint::{Endpoint, Registry};
use super::error::{ApiError, ErrorKind};
use super::schema::{Field, Params};
use crate::model::user::{self, User};
use crate::pack::For;
use crate::store::View;

/// There is no such user.
const NO_SUCH_USER: ErrorKind = ErrorKind::client(
    "NO_SUCH_USER",
    "4362f8dc-731f-4ad8-a694-be5a88922a24",
    "No such user.",
)
.status(404);

pub(super) fn register(registry: &mut Registry) {
    registry.add(Endpoint::open("users/show"), show);
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ShowParams {
    user_id: Option<String>,
    user_ids: Option<Vec<String>>,
    username: Option<String>,
    host: Option<String>,
}

impl Params for ShowParams {
    const SCHEMA: &'static [Field] = &[
        Field::id("userId"),
        Field::array("userIds", &Field::id("")).unique(),
        Field::string("username"),
        Field::string("host").nullable(),
    ];
}

async fn show(ctx: Ctx, params: ShowParams) -> Result<Value, ApiError> {
    let viewer = ctx.viewer();
    ctx.read(move |view| {
        let to = For::viewer(viewer.as_ref());
        if let Some(ids) = &params.user_ids {
            return Ok(show_many(view, ids, to)?.into());
        }
        let user = find(view, &params)?.filter(is_shown).ok_or(NO_SUCH_USER)?;
        Ok(view.pack().user_detailed(&user, to)?)
    })
    .await
}

fn find(view: &View<'_>, params: &ShowParams) -> Result<Option<User>, ApiError> {
    if let Some(id) = &params.user_id {
        return Ok(user::by_id(view, id)?);
    }
    let Some(username) = &params.username else {
        let reason = "must have required property 'userId'";
        return Err(ApiError::invalid_param("#/anyOf/0/required", reason));
    };
    let host = params.host.as_ref().map(|host| host.to_lowercase());
    let host = host.filter(|host| host != view.site().host());
    Ok(user::by_name(view, username, host.as_deref())?)
}

fn show_many(view: &View<'_>, ids: &[String], to: For<'_>) -> Result<Vec<Value>, ApiError> {
    let mut packed = Vec::with_capacity(ids.len());
    for id in ids {
        if let Some(user) = user::by_id(view, id)?.filter(is_shown) {
            packed.push(view.pack().user_detailed(&user, to)?);
        }
    }
    Ok(packed)
}

fn is_shown(user: &User) -> bool {
    !user.is_suspended && !user.is_deleted
}
