//! How one follows a user: with replies, with a notification of each note.

use protocol::id::UserId;
use rusqlite::params;
use serde::Deserialize;
use serde_json::Value;

use super::{PERMISSION, find, lite};
use crate::api::ctx::Ctx;
use crate::api::endpoint::{Endpoint, NoContent, Registry};
use crate::api::error::{ApiError, ErrorKind};
use crate::api::schema::{Field, Params};
use crate::events;
use crate::model::relation;
use crate::store::{Col, Tx};

pub(super) fn register(registry: &mut Registry) {
    registry.add(Endpoint::login("following/update", PERMISSION), update);
    registry.add(
        Endpoint::login("following/update-all", PERMISSION),
        update_all,
    );
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
