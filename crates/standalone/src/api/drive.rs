//! The drive: a user's [`files`] and [`folders`].

mod errors;
mod files;
mod find;
mod folders;
mod from_url;
mod list;

use serde_json::{Value, json};

use super::ctx::Ctx;
use super::endpoint::{Endpoint, Registry};
use super::error::ApiError;
use super::schema::NoParams;
use crate::model::drive;
use crate::roles::Policies;

pub(super) fn register(registry: &mut Registry) {
    registry.add(Endpoint::login("drive", "read:drive"), usage);
    files::register(registry);
    find::register(registry);
    folders::register(registry);
    from_url::register(registry);
    list::register(registry);
}

async fn usage(ctx: Ctx, _: NoParams) -> Result<Value, ApiError> {
    let me = ctx.my_id()?;
    ctx.read(move |view| {
        let usage = drive::usage(view, &me)?;
        let policies = Policies::of_id(view, Some(&me))?;
        Ok(json!({ "capacity": files::capacity(&policies), "usage": usage }))
    })
    .await
}

#[cfg(test)]
pub(super) mod tests;
