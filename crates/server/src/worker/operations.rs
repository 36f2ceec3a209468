//! What clients do over the channels that they have joined.

use std::sync::Arc;

use backend::{Chat, Play};
use hub::Stats;
use protocol::command::BridgeConnect;
use protocol::id::{GameId, SubId};
use protocol::join::Join;
use serde_json::value::RawValue;

use super::Core;
use super::connection::Live;
use crate::source::{Deed, LogRequest, Place, Played, Request};

/// How many logs of statistics one connection may wait for; more requests are ignored. A client
/// asks once for each channel that it joins.
const LOGS_OUT_MAX: u8 = 32;

/// How many operations of games one connection may have waiting; more are ignored.
const PLAYS_OUT_MAX: usize = 16;

/// The longest body of such an operation, in bytes: that of the largest map has room in it.
const PLAY_BYTES_MAX: usize = 8 * 1024;

/// What a connection has asked for that it has no answer to yet.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    /// How many logs of statistics.
    pub(super) logs: u8,
    /// Held once more by each operation of a game that is not carried out yet.
    plays: Option<Arc<()>>,
}

impl Live {
    /// Carries out an operation of a joined channel.
    pub(super) fn operate(
        &mut self,
        place: Place,
        sub: SubId,
        kind: &str,
        body: Box<RawValue>,
        core: &mut Core,
    ) {
        let request = match (core.hub.join(place.conn, sub), kind) {
            (Some(Join::ServerStats), "requestLog") => {
                self.log_request(place, sub, Stats::Server, body)
            }
            (Some(Join::QueueStats), "requestLog") => {
                self.log_request(place, sub, Stats::Queue, body)
            }
            (Some(Join::ChatUser { other } | Join::Messaging { other }), "read") => {
                let chat = Chat::With(other.clone());
                return self.read_chat(chat, core);
            }
            (Some(Join::ChatRoom { room }), "read") => {
                let chat = Chat::In(room.clone());
                return self.read_chat(chat, core);
            }
            (Some(Join::ReversiGame { game }), _) => {
                let game = game.clone();
                if core.bridge.is_some() {
                    return self.play_upstream(place, sub, &game, kind, body, core);
                }
                self.play(game, kind, body)
            }
            _ => None,
        };
        match request {
            Some(request) => core.source.send(request),
            None => core.tally.operations_ignored += 1,
        }
    }

    fn log_request(
        &mut self,
        place: Place,
        sub: SubId,
        stats: Stats,
        request: Box<RawValue>,
    ) -> Option<Request> {
        if self.waiting.logs >= LOGS_OUT_MAX {
            return None;
        }
        self.waiting.logs += 1;
        Some(Request::Log(LogRequest {
            place,
            sub,
            stats,
            request,
        }))
    }

    /// Beside a server upstream that decides what comes of it, what a player does is passed on,
    /// whatever it is: it is judged there, by the player's own token.
    fn play_upstream(
        &mut self,
        place: Place,
        sub: SubId,
        game: &GameId,
        kind: &str,
        body: Box<RawValue>,
        core: &mut Core,
    ) {
        if self.user.is_none() {
            core.tally.operations_ignored += 1;
            return;
        }
        self.bridge(place, core, |bridge| {
            bridge.operate_apart(sub, BridgeConnect::game(game), kind.to_owned(), body)
        });
    }

    /// What a player does in a game of the store's.
    fn play(&mut self, game: GameId, kind: &str, body: Box<RawValue>) -> Option<Request> {
        const KINDS: [&str; 6] = [
            "ready",
            "updateSettings",
            "cancel",
            "putStone",
            "claimTimeIsUp",
            "reaction",
        ];
        let player = self.user.clone()?;
        let known = KINDS.contains(&kind) && body.get().len() <= PLAY_BYTES_MAX;
        if !known || !rules::join::may_play(self.session.who()) {
            return None;
        }
        let out = self.waiting.plays.get_or_insert_default();
        if Arc::strong_count(out) > PLAYS_OUT_MAX {
            return None;
        }
        let play = Play {
            player,
            game,
            kind: kind.to_owned(),
            body,
        };
        Some(Request::Play(Box::new(Played {
            play,
            _out: Arc::clone(out),
        })))
    }

    fn read_chat(&self, chat: Chat, core: &mut Core) {
        match self.user.clone() {
            Some(user) => core.tell(user, Deed::ReadChat(chat)),
            None => core.tally.operations_ignored += 1,
        }
    }
}
