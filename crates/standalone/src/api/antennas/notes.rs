//! `antennas/notes`.

use rusqlite::{named_params, params};
use serde::Deserialize;
use serde_json::Value;

use super::no_such_antenna;
use crate::api::ctx::Ctx;
use crate::api::error::{ApiError, ErrorKind};
use crate::api::paging::{Page, Paging, paged};
use crate::api::schema::{Field, Params};
use crate::events;
use crate::model::antenna::{self, Antenna};
use crate::model::{note::Note, wanted};
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
        let notes = read(tx, &antenna, &params.paging.page(10))?;
        use_antenna(tx, antenna)?;
        Ok(tx.pack().notes(&notes, For::User(&me))?)
    })
    .await
}

fn read(tx: &Tx<'_>, antenna: &Antenna, page: &Page) -> rusqlite::Result<Vec<Note>> {
    let sql = format!(
        "SELECT n.* FROM antenna_note c JOIN note n ON n.id = c.note_id
         WHERE c.antenna_id = :antenna AND c.note_id > :after AND c.note_id < :before
         AND {{wanted}} ORDER BY c.note_id {}",
        page.order
    );
    let id = Col(&antenna.id);
    let bound = named_params! { ":antenna": id, ":after": page.after, ":before": page.before };
    wanted::select(
        tx,
        &sql,
        bound,
        For::User(&antenna.user_id),
        None,
        page.limit,
    )
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
