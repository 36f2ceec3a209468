//! Games of Reversi.

use protocol::id::UserId;
use rusqlite::Result;
use serde_json::{Value, json};

use super::{Object, Packer, object, time};
use crate::reversi::game::{Cause, End, Game, Phase};
use crate::reversi::setting::black_text;

impl Packer<'_> {
    /// A game as lists of games show it.
    ///
    /// # Errors
    ///
    /// If the database can't be read.
    pub fn reversi_game_lite(&self, game: &Game) -> Result<Value> {
        let mut packed = head(game);
        packed.extend(self.players(game)?);
        packed.extend(outcome(game));
        packed.extend(rules(game));
        Ok(Value::Object(packed))
    }

    /// A game with its board and moves.
    ///
    /// # Errors
    ///
    /// If the database can't be read.
    pub fn reversi_game(&self, game: &Game) -> Result<Value> {
        let ready = match game.phase {
            Phase::Open { ready, .. } => ready,
            Phase::Begun(_) => [true, true],
        };
        let mut packed = head(game);
        // Forms were questions of bots in an older engine.
        packed.extend(object(json!({
            "form1": null,
            "form2": null,
            "user1Ready": ready[0],
            "user2Ready": ready[1],
        })));
        packed.extend(self.players(game)?);
        packed.extend(outcome(game));
        packed.extend(rules(game));
        packed.extend(object(json!({
            "logs": game.play().map_or_else(|| json!([]), |play| play.logs()),
            "map": game.settings.map,
        })));
        Ok(Value::Object(packed))
    }

    fn players(&self, game: &Game) -> Result<Object> {
        let [one, two] = &game.users;
        let winner = winner(game);
        let lite = |user: &UserId| self.user_lite_by_id(user.as_str());
        Ok(object(json!({
            "user1Id": one.as_str(),
            "user2Id": two.as_str(),
            "user1": lite(one)?,
            "user2": lite(two)?,
            "winnerId": winner.map(UserId::as_str),
            "winner": winner.map(lite).transpose()?,
        })))
    }
}

fn head(game: &Game) -> Object {
    let play = game.play();
    let end = end(game);
    object(json!({
        "id": game.id,
        "createdAt": time::created_at(&game.id),
        "startedAt": play.map(|play| time::iso(play.started_at)),
        "endedAt": end.map(|end| time::iso(end.at)),
        "isStarted": play.is_some(),
        "isEnded": end.is_some(),
    }))
}

fn outcome(game: &Game) -> Object {
    let lost_by = |cause| {
        let end = end(game).filter(|end| end.cause == cause)?;
        Some(game.user(end.winner?.other()).as_str())
    };
    object(json!({
        "surrenderedUserId": lost_by(Cause::Surrendered),
        "timeoutUserId": lost_by(Cause::TimeIsUp),
        "black": game.play().map(|play| play.black.number()),
    }))
}

fn rules(game: &Game) -> Object {
    let settings = &game.settings;
    object(json!({
        "bw": black_text(settings.black),
        "isLlotheo": settings.rules.fewer_wins,
        "canPutEverywhere": settings.rules.put_everywhere,
        "loopedBoard": settings.rules.looped,
        "timeLimitForEachTurn": settings.turn_seconds_max,
        "noIrregularRules": settings.no_irregular_rules,
    }))
}

fn end(game: &Game) -> Option<End> {
    game.play()?.end
}

fn winner(game: &Game) -> Option<&UserId> {
    Some(game.user(end(game)?.winner?))
}
