//! `reset-db`: an empty server, for tests of clients.

use protocol::id::{AntennaId, ListId, UserId};
use rusqlite::types::FromSql;
use serde_json::json;

use super::ctx::Ctx;
use super::endpoint::{Endpoint, NoContent, Registry};
use super::error::ApiError;
use super::schema::NoParams;
use crate::events;
use crate::model::role::{self, Role};
use crate::store::{Col, Tx};

pub(super) fn register(registry: &mut Registry) {
    registry.add(Endpoint::open("reset-db").dev_only(), reset_db);
}

async fn reset_db(ctx: Ctx, _: NoParams) -> Result<NoContent, ApiError> {
    let reset = |tx: &mut Tx<'_>| {
        let blobs: Vec<String> = column(
            tx,
            "SELECT blob FROM drive_file UNION ALL SELECT blob FROM emoji",
        )?;
        let gone = Gone::read(tx)?;
        empty(tx)?;
        gone.publish(tx)?;
        Ok(blobs)
    };
    let blobs = ctx.write(reset).await?;
    ctx.app().remove_blobs(blobs).await;
    Ok(NoContent)
}

/// What the stream may know of, and must forget. With the users their connections end.
struct Gone {
    users: Vec<Col<UserId>>,
    lists: Vec<Col<ListId>>,
    antennas: Vec<Col<AntennaId>>,
    roles: Vec<Role>,
}

impl Gone {
    fn read(tx: &Tx<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            users: column(tx, "SELECT id FROM user ORDER BY id")?,
            lists: column(tx, "SELECT id FROM user_list ORDER BY id")?,
            antennas: column(tx, "SELECT id FROM antenna ORDER BY id")?,
            roles: role::all(tx)?,
        })
    }

    fn publish(self, tx: &mut Tx<'_>) -> Result<(), ApiError> {
        for Col(user) in &self.users {
            events::user_deleted(tx, user)?;
        }
        for Col(list) in &self.lists {
            events::list_deleted(tx, list)?;
        }
        for Col(antenna) in &self.antennas {
            let row = json!({ "id": antenna.as_str() });
            events::antenna_changed(tx, "antennaDeleted", &row)?;
        }
        for role in &self.roles {
            events::role_changed(tx, "roleDeleted", &role.as_event())?;
        }
        events::policies_updated(tx, &json!({}))?;
        events::internal(tx, "metaUpdated", &json!({ "after": {} }))?;
        Ok(())
    }
}

/// Deletes the rows of every table. References are checked at the end, when there are none.
fn empty(tx: &Tx<'_>) -> rusqlite::Result<()> {
    tx.pragma_update(None, "defer_foreign_keys", true)?;
    let tables: Vec<String> = column(
        tx,
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
    )?;
    for table in tables {
        tx.execute(&format!("DELETE FROM \"{table}\""), [])?;
    }
    Ok(())
}

fn column<T: FromSql>(tx: &Tx<'_>, sql: &str) -> rusqlite::Result<Vec<T>> {
    tx.prepare_cached(sql)?
        .query_map([], |row| row.get(0))?
        .collect()
}

#[cfg(test)]
mod tests;
