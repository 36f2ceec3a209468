//! `channels/timeline`.

use rusqlite::named_params;
use serde::Deserialize;
use serde_json::Value;

use super::no_such_channel;
use crate::api::ctx::Ctx;
use crate::api::error::{ApiError, ErrorKind};
use crate::api::paging::{Paging, paged};
use crate::api::schema::{Field, Params};
use crate::model::{channel, wanted};
use crate::pack::For;
use crate::store::Col;

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
        let sql = format!(
            "SELECT n.* FROM note n WHERE n.channel_id = :channel AND n.id > :after
             AND n.id < :before AND {{wanted}} ORDER BY n.id {}",
            page.order
        );
        let id = Col(&channel.id);
        let bound = named_params! { ":channel": id, ":after": page.after, ":before": page.before };
        let notes = wanted::select(view, &sql, bound, to, Some(&channel.id), page.limit)?;
        Ok(view.pack().notes(&notes, to)?)
    })
    .await
}
