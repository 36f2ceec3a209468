//! Which subscriptions could want an event: found by what the event is, never by looking at
//! each connection. What is proposed here is decided by `rules`.

use std::collections::BTreeMap;

use protocol::id::RoleId;
use protocol::join::Join;
use rules::{Origin, Visibility};

use super::lists::Lists;
use super::names::Names;
use super::postings::{insert_sorted, remove_sorted};
use super::viewers::{Feed, Viewers};
use crate::publication::{NoteEvent, Stats};

/// The subscriptions that are found neither by a viewer nor by a list.
#[derive(Debug, Default)]
pub(crate) struct Index {
    local: Vec<u32>,
    global: Vec<u32>,
    hybrid: Vec<u32>,
    server_stats: Vec<u32>,
    queue_stats: Vec<u32>,
    /// By the first tag of each AND-group.
    by_tag: Names,
    by_channel: Names,
    by_antenna: Names,
    by_game: Names,
    roles: BTreeMap<RoleId, Role>,
}

/// A role whose timeline is shown.
#[derive(Debug)]
pub(crate) struct Role {
    pub(crate) subs: Vec<u32>,
    /// Whether it may still be read.
    pub(crate) open: bool,
}

/// Whether a subscription comes or goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Move {
    Enter,
    Leave,
}

impl Index {
    /// Puts a subscription where its events will find it, or takes it away from there.
    pub(crate) fn place(&mut self, movement: Move, join: &Join, sub: u32) {
        match join {
            Join::LocalTimeline(_) => movement.in_set(&mut self.local, sub),
            Join::GlobalTimeline(_) => movement.in_set(&mut self.global, sub),
            Join::HybridTimeline(_) => movement.in_set(&mut self.hybrid, sub),
            Join::ServerStats => movement.in_set(&mut self.server_stats, sub),
            Join::QueueStats => movement.in_set(&mut self.queue_stats, sub),
            Join::Hashtag { groups } => {
                for tag in groups.iter().filter_map(|group| group.first()) {
                    movement.in_names(&mut self.by_tag, tag, sub);
                }
            }
            Join::Channel { channel } => {
                movement.in_names(&mut self.by_channel, channel.as_str(), sub);
            }
            Join::Antenna { antenna } => {
                movement.in_names(&mut self.by_antenna, antenna.as_str(), sub);
            }
            Join::ReversiGame { game } => movement.in_names(&mut self.by_game, game.as_str(), sub),
            Join::RoleTimeline { role } => self.place_role(movement, role, sub),
            Join::Main
            | Join::HomeTimeline(_)
            | Join::UserList { .. }
            | Join::Drive
            | Join::Admin
            | Join::ChatUser { .. }
            | Join::Messaging { .. }
            | Join::MessagingIndex
            | Join::ChatRoom { .. }
            | Join::Reversi => {}
        }
    }

    /// The subscriptions that could want a note of the main stream, each once.
    pub(crate) fn propose(
        &self,
        event: &NoteEvent,
        viewers: &Viewers,
        lists: &Lists,
        into: &mut Vec<u32>,
    ) {
        let note = &event.note;
        match (&event.channel, note.channel) {
            (Some(name), Some(channel)) => {
                into.extend_from_slice(self.by_channel.of(name));
                for seat in viewers.fed_by_channel(channel) {
                    into.extend_from_slice(&seat.home);
                    into.extend_from_slice(&seat.hybrid);
                }
            }
            _ => self.propose_outside(event, viewers, lists, into),
        }
        let before_tags = into.len();
        for tag in &note.tags {
            into.extend_from_slice(self.by_tag.of(tag));
        }
        // Only tags can propose a subscription twice.
        into[before_tags..].sort_unstable();
        into.dedup();
    }

    /// The same, for a note outside of Misskey channels.
    fn propose_outside(
        &self,
        event: &NoteEvent,
        viewers: &Viewers,
        lists: &Lists,
        into: &mut Vec<u32>,
    ) {
        let note = &event.note;
        let public = note.visibility == Visibility::Public;
        let local = public && note.author.origin == Origin::Local;
        if public {
            into.extend_from_slice(&self.global);
        }
        if local {
            into.extend_from_slice(&self.local);
            into.extend_from_slice(&self.hybrid);
        }
        for seat in viewers.fed_by_author(note.author.key) {
            into.extend_from_slice(&seat.home);
            if !local {
                into.extend_from_slice(&seat.hybrid);
            }
        }
        for list in lists.with_member(note.author.key) {
            into.extend_from_slice(&list.subs);
        }
    }

    /// The subscriptions of an antenna.
    pub(crate) fn of_antenna(&self, antenna: &str) -> &[u32] {
        self.by_antenna.of(antenna)
    }

    /// The subscriptions of a game.
    pub(crate) fn of_game(&self, game: &str) -> &[u32] {
        self.by_game.of(game)
    }

    /// A role whose timeline is shown.
    pub(crate) fn role(&self, role: &str) -> Option<&Role> {
        self.roles.get(role)
    }

    /// Opens or closes a role's timeline.
    pub(crate) fn set_role(&mut self, role: &str, open: bool) {
        if let Some(known) = self.roles.get_mut(role) {
            known.open = open;
        }
    }

    /// The subscriptions of statistics.
    pub(crate) fn of_stats(&self, stats: Stats) -> &[u32] {
        match stats {
            Stats::Server => &self.server_stats,
            Stats::Queue => &self.queue_stats,
        }
    }

    /// How many places subscriptions have here in all; slow, for checks.
    pub(crate) fn count(&self) -> usize {
        let plain = [
            &self.local,
            &self.global,
            &self.hybrid,
            &self.server_stats,
            &self.queue_stats,
        ];
        let named = [
            &self.by_tag,
            &self.by_channel,
            &self.by_antenna,
            &self.by_game,
        ];
        let plain: usize = plain.iter().map(|set| set.len()).sum();
        let named: usize = named.iter().map(|names| names.count()).sum();
        let roles: usize = self.roles.values().map(|role| role.subs.len()).sum();
        plain + named + roles
    }

    fn place_role(&mut self, movement: Move, role: &RoleId, sub: u32) {
        match movement {
            Move::Enter => {
                let entry = self.roles.entry(role.clone());
                let role = entry.or_insert_with(|| Role {
                    subs: Vec::new(),
                    open: true,
                });
                // Whoever was let in saw an open role at this very place of the stream.
                role.open = true;
                insert_sorted(&mut role.subs, sub);
            }
            Move::Leave => {
                if let Some(left) = self.roles.get_mut(role) {
                    remove_sorted(&mut left.subs, sub);
                    if left.subs.is_empty() {
                        self.roles.remove(role);
                    }
                }
            }
        }
    }
}

impl Move {
    fn in_set(self, set: &mut Vec<u32>, sub: u32) {
        match self {
            Self::Enter => insert_sorted(set, sub),
            Self::Leave => remove_sorted(set, sub),
        }
    }

    fn in_names(self, names: &mut Names, name: &str, sub: u32) {
        match self {
            Self::Enter => names.insert(name, sub),
            Self::Leave => names.remove(name, sub),
        }
    }
}

/// How a subscription of a viewer is fed, if it belongs to one.
pub(crate) fn feed_of(join: &Join) -> Option<Feed> {
    match join {
        Join::HomeTimeline(_) => Some(Feed::Home),
        Join::HybridTimeline(_) => Some(Feed::Hybrid),
        Join::Main
        | Join::Drive
        | Join::Admin
        | Join::ChatUser { .. }
        | Join::Messaging { .. }
        | Join::MessagingIndex
        | Join::Reversi => Some(Feed::Own),
        Join::LocalTimeline(_)
        | Join::GlobalTimeline(_)
        | Join::UserList { .. }
        | Join::Hashtag { .. }
        | Join::RoleTimeline { .. }
        | Join::Antenna { .. }
        | Join::Channel { .. }
        | Join::ServerStats
        | Join::QueueStats
        | Join::ChatRoom { .. }
        | Join::ReversiGame { .. } => None,
    }
}
