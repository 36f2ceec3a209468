//! The seam between the streaming server and a store.
//!
//! A [`Backend`] is the whole of what the server asks: one ordered stream of events, who is
//! behind a token, and the relations that the rules need. The standalone store and the
//! companion of an existing Misskey implement it; `server` never names either.
//!
//! Invariant: events come in the order in which they took effect, relation changes among
//! them. A record read after a change was published shows that change.

use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;
use protocol::id::{AntennaId, ChannelId, ListId, NoteId, RoleId, RoomId, UserId};
use tokio::sync::mpsc;

/// One store, as the streaming server sees it.
#[async_trait]
pub trait Backend: Send + Sync + 'static {
    /// Takes the one ordered stream of events. Called once, before anything is loaded, so that
    /// no change falls between a load and the stream; a second call gets `None`.
    fn events(&self) -> Option<mpsc::Receiver<SourceEvent>>;

    /// Who is behind a token. `None`: nobody.
    async fn authenticate(&self, token: &str) -> Result<Option<Account>, BackendError>;

    /// The relations of some users, in one batch. A user who doesn't exist is left out.
    async fn viewers(&self, users: &[UserId]) -> Result<Vec<ViewerRecord>, BackendError>;

    /// What holds for the whole server.
    async fn site(&self) -> Result<SiteRecord, BackendError>;

    /// A list with its members.
    async fn list(&self, list: &ListId) -> Result<Option<ListRecord>, BackendError>;

    /// Whose antenna this is.
    async fn antenna_owner(&self, antenna: &AntennaId) -> Result<Option<UserId>, BackendError>;

    /// What a role timeline needs of a role.
    async fn role(&self, role: &RoleId) -> Result<Option<RoleRecord>, BackendError>;

    /// Whether a user owns a chat room, is a member of it or invited to it.
    async fn in_room(&self, room: &RoomId, user: &UserId) -> Result<bool, BackendError>;

    /// Who may see a note, for captures whose event doesn't say. `None`: no such note.
    async fn audience(&self, note: &NoteId) -> Result<Option<AudienceRecord>, BackendError>;

    /// Which of `users` have reacted to a note, and how, in the spelling of the note's
    /// `reactions` keys.
    async fn my_reactions(
        &self,
        note: &NoteId,
        users: &[UserId],
    ) -> Result<Vec<(UserId, String)>, BackendError>;

    /// A note as the API shows it to `viewer`, as JSON. `None`: the viewer may not see it, or
    /// it is gone.
    async fn pack_note(&self, note: &NoteId, viewer: &UserId)
    -> Result<Option<Bytes>, BackendError>;

    /// Marks all of a user's notifications as read.
    async fn read_notifications(&self, user: &UserId) -> Result<(), BackendError>;

    /// Moves a user's last-active date: on connect and every 5 minutes while connected.
    async fn touch(&self, user: &UserId) -> Result<(), BackendError>;

    /// Whether the store answers and events can arrive; the error says what does not.
    async fn ready(&self) -> Result<(), BackendError>;
}

/// What comes out of [`Backend::events`].
#[derive(Debug, Clone)]
pub enum SourceEvent {
    /// A message of Misskey's pub/sub channel: see `protocol.md` section 8 for the topics.
    Message(RawEvent),
    /// Events may have been lost here: everything that was loaded must be loaded again.
    Gap,
}

/// One published message, not yet decoded.
#[derive(Debug, Clone)]
pub struct RawEvent {
    /// The topic, such as `notesStream` or `mainStream:{userId}`.
    pub topic: Box<str>,
    /// The message under it, as JSON.
    pub payload: Bytes,
}

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

/// A store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[error("cannot {operation}")]
pub struct BackendError {
    /// What was tried, naming the table or topic, such as "read table `following`".
    pub operation: String,
    /// Why it failed.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}
