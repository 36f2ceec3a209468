//! How many connections there are, in all, of each user and of each address.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use protocol::close::CloseReason;
use protocol::id::UserId;
use protocol::limits::Limits;

/// The counts, shared by all who open connections.
#[derive(Debug)]
pub(crate) struct Seats {
    limits: Limits,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    users: HashMap<UserId, usize>,
    addresses: HashMap<IpAddr, usize>,
}

/// A place for one connection; given back when dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    seats: Arc<Seats>,
    user: Option<UserId>,
    address: Option<IpAddr>,
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    /// The whole server is full.
    Server,
    /// A limit that the client is told of, when its stream is closed.
    Client(CloseReason),
}

impl Seats {
    pub(crate) fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self {
            limits,
            taken: Mutex::default(),
        })
    }

    /// Takes a place, if no limit is reached.
    pub(crate) fn take(
        self: &Arc<Self>,
        user: Option<UserId>,
        address: Option<IpAddr>,
    ) -> Result<Seat, Full> {
        let address = address.map(network);
        let mut taken = self.lock();
        if taken.all >= self.limits.connections_max {
            return Err(Full::Server);
        }
        let count = |map: Option<usize>| map.unwrap_or(0);
        if let Some(address) = &address
            && count(taken.addresses.get(address).copied())
                >= self.limits.connections_per_address_max
        {
            return Err(Full::Client(CloseReason::AddressConnections));
        }
        if let Some(user) = &user
            && count(taken.users.get(user).copied()) >= self.limits.connections_per_user_max
        {
            return Err(Full::Client(CloseReason::UserConnections));
        }
        taken.all += 1;
        if let Some(user) = &user {
            *taken.users.entry(user.clone()).or_default() += 1;
        }
        if let Some(address) = address {
            *taken.addresses.entry(address).or_default() += 1;
        }
        Ok(Seat {
            seats: Arc::clone(self),
            user,
            address,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.lock();
        taken.all -= 1;
        if let Some(user) = &self.user {
            give_back(&mut taken.users, user);
        }
        if let Some(address) = &self.address {
            give_back(&mut taken.addresses, address);
        }
    }
}

/// What counts as one address: of IPv6 the /64 that a site gets, since its hosts choose the
/// rest as they like.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        address @ IpAddr::V4(_) => address,
    }
}

fn give_back<K: Eq + Hash>(counts: &mut HashMap<K, usize>, key: &K) {
    let count = counts
        .get_mut(key)
        .expect("a seat was counted when it was taken");
    *count -= 1;
    if *count == 0 {
        counts.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seats() -> Arc<Seats> {
        Seats::new(Limits {
            connections_max: 4,
            connections_per_user_max: 1,
            connections_per_address_max: 2,
            ..Limits::default()
        })
    }

    #[test]
    fn each_limit_is_told_apart() {
        let seats = seats();
        let user = UserId::parse("u");
        let address = Some(IpAddr::from([192, 0, 2, 1]));
        let first = seats.take(user.clone(), None);
        let again = seats.take(user.clone(), None).map(|_| ());
        assert_eq!(again, Err(Full::Client(CloseReason::UserConnections)));
        let _second = seats.take(None, address).unwrap();
        let _third = seats.take(None, address).unwrap();
        let over = seats.take(UserId::parse("v"), address).map(|_| ());
        assert_eq!(over, Err(Full::Client(CloseReason::AddressConnections)));
        let _fourth = seats.take(None, None).unwrap();
        assert_eq!(seats.take(None, None).map(|_| ()), Err(Full::Server));
        drop(first);
        seats.take(user, None).unwrap();
        assert_eq!(seats.lock().all, 3);
    }
    #[test]
    fn a_network_of_ipv6_counts_as_one_address() {
        let seats = seats();
        let take = |address: &str| seats.take(None, address.parse().ok());
        let _first = take("2001:db8::1").unwrap();
        let second = take("2001:db8::ffff:0:0:2").unwrap();
        let over = take("2001:db8::3").map(|_| ());
        assert_eq!(over, Err(Full::Client(CloseReason::AddressConnections)));
        let _other = take("2001:db8:0:1::1").unwrap();
        drop(second);
        take("2001:db8::3").unwrap();
        assert_eq!(
            network("::ffff:192.0.2.1".parse().unwrap()),
            IpAddr::from([192, 0, 2, 1])
        );
    }
}
