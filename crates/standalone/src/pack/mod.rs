//! Users and notes the way the API shows them, as JSON with Misskey's keys in Misskey's order.
//!
//! [`Packer`] comes from [`View::pack`](crate::store::View::pack), in reads and writes alike:
//!
//! ```ignore
//! let packed = tx.pack().note(&note, For::Stream)?;      // for `notesStream`
//! let shown = view.pack().note(&note, For::User(&me))?;  // for a REST answer
//! ```

mod antenna;
mod audience;
mod channel;
mod chat;
mod drive;
mod list;
mod me;
mod messaging;
mod note;
mod notification;
mod reversi;
mod role;
pub mod time;
mod user;

use protocol::id::UserId;
use rusqlite::Connection;
use serde_json::{Map, Value};

use crate::site::Site;

pub use chat::MembershipOf;
pub use drive::Owner;
pub use me::default_policies;
pub use user::ONLINE_MS;

/// The type of a JSON object.
pub type Object = Map<String, Value>;

/// For whom something is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum For<'a> {
    /// For the streaming server: nothing hidden, with `reactionAndUserPairCache`.
    Stream,
    /// For a user: what they may not see is hidden, and `myReaction` is theirs.
    User(&'a UserId),
    /// For someone without an account.
    Visitor,
}

impl<'a> For<'a> {
    /// For `viewer`, or a visitor.
    #[must_use]
    pub fn viewer(viewer: Option<&'a UserId>) -> Self {
        viewer.map_or(Self::Visitor, Self::User)
    }

    /// The user, if it is for one.
    #[must_use]
    pub fn user(self) -> Option<&'a UserId> {
        match self {
            Self::User(user) => Some(user),
            Self::Stream | Self::Visitor => None,
        }
    }
}

/// Packs what it reads from the store at one moment.
#[derive(Clone, Copy)]
pub struct Packer<'a> {
    connection: &'a Connection,
    site: &'a Site,
    now_ms: u64,
}

impl<'a> Packer<'a> {
    pub(crate) fn new(connection: &'a Connection, site: &'a Site, now_ms: u64) -> Self {
        Self {
            connection,
            site,
            now_ms,
        }
    }
}

/// The object in a `json!({...})`.
pub(crate) fn object(value: Value) -> Object {
    match value {
        Value::Object(object) => object,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Object::new()
        }
    }
}
