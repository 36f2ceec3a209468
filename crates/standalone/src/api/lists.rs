//! Lists of users: making and changing them. [`members`] has who is on them.

mod members;

use protocol::id::{AntennaId, ListId, UserId};
use rusqlite::params;
use serde::Deserialize;
use serde_json::{Value, json};

use super::ctx::Ctx;
use super::endpoint::{Endpoint, NoContent, Registry};
use super::error::{ApiError, ErrorKind, INVALID_PARAM};
use super::schema::{Field, Params};
use crate::events;
use crate::model::{list, list::List, user};
use crate::roles::Policies;
use crate::store::{Col, Tx, View};

const TOO_MANY_USERLISTS: ErrorKind = ErrorKind::client(
    "TOO_MANY_USERLISTS",
    "0cf21a28-7715-4f39-a20d-777bfdb8d138",
    "You cannot create user list any more.",
);
const NO_SUCH_USER: ErrorKind = ErrorKind::client(
    "NO_SUCH_USER",
    "a8af4a82-0980-4cc4-a6af-8b0ffd54465e",
    "No such user.",
);
const REMOTE_USER: ErrorKind = ErrorKind::client(
    "REMOTE_USER_NOT_ALLOWED",
    "53858f1b-3315-4a01-81b7-db9b48d4b79a",
    "Not allowed to load the remote user's list",
);
const NOT_SHOWN: ErrorKind = no_such_list("7bc05c21-1d7a-41ae-88f1-66820f4dc686");
const NOT_UPDATED: ErrorKind = no_such_list("796666fe-3dff-4d39-becb-8a5932c1d5b7");
const NOT_DELETED: ErrorKind = no_such_list("78436795-db79-42f5-b1e2-55ea2cf19166");

/// There is no such list, or it is someone else's. Each endpoint has an id of its own for that.
const fn no_such_list(id: &'static str) -> ErrorKind {
    ErrorKind::client("NO_SUCH_LIST", id, "No such list.")
}

pub(super) fn register(registry: &mut Registry) {
    registry.add(
        Endpoint::login("users/lists/create", "write:account"),
        create,
    );
    registry.add(Endpoint::open("users/lists/list"), list);
    registry.add(Endpoint::open("users/lists/show"), show);
    registry.add(
        Endpoint::login("users/lists/update", "write:account"),
        update,
    );
    registry.add(
        Endpoint::login("users/lists/delete", "write:account"),
        delete,
    );
    members::register(registry);
}

#[derive(Deserialize)]
struct CreateParams {
    name: String,
}

impl Params for CreateParams {
    const SCHEMA: &'static [Field] = &[Field::string("name").required().length(1, 100)];
}

async fn create(ctx: Ctx, params: CreateParams) -> Result<Value, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        if list::all_of(tx, &me, false)?.len()
            >= Policies::of_id(tx, Some(&me))?.count("userListLimit")
        {
            return Err(TOO_MANY_USERLISTS.into());
        }
        let list = List {
            id: ListId::parse(&tx.new_id()).expect("a new id is a valid one"),
            user_id: me,
            name: params.name,
            is_public: false,
        };
        tx.execute(
            "INSERT INTO user_list (id, user_id, name, is_public) VALUES (?1, ?2, ?3, 0)",
            params![Col(&list.id), Col(&list.user_id), list.name],
        )?;
        Ok(tx.pack().list(&list)?)
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListParams {
    user_id: Option<String>,
}

impl Params for ListParams {
    const SCHEMA: &'static [Field] = &[Field::id("userId")];
}

/// The user's own lists, or someone's public ones.
async fn list(ctx: Ctx, params: ListParams) -> Result<Vec<Value>, ApiError> {
    let me = ctx.viewer();
    ctx.read(move |view| {
        let lists = match (params.user_id, me) {
            (Some(id), _) => public_lists(view, &id)?,
            (None, Some(me)) => list::all_of(view, &me, false)?,
            (None, None) => return Err(INVALID_PARAM.into()),
        };
        let pack = view.pack();
        Ok(lists
            .iter()
            .map(|list| pack.list(list))
            .collect::<Result<_, _>>()?)
    })
    .await
}

fn public_lists(view: &View<'_>, id: &str) -> Result<Vec<List>, ApiError> {
    let owner = user::by_id(view, id)?.ok_or(NO_SUCH_USER)?;
    if !owner.is_local() {
        return Err(REMOTE_USER.into());
    }
    Ok(list::all_of(view, &owner.id, true)?)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ShowParams {
    list_id: String,
    #[serde(default)]
    for_public: bool,
}

impl Params for ShowParams {
    const SCHEMA: &'static [Field] = &[Field::id("listId").required(), Field::boolean("forPublic")];
}

async fn show(ctx: Ctx, params: ShowParams) -> Result<Value, ApiError> {
    let me = ctx.viewer();
    ctx.read(move |view| {
        let list =
            readable(view, &params.list_id, me.as_ref(), params.for_public)?.ok_or(NOT_SHOWN)?;
        let mut packed = view.pack().list(&list)?;
        if params.for_public {
            // Nobody can mark a list as a favourite here.
            packed["likedCount"] = 0.into();
            packed["isLiked"] = false.into();
        }
        Ok(packed)
    })
    .await
}

/// A list that someone may read: their own, or a public one if that is what they ask for.
fn readable(
    view: &View<'_>,
    id: &str,
    me: Option<&UserId>,
    for_public: bool,
) -> rusqlite::Result<Option<List>> {
    match me.filter(|_| !for_public) {
        Some(me) => list::of_owner(view, id, me),
        None => Ok(list::by_id(view, id)?.filter(|list| list.is_public)),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UpdateParams {
    list_id: String,
    name: Option<String>,
    is_public: Option<bool>,
}

impl Params for UpdateParams {
    const SCHEMA: &'static [Field] = &[
        Field::id("listId").required(),
        Field::string("name").length(1, 100),
        Field::boolean("isPublic"),
    ];
}

async fn update(ctx: Ctx, params: UpdateParams) -> Result<Value, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        let list = list::of_owner(tx, &params.list_id, &me)?.ok_or(NOT_UPDATED)?;
        let list = List {
            name: params.name.unwrap_or(list.name),
            is_public: params.is_public.unwrap_or(list.is_public),
            ..list
        };
        tx.execute(
            "UPDATE user_list SET name = ?2, is_public = ?3 WHERE id = ?1",
            params![Col(&list.id), list.name, list.is_public],
        )?;
        Ok(tx.pack().list(&list)?)
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DeleteParams {
    list_id: String,
}

impl Params for DeleteParams {
    const SCHEMA: &'static [Field] = &[Field::id("listId").required()];
}

async fn delete(ctx: Ctx, params: DeleteParams) -> Result<NoContent, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        let list = list::of_owner(tx, &params.list_id, &me)?.ok_or(NOT_DELETED)?;
        delete_antennas(tx, &list)?;
        tx.execute("DELETE FROM user_list WHERE id = ?1", [Col(&list.id)])?;
        events::list_deleted(tx, &list.id)?;
        Ok(NoContent)
    })
    .await
}

/// The antennas that watch a list go with it.
fn delete_antennas(tx: &mut Tx<'_>, list: &List) -> Result<(), ApiError> {
    let antennas: Vec<Col<AntennaId>> = tx
        .prepare_cached("DELETE FROM antenna WHERE list_id = ?1 RETURNING id")?
        .query_map([Col(&list.id)], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for Col(id) in antennas {
        let row = json!({ "id": id.as_str(), "userId": list.user_id.as_str() });
        events::antenna_changed(tx, "antennaDeleted", &row)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
