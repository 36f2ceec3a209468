//! Who follows a user, and whom they follow.

use protocol::id::UserId;
use rusqlite::params;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{by_acct, is_shown};
use crate::api::ctx::Ctx;
use crate::api::endpoint::{Endpoint, Registry};
use crate::api::error::{ApiError, ErrorKind};
use crate::api::i::checks::is_day;
use crate::api::paging::{Page, Paging, paged};
use crate::api::schema::{Field, Params};
use crate::model::relation;
use crate::model::user::{self, User};
use crate::pack::{For, time};
use crate::store::View;

pub(super) fn register(registry: &mut Registry) {
    registry.add(Endpoint::open("users/followers"), followers);
    registry.add(Endpoint::open("users/following"), following);
}

const FOLLOWERS_NO_SUCH_USER: ErrorKind = ErrorKind::client(
    "NO_SUCH_USER",
    "27fa5435-88ab-43de-9360-387de88727cd",
    "No such user.",
);
const FOLLOWERS_FORBIDDEN: ErrorKind = ErrorKind::client(
    "FORBIDDEN",
    "3c6a84db-d619-26af-ca14-06232a21df8a",
    "Forbidden.",
);
const FOLLOWING_NO_SUCH_USER: ErrorKind = ErrorKind::client(
    "NO_SUCH_USER",
    "63e4aba4-4156-4e53-be25-c9559e42d71b",
    "No such user.",
);
const FOLLOWING_FORBIDDEN: ErrorKind = ErrorKind::client(
    "FORBIDDEN",
    "f6cdb0df-c19f-ec5c-7dbb-0ba84a1f92ba",
    "Forbidden.",
);
const BIRTHDAY_DATE_FORMAT_INVALID: ErrorKind = ErrorKind::client(
    "BIRTHDAY_DATE_FORMAT_INVALID",
    "a2b007b9-4782-4eba-abd3-93b05ed4130d",
    "Birthday date format is invalid.",
);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FollowsParams {
    user_id: Option<String>,
    username: Option<String>,
    host: Option<String>,
    birthday: Option<String>,
    #[serde(flatten)]
    paging: Paging,
}

impl Params for FollowsParams {
    const SCHEMA: &'static [Field] = paged![
        Field::id("userId"),
        Field::string("username"),
        Field::string("host").nullable(),
        Field::string("birthday").nullable(),
    ];
}

/// One side of a follow, as columns and keys.
struct Side {
    /// The column of the user who is asked about.
    theirs: &'static str,
    /// The column of the users to show.
    others: &'static str,
    /// The key under which those are shown.
    key: &'static str,
}

async fn followers(ctx: Ctx, params: FollowsParams) -> Result<Vec<Value>, ApiError> {
    let viewer = ctx.viewer();
    ctx.read(move |view| {
        let user = find(view, &params, FOLLOWERS_NO_SUCH_USER)?;
        if !may_see(view, viewer.as_ref(), &user, &user.followers_visibility)? {
            return Err(FOLLOWERS_FORBIDDEN.into());
        }
        let side = Side {
            theirs: "followee_id",
            others: "follower_id",
            key: "follower",
        };
        pack(
            view,
            viewer.as_ref(),
            &user,
            &side,
            None,
            &params.paging.page(10),
        )
    })
    .await
}

/// With a birthday: those who have it on that day of the year.
async fn following(ctx: Ctx, params: FollowsParams) -> Result<Vec<Value>, ApiError> {
    let viewer = ctx.viewer();
    let day = match params.birthday.as_deref() {
        None => None,
        Some(birthday) if is_day(birthday) => Some(birthday[5..].to_owned()),
        Some(_) => return Err(BIRTHDAY_DATE_FORMAT_INVALID.into()),
    };
    ctx.read(move |view| {
        let user = find(view, &params, FOLLOWING_NO_SUCH_USER)?;
        if !may_see(view, viewer.as_ref(), &user, &user.following_visibility)? {
            return Err(FOLLOWING_FORBIDDEN.into());
        }
        let side = Side {
            theirs: "follower_id",
            others: "followee_id",
            key: "followee",
        };
        let page = params.paging.page(10);
        pack(view, viewer.as_ref(), &user, &side, day.as_deref(), &page)
    })
    .await
}

fn find(view: &View<'_>, params: &FollowsParams, missing: ErrorKind) -> Result<User, ApiError> {
    let user = match (&params.user_id, &params.username) {
        (Some(id), _) => user::by_id(view, id)?,
        (None, Some(name)) => by_acct(view, name, params.host.as_deref())?,
        (None, None) => {
            let reason = "must have required property 'userId'";
            return Err(ApiError::invalid_param("#/anyOf/0/required", reason));
        }
    };
    user.filter(is_shown).ok_or_else(|| missing.into())
}

/// Whether the user shows their follows to this viewer.
fn may_see(
    view: &View<'_>,
    viewer: Option<&UserId>,
    user: &User,
    visibility: &str,
) -> Result<bool, ApiError> {
    if visibility == "public" {
        return Ok(true);
    }
    let Some(viewer) = viewer else {
        return Ok(false);
    };
    if *viewer == user.id {
        return Ok(true);
    }
    Ok(visibility == "followers" && relation::follows(view, viewer.as_str(), user.id.as_str())?)
}

fn pack(
    view: &View<'_>,
    viewer: Option<&UserId>,
    user: &User,
    side: &Side,
    day: Option<&str>,
    page: &Page,
) -> Result<Vec<Value>, ApiError> {
    let Side {
        theirs,
        others,
        key,
    } = side;
    let follows: Vec<[String; 3]> = view
        .prepare_cached(&format!(
            "SELECT f.id, f.followee_id, f.follower_id FROM follow f
             JOIN user u ON u.id = f.{others}
             WHERE f.{theirs} = ?1 AND f.id > ?2 AND f.id < ?3
               AND (?5 IS NULL OR substr(u.birthday, 6) = ?5)
             ORDER BY f.id {} LIMIT ?4",
            page.order,
        ))?
        .query_map(
            params![user.id.as_str(), page.after, page.before, page.limit, day],
            |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]),
        )?
        .collect::<Result<_, _>>()?;
    let mut packed = Vec::with_capacity(follows.len());
    for [id, followee, follower] in follows {
        let other = if *key == "followee" {
            &followee
        } else {
            &follower
        };
        let shown = match user::by_id(view, other)? {
            Some(other) => view.pack().user_detailed(&other, For::viewer(viewer))?,
            None => Value::Null,
        };
        let mut follow = json!({
            "id": id,
            "createdAt": time::created_at(&id),
            "followeeId": followee,
            "followerId": follower,
        });
        follow[*key] = shown;
        packed.push(follow);
    }
    Ok(packed)
}
