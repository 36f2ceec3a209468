//! What a backend tells of users, lists and the server: plain records, still with real ids.

use std::time::SystemTime;

use crate::id::{ChannelId, RoomId, UserId};

/// Who is behind a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The user.
    pub user: UserId,
    /// Whether an administrator has suspended them.
    pub suspended: bool,
    /// What the token may do.
    pub grant: Grant,
}

/// What a token may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grant {
    /// The user's own token: everything.
    Native,
    /// An app's token: what its permissions name, such as `read:account`.
    App {
        /// The names of the permissions.
        permissions: Vec<String>,
    },
}

/// A user's relations: all that the rules need to know of a viewer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewerRecord {
    /// The viewer.
    pub user: UserId,
    /// Whom they follow.
    pub following: Vec<FollowRecord>,
    /// Whom they mute.
    pub muting: Vec<MuteRecord<UserId>>,
    /// Who blocks them.
    pub blocked_by: Vec<UserId>,
    /// Whose renotes they mute.
    pub renote_muting: Vec<UserId>,
    /// Hosts they mute, lower case.
    pub muted_instances: Vec<String>,
    /// Misskey channels they follow.
    pub following_channels: Vec<ChannelId>,
    /// Misskey channels they mute.
    pub muting_channels: Vec<MuteRecord<ChannelId>>,
    /// What their roles allow.
    pub policies: PolicyRecord,
    /// Whether they are a moderator or an administrator.
    pub moderator: bool,
}

/// One follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowRecord {
    /// The one who is followed.
    pub user: UserId,
    /// Whether their replies to others come along.
    pub with_replies: bool,
}

/// One mute, perhaps for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MuteRecord<T> {
    /// What is muted.
    pub target: T,
    /// When it ends; `None`: never.
    pub expires_at: Option<SystemTime>,
}

/// The policies that the stream asks about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PolicyRecord {
    /// May join `localTimeline` and `hybridTimeline`.
    pub local_timeline: bool,
    /// May join `globalTimeline`.
    pub global_timeline: bool,
}

/// What holds for the whole server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SiteRecord {
    /// The policies of visitors.
    pub policies: PolicyRecord,
    /// Which notes visitors may see.
    pub visitors_see: VisitorScope,
}

/// Misskey's `ugcVisibilityForVisitor`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VisitorScope {
    /// `all`.
    All,
    /// `local`: only notes of local users.
    Local,
    /// `none`.
    Nothing,
}

/// A list of users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListRecord {
    /// Whose list it is.
    pub owner: UserId,
    /// Its members, and whether each one's replies to others come along.
    pub members: Vec<FollowRecord>,
}

/// A chat room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomRecord {
    /// The room.
    pub room: RoomId,
    /// Who may read it: its owner, its members and those who are invited, in any order.
    pub members: Vec<UserId>,
}

/// What a role timeline needs of a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoleRecord {
    /// Anyone may see that the role exists.
    pub public: bool,
    /// Anyone may read its timeline.
    pub explorable: bool,
}

/// Who may see a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudienceRecord {
    /// Its author.
    pub author: UserId,
    /// Whether the author is a user of this server.
    pub local: bool,
    /// `public`, `home`, `followers` or `specified`.
    pub visibility: String,
    /// The recipients of a `specified` note.
    pub visible_users: Vec<UserId>,
}
