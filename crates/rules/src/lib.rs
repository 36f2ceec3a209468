//! Who may see what, as pure functions over facts that are already at hand.
//!
//! The functions here take a note (or an event), a viewer and the moment, and give a
//! [`Verdict`]. A verdict that lets something through carries a [`Cleared`], which only this
//! crate can make, and the mailboxes take nothing without one: a leak around the rules does
//! not compile. Missing data means *do not deliver*.
//!
//! Users and Misskey channels appear as interned keys (see [`key`]); the hub interns them.

pub mod key;
pub mod note;
pub mod verdict;
pub mod viewer;

pub use key::{ChannelKey, UserKey};
pub use note::{Author, Note, Origin, Reply, Visibility};
pub use verdict::{Cleared, Hidden, Reason, Verdict};
pub use viewer::{Follow, Follows, Viewer, Viewpoint};
