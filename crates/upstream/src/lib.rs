//! The client of the Misskey server beside which this one runs.
//!
//! [`StreamClient`] opens streams there, for the bridge.
//!
//! Invariants: a token goes to the server upstream and nowhere else, into no error and no log; all
//! that comes back is bounded in bytes, all waiting in time.

mod address;
mod connect;
mod stream;

pub use address::{Address, AddressError};
pub use stream::StreamClient;
