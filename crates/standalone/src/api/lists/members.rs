//! Who is on a list.

use protocol::id::ListId;
use rusqlite::params;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{no_such_list, readable};
use crate::api::ctx::Ctx;
use crate::api::endpoint::{Endpoint, NoContent, Registry};
use crate::api::error::{ApiError, ErrorKind};
use crate::api::paging::{Page, Paging, paged};
use crate::api::schema::{Field, Params};
use crate::events;
use crate::model::{
    list::{self, List},
    relation,
    user::{self, User},
};
use crate::pack::time;
use crate::roles::Policies;
use crate::store::{Col, Tx, View};

const NOT_PUSHED_TO: ErrorKind = no_such_list("2214501d-ac96-4049-b717-91e42272a711");
const NOT_CHANGED: ErrorKind = no_such_list("7f44670e-ab16-43b8-b4c1-ccd2ee89cc02");
const NOT_READ: ErrorKind = no_such_list("7bc05c21-1d7a-41ae-88f1-66820f4dc686");
const NOBODY_TO_PUSH: ErrorKind = no_such_user("a89abd3d-f0bc-4cce-beb1-2f446f4f1e6a");
const NOBODY_TO_CHANGE: ErrorKind = no_such_user("588e7f72-c744-4a61-b180-d354e912bda2");
const ALREADY_ADDED: ErrorKind = ErrorKind::client(
    "ALREADY_ADDED",
    "1de7c884-1595-49e9-857e-61f12f4d4fc5",
    "That user has already been added to that list.",
);
const YOU_HAVE_BEEN_BLOCKED: ErrorKind = ErrorKind::client(
    "YOU_HAVE_BEEN_BLOCKED",
    "990232c5-3f9d-4d83-9f3f-ef27b6332a4b",
    "You cannot push this user because you have been blocked by this user.",
);
const TOO_MANY_USERS: ErrorKind = ErrorKind::client(
    "TOO_MANY_USERS",
    "2dd9752e-a338-413d-8eec-41814430989b",
    "You can not push users any more.",
);

const fn no_such_user(id: &'static str) -> ErrorKind {
    ErrorKind::client("NO_SUCH_USER", id, "No such user.")
}

pub(super) fn register(registry: &mut Registry) {
    let write = |name| Endpoint::login(name, "write:account");
    registry.add(write("users/lists/push"), push);
    registry.add(write("users/lists/pull"), pull);
    registry.add(write("users/lists/update-membership"), update_membership);
    registry.add(
        Endpoint::open("users/lists/get-memberships"),
        get_memberships,
    );
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MemberParams {
    list_id: String,
    user_id: String,
    #[serde(default)]
    with_replies: Option<bool>,
}

impl Params for MemberParams {
    const SCHEMA: &'static [Field] = &[
        Field::id("listId").required(),
        Field::id("userId").required(),
        Field::boolean("withReplies"),
    ];
}

async fn push(ctx: Ctx, params: MemberParams) -> Result<NoContent, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        let list = list::of_owner(tx, &params.list_id, &me)?.ok_or(NOT_PUSHED_TO)?;
        let user = user::by_id(tx, &params.user_id)?.ok_or(NOBODY_TO_PUSH)?;
        if user.id != me && relation::blocks(tx, user.id.as_str(), me.as_str())? {
            return Err(YOU_HAVE_BEEN_BLOCKED.into());
        }
        if list::has_member(tx, &list.id, &user.id)? {
            return Err(ALREADY_ADDED.into());
        }
        let most = Policies::of_id(tx, Some(&me))?.count("userEachUserListsLimit");
        if list::members(tx, &list.id)?.len() >= most {
            return Err(TOO_MANY_USERS.into());
        }
        add(tx, &list, &user)?;
        Ok(NoContent)
    })
    .await
}

fn add(tx: &mut Tx<'_>, list: &List, user: &User) -> Result<(), ApiError> {
    tx.execute(
        "INSERT INTO user_list_member (id, list_id, user_id) VALUES (?1, ?2, ?3)",
        params![tx.new_id(), Col(&list.id), Col(&user.id)],
    )?;
    events::list_member_added(tx, &list.id, &user.id, false)?;
    let packed = tx.pack().user_lite(user)?;
    Ok(events::list(tx, &list.id, "userAdded", &packed)?)
}

async fn pull(ctx: Ctx, params: MemberParams) -> Result<NoContent, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        let list = list::of_owner(tx, &params.list_id, &me)?.ok_or(NOT_CHANGED)?;
        let user = user::by_id(tx, &params.user_id)?.ok_or(NOBODY_TO_CHANGE)?;
        let removed = tx.execute(
            "DELETE FROM user_list_member WHERE list_id = ?1 AND user_id = ?2",
            params![Col(&list.id), Col(&user.id)],
        )?;
        if removed > 0 {
            events::list_member_removed(tx, &list.id, &user.id)?;
            let packed = tx.pack().user_lite(&user)?;
            events::list(tx, &list.id, "userRemoved", &packed)?;
        }
        Ok(NoContent)
    })
    .await
}

async fn update_membership(ctx: Ctx, params: MemberParams) -> Result<NoContent, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        let list = list::of_owner(tx, &params.list_id, &me)?.ok_or(NOT_CHANGED)?;
        let user = user::by_id(tx, &params.user_id)?.ok_or(NOBODY_TO_CHANGE)?;
        let Some(with_replies) = params.with_replies else {
            return Ok(NoContent);
        };
        let changed = tx.execute(
            "UPDATE user_list_member SET with_replies = ?3
             WHERE list_id = ?1 AND user_id = ?2 AND with_replies <> ?3",
            params![Col(&list.id), Col(&user.id), with_replies],
        )?;
        if changed > 0 {
            events::list_member_updated(tx, &list.id, &user.id, with_replies)?;
        }
        Ok(NoContent)
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GetParams {
    list_id: String,
    #[serde(default)]
    for_public: bool,
    #[serde(flatten)]
    paging: Paging,
}

impl Params for GetParams {
    const SCHEMA: &'static [Field] =
        paged![Field::id("listId").required(), Field::boolean("forPublic"),];
}

async fn get_memberships(ctx: Ctx, params: GetParams) -> Result<Vec<Value>, ApiError> {
    let me = ctx.viewer();
    ctx.read(move |view| {
        let list =
            readable(view, &params.list_id, me.as_ref(), params.for_public)?.ok_or(NOT_READ)?;
        Ok(memberships(view, &list.id, &params.paging.page(30))?)
    })
    .await
}

fn memberships(view: &View<'_>, list: &ListId, page: &Page) -> rusqlite::Result<Vec<Value>> {
    let sql = format!(
        "SELECT id, user_id, with_replies FROM user_list_member
         WHERE list_id = ?1 AND id > ?2 AND id < ?3 ORDER BY id {} LIMIT ?4",
        page.order
    );
    view.prepare_cached(&sql)?
        .query_map(
            params![Col(list), page.after, page.before, page.limit],
            |row| {
                let (id, user): (String, String) = (row.get(0)?, row.get(1)?);
                Ok(json!({
                    "id": id,
                    "createdAt": time::created_at(&id),
                    "userId": user,
                    "user": view.pack().user_lite_by_id(&user)?,
                    "withReplies": row.get::<_, bool>(2)?,
                }))
            },
        )?
        .collect()
}
