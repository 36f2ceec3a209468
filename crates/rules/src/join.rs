//! Who may join a channel of the stream: `docs/PROTOCOL.md` sections 2 and 4.
//!
//! `gate(channel, who) -> Result<(), Refusal>` asks what needs no store (login, permission);
//! `admit(join, who, facts) -> Result<Admission, Refusal>` asks that again and the rest.

use protocol::id::UserId;
use protocol::record::{Grant, PolicyRecord, RoleRecord};

/// Who wants to join.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who<'a> {
    /// Nobody we know.
    Visitor,
    /// A user who is logged in.
    User {
        /// The user.
        id: &'a UserId,
        /// What their token may do.
        grant: &'a Grant,
    },
}

/// What was found out for one join. What is missing counts as a no.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JoinFacts {
    /// The policies of the viewer, or the site's for a visitor.
    pub policies: Option<PolicyRecord>,
    /// Whether the viewer is a moderator or an administrator.
    pub moderator: Option<bool>,
    /// Whose list or antenna it is.
    pub owner: Option<UserId>,
    /// The role.
    pub role: Option<RoleRecord>,
    /// Whether the viewer owns the chat room, is a member of it or invited to it.
    pub in_room: Option<bool>,
}

/// Proof that a viewer was let into a channel of the stream. Only this crate can make one; the
/// hub keeps it with the subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Admission(());

/// Why a channel may not be joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refusal {
    /// It needs a login.
    #[error("the channel needs a login")]
    NeedsLogin,
    /// The app token lacks the permission, or the channel is closed to app tokens.
    #[error("the token lacks the permission that the channel needs")]
    NeedsPermission,
    /// The viewer's roles don't allow it.
    #[error("the viewer's policies close the channel")]
    ClosedByPolicy,
    /// It belongs to someone else, or there is no such thing.
    #[error("the viewer may not read what the channel shows")]
    NotTheirs,
    /// The viewer is no moderator.
    #[error("the channel is for moderators")]
    NeedsModerator,
}
