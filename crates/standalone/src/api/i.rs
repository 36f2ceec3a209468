//! The user's own account.

pub(in crate::api) mod checks;
mod update;

use protocol::id::UserId;
use rusqlite::params;
use serde::Deserialize;
use serde_json::Value;

use super::ctx::Ctx;
use super::endpoint::{Endpoint, NoContent, Registry};
use super::error::{AUTHENTICATION_FAILED, ApiError, ErrorKind};
use super::schema::{Field, NoParams, Params};
use crate::model::user;
use crate::store::Col;
use crate::{events, password, secret};

/// The password is wrong; the id is that of signing in.
pub(super) const INCORRECT_PASSWORD: ErrorKind = ErrorKind::client(
    "INCORRECT_PASSWORD",
    "932c904e-9460-45b7-9ce6-7ed33be7eb2c",
    "Incorrect password.",
)
.status(403);

pub(super) fn register(registry: &mut Registry) {
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
    check_password(&ctx, &me, params.password).await?;
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

async fn check_password(ctx: &Ctx, me: &UserId, password: String) -> Result<(), ApiError> {
    let me = me.clone();
    let hash = ctx
        .read(move |view| {
            let user = user::by_id(view, me.as_str())?.ok_or(AUTHENTICATION_FAILED)?;
            user.password.ok_or_else(|| INCORRECT_PASSWORD.into())
        })
        .await?;
    let correct = password::verify(password, hash).await;
    if correct.map_err(ApiError::internal)? {
        Ok(())
    } else {
        Err(INCORRECT_PASSWORD.into())
    }
}

#[cfg(test)]
mod tests;
