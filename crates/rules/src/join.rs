//! Who may join a channel of the stream: `docs/PROTOCOL.md` sections 2 and 4.
//!
//! [`gate`] asks what needs no look into the store: login and permission. [`admit`] asks that
//! again, and then the rest.

use protocol::channel::Channel;
use protocol::id::UserId;
use protocol::join::Join;
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

/// Whether someone may try to join a channel: the login that it needs, and the permission that
/// it needs of an app token.
///
/// # Errors
///
/// When they may not.
pub fn gate(channel: Channel, who: Who<'_>) -> Result<(), Refusal> {
    let spec = channel.spec();
    match who {
        Who::Visitor if spec.login => Err(Refusal::NeedsLogin),
        Who::Visitor => Ok(()),
        Who::User {
            grant: Grant::Native,
            ..
        } => Ok(()),
        Who::User {
            grant: Grant::App { permissions },
            ..
        } => match spec.kind {
            Some(kind) if permissions.iter().any(|permission| permission == kind) => Ok(()),
            Some(_) => Err(Refusal::NeedsPermission),
            None if spec.login => Err(Refusal::NeedsPermission),
            None => Ok(()),
        },
    }
}

/// Whether someone may play in the games that they watch: an app needs the permission to act for
/// its user.
#[must_use]
pub fn may_play(who: Who<'_>) -> bool {
    match who {
        Who::Visitor => false,
        Who::User { grant, .. } => match grant {
            Grant::Native => true,
            Grant::App { permissions } => permissions.iter().any(|name| name == "write:account"),
        },
    }
}

/// Whether someone may join, with these params and these facts.
///
/// # Errors
///
/// When they may not, or a fact that decides it is missing.
pub fn admit(join: &Join, who: Who<'_>, facts: &JoinFacts) -> Result<Admission, Refusal> {
    gate(join.channel(), who)?;
    let (holds, otherwise) = match join {
        Join::LocalTimeline(_) | Join::HybridTimeline(_) => {
            let open = facts
                .policies
                .is_some_and(|policies| policies.local_timeline);
            (open, Refusal::ClosedByPolicy)
        }
        Join::GlobalTimeline(_) => {
            let open = facts
                .policies
                .is_some_and(|policies| policies.global_timeline);
            (open, Refusal::ClosedByPolicy)
        }
        Join::UserList { .. } | Join::Antenna { .. } => (who.owns(facts), Refusal::NotTheirs),
        Join::RoleTimeline { .. } => {
            let open = facts
                .role
                .is_some_and(|role| role.public && role.explorable);
            (open, Refusal::NotTheirs)
        }
        Join::ChatRoom { .. } => (facts.in_room == Some(true), Refusal::NotTheirs),
        Join::Admin => (facts.moderator == Some(true), Refusal::NeedsModerator),
        Join::Main
        | Join::HomeTimeline(_)
        | Join::Hashtag { .. }
        | Join::Channel { .. }
        | Join::Drive
        | Join::ServerStats
        | Join::QueueStats
        | Join::ChatUser { .. }
        | Join::Messaging { .. }
        | Join::MessagingIndex
        | Join::Reversi
        | Join::ReversiGame { .. } => return Ok(Admission(())),
    };
    if holds {
        Ok(Admission(()))
    } else {
        Err(otherwise)
    }
}

impl Who<'_> {
    /// Whether what they want to join is known to be theirs.
    fn owns(self, facts: &JoinFacts) -> bool {
        match self {
            Self::Visitor => false,
            Self::User { id, .. } => facts.owner.as_ref() == Some(id),
        }
    }
}
