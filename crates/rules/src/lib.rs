//! Who may see what, as pure functions over facts that are already at hand.
//!
//! The functions here take a note (or an event), a viewer and the moment, and give a
//! [`Verdict`]. A verdict that lets something through carries a [`Cleared`], which only this
//! crate can make, and the mailboxes take nothing without one: a leak around the rules does
//! not compile. Missing data means *do not deliver*.
//!
//! Start with [`decide()`], which asks one rule after the other, in the words of
//! `docs/PROTOCOL.md`: *Visible*, what the channel carries, *Muted or blocked*, *Hidden parts*.
//! Beside it stand [`decide_capture`] for captured notes, [`decide_main`] for a user's own events,
//! [`decide_topic`] for the rest, [`decide_bridged`] for what the server upstream has judged, and [`join`] for who may join at all.
//!
//! Users and Misskey channels appear as interned keys (see [`key`]); the hub interns them. There
//! is no clock here: a [`Moment`] is an argument.

#[cfg(any(test, feature = "proptest"))]
pub mod arbitrary;
pub mod bridge;
pub mod capture;
pub mod channel;
pub mod decide;
mod hide;
pub mod join;
pub mod key;
pub mod main_channel;
mod mute;
pub mod note;
pub mod topic;
pub mod verdict;
pub mod viewer;
mod visible;

pub use bridge::decide_bridged;
pub use capture::{Audience, decide_capture};
pub use channel::Channel;
pub use decide::{Moment, decide};
pub use join::{Admission, JoinFacts, Refusal, Who};
pub use key::{ChannelKey, UserKey};
pub use main_channel::{MainFacts, MainKind, decide_main};
pub use note::{Author, Note, Origin, Reply, Visibility};
pub use topic::{Recipients, decide_topic};
pub use verdict::{Cleared, Hidden, Reason, Verdict};
pub use viewer::{Follow, Follows, Keys, Viewer, Viewpoint};

#[cfg(test)]
mod tests;
