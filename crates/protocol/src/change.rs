//! The events of the topic `internal` that change what a viewer may see, or who may connect.

use serde::de::{Deserialize, Deserializer, Error as _};
use serde_json::value::RawValue;

use crate::json;
use crate::text::Text;
use crate::time;

/// A change of relations, roles, tokens or settings. Ids are as the message writes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change<'a> {
    /// `follow`.
    Follow(Follow<'a>),
    /// `followUpdated`: the follow was there, its `withReplies` changed. Ours.
    FollowUpdated(Follow<'a>),
    /// `unfollow`.
    Unfollow(Follow<'a>),
    /// `blockingCreated`.
    Block(Block<'a>),
    /// `blockingDeleted`.
    Unblock(Block<'a>),
    /// `mute`.
    Mute(Mute<'a>),
    /// `unmute`.
    Unmute(Mute<'a>),
    /// `renoteMute`. Ours.
    RenoteMute(Mute<'a>),
    /// `renoteUnmute`. Ours.
    RenoteUnmute(Mute<'a>),
    /// `followChannel`.
    FollowChannel(ChannelRelation<'a>),
    /// `unfollowChannel`.
    UnfollowChannel(ChannelRelation<'a>),
    /// `muteChannel`.
    MuteChannel(ChannelRelation<'a>),
    /// `unmuteChannel`.
    UnmuteChannel(ChannelRelation<'a>),
    /// `userListMemberAdded`.
    ListMemberAdded(ListMember<'a>),
    /// `userListMemberUpdated`: its `withReplies` changed. Ours.
    ListMemberUpdated(ListMember<'a>),
    /// `userListMemberRemoved`.
    ListMemberRemoved(ListMember<'a>),
    /// `userListDeleted`. Ours.
    ListDeleted {
        /// The list.
        list: Text<'a>,
    },
    /// `chatRoomUpdated`: other users than before may read a room. Ours.
    Room(Room<'a>),
    /// `antennaDeleted`.
    AntennaDeleted {
        /// The antenna.
        antenna: Text<'a>,
    },
    /// `updateUserProfile`.
    Profile(Profile<'a>),
    /// `userChangeSuspendedState`.
    Suspended {
        /// The user.
        user: Text<'a>,
        /// Whether they are suspended.
        suspended: bool,
    },
    /// `userChangeDeletedState`.
    Deleted {
        /// The user.
        user: Text<'a>,
        /// Whether they are deleted.
        deleted: bool,
    },
    /// `userTokenRegenerated`: the native token before it is worth nothing.
    TokenRegenerated {
        /// The user.
        user: Text<'a>,
    },
    /// `accessTokenRevoked`, of ours: some app's token is worth nothing any more.
    AppTokenRevoked {
        /// The user.
        user: Text<'a>,
    },
    /// `roleCreated`.
    RoleCreated(Role<'a>),
    /// `roleUpdated`.
    RoleUpdated(Role<'a>),
    /// `roleDeleted`.
    RoleDeleted(Role<'a>),
    /// `userRoleAssigned`.
    RoleAssigned(RoleAssignment<'a>),
    /// `userRoleUnassigned`.
    RoleUnassigned(RoleAssignment<'a>),
    /// `policiesUpdated`: the server's base policies; they must be read again.
    Policies,
    /// `metaUpdated`: the server's settings; they must be read again.
    Meta,
}

/// Who follows whom.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Follow<'a> {
    /// The one who follows.
    #[serde(borrow)]
    pub follower_id: Text<'a>,
    /// The one who is followed.
    #[serde(borrow)]
    pub followee_id: Text<'a>,
    /// Whether replies to others come along. `None`: the event doesn't say.
    #[serde(default)]
    pub with_replies: Option<bool>,
}

/// Who blocks whom.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Block<'a> {
    /// The one who blocks.
    #[serde(borrow)]
    pub blocker_id: Text<'a>,
    /// The one who is blocked.
    #[serde(borrow)]
    pub blockee_id: Text<'a>,
}

/// Who mutes whom, or their renotes.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mute<'a> {
    /// The one who mutes.
    #[serde(borrow)]
    pub muter_id: Text<'a>,
    /// The one who is muted.
    #[serde(borrow)]
    pub mutee_id: Text<'a>,
    /// When it ends, in Unix milliseconds. `None`: never, or the event doesn't say.
    #[serde(default, deserialize_with = "moment")]
    pub expires_at: Option<u64>,
}

/// A user's relation to a Misskey channel.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChannelRelation<'a> {
    /// The user.
    #[serde(borrow)]
    pub user_id: Text<'a>,
    /// The channel.
    #[serde(borrow)]
    pub channel_id: Text<'a>,
    /// When a mute ends, in Unix milliseconds. `None`: never, or the event doesn't say.
    #[serde(default, deserialize_with = "moment")]
    pub expires_at: Option<u64>,
}

/// A member of a list.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListMember<'a> {
    /// The list.
    #[serde(rename = "userListId", borrow)]
    pub list_id: Text<'a>,
    /// The member.
    #[serde(borrow)]
    pub member_id: Text<'a>,
    /// Whether replies to others come along. `None`: the event doesn't say.
    #[serde(default)]
    pub with_replies: Option<bool>,
}

/// Who may read a chat room.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Room<'a> {
    /// The room.
    #[serde(borrow)]
    pub room_id: Text<'a>,
    /// All who may; nobody may read a room that is gone.
    #[serde(borrow)]
    pub user_ids: Vec<Text<'a>>,
}

/// What of a profile decides what its owner sees.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Profile<'a> {
    /// The user.
    #[serde(borrow)]
    pub user_id: Text<'a>,
    /// Hosts they mute, as they wrote them. `None`: the event doesn't say.
    #[serde(borrow, default)]
    pub muted_instances: Option<Vec<Text<'a>>>,
}

/// What of a role decides who may read its timeline.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Role<'a> {
    /// The role.
    #[serde(borrow)]
    pub id: Text<'a>,
    /// Anyone may see that the role exists.
    #[serde(rename = "isPublic", default)]
    pub public: bool,
    /// Anyone may read its timeline.
    #[serde(rename = "isExplorable", default)]
    pub explorable: bool,
}

/// Who has which role.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleAssignment<'a> {
    /// The user.
    #[serde(borrow)]
    pub user_id: Text<'a>,
    /// The role.
    #[serde(borrow)]
    pub role_id: Text<'a>,
}

impl<'a> Change<'a> {
    /// Decodes an event of the topic `internal`. `Ok(None)`: one that changes nothing here.
    pub(crate) fn decode(
        kind: &str,
        body: Option<&'a RawValue>,
    ) -> Result<Option<Self>, serde_json::Error> {
        Ok(Some(match kind {
            "follow" => Self::Follow(json::body(body)?),
            "followUpdated" => Self::FollowUpdated(json::body(body)?),
            "unfollow" => Self::Unfollow(json::body(body)?),
            "blockingCreated" => Self::Block(json::body(body)?),
            "blockingDeleted" => Self::Unblock(json::body(body)?),
            "mute" => Self::Mute(json::body(body)?),
            "unmute" => Self::Unmute(json::body(body)?),
            "renoteMute" => Self::RenoteMute(json::body(body)?),
            "renoteUnmute" => Self::RenoteUnmute(json::body(body)?),
            "followChannel" => Self::FollowChannel(json::body(body)?),
            "unfollowChannel" => Self::UnfollowChannel(json::body(body)?),
            "muteChannel" => Self::MuteChannel(json::body(body)?),
            "unmuteChannel" => Self::UnmuteChannel(json::body(body)?),
            "userListMemberAdded" => Self::ListMemberAdded(json::body(body)?),
            "userListMemberUpdated" => Self::ListMemberUpdated(json::body(body)?),
            "userListMemberRemoved" => Self::ListMemberRemoved(json::body(body)?),
            "userListDeleted" => Self::ListDeleted {
                list: json::body::<DeletedList<'_>>(body)?.id,
            },
            "chatRoomUpdated" => Self::Room(json::body(body)?),
            "antennaDeleted" => Self::AntennaDeleted {
                antenna: json::body::<Named<'_>>(body)?.id,
            },
            "updateUserProfile" => Self::Profile(json::body(body)?),
            "userChangeSuspendedState" => {
                let SuspendedState { user, suspended } = json::body(body)?;
                Self::Suspended { user, suspended }
            }
            "userChangeDeletedState" => {
                let DeletedState { user, deleted } = json::body(body)?;
                Self::Deleted { user, deleted }
            }
            "userTokenRegenerated" => Self::TokenRegenerated {
                user: json::body::<Named<'_>>(body)?.id,
            },
            "accessTokenRevoked" => Self::AppTokenRevoked {
                user: json::body::<Named<'_>>(body)?.id,
            },
            "roleCreated" => Self::RoleCreated(json::body(body)?),
            "roleUpdated" => Self::RoleUpdated(json::body(body)?),
            "roleDeleted" => Self::RoleDeleted(json::body(body)?),
            "userRoleAssigned" => Self::RoleAssigned(json::body(body)?),
            "userRoleUnassigned" => Self::RoleUnassigned(json::body(body)?),
            "policiesUpdated" => Self::Policies,
            "metaUpdated" => Self::Meta,
            _ => return Ok(None),
        }))
    }
}

/// Reads a moment: Unix milliseconds, or a date as `JSON.stringify` writes one, or null.
fn moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    #[derive(serde::Deserialize)]
    #[serde(untagged)]
    enum Moment<'a> {
        Ms(u64),
        Date(#[serde(borrow)] Text<'a>),
    }
    match Option::<Moment<'_>>::deserialize(deserializer)? {
        None => Ok(None),
        Some(Moment::Ms(ms)) => Ok(Some(ms)),
        Some(Moment::Date(date)) => match time::parse_unix_ms(&date) {
            Some(ms) => Ok(Some(ms)),
            None => Err(D::Error::custom("not a date")),
        },
    }
}

#[derive(serde::Deserialize)]
struct Named<'a> {
    #[serde(borrow)]
    id: Text<'a>,
}

#[derive(serde::Deserialize)]
struct DeletedList<'a> {
    #[serde(rename = "userListId", borrow)]
    id: Text<'a>,
}

#[derive(serde::Deserialize)]
struct SuspendedState<'a> {
    #[serde(rename = "id", borrow)]
    user: Text<'a>,
    #[serde(rename = "isSuspended")]
    suspended: bool,
}

#[derive(serde::Deserialize)]
struct DeletedState<'a> {
    #[serde(rename = "id", borrow)]
    user: Text<'a>,
    #[serde(rename = "isDeleted")]
    deleted: bool,
}
