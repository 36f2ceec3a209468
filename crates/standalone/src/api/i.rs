//! The user's own account.

pub(in crate::api) mod checks;
mod pictures;
mod registry;
mod update;

use rusqlite::params;
use serde::Deserialize;
use serde_json::Value;

use super::ctx::Ctx;
use super::endpoint::{Endpoint, NoContent, Registry};
use super::error::{AUTHENTICATION_FAILED, ApiError, ErrorKind};
use super::schema::{Field, NoParams, Params};
use crate::model::user;
use crate::store::Col;
use crate::{events, secret};

/// The password is wrong; the id is that of signing in.
pub(super) const INCORRECT_PASSWORD: ErrorKind = ErrorKind::client(
    "INCORRECT_PASSWORD",
    "932c904e-9460-45b7-9ce6-7ed33be7eb2c",
    "Incorrect password.",
)
.status(403);

pub(super) fn register(registry: &mut Registry) {
    registry::register(registry);
    registry.add(Endpoint::login("i", "read:account"), i);
    registry.add(Endpoint::login("i/update", "write:account"), update::update);
    registry.add(Endpoint::native("i/regenerate-token"), regenerate_token);
}

async fn i(ctx: Ctx, _: NoParams) -> Result<Value, ApiError> {
    let me = ctx.my_id()?;
    ctx.read(move |view| {
        let user = user::by_id(view, me.as_str())?.ok_or(AUTHENTICATION_FAILED)?;
        Ok(view.pack().me_detailed(&user)?)
    })
    .await
}

#[derive(Deserialize)]
struct PasswordParams {
    password: String,
}

impl Params for PasswordParams {
    const SCHEMA: &'static [Field] = &[Field::string("password").required()];
}

/// Gives the user a new native token; the old one is worth nothing from here on.
async fn regenerate_token(ctx: Ctx, params: PasswordParams) -> Result<NoContent, ApiError> {
    let me = ctx.my_id()?;
    let reader = me.clone();
    let user = ctx
        .read(move |view| {
            let user = user::by_id(view, reader.as_str())?;
            user.ok_or_else(|| AUTHENTICATION_FAILED.into())
        })
        .await?;
    ctx.app().check_password(&user, params.password).await?;
    let new = secret::token(secret::NATIVE_TOKEN_LENGTH)?;
    ctx.write(move |tx| {
        let user = user::by_id(tx, me.as_str())?.ok_or(AUTHENTICATION_FAILED)?;
        tx.execute(
            "UPDATE user SET token = ?2 WHERE id = ?1",
            params![Col(&me), new],
        )?;
        let old = user.token.unwrap_or_default();
        events::token_regenerated(tx, &me, &old, &new)?;
        events::main(tx, &me, "myTokenRegenerated", &Value::Null)?;
        Ok(NoContent)
    })
    .await
}

#[cfg(test)]
mod tests;
