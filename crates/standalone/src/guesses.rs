//! How often an address may try passwords.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use crate::limits::{GUESSERS_MAX, GUESSES_MAX, GUESSES_WINDOW_MS};

/// The attempts of all addresses that failed of late.
#[derive(Debug, Default)]
pub(crate) struct Guesses(Mutex<HashMap<IpAddr, Attempts>>);

#[derive(Debug, Clone, Copy)]
struct Attempts {
    count: u32,
    since_ms: u64,
}

impl Guesses {
    /// Counts an attempt before its password is looked at, so that attempts at the same time count
    /// too; `false`: there were too many.
    pub(crate) fn begin(&self, address: IpAddr, now_ms: u64) -> bool {
        let mut guessers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        make_room(&mut guessers, now_ms);
        let attempts = guessers.entry(network(address)).or_insert(Attempts {
            count: 0,
            since_ms: now_ms,
        });
        if is_over(*attempts, now_ms) {
            *attempts = Attempts {
                count: 0,
                since_ms: now_ms,
            };
        }
        attempts.count = attempts.count.saturating_add(1);
        attempts.count <= GUESSES_MAX
    }

    /// Takes an attempt back: its password was right.
    pub(crate) fn forgive(&self, address: IpAddr) {
        let mut guessers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(attempts) = guessers.get_mut(&network(address)) {
            attempts.count = attempts.count.saturating_sub(1);
        }
    }
}

fn is_over(attempts: Attempts, now_ms: u64) -> bool {
    now_ms.saturating_sub(attempts.since_ms) >= GUESSES_WINDOW_MS
}

/// Forgets what is over, and where that isn't enough, the oldest.
fn make_room(guessers: &mut HashMap<IpAddr, Attempts>, now_ms: u64) {
    if guessers.len() < GUESSERS_MAX {
        return;
    }
    guessers.retain(|_, attempts| !is_over(*attempts, now_ms));
    if guessers.len() < GUESSERS_MAX {
        return;
    }
    let oldest = guessers
        .iter()
        .min_by_key(|(_, attempts)| attempts.since_ms);
    if let Some(oldest) = oldest.map(|(address, _)| *address) {
        guessers.remove(&oldest);
    }
}

/// Who has an IPv6 address has a whole /64 of them.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let prefix = address.to_bits() & !u128::from(u64::MAX);
            Ipv6Addr::from_bits(prefix).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_has_so_many_attempts_in_a_while() {
        let guesses = Guesses::default();
        let (one, other) = (address("192.0.2.1"), address("192.0.2.2"));
        for _ in 0..GUESSES_MAX {
            assert!(guesses.begin(one, 1_000));
        }
        assert!(!guesses.begin(one, 1_000 + GUESSES_WINDOW_MS - 1));
        assert!(guesses.begin(other, 1_000));
        assert!(guesses.begin(one, 1_000 + GUESSES_WINDOW_MS));
    }

    #[test]
    fn right_passwords_are_not_counted() {
        let guesses = Guesses::default();
        let one = address("192.0.2.1");
        for _ in 0..GUESSES_MAX * 2 {
            assert!(guesses.begin(one, 0));
            guesses.forgive(one);
        }
    }

    #[test]
    fn a_network_of_addresses_counts_as_one() {
        let guesses = Guesses::default();
        for host in 0..GUESSES_MAX {
            assert!(guesses.begin(address(&format!("2001:db8::{host:x}")), 0));
        }
        assert!(!guesses.begin(address("2001:db8::ffff"), 0));
        assert!(guesses.begin(address("2001:db8:0:1::1"), 0));
    }

    #[test]
    fn so_many_addresses_are_remembered() {
        let guesses = Guesses::default();
        let first = address("10.0.0.0");
        for _ in 0..=GUESSES_MAX {
            guesses.begin(first, 0);
        }
        for host in 1..=GUESSERS_MAX {
            let bytes = u32::try_from(host).unwrap().to_be_bytes();
            guesses.begin([10, bytes[1], bytes[2], bytes[3]].into(), 1);
        }
        assert_eq!(guesses.0.lock().unwrap().len(), GUESSERS_MAX);
        assert!(guesses.begin(first, 2), "the oldest is forgotten");
    }
}
