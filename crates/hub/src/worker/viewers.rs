//! The users who are logged in on a worker, however many connections they have.

use std::collections::HashMap;
use std::sync::Arc;

use rules::{ChannelKey, UserKey, Viewer, Viewpoint};
use slab::Slab;

use super::postings::{Postings, index, insert_sorted, remove_sorted, small};

/// The viewers of a worker, and who feeds their home and hybrid timelines.
#[derive(Debug, Default)]
pub(crate) struct Viewers {
    seats: Slab<Seat>,
    seat_by_user: HashMap<UserKey, u32>,
    seats_by_author: Postings,
    seats_by_channel: Postings,
}

/// One viewer.
#[derive(Debug)]
pub(crate) struct Seat {
    pub(crate) viewer: Arc<Viewer>,
    /// Their connections.
    pub(crate) conns: Vec<u32>,
    /// Their subscriptions, by what feeds them.
    pub(crate) home: Vec<u32>,
    pub(crate) hybrid: Vec<u32>,
    /// Those of topics of their own: `main`, `drive` and the like.
    pub(crate) own: Vec<u32>,
}

/// Which of a viewer's subscriptions one belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Feed {
    Home,
    Hybrid,
    Own,
}

impl Viewers {
    /// The viewer of a seat.
    pub(crate) fn seat(&self, seat: u32) -> &Seat {
        &self.seats[index(seat)]
    }

    /// Who looks from a seat; nobody we know from none.
    pub(crate) fn viewpoint(&self, seat: Option<u32>) -> Viewpoint<'_> {
        seat.map_or(Viewpoint::Visitor, |seat| {
            Viewpoint::User(&self.seat(seat).viewer)
        })
    }

    /// Where a user sits, if they do.
    pub(crate) fn seat_of(&self, user: UserKey) -> Option<&Seat> {
        self.seat_by_user.get(&user).map(|&seat| self.seat(seat))
    }

    /// Those who follow an author, and the author.
    pub(crate) fn fed_by_author(&self, author: UserKey) -> impl Iterator<Item = &Seat> {
        let seats = self.seats_by_author.of(author.0);
        seats.iter().map(|&seat| self.seat(seat))
    }

    /// Those who follow a Misskey channel.
    pub(crate) fn fed_by_channel(&self, channel: ChannelKey) -> impl Iterator<Item = &Seat> {
        let seats = self.seats_by_channel.of(channel.0);
        seats.iter().map(|&seat| self.seat(seat))
    }

    /// Seats a connection with its user.
    pub(crate) fn sit(&mut self, viewer: Arc<Viewer>, conn: u32) -> u32 {
        let seat = self.seat_by_user.get(&viewer.key).copied();
        let seat = seat.unwrap_or_else(|| {
            let user = viewer.key;
            let seat = small(self.seats.insert(Seat::new(viewer)));
            self.seat_by_user.insert(user, seat);
            seat
        });
        insert_sorted(&mut self.seats[index(seat)].conns, conn);
        seat
    }

    /// A connection whose subscriptions have ended leaves its seat.
    pub(crate) fn leave(&mut self, seat: u32, conn: u32) {
        let left = &mut self.seats[index(seat)];
        remove_sorted(&mut left.conns, conn);
        if left.conns.is_empty() {
            debug_assert!(
                !left.is_fed() && left.own.is_empty(),
                "subscriptions end first"
            );
            self.seat_by_user.remove(&left.viewer.key);
            self.seats.remove(index(seat));
        }
    }

    /// Adds a subscription; the first that is fed connects the viewer's sources.
    pub(crate) fn subscribe(&mut self, seat: u32, feed: Feed, sub: u32) {
        let was_fed = self.seat(seat).is_fed();
        insert_sorted(self.seats[index(seat)].feed(feed), sub);
        if !was_fed && self.seat(seat).is_fed() {
            let viewer = Arc::clone(&self.seat(seat).viewer);
            self.connect(seat, &viewer);
        }
    }

    /// Takes a subscription away; the last that is fed disconnects the viewer's sources.
    pub(crate) fn unsubscribe(&mut self, seat: u32, feed: Feed, sub: u32) {
        let was_fed = self.seat(seat).is_fed();
        remove_sorted(self.seats[index(seat)].feed(feed), sub);
        if was_fed && !self.seat(seat).is_fed() {
            let viewer = Arc::clone(&self.seat(seat).viewer);
            self.disconnect(seat, &viewer);
        }
    }

    /// Takes a newer snapshot of a viewer, if they sit here.
    pub(crate) fn replace(&mut self, viewer: &Arc<Viewer>) {
        let Some(&seat) = self.seat_by_user.get(&viewer.key) else {
            return;
        };
        let place = &mut self.seats[index(seat)];
        let old = std::mem::replace(&mut place.viewer, Arc::clone(viewer));
        if place.is_fed() {
            self.reconnect(seat, &old, viewer);
        }
    }

    fn connect(&mut self, seat: u32, viewer: &Viewer) {
        for author in sources(viewer) {
            self.seats_by_author.insert(author.0, seat);
        }
        for channel in &viewer.following_channels {
            self.seats_by_channel.insert(channel.0, seat);
        }
    }

    fn disconnect(&mut self, seat: u32, viewer: &Viewer) {
        for author in sources(viewer) {
            self.seats_by_author.remove(author.0, seat);
        }
        for channel in &viewer.following_channels {
            self.seats_by_channel.remove(channel.0, seat);
        }
    }

    /// Changes only what differs between two snapshots.
    fn reconnect(&mut self, seat: u32, old: &Viewer, new: &Viewer) {
        let followed =
            |viewer: &Viewer, user| user == viewer.key || viewer.following.contains(user);
        for author in sources(old).filter(|&author| !followed(new, author)) {
            self.seats_by_author.remove(author.0, seat);
        }
        for author in sources(new).filter(|&author| !followed(old, author)) {
            self.seats_by_author.insert(author.0, seat);
        }
        if old.following_channels != new.following_channels {
            for channel in &old.following_channels {
                self.seats_by_channel.remove(channel.0, seat);
            }
            for channel in &new.following_channels {
                self.seats_by_channel.insert(channel.0, seat);
            }
        }
    }

    /// Whether a seat has a subscription; for checks.
    pub(crate) fn holds(&self, seat: u32, feed: Feed, sub: u32) -> bool {
        let place = self.seat(seat);
        let held = match feed {
            Feed::Home => &place.home,
            Feed::Hybrid => &place.hybrid,
            Feed::Own => &place.own,
        };
        held.contains(&sub)
    }

    /// Panics where the maps don't agree with the seats.
    pub(crate) fn check_invariants(&self) {
        assert_eq!(
            self.seats.len(),
            self.seat_by_user.len(),
            "one seat per user"
        );
        let (mut authors, mut channels) = (0, 0);
        for (seat, place) in &self.seats {
            let user = place.viewer.key;
            assert_eq!(
                self.seat_by_user.get(&user),
                Some(&small(seat)),
                "seats are found"
            );
            assert!(!place.conns.is_empty(), "no seat without a connection");
            if place.is_fed() {
                for author in sources(&place.viewer) {
                    let seats = self.seats_by_author.of(author.0);
                    assert!(
                        seats.contains(&small(seat)),
                        "each source feeds its viewers"
                    );
                }
                for channel in &place.viewer.following_channels {
                    let seats = self.seats_by_channel.of(channel.0);
                    assert!(
                        seats.contains(&small(seat)),
                        "each channel feeds its viewers"
                    );
                }
                authors += sources(&place.viewer).count();
                channels += place.viewer.following_channels.len();
            }
        }
        assert_eq!(
            self.seats_by_author.count(),
            authors,
            "nobody else feeds them"
        );
        assert_eq!(
            self.seats_by_channel.count(),
            channels,
            "no other channel feeds them"
        );
    }
}

impl Seat {
    fn new(viewer: Arc<Viewer>) -> Self {
        Self {
            viewer,
            conns: Vec::new(),
            home: Vec::new(),
            hybrid: Vec::new(),
            own: Vec::new(),
        }
    }

    /// Whether notes of those whom the viewer follows are wanted.
    fn is_fed(&self) -> bool {
        !(self.home.is_empty() && self.hybrid.is_empty())
    }

    fn feed(&mut self, feed: Feed) -> &mut Vec<u32> {
        match feed {
            Feed::Home => &mut self.home,
            Feed::Hybrid => &mut self.hybrid,
            Feed::Own => &mut self.own,
        }
    }
}

/// Whose notes a viewer's home can carry: their own and those of whom they follow.
fn sources(viewer: &Viewer) -> impl Iterator<Item = UserKey> {
    let own = (!viewer.following.contains(viewer.key)).then_some(viewer.key);
    own.into_iter()
        .chain(viewer.following.iter().map(|follow| follow.user))
}
