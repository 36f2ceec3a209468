//! How two find each other: one invites, the other accepts; or both play with anyone.

use protocol::id::UserId;
use rusqlite::{Connection, OptionalExtension, Result, params};

use super::game::{Game, Phase, Settings};
use super::store;
use crate::limits::{
    REVERSI_INVITATIONS_MAX, REVERSI_MATCH_MS, REVERSI_OPEN_MAX, REVERSI_OPEN_MS,
    REVERSI_REMATCH_MS,
};
use crate::model::relation;
use crate::store::{Col, StoreError, Tx, View};
use crate::{events, id};

/// What somebody looks for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wish<'a> {
    /// Who.
    pub(crate) me: &'a UserId,
    /// Only with the rules that everybody knows.
    pub(crate) no_irregular_rules: bool,
    /// A new game, even where one has just been agreed on.
    pub(crate) another: bool,
}

/// Plays with somebody who has invited them, or invites them. `None`: they are invited.
pub(crate) fn with_user(
    tx: &mut Tx<'_>,
    wish: Wish<'_>,
    other: &UserId,
) -> Result<Option<Game>, StoreError> {
    forget_old(tx)?;
    if !wish.another
        && let Some(game) = agreed_on(tx, wish.me, Some(other))?
    {
        return Ok(Some(game));
    }
    if take(tx, other, Some(wish.me))?.is_some() {
        return Ok(Some(begin(tx, other, wish.me, false)?));
    }
    let (me, them) = (wish.me.as_str(), other.as_str());
    // Whoever is blocked isn't told: the invitation goes nowhere.
    if relation::blocks(tx, them, me)? || relation::blocks(tx, me, them)? {
        return Ok(None);
    }
    wait(tx, wish, Some(other))?;
    let user = tx.pack().user_lite_by_id(me)?;
    events::reversi(tx, other, "invited", &serde_json::json!({ "user": user }))?;
    Ok(None)
}

/// Plays with whoever has invited them, or waits for anyone, or waits in turn. `None`: they wait.
pub(crate) fn with_anyone(tx: &mut Tx<'_>, wish: Wish<'_>) -> Result<Option<Game>, StoreError> {
    forget_old(tx)?;
    if !wish.another
        && let Some(game) = agreed_on(tx, wish.me, None)?
    {
        return Ok(Some(game));
    }
    if let Some(inviter) = inviters(tx, wish.me)?.into_iter().next() {
        take(tx, &inviter, Some(wish.me))?;
        return Ok(Some(begin(tx, &inviter, wish.me, false)?));
    }
    for other in waiting(tx, wish.me)? {
        let (me, them) = (wish.me.as_str(), other.as_str());
        if relation::blocks(tx, them, me)? || relation::blocks(tx, me, them)? {
            continue;
        }
        if let Some(strict) = take(tx, &other, None)? {
            take(tx, wish.me, None)?;
            let no_irregular_rules = strict || wish.no_irregular_rules;
            return Ok(Some(begin(tx, &other, wish.me, no_irregular_rules)?));
        }
    }
    wait(tx, wish, None)?;
    Ok(None)
}

/// Looks no more for this user, or for anyone.
pub(crate) fn cancel(tx: &Tx<'_>, me: &UserId, other: Option<&str>) -> Result<()> {
    tx.execute(
        "DELETE FROM reversi_match WHERE user_id = ?1 AND target_id IS ?2",
        params![Col(me), other],
    )?;
    Ok(())
}

/// Who invites a user, the newest first.
pub(crate) fn inviters(view: &View<'_>, me: &UserId) -> Result<Vec<UserId>> {
    view.prepare_cached(
        "SELECT user_id FROM reversi_match WHERE target_id = ?1 AND at > ?2
         ORDER BY at DESC LIMIT ?3",
    )?
    .query_map(
        params![Col(me), in_force(view), REVERSI_INVITATIONS_MAX],
        user,
    )?
    .collect()
}

/// Who plays with anyone, whoever has waited longest first.
fn waiting(view: &View<'_>, me: &UserId) -> Result<Vec<UserId>> {
    view.prepare_cached(
        "SELECT user_id FROM reversi_match
         WHERE target_id IS NULL AND at > ?2 AND user_id <> ?1 ORDER BY at",
    )?
    .query_map(params![Col(me), in_force(view)], user)?
    .collect()
}

fn user(row: &rusqlite::Row<'_>) -> Result<UserId> {
    Ok(row.get::<_, Col<UserId>>(0)?.0)
}

/// After which moment a wish is in force.
fn in_force(view: &View<'_>) -> u64 {
    view.now_ms().saturating_sub(REVERSI_MATCH_MS)
}

/// Notes a wish, or that it is still there.
fn wait(tx: &Tx<'_>, wish: Wish<'_>, target: Option<&UserId>) -> Result<()> {
    tx.execute(
        "INSERT INTO reversi_match (user_id, target_id, no_irregular_rules, at)
         VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET no_irregular_rules = ?3, at = ?4",
        params![
            Col(wish.me),
            target.map(Col),
            wish.no_irregular_rules,
            tx.now_ms()
        ],
    )?;
    Ok(())
}

/// Takes a wish that is in force, and tells whether it is one for no irregular rules. `None`:
/// there is none.
fn take(tx: &Tx<'_>, who: &UserId, target: Option<&UserId>) -> Result<Option<bool>> {
    tx.prepare_cached(
        "DELETE FROM reversi_match WHERE user_id = ?1 AND target_id IS ?2 AND at > ?3
         RETURNING no_irregular_rules",
    )?
    .query_row(params![Col(who), target.map(Col), in_force(tx)], |row| {
        row.get(0)
    })
    .optional()
}

/// A game that a user, with this other one, has agreed on a moment ago and that has not begun.
fn agreed_on(view: &View<'_>, me: &UserId, other: Option<&UserId>) -> Result<Option<Game>> {
    let since = id::first_of(view.now_ms().saturating_sub(REVERSI_REMATCH_MS));
    let games = store::find(
        view,
        "SELECT * FROM reversi_game
         WHERE is_started = 0 AND id > ?2 AND (user1_id = ?1 OR user2_id = ?1)
         ORDER BY id DESC",
        &[&Col(me), &since],
    )?;
    let is_with = |game: &Game| other.is_none_or(|other| game.side_of(other).is_some());
    Ok(games.into_iter().find(is_with))
}

/// Makes a game, and tells who has waited for it; who comes second has it as an answer.
fn begin(
    tx: &mut Tx<'_>,
    first: &UserId,
    second: &UserId,
    no_irregular_rules: bool,
) -> Result<Game, StoreError> {
    let game = Game {
        id: tx.new_id(),
        users: [first.clone(), second.clone()],
        settings: Settings {
            no_irregular_rules,
            ..Settings::default()
        },
        phase: Phase::Open {
            ready: [false, false],
            starts_at: None,
        },
    };
    store::save(tx, &game)?;
    forget_many(tx, first)?;
    forget_many(tx, second)?;
    let packed = tx.pack().reversi_game(&game)?;
    let body = serde_json::json!({ "game": packed });
    events::reversi(tx, first, "matched", &body)?;
    Ok(game)
}

/// Forgets wishes that are in force no more, and games that never began.
fn forget_old(tx: &Tx<'_>) -> Result<()> {
    tx.execute("DELETE FROM reversi_match WHERE at <= ?1", [in_force(tx)])?;
    let before = id::first_of(tx.now_ms().saturating_sub(REVERSI_OPEN_MS));
    tx.execute(
        "DELETE FROM reversi_game WHERE is_started = 0 AND id < ?1",
        [before],
    )?;
    Ok(())
}

/// Forgets the oldest games of a user that have not begun, where there are too many.
fn forget_many(tx: &Tx<'_>, user: &UserId) -> Result<()> {
    tx.prepare_cached(
        "DELETE FROM reversi_game WHERE id IN (
             SELECT id FROM reversi_game
             WHERE is_started = 0 AND (user1_id = ?1 OR user2_id = ?1)
             ORDER BY id DESC LIMIT -1 OFFSET ?2)",
    )?
    .execute(params![Col(user), REVERSI_OPEN_MAX])?;
    Ok(())
}

/// When the next game begins, in Unix milliseconds; `u64::MAX`: none does.
pub(crate) fn next_start(connection: &Connection) -> Result<u64> {
    let next: Option<u64> = connection
        .prepare_cached("SELECT min(starts_at) FROM reversi_game WHERE starts_at IS NOT NULL")?
        .query_row([], |row| row.get(0))?;
    Ok(next.unwrap_or(u64::MAX))
}
