//! Mutes of channels.

use protocol::id::UserId;
use rusqlite::params;
use serde::Deserialize;
use serde_json::Value;

use super::no_such_channel;
use crate::api::ctx::Ctx;
use crate::api::endpoint::{Endpoint, NoContent, Registry};
use crate::api::error::{ApiError, ErrorKind};
use crate::api::schema::{Field, NoParams, Params};
use crate::events;
use crate::model::channel::{self, Channel};
use crate::pack::For;
use crate::store::{Col, View};

const NOT_MUTED: ErrorKind = no_such_channel("7174361e-d58f-31d6-2e7c-6fb830786a3f");
const NOT_UNMUTED: ErrorKind = no_such_channel("e7998769-6e94-d9c2-6b8f-94a527314aba");
const ALREADY_MUTING: ErrorKind = ErrorKind::client(
    "ALREADY_MUTING_CHANNEL",
    "5a251978-769a-da44-3e89-3931e43bb592",
    "You are already muting that channel.",
);
const NOT_MUTING: ErrorKind = ErrorKind::client(
    "NOT_MUTING_CHANNEL",
    "14d55962-6ea8-d990-1333-d6bef78dc2ab",
    "You are not muting that channel.",
);
const EXPIRES_AT_IS_PAST: ErrorKind = ErrorKind::client(
    "EXPIRES_AT_IS_PAST",
    "42b32236-df2c-a45f-fdbf-def67268f749",
    "Cannot set past date to \"expiresAt\".",
);

pub(super) fn register(registry: &mut Registry) {
    let write = |name| Endpoint::login(name, "write:channels");
    registry.add(write("channels/mute/create"), create);
    registry.add(write("channels/mute/delete"), delete);
    registry.add(Endpoint::login("channels/mute/list", "read:channels"), list);
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MuteParams {
    channel_id: String,
    expires_at: Option<i64>,
}

impl Params for MuteParams {
    const SCHEMA: &'static [Field] = &[
        Field::id("channelId").required(),
        Field::integer("expiresAt")
            .nullable()
            .range(-(1 << 52), 1 << 52),
    ];
}

async fn create(ctx: Ctx, params: MuteParams) -> Result<NoContent, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        let channel = channel::by_id(tx, &params.channel_id)?.ok_or(NOT_MUTED)?;
        let now = tx.now_ms();
        if channel::mutes(tx, &me, &channel.id, now)? {
            return Err(ALREADY_MUTING.into());
        }
        let expires_at = match params.expires_at.map(u64::try_from) {
            Some(Ok(at)) if at > now => Some(at),
            Some(_) => return Err(EXPIRES_AT_IS_PAST.into()),
            None => None,
        };
        tx.execute(
            "INSERT OR REPLACE INTO channel_mute VALUES (?1, ?2, ?3, ?4)",
            params![tx.new_id(), Col(&me), Col(&channel.id), expires_at],
        )?;
        events::channel_muted(tx, &me, &channel.id, expires_at)?;
        Ok(NoContent)
    })
    .await
}

async fn delete(ctx: Ctx, params: MuteParams) -> Result<NoContent, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        let channel = channel::by_id(tx, &params.channel_id)?.ok_or(NOT_UNMUTED)?;
        if !channel::mutes(tx, &me, &channel.id, tx.now_ms())? {
            return Err(NOT_MUTING.into());
        }
        tx.execute(
            "DELETE FROM channel_mute WHERE user_id = ?1 AND channel_id = ?2",
            params![Col(&me), Col(&channel.id)],
        )?;
        events::channel_unmuted(tx, &me, &channel.id)?;
        Ok(NoContent)
    })
    .await
}

async fn list(ctx: Ctx, _: NoParams) -> Result<Vec<Value>, ApiError> {
    let me = ctx.my_id()?;
    ctx.read(move |view| {
        let pack = view.pack();
        let channels = muted(view, &me)?;
        Ok(channels
            .iter()
            .map(|channel| pack.channel(channel, For::User(&me)))
            .collect::<Result<_, _>>()?)
    })
    .await
}

fn muted(view: &View<'_>, me: &UserId) -> rusqlite::Result<Vec<Channel>> {
    view.prepare_cached(
        "SELECT c.* FROM channel_mute m JOIN channel c ON c.id = m.channel_id
         WHERE m.user_id = ?1 AND (m.expires_at IS NULL OR m.expires_at > ?2) ORDER BY m.id",
    )?
    .query_map(params![Col(me), view.now_ms()], Channel::from_row)?
    .collect()
}
