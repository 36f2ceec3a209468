//! Giving roles and taking them: `admin/roles/assign|unassign|users`.

use rusqlite::params;
use serde::Deserialize;
use serde_json::{Value, json};

use super::roles::no_such_role;
use crate::api::ctx::{Ctx, Me};
use crate::api::endpoint::{Endpoint, NoContent, Registry};
use crate::api::error::{ApiError, ErrorKind};
use crate::api::paging::{Page, Paging, paged};
use crate::api::schema::{Field, Params};
use crate::events;
use crate::model::role::{self, Assignment, Role};
use crate::model::user::{self, User};
use crate::notifications::{self, Notice};
use crate::pack::{For, time};
use crate::store::{Col, View};

const NO_ROLE_TO_ASSIGN: ErrorKind = no_such_role("6503c040-6af4-4ed9-bf07-f2dd16678eab");
const NO_ROLE_TO_UNASSIGN: ErrorKind = no_such_role("6e519036-a70d-4c76-b679-bc8fb18194e2");
const NO_ROLE_OF_USERS: ErrorKind = no_such_role("224eff5e-2488-4b18-b3e7-f50d94421648");
const NOBODY_TO_ASSIGN: ErrorKind = no_such_user("558ea170-f653-4700-94d0-5a818371d0df");
const NOBODY_TO_UNASSIGN: ErrorKind = no_such_user("2b730f78-1179-461b-88ad-d24c9af1a5ce");
const ONLY_ADMINISTRATORS_ASSIGN: ErrorKind =
    only_administrators("25b5bc31-dc79-4ebd-9bd2-c84978fd052c");
const ONLY_ADMINISTRATORS_UNASSIGN: ErrorKind =
    only_administrators("24636eee-e8c1-493e-94b2-e16ad401e262");
const NOT_ASSIGNED: ErrorKind = ErrorKind::client(
    "NOT_ASSIGNED",
    "b9060ac7-5c94-4da4-9f55-2047c953df44",
    "Not assigned.",
);

const fn no_such_user(id: &'static str) -> ErrorKind {
    ErrorKind::client("NO_SUCH_USER", id, "No such user.")
}

const fn only_administrators(id: &'static str) -> ErrorKind {
    let message = "Only administrators can edit members of the role.";
    ErrorKind::client("ACCESS_DENIED", id, message)
}

pub(super) fn register(registry: &mut Registry) {
    let write = |name| Endpoint::login(name, "write:admin:roles").moderator();
    registry.add(write("admin/roles/assign"), assign);
    registry.add(write("admin/roles/unassign"), unassign);
    registry.add(
        Endpoint::login("admin/roles/users", "read:admin:roles").moderator(),
        users,
    );
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AssignParams {
    role_id: String,
    user_id: String,
    expires_at: Option<u64>,
}

impl Params for AssignParams {
    const SCHEMA: &'static [Field] = &[
        Field::id("roleId").required(),
        Field::id("userId").required(),
        Field::integer("expiresAt").nullable().range(0, 1 << 52),
    ];
}

async fn assign(ctx: Ctx, params: AssignParams) -> Result<NoContent, ApiError> {
    let me = ctx.me()?.clone();
    ctx.write(move |tx| {
        let mut role = role::by_id(tx, &params.role_id)?.ok_or(NO_ROLE_TO_ASSIGN)?;
        may_edit(&me, &role, ONLY_ADMINISTRATORS_ASSIGN)?;
        let user = user::by_id(tx, &params.user_id)?.ok_or(NOBODY_TO_ASSIGN)?;
        if let Some(end_ms) = params.expires_at {
            if end_ms <= tx.now_ms() {
                return Ok(NoContent);
            }
            tx.set_alarm(end_ms);
        }
        let before = role::assignment(tx, &role.id, &user.id)?;
        let assignment = Assignment {
            id: before
                .as_ref()
                .map_or_else(|| tx.new_id(), |it| it.id.clone()),
            role_id: role.id.clone(),
            user_id: user.id.clone(),
            expires_at: params.expires_at,
        };
        tx.execute(
            "INSERT INTO role_assignment VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (role_id, user_id) DO UPDATE SET expires_at = excluded.expires_at",
            params![
                assignment.id,
                Col(&role.id),
                Col(&user.id),
                params.expires_at
            ],
        )?;
        role.last_used_at = tx.now_ms();
        role::write(tx, &role)?;
        events::role_assignment(tx, "userRoleAssigned", &assignment.as_event())?;
        if role.is_public && user.is_local() && before.is_none() {
            let packed = tx.pack().role(&role)?;
            let notice = Notice::new("roleAssigned").with("role", packed);
            notifications::notify(tx, &user.id, notice)?;
        }
        Ok(NoContent)
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UnassignParams {
    role_id: String,
    user_id: String,
}

impl Params for UnassignParams {
    const SCHEMA: &'static [Field] = &[
        Field::id("roleId").required(),
        Field::id("userId").required(),
    ];
}

async fn unassign(ctx: Ctx, params: UnassignParams) -> Result<NoContent, ApiError> {
    let me = ctx.me()?.clone();
    ctx.write(move |tx| {
        let role = role::by_id(tx, &params.role_id)?.ok_or(NO_ROLE_TO_UNASSIGN)?;
        may_edit(&me, &role, ONLY_ADMINISTRATORS_UNASSIGN)?;
        let user = user::by_id(tx, &params.user_id)?.ok_or(NOBODY_TO_UNASSIGN)?;
        let assignment = role::assignment(tx, &role.id, &user.id)?.ok_or(NOT_ASSIGNED)?;
        tx.execute(
            "DELETE FROM role_assignment WHERE id = ?1",
            [&assignment.id],
        )?;
        events::role_assignment(tx, "userRoleUnassigned", &assignment.as_event())?;
        Ok(NoContent)
    })
    .await
}

/// Moderators change the members of those roles only that say so, and never make anyone more than
/// they are themselves.
fn may_edit(me: &Me, role: &Role, refusal: ErrorKind) -> Result<(), ApiError> {
    let by_moderator = role.can_edit_members_by_moderator && !role.is_administrator;
    if me.staff.administrator || by_moderator {
        Ok(())
    } else {
        Err(refusal.into())
    }
}

/// The parameters of an endpoint about the members of a role.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct UsersParams {
    pub(in crate::api) role_id: String,
    #[serde(flatten)]
    pub(in crate::api) paging: Paging,
}

impl Params for UsersParams {
    const SCHEMA: &'static [Field] = paged![Field::id("roleId").required()];
}

async fn users(ctx: Ctx, params: UsersParams) -> Result<Vec<Value>, ApiError> {
    let me = ctx.my_id()?;
    ctx.read(move |view| {
        let role = role::by_id(view, &params.role_id)?.ok_or(NO_ROLE_OF_USERS)?;
        let mut packed = Vec::new();
        for (assignment, user) in members(view, &role, &params.paging.page(10))? {
            packed.push(json!({
                "id": assignment.id,
                "createdAt": time::created_at(&assignment.id),
                "user": view.pack().user_detailed(&user, For::User(&me))?,
                "expiresAt": assignment.expires_at.map(time::iso),
            }));
        }
        Ok(packed)
    })
    .await
}

/// To whom a role is given, in the order of that.
pub(in crate::api) fn members(
    view: &View<'_>,
    role: &Role,
    page: &Page,
) -> rusqlite::Result<Vec<(Assignment, User)>> {
    let sql = format!(
        "SELECT a.* FROM role_assignment a JOIN user u ON u.id = a.user_id
         WHERE a.role_id = ?1 AND a.id > ?2 AND a.id < ?3 AND NOT u.is_deleted
         AND (a.expires_at IS NULL OR a.expires_at > ?5) ORDER BY a.id {} LIMIT ?4",
        page.order,
    );
    let assignments = view
        .prepare_cached(&sql)?
        .query_map(
            params![
                Col(&role.id),
                page.after,
                page.before,
                page.limit,
                view.now_ms()
            ],
            Assignment::from_row,
        )?
        .collect::<Result<Vec<_>, _>>()?;
    let mut members = Vec::with_capacity(assignments.len());
    for assignment in assignments {
        if let Some(user) = user::by_id(view, assignment.user_id.as_str())? {
            members.push((assignment, user));
        }
    }
    Ok(members)
}
