//! Following users.

use protocol::id::UserId;
use rusqlite::params;
use serde::Deserialize;
use serde_json::Value;

use super::ctx::Ctx;
use super::endpoint::{Endpoint, NoContent, Registry};
use super::error::{AUTHENTICATION_FAILED, ApiError, ErrorKind};
use super::schema::{Field, Params};
use crate::model::relation;
use crate::model::user::{self, User};
use crate::store::{Col, Tx};
use crate::{events, follows};

const PERMISSION: &str = "write:following";

pub(super) fn register(registry: &mut Registry) {
    registry.add(Endpoint::login("following/create", PERMISSION), create);
    registry.add(Endpoint::login("following/delete", PERMISSION), delete);
    registry.add(Endpoint::login("following/update", PERMISSION), update);
    registry.add(
        Endpoint::login("following/update-all", PERMISSION),
        update_all,
    );
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

const UPDATE_NO_SUCH_USER: ErrorKind = ErrorKind::client(
    "NO_SUCH_USER",
    "14318698-f67e-492a-99da-5353a5ac52be",
    "No such user.",
);
const UPDATE_FOLLOWEE_IS_YOURSELF: ErrorKind = ErrorKind::client(
    "FOLLOWEE_IS_YOURSELF",
    "4c4cbaf9-962a-463b-8418-a5e365dbf2eb",
    "Followee is yourself.",
);
const UPDATE_NOT_FOLLOWING: ErrorKind = ErrorKind::client(
    "NOT_FOLLOWING",
    "b8dc75cf-1cb5-46c9-b14b-5f1ffbd782c9",
    "You are not following that user.",
);

/// How someone is followed; what is absent stays.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Manner {
    notify: Option<String>,
    with_replies: Option<bool>,
}

impl Manner {
    /// `none` is stored as null.
    fn stored_notify(&self) -> Option<&str> {
        self.notify.as_deref().filter(|notify| *notify != "none")
    }
}

const NOTIFY: Field = Field::string("notify").one_of(&["normal", "none"]);

impl Params for Manner {
    const SCHEMA: &'static [Field] = &[NOTIFY, Field::boolean("withReplies")];
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UpdateParams {
    user_id: String,
    #[serde(flatten)]
    manner: Manner,
}

impl Params for UpdateParams {
    const SCHEMA: &'static [Field] = &[
        Field::id("userId").required(),
        NOTIFY,
        Field::boolean("withReplies"),
    ];
}

/// Answers with the user themself, as Misskey does.
async fn update(ctx: Ctx, params: UpdateParams) -> Result<Value, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        if params.user_id == me.as_str() {
            return Err(UPDATE_FOLLOWEE_IS_YOURSELF.into());
        }
        let followee = find(tx, &params.user_id, UPDATE_NO_SUCH_USER)?;
        if !relation::follows(tx, me.as_str(), followee.id.as_str())? {
            return Err(UPDATE_NOT_FOLLOWING.into());
        }
        set_manner(tx, &me, &followee.id, &params.manner)?;
        lite(tx, &me)
    })
    .await
}

async fn update_all(ctx: Ctx, manner: Manner) -> Result<NoContent, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        let followees: Vec<UserId> = tx
            .prepare_cached("SELECT followee_id FROM follow WHERE follower_id = ?1 ORDER BY id")?
            .query_map([Col(&me)], |row| Ok(row.get::<_, Col<UserId>>(0)?.0))?
            .collect::<Result<_, _>>()?;
        for followee in followees {
            set_manner(tx, &me, &followee, &manner)?;
        }
        Ok(NoContent)
    })
    .await
}

fn set_manner(
    tx: &mut Tx<'_>,
    me: &UserId,
    followee: &UserId,
    manner: &Manner,
) -> Result<(), ApiError> {
    if manner.notify.is_some() {
        tx.execute(
            "UPDATE follow SET notify = ?3 WHERE follower_id = ?1 AND followee_id = ?2",
            params![Col(me), Col(followee), manner.stored_notify()],
        )?;
    }
    if let Some(with_replies) = manner.with_replies {
        tx.execute(
            "UPDATE follow SET with_replies = ?3 WHERE follower_id = ?1 AND followee_id = ?2",
            params![Col(me), Col(followee), with_replies],
        )?;
        events::follow_updated(tx, me, followee, with_replies)?;
    }
    Ok(())
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
