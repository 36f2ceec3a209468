//! The user's own account.

use serde_json::Value;

use super::ctx::Ctx;
use super::endpoint::{Endpoint, Registry};
use super::error::{AUTHENTICATION_FAILED, ApiError};
use super::schema::NoParams;
use crate::model::user;

pub(super) fn register(registry: &mut Registry) {
    registry.add(Endpoint::login("i", "read:account"), i);
}

async fn i(ctx: Ctx, _: NoParams) -> Result<Value, ApiError> {
    let me = ctx.my_id()?;
    ctx.read(move |view| {
        let user = user::by_id(view, me.as_str())?.ok_or(AUTHENTICATION_FAILED)?;
        Ok(view.pack().me_detailed(&user)?)
    })
    .await
}
