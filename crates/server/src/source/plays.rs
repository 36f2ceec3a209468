//! What players do in their games: for each player one thing at a time, in the order in which
//! they did it.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use backend::Play;
use protocol::id::UserId;

/// Something that a player did.
#[derive(Debug)]
pub(crate) struct Played {
    /// What.
    pub(crate) play: Play,
    /// Dropped when it is carried out: by this a connection knows how much of its own waits, and
    /// bounds that.
    pub(crate) _out: Arc<()>,
}

/// The players of whom something is being carried out, and what they did meanwhile.
#[derive(Debug, Default)]
pub(super) struct Plays(HashMap<UserId, VecDeque<Played>>);

impl Plays {
    /// A player did something. Gives it back if it is to be carried out now.
    pub(super) fn take(&mut self, played: Played) -> Option<Played> {
        if let Some(waiting) = self.0.get_mut(&played.play.player) {
            waiting.push_back(played);
            return None;
        }
        let player = played.play.player.clone();
        self.0.insert(player, VecDeque::new());
        Some(played)
    }

    /// What a player did is carried out, or could not be. Gives out what is next.
    pub(super) fn done(&mut self, player: &UserId) -> Option<Played> {
        let next = self.0.get_mut(player).and_then(VecDeque::pop_front);
        if next.is_none() {
            self.0.remove(player);
        }
        next
    }
}
