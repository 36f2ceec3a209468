//! How often an endpoint may be called: by a user, or by an address where nobody is logged in.
//!
//! A bucket is one number, the moment when it is full again: each call moves that by the time
//! that one call is worth, and a call is refused that would move it beyond the length of the
//! limit. Full buckets are all alike, so a fixed table holds them and nothing has to be thrown
//! away. Two callers may share a place; that is rare, and costs them some calls.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use protocol::id::UserId;

use super::ctx::Me;
use super::endpoint::Endpoint;
use super::error::ApiError;
use super::origin::Origin;
use crate::Standalone;
use crate::limits::RATE_BUCKETS;

const SECOND: u64 = 1000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// What is limited: how many calls in how many milliseconds. The rest may be called at will.
const LIMITS: &[(&str, u64, u64)] = &[
    ("blocking/create", 20, HOUR),
    ("blocking/delete", 100, HOUR),
    ("channels/create", 10, HOUR),
    ("chat/messages/create-to-room", 500, HOUR),
    ("chat/messages/create-to-user", 500, HOUR),
    ("chat/messages/delete", 300, HOUR),
    ("chat/rooms/create", 10, DAY),
    ("chat/rooms/invitations/create", 50, DAY),
    ("drive/files/create", 120, HOUR),
    ("drive/files/update", 600, HOUR),
    ("drive/files/upload-from-url", 60, HOUR),
    ("drive/folders/create", 100, HOUR),
    ("following/create", 100, HOUR),
    ("following/delete", 100, HOUR),
    ("following/invalidate", 100, HOUR),
    ("following/update", 100, HOUR),
    ("following/update-all", 10, HOUR),
    ("i/notifications", 30, 30 * SECOND),
    ("i/notifications-grouped", 30, 30 * SECOND),
    ("i/regenerate-token", 30, HOUR),
    ("i/update", 20, HOUR),
    ("miauth/gen-token", 60, HOUR),
    ("mute/create", 20, HOUR),
    ("notes/create", 300, HOUR),
    ("notes/delete", 300, HOUR),
    ("notes/reactions/delete", 60, HOUR),
    ("notes/thread-muting/create", 10, HOUR),
    ("notes/unrenote", 300, HOUR),
    ("notifications/create", 10, MINUTE),
    ("renote-mute/create", 20, HOUR),
    ("reversi/match", 1_000, HOUR),
    ("signin-flow", 30, HOUR),
    ("signup", 30, HOUR),
    ("users/lists/push", 30, HOUR),
    ("users/report-abuse", 30, HOUR),
];

/// The buckets of all callers.
pub(crate) struct Rates {
    hasher: RandomState,
    full_at_ms: Mutex<Box<[u64]>>,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            hasher: RandomState::new(),
            full_at_ms: Mutex::new(vec![0; RATE_BUCKETS].into_boxed_slice()),
        }
    }
}

/// What a player may do in their games of Reversi: how much in how many milliseconds.
const PLAYS: (u64, u64) = (600, MINUTE);

/// Refuses a call beyond the limit of its endpoint; with `--dev` there are no limits.
pub(super) fn check(
    app: &Standalone,
    endpoint: &Endpoint,
    me: Option<&Me>,
    origin: &Origin,
) -> Result<(), ApiError> {
    let now_ms = app.store.now_ms();
    if app.store.site().dev() {
        return Ok(());
    }
    let counted = app.rates.count(endpoint.name, me, origin.address(), now_ms);
    counted.map_err(|Wait { ms }| ApiError::Limited {
        retry_after_s: ms.div_ceil(SECOND),
    })
}

/// Whether an address may try a password on a page: as often as at the endpoint, taken together.
pub(crate) fn may_sign_in(app: &Standalone, origin: &Origin) -> bool {
    let now_ms = app.store.now_ms();
    app.store.site().dev()
        || app
            .rates
            .count("signin-flow", None, origin.address(), now_ms)
            .is_ok()
}

/// Whether a player may do one more thing in their games of Reversi; if so it counts.
pub(crate) fn may_play(app: &Standalone, player: &UserId) -> bool {
    let hash = app.rates.hasher.hash_one(("play", player.as_str()));
    app.store.site().dev() || app.rates.take(hash, PLAYS, app.store.now_ms()).is_ok()
}

/// A call comes too early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Wait {
    /// By so many milliseconds.
    ms: u64,
}

impl Rates {
    /// Counts a call that is within the limit of its endpoint, and refuses one that isn't. Whoever
    /// comes from no address is this program itself, or a neighbour on a Unix socket, and is free.
    fn count(
        &self,
        endpoint: &str,
        me: Option<&Me>,
        address: Option<IpAddr>,
        now_ms: u64,
    ) -> Result<(), Wait> {
        let Some(address) = address else {
            return Ok(());
        };
        let Some((name, calls, span_ms)) = LIMITS.iter().find(|(name, ..)| *name == endpoint)
        else {
            return Ok(());
        };
        let hash = match me {
            Some(me) => self.hasher.hash_one((name, me.id.as_str())),
            None => self.hasher.hash_one((name, network(address))),
        };
        self.take(hash, (*calls, *span_ms), now_ms)
    }

    /// Takes one out of a bucket for so many calls in so many milliseconds, if one is left.
    fn take(&self, hash: u64, (calls, span_ms): (u64, u64), now_ms: u64) -> Result<(), Wait> {
        let mut buckets = self
            .full_at_ms
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let place = usize::try_from(hash % buckets.len() as u64).expect("it is below a length");
        let full_at_ms = buckets[place].max(now_ms) + span_ms / calls;
        match full_at_ms.checked_sub(now_ms + span_ms) {
            None | Some(0) => {
                buckets[place] = full_at_ms;
                Ok(())
            }
            Some(ms) => Err(Wait { ms }),
        }
    }
}

/// Whose address it is: with IPv6 one person has as many as they like within 64 bits.
fn network(address: IpAddr) -> [u8; 16] {
    let mut octets = match address {
        IpAddr::V4(v4) => return v4.to_ipv6_mapped().octets(),
        IpAddr::V6(v6) if v6.to_ipv4_mapped().is_some() => return v6.octets(),
        IpAddr::V6(v6) => v6.octets(),
    };
    octets[8..].fill(0);
    octets
}

#[cfg(test)]
mod tests;
