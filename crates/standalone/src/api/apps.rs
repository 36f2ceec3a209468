//! Apps and their tokens.

use rusqlite::params;
use serde::Deserialize;
use serde_json::{Value, json};

use super::ctx::Ctx;
use super::endpoint::{Endpoint, NoContent, Registry};
use super::error::{ApiError, ErrorKind};
use super::schema::{Field, Params};
use crate::apps::{self, NewToken, NoToken};
use crate::events;
use crate::limits::PERMISSIONS_MAX;
use crate::pack::{For, time};
use crate::store::{Col, json_col};

/// The endpoint whose name holds a session.
pub(super) const CHECK: &str = "miauth/{session}/check";

pub(super) fn register(registry: &mut Registry) {
    registry.add(Endpoint::native("miauth/gen-token"), gen_token);
    registry.add(Endpoint::open(CHECK), check);
    registry.add(Endpoint::native("i/apps"), list);
    registry.add(Endpoint::native("i/revoke-token"), revoke);
}

/// The session in the name of an endpoint, if it is [`CHECK`].
pub(super) fn session_of(name: &str) -> Option<&str> {
    name.strip_prefix("miauth/")?.strip_suffix("/check")
}

/// Each session leads to one token.
const SESSION_USED: ErrorKind = ErrorKind::client(
    "SESSION_USED",
    "7f0f5a1c-8d2e-4b39-93c4-5e6a7b8c9d01",
    "This session has led to a token already.",
);

/// The user may revoke some.
const TOO_MANY_TOKENS: ErrorKind = ErrorKind::client(
    "TOO_MANY_TOKENS",
    "3b0f2b57-93e8-4a57-9b7c-0d6e3c1a5f42",
    "There are as many tokens of apps as there may be.",
);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GenTokenParams {
    session: Option<String>,
    name: Option<String>,
    description: Option<String>,
    icon_url: Option<String>,
    permission: Vec<String>,
}

impl Params for GenTokenParams {
    const SCHEMA: &'static [Field] = &[
        Field::string("session")
            .nullable()
            .required()
            .length(1, 128),
        Field::string("name").nullable().length(0, 128),
        Field::string("description").nullable().length(0, 512),
        Field::string("iconUrl").nullable().length(0, 512),
        Field::array("permission", &Field::string("").length(0, 64))
            .required()
            .unique()
            .items(0, PERMISSIONS_MAX as i64),
    ];
}

async fn gen_token(ctx: Ctx, params: GenTokenParams) -> Result<Value, ApiError> {
    let me = ctx.my_id()?;
    let new = NewToken {
        session: params.session,
        name: params.name,
        description: params.description,
        icon_url: params.icon_url,
        permission: params.permission,
    };
    ctx.write(move |tx| match apps::create(tx, &me, &new)? {
        Ok(token) => Ok(json!({ "token": token })),
        Err(NoToken::SessionUsed) => Err(SESSION_USED.into()),
        Err(NoToken::TooMany) => Err(TOO_MANY_TOKENS.into()),
    })
    .await
}

#[derive(Deserialize)]
struct CheckParams {
    session: String,
}

impl Params for CheckParams {
    const SCHEMA: &'static [Field] = &[Field::string("session").required()];
}

/// Hands the token over to who knows the session, which is the app that made it up.
async fn check(ctx: Ctx, params: CheckParams) -> Result<Value, ApiError> {
    ctx.write(move |tx| {
        let Some((token, user)) = apps::fetch(tx, &params.session)? else {
            return Ok(json!({ "ok": false }));
        };
        let user = tx.pack().user_detailed(&user, For::Visitor)?;
        Ok(json!({ "ok": true, "token": token, "user": user }))
    })
    .await
}

#[derive(Deserialize)]
struct ListParams {
    sort: Option<String>,
}

impl Params for ListParams {
    const SCHEMA: &'static [Field] = &[Field::string("sort").one_of(&[
        "+createdAt",
        "-createdAt",
        "+lastUsedAt",
        "-lastUsedAt",
    ])];
}

async fn list(ctx: Ctx, params: ListParams) -> Result<Vec<Value>, ApiError> {
    let me = ctx.my_id()?;
    let order = match params.sort.as_deref() {
        Some("+createdAt") => "id DESC",
        Some("-createdAt") | None => "id ASC",
        Some("+lastUsedAt") => "last_used_at DESC, id DESC",
        Some(_) => "last_used_at ASC, id ASC",
    };
    ctx.read(move |view| {
        let sql = format!("SELECT * FROM access_token WHERE user_id = ?1 ORDER BY {order}");
        let apps = view
            .prepare_cached(&sql)?
            .query_map([Col(&me)], |row| {
                let id: String = row.get("id")?;
                let mut app = json!({ "id": id });
                if let Some(name) = row.get::<_, Option<String>>("name")? {
                    app["name"] = name.into();
                }
                app["createdAt"] = time::created_at(&id).into();
                if let Some(used) = row.get::<_, Option<u64>>("last_used_at")? {
                    app["lastUsedAt"] = time::iso(used).into();
                }
                app["permission"] = json_col::<Vec<String>>(row, "permission")?.into();
                app["iconUrl"] = row.get::<_, Option<String>>("icon_url")?.into();
                app["description"] = row.get::<_, Option<String>>("description")?.into();
                Ok(app)
            })?
            .collect::<Result<_, _>>()?;
        Ok(apps)
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RevokeParams {
    token_id: Option<String>,
    token: Option<String>,
}

impl Params for RevokeParams {
    const SCHEMA: &'static [Field] = &[Field::id("tokenId"), Field::string("token").nullable()];
}

/// Takes a token from an app. That there is none (any more) is no error.
async fn revoke(ctx: Ctx, params: RevokeParams) -> Result<NoContent, ApiError> {
    let me = ctx.my_id()?;
    if params.token_id.is_none() && params.token.is_none() {
        let reason = "must have required property 'tokenId'";
        return Err(ApiError::invalid_param("#/anyOf/0/required", reason));
    }
    ctx.write(move |tx| {
        let deleted = tx.execute(
            "DELETE FROM access_token WHERE user_id = ?1 AND (id = ?2 OR token = ?3)",
            params![Col(&me), params.token_id, params.token],
        )?;
        if deleted > 0 {
            events::app_token_revoked(tx, &me)?;
        }
        Ok(NoContent)
    })
    .await
}

#[cfg(test)]
mod tests;
