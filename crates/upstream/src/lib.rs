//! The client of the Misskey server beside which this one runs.
//!
//! [`StreamClient`] opens streams there, for the bridge; [`NotesClient`] asks for notes as one user
//! sees them.
//!
//! Invariants: a token goes to the server upstream and nowhere else, into no error and no log; all
//! that comes back is bounded in bytes, all waiting in time.

mod address;
mod connect;
mod notes;
mod stream;

pub use address::{Address, AddressError};
pub use notes::{NotesClient, ShowError};
pub use stream::StreamClient;
