//! Roles as everyone sees them: `roles/list|show|notes|users`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::admin::{RoleParams, UsersParams, members, no_such_role};
use super::ctx::Ctx;
use super::endpoint::{Endpoint, Registry};
use super::error::{ApiError, ErrorKind};
use super::paging::{Paging, paged};
use super::schema::{Field, NoParams, Params};
use crate::feed::{Feed, source};
use crate::model::role::{self, Role};
use crate::pack::For;

const NOT_SHOWN: ErrorKind = no_such_role("de5502bf-009a-4639-86c1-fec349e46dcb");
const NOT_READ: ErrorKind = no_such_role("eb70323a-df61-4dd4-ad90-89c83c7cf26e");
const NO_USERS: ErrorKind = no_such_role("30aaaee3-4792-48dc-ab0d-cf501a575ac5");

pub(super) fn register(registry: &mut Registry) {
    registry.add(Endpoint::login("roles/list", "read:account"), list);
    registry.add(Endpoint::open("roles/show"), show);
    registry.add(Endpoint::login("roles/notes", "read:account"), notes);
    registry.add(Endpoint::open("roles/users"), users);
}

async fn list(ctx: Ctx, _: NoParams) -> Result<Vec<Value>, ApiError> {
    ctx.read(|view| {
        let roles = role::all(view)?;
        let open = roles.iter().filter(|role| role.is_open());
        let packed = open.map(|role| view.pack().role(role));
        Ok(packed.collect::<Result<_, _>>()?)
    })
    .await
}

async fn show(ctx: Ctx, params: RoleParams) -> Result<Value, ApiError> {
    ctx.read(move |view| {
        let role = role::by_id(view, &params.role_id)?.filter(|role| role.is_public);
        Ok(view.pack().role(&role.ok_or(NOT_SHOWN)?)?)
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NotesParams {
    role_id: String,
    #[serde(flatten)]
    paging: Paging,
}

impl Params for NotesParams {
    const SCHEMA: &'static [Field] = paged![Field::id("roleId").required()];
}

async fn notes(ctx: Ctx, params: NotesParams) -> Result<Vec<Value>, ApiError> {
    let me = ctx.my_id()?;
    ctx.read(move |view| {
        let role = role::by_id(view, &params.role_id)?.filter(|role| role.is_public);
        let role = role.ok_or(NOT_READ)?;
        if !role.is_open() {
            return Ok(Vec::new());
        }
        let feed = Feed::of(source::OF_ROLE)
            .only("note.visibility = 'public'")
            .with(":role", role.id.as_str());
        Ok(feed.read(view, For::User(&me), &params.paging.page(10))?)
    })
    .await
}

async fn users(ctx: Ctx, params: UsersParams) -> Result<Vec<Value>, ApiError> {
    let viewer = ctx.viewer();
    ctx.read(move |view| {
        let role = role::by_id(view, &params.role_id)?.filter(Role::is_open);
        let role = role.ok_or(NO_USERS)?;
        let mut packed = Vec::new();
        for (assignment, user) in members(view, &role, &params.paging.page(10))? {
            packed.push(json!({
                "id": assignment.id,
                "user": view.pack().user_detailed(&user, For::viewer(viewer.as_ref()))?,
            }));
        }
        Ok(packed)
    })
    .await
}

#[cfg(test)]
mod tests;
