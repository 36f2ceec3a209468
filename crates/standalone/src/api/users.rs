//! Users.

mod follows;
mod list;
mod search;

use protocol::id::UserId;
use serde::Deserialize;
use serde_json::{Value, json};

use super::ctx::Ctx;
use super::endpoint::{Endpoint, Registry};
use super::error::{ApiError, ErrorKind};
use super::schema::{Field, Params};
use crate::limits::USERS_SHOWN_MAX;
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
    registry.add(Endpoint::login("users/relation", "read:account"), relation);
    follows::register(registry);
    list::register(registry);
    search::register(registry);
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
        Field::array("userIds", &Field::id(""))
            .unique()
            .items(0, USERS_SHOWN_MAX as i64),
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
    by_acct(view, username, params.host.as_deref())
}

/// The user of a name and a host, where our own host may be written out.
fn by_acct(view: &View<'_>, username: &str, host: Option<&str>) -> Result<Option<User>, ApiError> {
    let host = host.map(str::to_lowercase);
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

/// One user or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RelationParams {
    user_id: OneOrMany,
}

impl Params for RelationParams {
    const SCHEMA: &'static [Field] = &[Field::any("userId").required()];
}

async fn relation(ctx: Ctx, params: RelationParams) -> Result<Value, ApiError> {
    let me = ctx.my_id()?;
    let ids = match &params.user_id {
        OneOrMany::One(id) => std::slice::from_ref(id),
        OneOrMany::Many(ids) => ids,
    };
    if ids.len() > USERS_SHOWN_MAX {
        let reason = format!("must NOT have more than {USERS_SHOWN_MAX} items");
        let at = "#/properties/userId/anyOf/1/maxItems";
        return Err(ApiError::invalid_param(at, reason));
    }
    ctx.read(move |view| {
        Ok(match params.user_id {
            OneOrMany::One(id) => relation_to(view, &me, &id)?,
            OneOrMany::Many(ids) => {
                let relations: Result<Vec<Value>, ApiError> =
                    ids.iter().map(|id| relation_to(view, &me, id)).collect();
                relations?.into()
            }
        })
    })
    .await
}

fn relation_to(view: &View<'_>, me: &UserId, id: &str) -> Result<Value, ApiError> {
    let Some(other) = UserId::parse(id) else {
        let reason = r#"must match format "misskey:id""#;
        return Err(ApiError::invalid_param(
            "#/properties/userId/format",
            reason,
        ));
    };
    let relation = view.pack().relation(me, &other)?;
    Ok(json!({
        "id": id,
        "isFollowing": relation["isFollowing"],
        "hasPendingFollowRequestFromYou": relation["hasPendingFollowRequestFromYou"],
        "hasPendingFollowRequestToYou": relation["hasPendingFollowRequestToYou"],
        "isFollowed": relation["isFollowed"],
        "isBlocking": relation["isBlocking"],
        "isBlocked": relation["isBlocked"],
        "isMuted": relation["isMuted"],
        "isRenoteMuted": relation["isRenoteMuted"],
    }))
}

#[cfg(test)]
mod tests;
