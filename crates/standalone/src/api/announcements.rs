//! Announcements as everyone reads them.

use rusqlite::params;
use serde::Deserialize;
use serde_json::Value;

use super::ctx::Ctx;
use super::endpoint::{Endpoint, NoContent, Registry};
use super::error::{ApiError, ErrorKind};
use super::paging::{Paging, paged};
use super::schema::{Field, Params};
use crate::events;
use crate::model::announcement::{self, Announcement, FOR_ME};

const NO_SUCH_ANNOUNCEMENT: ErrorKind = ErrorKind::client(
    "NO_SUCH_ANNOUNCEMENT",
    "b57b5e1d-4f49-404a-9edb-46b00268f121",
    "No such announcement.",
);
const NOT_READ: ErrorKind = ErrorKind::client(
    "NO_SUCH_ANNOUNCEMENT",
    "184663db-df88-4bc2-8b52-fb85f0681939",
    "No such announcement.",
);

pub(super) fn register(registry: &mut Registry) {
    registry.add(Endpoint::open("announcements"), list);
    registry.add(Endpoint::open("announcements/show"), show);
    registry.add(
        Endpoint::login("i/read-announcement", "write:account"),
        read,
    );
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListParams {
    is_active: Option<bool>,
    #[serde(flatten)]
    paging: Paging,
}

impl Params for ListParams {
    const SCHEMA: &'static [Field] = paged![Field::boolean("isActive")];
}

async fn list(ctx: Ctx, params: ListParams) -> Result<Vec<Value>, ApiError> {
    let viewer = ctx.viewer();
    ctx.read(move |view| {
        let page = params.paging.page(10);
        let me = viewer.as_ref().map(|me| me.as_str());
        let found = view
            .prepare_cached(&format!(
                "SELECT * FROM announcement WHERE is_active = ?2 AND {FOR_ME}
                 AND id > ?3 AND id < ?4 ORDER BY id {} LIMIT ?5",
                page.order
            ))?
            .query_map(
                params![
                    me,
                    params.is_active.unwrap_or(true),
                    page.after,
                    page.before,
                    page.limit
                ],
                Announcement::from_row,
            )?
            .collect::<Result<Vec<_>, _>>()?;
        let mut packed = Vec::with_capacity(found.len());
        for it in found {
            packed.push(match &viewer {
                Some(me) => it.packed_for(me, announcement::is_read(view, me, &it.id)?),
                None => it.packed(),
            });
        }
        Ok(packed)
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OneParams {
    announcement_id: String,
}

impl Params for OneParams {
    const SCHEMA: &'static [Field] = &[Field::id("announcementId").required()];
}

async fn show(ctx: Ctx, params: OneParams) -> Result<Value, ApiError> {
    let viewer = ctx.viewer();
    ctx.read(move |view| {
        let it = announcement::by_id(view, &params.announcement_id)?
            .filter(|it| it.user_id.is_none() || it.user_id == viewer)
            .ok_or(NO_SUCH_ANNOUNCEMENT)?;
        Ok(match &viewer {
            Some(me) => it.packed_for(me, announcement::is_read(view, me, &it.id)?),
            None => it.packed(),
        })
    })
    .await
}

async fn read(ctx: Ctx, params: OneParams) -> Result<NoContent, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        let it = announcement::by_id(tx, &params.announcement_id)?
            .filter(|it| it.user_id.is_none() || it.user_id.as_ref() == Some(&me))
            .ok_or(NOT_READ)?;
        let new = tx.execute(
            "INSERT OR IGNORE INTO announcement_read VALUES (?1, ?2)",
            [me.as_str(), &it.id],
        )?;
        if new > 0 && announcement::unread(tx, &me)?.is_empty() {
            events::main(tx, &me, "readAllAnnouncements", &Value::Null)?;
        }
        Ok(NoContent)
    })
    .await
}

#[cfg(test)]
mod tests;
