//! `reversi/match|cancel-match|games|show-game|surrender|verify|invitations`. The games themselves
//! are played over the stream: see [`crate::reversi`].

use rusqlite::ToSql;
use serde::Deserialize;
use serde_json::{Value, json};

use axum::response::Response;

use super::ctx::Ctx;
use super::endpoint::{Answer, Endpoint, NoContent, Registry};
use super::error::{ApiError, ErrorKind};
use super::paging::{Paging, paged};
use super::schema::{Field, NoParams, Params};
use crate::limits::REVERSI_CHECKSUM_CHARS_MAX;
use crate::model::user;
use crate::reversi::game::Game;
use crate::reversi::matching::{self, Wish};
use crate::reversi::{operations, store};

const YOURSELF: ErrorKind = ErrorKind::client(
    "TARGET_IS_YOURSELF",
    "96fd7bd6-d2bc-426c-a865-d055dcd2828e",
    "Target user is yourself.",
);
const NO_SUCH_USER: ErrorKind = ErrorKind::client(
    "NO_SUCH_USER",
    "0b4f0559-b484-4e31-9581-3f73cee89b28",
    "No such user.",
);
const NOT_SHOWN: ErrorKind = no_such_game("f13a03db-fae1-46c9-87f3-43c8165419e1");
const NOT_VERIFIED: ErrorKind = no_such_game("8fb05624-b525-43dd-90f7-511852bdfeee");
const NOT_SURRENDERED: ErrorKind = no_such_game("ace0b11f-e0a6-4076-a30d-e8284c81b2df");
const ALREADY_ENDED: ErrorKind = ErrorKind::client(
    "ALREADY_ENDED",
    "6c2ad4a6-cbf1-4a5b-b187-b772826cfc6d",
    "That game has already ended.",
);
const NOT_THEIRS: ErrorKind = ErrorKind::client(
    "ACCESS_DENIED",
    "6e04164b-a992-4c93-8489-2123069973e1",
    "Access denied.",
);
const NOT_STARTED: ErrorKind = ErrorKind::client(
    "NOT_STARTED",
    "c8f2d3a7-5b1e-4e69-9d04-7a2f6c9b1e83",
    "That game has not started.",
);

const fn no_such_game(id: &'static str) -> ErrorKind {
    ErrorKind::client("NO_SUCH_GAME", id, "No such game.")
}

pub(super) fn register(registry: &mut Registry) {
    let write = |name| Endpoint::login(name, "write:account");
    registry.add(write("reversi/match"), find_match);
    registry.add(write("reversi/cancel-match"), cancel_match);
    registry.add(write("reversi/surrender"), surrender);
    registry.add(
        Endpoint::login("reversi/invitations", "read:account"),
        invitations,
    );
    registry.add(Endpoint::open("reversi/games"), games);
    registry.add(Endpoint::open("reversi/show-game"), show_game);
    registry.add(Endpoint::open("reversi/verify"), verify);
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MatchParams {
    user_id: Option<String>,
    #[serde(default)]
    no_irregular_rules: bool,
    #[serde(default)]
    multiple: bool,
}

impl Params for MatchParams {
    const SCHEMA: &'static [Field] = &[
        Field::id("userId").nullable(),
        Field::boolean("noIrregularRules"),
        Field::boolean("multiple"),
    ];
}

/// A game, or nothing while nobody is found.
enum Matched {
    Game(Value),
    Waiting,
}

impl Answer for Matched {
    fn into_answer(self) -> Response {
        match self {
            Self::Game(game) => game.into_answer(),
            Self::Waiting => NoContent.into_answer(),
        }
    }
}

async fn find_match(ctx: Ctx, params: MatchParams) -> Result<Matched, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        let wish = Wish {
            me: &me,
            no_irregular_rules: params.no_irregular_rules,
            another: params.multiple,
        };
        let game = match &params.user_id {
            None => matching::with_anyone(tx, wish)?,
            Some(id) if *id == *me.as_str() => return Err(YOURSELF.into()),
            Some(id) => {
                let other = user::by_id(tx, id)?
                    .filter(|user| user.is_local() && !user.is_suspended)
                    .ok_or(NO_SUCH_USER)?;
                matching::with_user(tx, wish, &other.id)?
            }
        };
        Ok(match game {
            Some(game) => Matched::Game(tx.pack().reversi_game(&game)?),
            None => Matched::Waiting,
        })
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CancelParams {
    user_id: Option<String>,
}

impl Params for CancelParams {
    const SCHEMA: &'static [Field] = &[Field::id("userId").nullable()];
}

async fn cancel_match(ctx: Ctx, params: CancelParams) -> Result<NoContent, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        matching::cancel(tx, &me, params.user_id.as_deref())?;
        Ok(NoContent)
    })
    .await
}

async fn invitations(ctx: Ctx, _: NoParams) -> Result<Vec<Value>, ApiError> {
    let me = ctx.my_id()?;
    ctx.read(move |view| {
        let mut packed = Vec::new();
        for inviter in matching::inviters(view, &me)? {
            packed.extend(view.pack().user_lite_by_id(inviter.as_str())?);
        }
        Ok(packed)
    })
    .await
}

#[derive(Deserialize)]
struct GamesParams {
    #[serde(default)]
    my: bool,
    #[serde(flatten)]
    paging: Paging,
}

impl Params for GamesParams {
    const SCHEMA: &'static [Field] = paged![Field::boolean("my")];
}

/// One's own games, or all that have begun.
async fn games(ctx: Ctx, params: GamesParams) -> Result<Vec<Value>, ApiError> {
    let me = ctx.viewer().filter(|_| params.my);
    ctx.read(move |view| {
        let page = params.paging.page(10);
        let me = me.as_ref().map(|me| me.as_str().to_owned());
        let whose = match me {
            Some(_) => "(user1_id = ?1 OR user2_id = ?1)",
            None => "?1 IS NULL AND is_started = 1",
        };
        let sql = format!(
            "SELECT * FROM reversi_game WHERE {whose} AND id > ?2 AND id < ?3
             ORDER BY id {} LIMIT ?4",
            page.order,
        );
        let bound: [&dyn ToSql; 4] = [&me, &page.after, &page.before, &page.limit];
        store::find(view, &sql, &bound)?
            .iter()
            .map(|game| Ok(view.pack().reversi_game_lite(game)?))
            .collect()
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GameParams {
    game_id: String,
}

impl Params for GameParams {
    const SCHEMA: &'static [Field] = &[Field::id("gameId").required()];
}

async fn show_game(ctx: Ctx, params: GameParams) -> Result<Value, ApiError> {
    ctx.read(move |view| {
        let game = store::by_id(view, &params.game_id)?.ok_or(NOT_SHOWN)?;
        Ok(view.pack().reversi_game(&game)?)
    })
    .await
}

async fn surrender(ctx: Ctx, params: GameParams) -> Result<NoContent, ApiError> {
    let me = ctx.my_id()?;
    ctx.write(move |tx| {
        let mut game = store::by_id(tx, &params.game_id)?.ok_or(NOT_SURRENDERED)?;
        let side = game.side_of(&me).ok_or(NOT_THEIRS)?;
        let ended = match game.surrender(side, tx.now_ms()) {
            Some(ended) => ended,
            None if game.play().is_some() => return Err(ALREADY_ENDED.into()),
            None => return Err(NOT_STARTED.into()),
        };
        operations::keep(tx, &game, vec![ended])?;
        Ok(NoContent)
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct VerifyParams {
    game_id: String,
    crc32: String,
}

impl Params for VerifyParams {
    const SCHEMA: &'static [Field] = &[
        Field::id("gameId").required(),
        Field::string("crc32")
            .required()
            .length(0, REVERSI_CHECKSUM_CHARS_MAX as i64),
    ];
}

/// Whether a client's board is another one than ours; where it is, the game as it should be.
async fn verify(ctx: Ctx, params: VerifyParams) -> Result<Value, ApiError> {
    ctx.read(move |view| {
        let game = store::by_id(view, &params.game_id)?.ok_or(NOT_VERIFIED)?;
        if checksum(&game) == Some(params.crc32) {
            return Ok(json!({ "desynced": false }));
        }
        Ok(json!({ "desynced": true, "game": view.pack().reversi_game(&game)? }))
    })
    .await
}

fn checksum(game: &Game) -> Option<String> {
    Some(game.play()?.board.checksum().to_string())
}

#[cfg(test)]
mod tests;
