//! Clients as no server wants them.

mod flood;
mod slow;
mod storm;

use std::net::SocketAddr;

pub(crate) use flood::flood;
pub(crate) use slow::slow;
pub(crate) use storm::storm;

/// Connections that misbehave, and where.
pub(crate) struct Bad<'a> {
    pub(crate) address: SocketAddr,
    /// The number of the first one: it decides the source addresses.
    pub(crate) offset: usize,
    pub(crate) count: usize,
    /// Whose each of them is; `None`: a visitor's.
    pub(crate) token: &'a (dyn Fn(usize) -> Option<String> + Sync),
    /// What they join, where they join something.
    pub(crate) channel: &'a str,
}
