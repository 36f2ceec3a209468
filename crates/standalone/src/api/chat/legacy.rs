//! `messaging/*`, for `--compat legacy`: the endpoints of servers before 2025 for chats of two,
//! over the same messages as `chat/*`.

use rusqlite::params;
use serde::Deserialize;
use serde_json::Value;

use super::errors::{NO_MESSAGE_DELETED, NO_MESSAGE_SHOWN, NO_RECIPIENT};
use super::history::OF_USERS;
use super::messages::{remove, seen_message, send_to_user};
use super::{page_of, read, write};
use crate::api::ctx::Ctx;
use crate::api::endpoint::{Endpoint, NoContent, Registry};
use crate::api::error::ApiError;
use crate::api::paging::{Paging, paged};
use crate::api::schema::{Field, Params};
use crate::limits::CHAT_TEXT_MAX;
use crate::model::chat::{self, Message};
use crate::model::user;
use crate::store::Col;

pub(super) fn register(registry: &mut Registry) {
    let reading = |name| Endpoint::login(name, "read:messaging").legacy_only();
    let writing = |name| Endpoint::login(name, "write:messaging").legacy_only();
    registry.add(reading("messaging/history"), history);
    registry.add(reading("messaging/messages"), messages);
    registry.add(writing("messaging/messages/create"), create);
    registry.add(writing("messaging/messages/delete"), delete);
    registry.add(writing("messaging/messages/read"), mark_read);
}

#[derive(Deserialize)]
struct HistoryParams {
    limit: Option<u32>,
    #[serde(default)]
    group: bool,
}

impl Params for HistoryParams {
    const SCHEMA: &'static [Field] = &[
        Field::integer("limit").range(1, 100),
        Field::boolean("group"),
    ];
}

/// The last message of each chat of two, the newest first. There are no groups.
async fn history(ctx: Ctx, params: HistoryParams) -> Result<Vec<Value>, ApiError> {
    read(&ctx, move |view, me| {
        if params.group {
            return Ok(Vec::new());
        }
        let last: Vec<Message> = view
            .prepare_cached(OF_USERS)?
            .query_map(
                params![Col(me), params.limit.unwrap_or(10)],
                Message::from_row,
            )?
            .collect::<Result<_, _>>()?;
        let packed = last.iter().map(|it| view.pack().messaging_message(it));
        Ok(packed.collect::<Result<_, _>>()?)
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MessagesParams {
    user_id: String,
    #[serde(default = "yes")]
    mark_as_read: bool,
    #[serde(flatten)]
    paging: Paging,
}

fn yes() -> bool {
    true
}

impl Params for MessagesParams {
    const SCHEMA: &'static [Field] =
        paged![Field::id("userId").required(), Field::boolean("markAsRead")];
}

async fn messages(ctx: Ctx, params: MessagesParams) -> Result<Vec<Value>, ApiError> {
    let (packed, unread) = read(&ctx, move |view, me| {
        let other = user::by_id(view, &params.user_id)?.ok_or(NO_RECIPIENT)?;
        let chat = chat::chat_of_two(me, &other.id);
        let page = params.paging.page(10);
        let all = ("chat_message", "chat = ?1");
        let packed = page_of(view, all, &chat, &page, Message::from_row)?
            .iter()
            .map(|message| view.pack().messaging_message(message))
            .collect::<Result<Vec<_>, _>>()?;
        let unread = params.mark_as_read && chat::is_unread_chat(view, me, &chat)?;
        Ok((packed, unread.then_some(chat)))
    })
    .await?;
    if let Some(chat) = unread {
        let me = ctx.my_id()?;
        ctx.write(move |tx| Ok(crate::chat::read(tx, &me, &chat)?))
            .await?;
    }
    Ok(packed)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateParams {
    user_id: String,
    text: Option<String>,
    file_id: Option<String>,
}

impl Params for CreateParams {
    const SCHEMA: &'static [Field] = &[
        Field::id("userId").required(),
        Field::string("text")
            .nullable()
            .length(0, CHAT_TEXT_MAX as i64),
        Field::id("fileId").nullable(),
    ];
}

async fn create(ctx: Ctx, params: CreateParams) -> Result<Value, ApiError> {
    write(&ctx, move |tx, me| {
        let sent = send_to_user(tx, me, &params.user_id, params.text, params.file_id)?;
        Ok(tx.pack().messaging_message(&sent)?)
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MessageParams {
    message_id: String,
}

impl Params for MessageParams {
    const SCHEMA: &'static [Field] = &[Field::id("messageId").required()];
}

async fn delete(ctx: Ctx, params: MessageParams) -> Result<NoContent, ApiError> {
    write(&ctx, move |tx, me| {
        remove(tx, me, &params.message_id, NO_MESSAGE_DELETED)
    })
    .await
}

async fn mark_read(ctx: Ctx, params: MessageParams) -> Result<NoContent, ApiError> {
    write(&ctx, move |tx, me| {
        let message = seen_message(tx, &params.message_id, me, NO_MESSAGE_SHOWN)?;
        crate::chat::read(tx, me, &message.chat())?;
        Ok(NoContent)
    })
    .await
}
