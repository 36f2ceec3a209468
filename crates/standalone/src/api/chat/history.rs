//! `chat/history` and `chat/read-all`.

use rusqlite::params;
use serde::Deserialize;
use serde_json::Value;

use super::read;
use crate::api::ctx::Ctx;
use crate::api::endpoint::{Endpoint, NoContent, Registry};
use crate::api::error::ApiError;
use crate::api::schema::{Field, NoParams, Params};
use crate::model::chat::{self, Message};
use crate::store::Col;

pub(super) fn register(registry: &mut Registry) {
    registry.add(Endpoint::login("chat/history", "read:chat"), history);
    registry.add(Endpoint::login("chat/read-all", "write:chat"), read_all);
}

#[derive(Deserialize)]
struct HistoryParams {
    limit: Option<u32>,
    #[serde(default)]
    room: bool,
}

impl Params for HistoryParams {
    const SCHEMA: &'static [Field] = &[
        Field::integer("limit").range(1, 100),
        Field::boolean("room"),
    ];
}

/// The last message of each chat, the newest first: of chats of two, or of rooms.
async fn history(ctx: Ctx, params: HistoryParams) -> Result<Vec<Value>, ApiError> {
    read(&ctx, move |view, me| {
        let sql = if params.room { OF_ROOMS } else { OF_USERS };
        let last: Vec<Message> = view
            .prepare_cached(sql)?
            .query_map(
                params![Col(me), params.limit.unwrap_or(10)],
                Message::from_row,
            )?
            .collect::<Result<_, _>>()?;
        let mut packed = Vec::with_capacity(last.len());
        for message in &last {
            let mut shown = view.pack().chat_message(message, me)?;
            let unread = chat::is_unread_chat(view, me, &message.chat())?;
            shown["isRead"] = (!unread).into();
            packed.push(shown);
        }
        Ok(packed)
    })
    .await
}

pub(super) const OF_USERS: &str = "
    SELECT * FROM chat_message WHERE id IN (
        SELECT max(id) AS last FROM (
            SELECT chat, id FROM chat_message WHERE from_id = ?1 AND to_user_id IS NOT NULL
            UNION ALL SELECT chat, id FROM chat_message WHERE to_user_id = ?1)
        GROUP BY chat ORDER BY last DESC LIMIT ?2)
    ORDER BY id DESC";

const OF_ROOMS: &str = "
    SELECT * FROM chat_message WHERE id IN (
        SELECT (SELECT max(id) FROM chat_message WHERE chat = room.id) AS last FROM (
            SELECT id FROM chat_room WHERE owner_id = ?1
            UNION SELECT room_id FROM chat_room_member WHERE user_id = ?1) room
        WHERE last IS NOT NULL ORDER BY last DESC LIMIT ?2)
    ORDER BY id DESC";

async fn read_all(ctx: Ctx, _: NoParams) -> Result<NoContent, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        crate::chat::read_all(tx, &me)?;
        Ok(NoContent)
    })
    .await
}
