//! `channels/timeline`.

use serde::Deserialize;
use serde_json::Value;

use super::no_such_channel;
use crate::api::ctx::Ctx;
use crate::api::error::{ApiError, ErrorKind};
use crate::api::paging::{Paging, paged};
use crate::api::schema::{Field, Params};
use crate::feed::{Feed, source};
use crate::model::channel;
use crate::pack::For;

const NOT_READ: ErrorKind = no_such_channel("4d0eeeba-a02c-4c3c-9966-ef60d38d2e7f");

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TimelineParams {
    channel_id: String,
    #[serde(flatten)]
    paging: Paging,
}

impl Params for TimelineParams {
    const SCHEMA: &'static [Field] = paged![
        Field::id("channelId").required(),
        Field::boolean("allowPartial"),
    ];
}

pub(super) async fn timeline(ctx: Ctx, params: TimelineParams) -> Result<Vec<Value>, ApiError> {
    let viewer = ctx.viewer();
    let page = params.paging.page(10);
    ctx.read(move |view| {
        let to = For::viewer(viewer.as_ref());
        let channel = channel::by_id(view, &params.channel_id)?.ok_or(NOT_READ)?;
        let feed = Feed::of(source::IN_CHANNEL)
            .with(":channel", channel.id.as_str())
            .looking_at_channel(channel.id.as_str());
        Ok(feed.read(view, to, &page)?)
    })
    .await
}
