//! `chat/messages/user-timeline|room-timeline|search`. Who looks at a chat has read it.

use protocol::id::UserId;
use rusqlite::params;
use serde::Deserialize;
use serde_json::Value;

use super::errors::{NO_RECIPIENT, NO_ROOM_READ, NO_ROOM_SEARCHED};
use super::{joined_room, page_of, read};
use crate::api::ctx::Ctx;
use crate::api::endpoint::{Endpoint, Registry};
use crate::api::error::ApiError;
use crate::api::paging::{Paging, paged};
use crate::api::schema::{Field, Params};
use crate::limits::QUERY_CHARS_MAX;
use crate::model::chat::{self, Message};
use crate::model::user;
use crate::store::{Col, View};

pub(super) fn register(registry: &mut Registry) {
    let read = |name| Endpoint::login(name, "read:chat");
    registry.add(read("chat/messages/user-timeline"), user_timeline);
    registry.add(read("chat/messages/room-timeline"), room_timeline);
    registry.add(read("chat/messages/search"), search);
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UserParams {
    user_id: String,
    #[serde(flatten)]
    paging: Paging,
}

impl Params for UserParams {
    const SCHEMA: &'static [Field] = paged![Field::id("userId").required()];
}

async fn user_timeline(ctx: Ctx, params: UserParams) -> Result<Vec<Value>, ApiError> {
    timeline(ctx, params.paging, move |view, me| {
        let other = user::by_id(view, &params.user_id)?.ok_or(NO_RECIPIENT)?;
        Ok(chat::chat_of_two(me, &other.id))
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RoomParams {
    room_id: String,
    #[serde(flatten)]
    paging: Paging,
}

impl Params for RoomParams {
    const SCHEMA: &'static [Field] = paged![Field::id("roomId").required()];
}

async fn room_timeline(ctx: Ctx, params: RoomParams) -> Result<Vec<Value>, ApiError> {
    timeline(ctx, params.paging, move |view, me| {
        let room = joined_room(view, &params.room_id, me, NO_ROOM_READ)?;
        Ok(chat::chat_of_room(&room.id))
    })
    .await
}

/// What is in the chat that `find` names, and marks it as read.
async fn timeline<F>(ctx: Ctx, paging: Paging, find: F) -> Result<Vec<Value>, ApiError>
where
    F: FnOnce(&View<'_>, &UserId) -> Result<String, ApiError> + Send + 'static,
{
    let (packed, unread) = read(&ctx, move |view, me| {
        let chat = find(view, me)?;
        let packed = messages(view, &chat, &paging)?
            .iter()
            .map(|message| view.pack().chat_message_lite(message))
            .collect::<Result<Vec<_>, _>>()?;
        let unread = chat::is_unread_chat(view, me, &chat)?.then_some(chat);
        Ok((packed, unread))
    })
    .await?;
    if let Some(chat) = unread {
        let me = ctx.my_id()?;
        ctx.write(move |tx| Ok(crate::chat::read(tx, &me, &chat)?))
            .await?;
    }
    Ok(packed)
}

fn messages(view: &View<'_>, chat: &str, paging: &Paging) -> rusqlite::Result<Vec<Message>> {
    let page = paging.page(10);
    let all = ("chat_message", "chat = ?1");
    page_of(view, all, chat, &page, Message::from_row)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SearchParams {
    query: String,
    limit: Option<u32>,
    user_id: Option<String>,
    room_id: Option<String>,
}

impl Params for SearchParams {
    const SCHEMA: &'static [Field] = &[
        Field::string("query")
            .required()
            .length(1, QUERY_CHARS_MAX as i64),
        Field::integer("limit").range(1, 100),
        Field::id("userId").nullable(),
        Field::id("roomId").nullable(),
    ];
}

/// The newest messages with a text: of one chat, or of all that the user is in.
async fn search(ctx: Ctx, params: SearchParams) -> Result<Vec<Value>, ApiError> {
    read(&ctx, move |view, me| {
        let chat = match (&params.room_id, &params.user_id) {
            (Some(room), _) => {
                let room = joined_room(view, room, me, NO_ROOM_SEARCHED)?;
                Some(chat::chat_of_room(&room.id))
            }
            (None, Some(other)) => {
                let other = user::by_id(view, other)?.ok_or(NO_RECIPIENT)?;
                Some(chat::chat_of_two(me, &other.id))
            }
            (None, None) => None,
        };
        let found: Vec<Message> = view
            .prepare_cached(SEARCH)?
            .query_map(
                params![Col(me), chat, params.query, params.limit.unwrap_or(10)],
                Message::from_row,
            )?
            .collect::<Result<_, _>>()?;
        found
            .iter()
            .map(|message| Ok(view.pack().chat_message(message, me)?))
            .collect()
    })
    .await
}

const SEARCH: &str = "
    WITH mine(chat) AS (
        SELECT chat FROM chat_message WHERE from_id = ?1 AND to_user_id IS NOT NULL
        UNION SELECT chat FROM chat_message WHERE to_user_id = ?1
        UNION SELECT id FROM chat_room WHERE owner_id = ?1
        UNION SELECT room_id FROM chat_room_member WHERE user_id = ?1)
    SELECT * FROM chat_message
    WHERE chat IN (SELECT chat FROM mine) AND (?2 IS NULL OR chat = ?2)
      AND instr(lower(text), lower(?3)) > 0
    ORDER BY id DESC LIMIT ?4";
