//! What must hold after each step, for tests.

use std::collections::BTreeSet;

use protocol::join::Join;

use super::index::feed_of;
use super::postings::{index, small};
use super::{ConnId, Hub};

impl Hub {
    /// Panics where the indexes and the connections don't agree. Slow.
    #[doc(hidden)]
    pub fn check_invariants(&self) {
        let mut placed = 0;
        for (key, sub) in &self.subs {
            let key = small(key);
            let connection = self.connections.get(ConnId(sub.conn));
            let connection = connection.expect("a subscription has its connection");
            assert!(
                connection.subs.contains(&key),
                "connections know their subscriptions"
            );
            assert_eq!(
                sub.list.is_some(),
                matches!(sub.join, Join::UserList { .. })
            );
            if let Some(slot) = sub.list {
                assert!(
                    self.lists.slot(slot).subs.contains(&key),
                    "lists know theirs"
                );
            }
            if let (Some(seat), Some(feed)) = (connection.seat, feed_of(&sub.join)) {
                assert!(self.viewers.holds(seat, feed, key), "viewers know theirs");
            }
            placed += places(&sub.join);
        }
        assert_eq!(self.index.count(), placed, "nothing else is indexed");
        self.check_connections();
        self.viewers.check_invariants();
        self.lists.check_invariants();
        self.rooms
            .check_invariants(|key| &self.subs[index(key)].join);
        assert!(self.scratch.is_empty(), "candidates are of one event");
    }

    fn check_connections(&self) {
        let (mut subs, mut captures) = (0, 0);
        for (conn, connection) in self.connections.iter() {
            connection.mailbox.check_invariants();
            let told = !connection.dirty || self.connections.is_queued(conn);
            assert!(told, "the shell is told of dirty connections");
            subs += connection.subs.len();
            captures += connection.captures.len();
        }
        assert_eq!(
            self.subs.len(),
            subs,
            "each subscription has one connection"
        );
        assert_eq!(
            self.captured.count(),
            captures,
            "each capture has one connection"
        );
    }
}

/// In how many places of the index a subscription stands.
fn places(join: &Join) -> usize {
    match join {
        Join::LocalTimeline(_)
        | Join::GlobalTimeline(_)
        | Join::HybridTimeline(_)
        | Join::ServerStats
        | Join::QueueStats
        | Join::Channel { .. }
        | Join::Antenna { .. }
        | Join::ReversiGame { .. }
        | Join::RoleTimeline { .. } => 1,
        Join::Hashtag { groups } => {
            let firsts: BTreeSet<_> = groups.iter().filter_map(|group| group.first()).collect();
            firsts.len()
        }
        Join::Main
        | Join::HomeTimeline(_)
        | Join::UserList { .. }
        | Join::Drive
        | Join::Admin
        | Join::ChatUser { .. }
        | Join::Messaging { .. }
        | Join::MessagingIndex
        | Join::ChatRoom { .. }
        | Join::Reversi => 0,
    }
}
