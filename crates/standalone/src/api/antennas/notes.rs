//! `antennas/notes`.

use rusqlite::params;
use serde::Deserialize;
use serde_json::Value;

use super::no_such_antenna;
use crate::api::ctx::Ctx;
use crate::api::error::{ApiError, ErrorKind};
use crate::api::paging::{Paging, paged};
use crate::api::schema::{Field, Params};
use crate::events;
use crate::feed::{Feed, source};
use crate::model::antenna::{self, Antenna};
use crate::pack::For;
use crate::store::{Col, Tx};

const NOT_READ: ErrorKind = no_such_antenna("850926e0-fd3b-49b6-b69a-b28a5dbd82fe");

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NotesParams {
    antenna_id: String,
    #[serde(flatten)]
    paging: Paging,
}

impl Params for NotesParams {
    const SCHEMA: &'static [Field] = paged![Field::id("antennaId").required()];
}

/// What an antenna caught. Looking at it keeps it, or wakes it.
pub(super) async fn notes(ctx: Ctx, params: NotesParams) -> Result<Vec<Value>, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        let antenna = antenna::of_owner(tx, &params.antenna_id, &me)?.ok_or(NOT_READ)?;
        let feed = Feed::of(source::CAUGHT).with(":antenna", antenna.id.as_str());
        let notes = feed.read(tx, For::User(&me), &params.paging.page(10))?;
        use_antenna(tx, antenna)?;
        Ok(notes)
    })
    .await
}

fn use_antenna(tx: &mut Tx<'_>, mut antenna: Antenna) -> Result<(), ApiError> {
    let now = tx.now_ms();
    let rested = !antenna.is_active(now);
    tx.execute(
        "UPDATE antenna SET last_used_at = ?2, has_unread = 0 WHERE id = ?1",
        params![Col(&antenna.id), now],
    )?;
    if rested {
        antenna.last_used_at = now;
        events::antenna_changed(tx, "antennaUpdated", &antenna.as_event(now))?;
    }
    Ok(())
}
