//! Chats of two and rooms. [`crate::chat`] has what is told of them.

mod errors;
mod history;
mod invitations;
mod legacy;
mod members;
mod messages;
mod reactions;
mod rooms;
mod timelines;

use protocol::id::UserId;
use rusqlite::{Connection, Row, params};
use serde_json::Value;

use super::ctx::Ctx;
use super::endpoint::Registry;
use super::error::{ApiError, ErrorKind};
use super::paging::Page;
use crate::model::chat_room::{self, Room};
use crate::roles::Policies;
use crate::store::{Tx, View};
use errors::NOT_AVAILABLE;

pub(super) fn register(registry: &mut Registry) {
    history::register(registry);
    invitations::register(registry);
    legacy::register(registry);
    members::register(registry);
    messages::register(registry);
    reactions::register(registry);
    rooms::register(registry);
    timelines::register(registry);
}

/// What the policy `chatAvailability` lets somebody do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Availability {
    Unavailable,
    ReadOnly,
    Available,
}

/// A value that isn't known closes the chat.
fn availability(view: &View<'_>, user: &UserId) -> rusqlite::Result<Availability> {
    let Policies(policies) = Policies::of_id(view, Some(user))?;
    Ok(
        match policies.get("chatAvailability").and_then(Value::as_str) {
            Some("available") => Availability::Available,
            Some("readonly") => Availability::ReadOnly,
            Some(_) | None => Availability::Unavailable,
        },
    )
}

fn require(view: &View<'_>, me: &UserId, least: Availability) -> Result<(), ApiError> {
    if availability(view, me)? < least {
        return Err(NOT_AVAILABLE.into());
    }
    Ok(())
}

/// Reads for a user who may read chats.
async fn read<T, F>(ctx: &Ctx, work: F) -> Result<T, ApiError>
where
    F: FnOnce(&View<'_>, &UserId) -> Result<T, ApiError> + Send + 'static,
    T: Send + 'static,
{
    let me = ctx.my_id()?;
    ctx.read(move |view| {
        require(view, &me, Availability::ReadOnly)?;
        work(view, &me)
    })
    .await
}

/// Writes for a user who may write in chats.
async fn write<T, F>(ctx: &Ctx, work: F) -> Result<T, ApiError>
where
    F: FnOnce(&mut Tx<'_>, &UserId) -> Result<T, ApiError> + Send + 'static,
    T: Send + 'static,
{
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        require(tx, &me, Availability::Available)?;
        work(tx, &me)
    })
    .await
}

/// A page of the rows of a table, by their ids. `condition` is SQL about `?1`, which is `id`.
fn page_of<T>(
    connection: &Connection,
    (table, condition): (&'static str, &'static str),
    id: &str,
    page: &Page,
    from_row: fn(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    connection
        .prepare_cached(&format!(
            "SELECT * FROM {table} WHERE {condition} AND id > ?2 AND id < ?3
             ORDER BY id {} LIMIT ?4",
            page.order,
        ))?
        .query_map(params![id, page.after, page.before, page.limit], from_row)?
        .collect()
}

/// A room that the user owns.
fn owned_room(
    connection: &Connection,
    id: &str,
    me: &UserId,
    otherwise: ErrorKind,
) -> Result<Room, ApiError> {
    chat_room::by_id(connection, id)?
        .filter(|room| room.owner_id == *me)
        .ok_or_else(|| otherwise.into())
}

/// A room that the user is in, as its owner or as a member.
fn joined_room(
    connection: &Connection,
    id: &str,
    me: &UserId,
    otherwise: ErrorKind,
) -> Result<Room, ApiError> {
    let room = chat_room::by_id(connection, id)?.ok_or(otherwise)?;
    if chat_room::is_in(connection, &room.id, me)? {
        Ok(room)
    } else {
        Err(otherwise.into())
    }
}

#[cfg(test)]
mod tests;
