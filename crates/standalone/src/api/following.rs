//! Following users.

mod update;

use protocol::id::UserId;
use serde::Deserialize;
use serde_json::Value;

use super::ctx::Ctx;
use super::endpoint::{Endpoint, Registry};
use super::error::{AUTHENTICATION_FAILED, ApiError, ErrorKind};
use super::schema::{Field, Params};
use crate::follows;
use crate::model::relation;
use crate::model::user::{self, User};
use crate::store::Tx;

const PERMISSION: &str = "write:following";

pub(super) fn register(registry: &mut Registry) {
    registry.add(Endpoint::login("following/create", PERMISSION), create);
    registry.add(Endpoint::login("following/delete", PERMISSION), delete);
    update::register(registry);
    registry.add(
        Endpoint::login("following/invalidate", PERMISSION),
        invalidate,
    );
}

const CREATE_NO_SUCH_USER: ErrorKind = ErrorKind::client(
    "NO_SUCH_USER",
    "fcd2eef9-a9b2-4c4f-8624-038099e90aa5",
    "No such user.",
);
const CREATE_FOLLOWEE_IS_YOURSELF: ErrorKind = ErrorKind::client(
    "FOLLOWEE_IS_YOURSELF",
    "26fbe7bb-a331-4857-af17-205b426669a9",
    "Followee is yourself.",
);
const ALREADY_FOLLOWING: ErrorKind = ErrorKind::client(
    "ALREADY_FOLLOWING",
    "35387507-38c7-4cb9-9197-300b93783fa0",
    "You are already following that user.",
);
const BLOCKING: ErrorKind = ErrorKind::client(
    "BLOCKING",
    "4e2206ec-aa4f-4960-b865-6c23ac38e2d9",
    "You are blocking that user.",
);
const BLOCKED: ErrorKind = ErrorKind::client(
    "BLOCKED",
    "c4ab57cc-4e41-45e9-bfd9-584f61e35ce0",
    "You are blocked by that user.",
);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateParams {
    user_id: String,
    #[serde(default)]
    with_replies: bool,
}

impl Params for CreateParams {
    const SCHEMA: &'static [Field] = &[
        Field::id("userId").required(),
        Field::boolean("withReplies"),
    ];
}

async fn create(ctx: Ctx, params: CreateParams) -> Result<Value, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        if params.user_id == me.as_str() {
            return Err(CREATE_FOLLOWEE_IS_YOURSELF.into());
        }
        let me = myself(tx, &me)?;
        let followee = find(tx, &params.user_id, CREATE_NO_SUCH_USER)?;
        let (my_id, their_id) = (me.id.as_str(), followee.id.as_str());
        if relation::follows(tx, my_id, their_id)? {
            return Err(ALREADY_FOLLOWING.into());
        }
        if relation::blocks(tx, my_id, their_id)? {
            return Err(BLOCKING.into());
        }
        if relation::blocks(tx, their_id, my_id)? {
            return Err(BLOCKED.into());
        }
        follows::follow_or_ask(tx, &me, &followee, params.with_replies)?;
        lite(tx, &followee.id)
    })
    .await
}

const DELETE_NO_SUCH_USER: ErrorKind = ErrorKind::client(
    "NO_SUCH_USER",
    "5b12c78d-2b28-4dca-99d2-f56139b42ff8",
    "No such user.",
);
const DELETE_FOLLOWEE_IS_YOURSELF: ErrorKind = ErrorKind::client(
    "FOLLOWEE_IS_YOURSELF",
    "d9e400b9-36b0-4808-b1d8-79e707f1296c",
    "Followee is yourself.",
);
const DELETE_NOT_FOLLOWING: ErrorKind = ErrorKind::client(
    "NOT_FOLLOWING",
    "5dbf82f5-c92b-40b1-87d1-6c8c0741fd09",
    "You are not following that user.",
);

/// For endpoints that take a user and nothing else.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserParams {
    pub(super) user_id: String,
}

impl Params for UserParams {
    const SCHEMA: &'static [Field] = &[Field::id("userId").required()];
}

async fn delete(ctx: Ctx, params: UserParams) -> Result<Value, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        if params.user_id == me.as_str() {
            return Err(DELETE_FOLLOWEE_IS_YOURSELF.into());
        }
        let me = myself(tx, &me)?;
        let followee = find(tx, &params.user_id, DELETE_NO_SUCH_USER)?;
        if !follows::unfollow(tx, &me, &followee)? {
            return Err(DELETE_NOT_FOLLOWING.into());
        }
        lite(tx, &followee.id)
    })
    .await
}

const FOLLOWER_IS_YOURSELF: ErrorKind = ErrorKind::client(
    "FOLLOWER_IS_YOURSELF",
    "07dc03b9-03da-422d-885b-438313707662",
    "Follower is yourself.",
);
const NOT_FOLLOWED: ErrorKind = ErrorKind::client(
    "NOT_FOLLOWING",
    "918faac3-074f-41ae-9c43-ed5d2946770d",
    "The other use is not following you.",
);
const INVALIDATE_NO_SUCH_USER: ErrorKind = ErrorKind::client(
    "NO_SUCH_USER",
    "b77e6ae6-a3e5-40da-9cc8-c240115479cc",
    "No such user.",
);

async fn invalidate(ctx: Ctx, params: UserParams) -> Result<Value, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        if params.user_id == me.as_str() {
            return Err(FOLLOWER_IS_YOURSELF.into());
        }
        let me = myself(tx, &me)?;
        let follower = find(tx, &params.user_id, INVALIDATE_NO_SUCH_USER)?;
        if !follows::unfollow(tx, &follower, &me)? {
            return Err(NOT_FOLLOWED.into());
        }
        lite(tx, &follower.id)
    })
    .await
}

/// The user who makes the request.
pub(super) fn myself(tx: &Tx<'_>, me: &UserId) -> Result<User, ApiError> {
    user::by_id(tx, me.as_str())?.ok_or_else(|| AUTHENTICATION_FAILED.into())
}

/// The user of this id, or the endpoint's own `NO_SUCH_USER`.
pub(super) fn find(tx: &Tx<'_>, id: &str, otherwise: ErrorKind) -> Result<User, ApiError> {
    let user = user::by_id(tx, id)?.filter(|user| !user.is_deleted);
    user.ok_or_else(|| otherwise.into())
}

/// `UserLite` of a user that exists.
pub(super) fn lite(tx: &Tx<'_>, id: &UserId) -> Result<Value, ApiError> {
    Ok(tx.pack().user_lite_by_id(id.as_str())?.unwrap_or_default())
}

#[cfg(test)]
mod tests;
