//! What players do to their game over the stream: `docs/PROTOCOL.md` section 4. Whatever makes no
//! sense, or is not theirs to do, is ignored.

use protocol::id::UserId;
use serde_json::{Value, json};

use super::game::{Event, Game, Move, Phase, Side};
use super::setting::Setting;
use super::store;
use crate::limits::{DUE_BATCH_MAX, REACTION_CHARS_MAX, REVERSI_MOVE_NAME_CHARS_MAX};
use crate::store::{StoreError, Tx};
use crate::{events, reaction, secret};

/// Carries out an operation of a user who has joined `reversiGame`.
pub(crate) fn operate(
    tx: &mut Tx<'_>,
    user: &UserId,
    game: &str,
    kind: &str,
    body: &Value,
) -> Result<(), StoreError> {
    let Some(game) = store::by_id(tx, game)? else {
        return Ok(());
    };
    let Some(side) = game.side_of(user) else {
        return Ok(());
    };
    match kind {
        "cancel" => cancel(tx, &game, side),
        "reaction" => react(tx, &game, side, body),
        _ => play(tx, game, side, kind, body),
    }
}

/// Begins the games whose time has come; gives back when the next one's will have.
pub(crate) fn start_due(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let sql = "SELECT * FROM reversi_game WHERE starts_at <= ?1 ORDER BY starts_at LIMIT ?2";
    for mut game in store::find(tx, sql, &[&tx.now_ms(), &DUE_BATCH_MAX])? {
        let first_has_black = secret::coin()?;
        let told = game.start(tx.now_ms(), first_has_black);
        keep(tx, &game, told)?;
    }
    Ok(())
}

/// Publishes what happened to a game, once it is kept.
pub(crate) fn keep(tx: &mut Tx<'_>, game: &Game, told: Vec<Event>) -> Result<(), StoreError> {
    if told.is_empty() {
        return Ok(());
    }
    store::save(tx, game)?;
    if let Phase::Open {
        starts_at: Some(at),
        ..
    } = game.phase
    {
        tx.set_alarm(at);
    }
    for event in told {
        let (kind, body) = shown(tx, game, event)?;
        events::reversi_game(tx, &game.id, kind, &body)?;
    }
    Ok(())
}

fn play(
    tx: &mut Tx<'_>,
    mut game: Game,
    side: Side,
    kind: &str,
    body: &Value,
) -> Result<(), StoreError> {
    let now_ms = tx.now_ms();
    let told = match (kind, body) {
        ("ready", Value::Bool(ready)) => game.set_ready(side, *ready, now_ms).into_iter().collect(),
        ("updateSettings", Value::Object(body)) => {
            let setting = body
                .get("key")
                .and_then(Value::as_str)
                .zip(body.get("value"))
                .and_then(|(key, value)| Setting::parse(key, value));
            let told = setting.and_then(|setting| game.set(side, setting));
            told.into_iter().collect()
        }
        ("putStone", Value::Object(body)) => match position(body.get("pos")) {
            Some(position) => game.put(side, position, name(body.get("id")), now_ms),
            None => Vec::new(),
        },
        ("claimTimeIsUp", _) => game.claim_time_is_up(now_ms).into_iter().collect(),
        _ => Vec::new(),
    };
    keep(tx, &game, told)
}

fn position(value: Option<&Value>) -> Option<usize> {
    usize::try_from(value?.as_u64()?).ok()
}

/// What a client calls its move, to know it again.
fn name(value: Option<&Value>) -> Option<String> {
    let name = value?.as_str()?;
    (name.chars().count() <= REVERSI_MOVE_NAME_CHARS_MAX).then(|| name.to_owned())
}

fn cancel(tx: &mut Tx<'_>, game: &Game, side: Side) -> Result<(), StoreError> {
    if !game.can_be_canceled() {
        return Ok(());
    }
    store::delete(tx, &game.id)?;
    let body = json!({ "userId": game.user(side).as_str() });
    events::reversi_game(tx, &game.id, "canceled", &body)
}

fn react(tx: &mut Tx<'_>, game: &Game, side: Side, body: &Value) -> Result<(), StoreError> {
    let asked = body
        .as_str()
        .filter(|asked| asked.len() <= REACTION_CHARS_MAX);
    let Some(asked) = asked else { return Ok(()) };
    let Some(reaction) = reaction::known(tx, asked)? else {
        return Ok(());
    };
    let body = json!({ "userId": game.user(side).as_str(), "reaction": reaction });
    events::reversi_game(tx, &game.id, "reacted", &body)
}

/// An event as clients get it.
fn shown(tx: &Tx<'_>, game: &Game, event: Event) -> Result<(&'static str, Value), StoreError> {
    Ok(match event {
        Event::ReadyStates([one, two]) => {
            ("changeReadyStates", json!({ "user1": one, "user2": two }))
        }
        Event::Setting(side, key, value) => (
            "updateSettings",
            json!({ "userId": game.user(side).as_str(), "key": key, "value": value }),
        ),
        Event::Started => ("started", json!({ "game": tx.pack().reversi_game(game)? })),
        Event::Moved(
            Move {
                at,
                color,
                position,
            },
            name,
        ) => (
            "log",
            json!({
                "time": at,
                "player": color.is_black(),
                "operation": "put",
                "pos": position,
                "id": name,
            }),
        ),
        Event::Ended(winner) => (
            "ended",
            json!({
                "winnerId": winner.map(|side| game.user(side).as_str()),
                "game": tx.pack().reversi_game(game)?,
            }),
        ),
    })
}
