//! Notifications: reading them, marking them as read, making some.

mod group;

use protocol::id::UserId;
use rusqlite::{Connection, params};
use serde::Deserialize;
use serde_json::Value;

use super::ctx::Ctx;
use super::endpoint::{Endpoint, NoContent, Registry};
use super::error::ApiError;
use super::paging::{Paging, paged};
use super::schema::{Field, NoParams, Params};
use crate::events;
use crate::model::notification::Notification;
use crate::model::user::{self, User};
use crate::notifications::{self, Notice};
use crate::store::{Col, View};

pub(super) fn register(registry: &mut Registry) {
    let read = |name| Endpoint::login(name, "read:notifications");
    let write = |name| Endpoint::login(name, "write:notifications");
    registry.add(read("i/notifications"), list);
    registry.add(read("i/notifications-grouped"), list_grouped);
    registry.add(write("notifications/mark-all-as-read"), mark_all_as_read);
    registry.add(write("notifications/flush"), flush);
    registry.add(write("notifications/create"), create);
    registry.add(write("notifications/test-notification"), test);
}

/// The types that a client may ask for.
pub(super) const TYPES: &[&str] = &[
    "note",
    "follow",
    "mention",
    "reply",
    "renote",
    "quote",
    "reaction",
    "pollEnded",
    "scheduledNotePosted",
    "scheduledNotePostFailed",
    "receiveFollowRequest",
    "followRequestAccepted",
    "roleAssigned",
    "chatRoomInvitationReceived",
    "achievementEarned",
    "exportCompleted",
    "login",
    "createToken",
    "app",
    "test",
    "pollVote",
    "groupInvited",
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListParams {
    mark_as_read: Option<bool>,
    include_types: Option<Vec<String>>,
    #[serde(default)]
    exclude_types: Vec<String>,
    #[serde(flatten)]
    paging: Paging,
}

impl Params for ListParams {
    const SCHEMA: &'static [Field] = paged![
        Field::boolean("markAsRead"),
        Field::array("includeTypes", &Field::string("").one_of(TYPES)).items(0, TYPES.len() as i64),
        Field::array("excludeTypes", &Field::string("").one_of(TYPES)).items(0, TYPES.len() as i64),
    ];
}

async fn list(ctx: Ctx, params: ListParams) -> Result<Vec<Value>, ApiError> {
    answer(ctx, params, |view, found| {
        found
            .iter()
            .map(|notification| view.pack().notification(notification))
            .collect()
    })
    .await
}

async fn list_grouped(ctx: Ctx, params: ListParams) -> Result<Vec<Value>, ApiError> {
    answer(ctx, params, |view, found| group::pack(view, &found)).await
}

/// Packs what is asked for, and marks everything as read.
async fn answer<F>(ctx: Ctx, params: ListParams, pack: F) -> Result<Vec<Value>, ApiError>
where
    F: FnOnce(&View<'_>, Vec<Notification>) -> rusqlite::Result<Vec<Value>> + Send + 'static,
{
    let me = ctx.my_id()?;
    let mark = params.mark_as_read.unwrap_or(true);
    let reader = me.clone();
    let (packed, unread) = ctx
        .read(move |view| {
            let found = find(view, &reader, &params)?;
            Ok((pack(view, found)?, has_unread(view, &reader)?))
        })
        .await?;
    if mark && unread {
        ctx.write(move |tx| Ok(notifications::read_all(tx, &me, false)?))
            .await?;
    }
    Ok(packed)
}

/// Those of the types asked for, without those from whom the user wants to hear nothing any more.
fn find(view: &View<'_>, id: &UserId, params: &ListParams) -> Result<Vec<Notification>, ApiError> {
    let Some(me) = user::by_id(view, id.as_str())? else {
        return Ok(Vec::new());
    };
    let page = params.paging.page(10);
    let include = params.include_types.clone().map(Value::from);
    let mut statement = view.prepare_cached(&format!(
        "SELECT * FROM notification
         WHERE user_id = ?1 AND id > ?2 AND id < ?3
           AND (?4 IS NULL OR type IN (SELECT value FROM json_each(?4)))
           AND type NOT IN (SELECT value FROM json_each(?5))
         ORDER BY id {}",
        page.order,
    ))?;
    let mut rows = statement.query(params![
        Col(id),
        page.after,
        page.before,
        include.map(|types| types.to_string()),
        Value::from(params.exclude_types.clone()).to_string(),
    ])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()?
        && found.len() < page.limit as usize
    {
        let notification = Notification::from_row(row)?;
        if is_shown(view, view.now_ms(), &me, &notification)? {
            found.push(notification);
        }
    }
    Ok(found)
}

fn is_shown(
    connection: &Connection,
    now_ms: u64,
    me: &User,
    notification: &Notification,
) -> rusqlite::Result<bool> {
    let Some(from) = &notification.notifier_id else {
        return Ok(true);
    };
    let suspended = user::by_id(connection, from.as_str())?.is_none_or(|from| from.is_suspended);
    Ok(!suspended && !notifications::is_muted(connection, now_ms, me, from)?)
}

fn has_unread(connection: &Connection, me: &UserId) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM notification WHERE user_id = ?1 AND is_read = 0")?
        .exists([Col(me)])
}

async fn mark_all_as_read(ctx: Ctx, _: NoParams) -> Result<NoContent, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        notifications::read_all(tx, &me, true)?;
        Ok(NoContent)
    })
    .await
}

async fn flush(ctx: Ctx, _: NoParams) -> Result<NoContent, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        tx.execute("DELETE FROM notification WHERE user_id = ?1", [Col(&me)])?;
        events::main(tx, &me, "notificationFlushed", &Value::Null)?;
        Ok(NoContent)
    })
    .await
}

#[derive(Deserialize)]
struct CreateParams {
    body: String,
    header: Option<String>,
    icon: Option<String>,
}

impl Params for CreateParams {
    const SCHEMA: &'static [Field] = &[
        Field::string("body").required().length(0, 2048),
        Field::string("header").nullable().length(0, 256),
        Field::string("icon").nullable().length(0, 1024),
    ];
}

/// What an app has to say.
async fn create(ctx: Ctx, params: CreateParams) -> Result<NoContent, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        let notice = Notice::new("app")
            .with("body", params.body)
            .with("header", params.header)
            .with("icon", params.icon);
        notifications::notify(tx, &me, notice)?;
        Ok(NoContent)
    })
    .await
}

async fn test(ctx: Ctx, _: NoParams) -> Result<NoContent, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        notifications::notify(tx, &me, Notice::new("test"))?;
        Ok(NoContent)
    })
    .await
}

#[cfg(test)]
mod tests;
