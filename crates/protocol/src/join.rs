//! What a `connect` asks of its channel: the typed `params` of `docs/PROTOCOL.md` section 4.

use serde_json::{Map, Value};

use crate::channel::Channel;
use crate::id::{AntennaId, ChannelId, GameId, ListId, RoleId, RoomId, UserId};
use crate::json;
use crate::limits::{
    HASHTAG_BYTES_MAX, HASHTAG_GROUP_TAGS_MAX, HASHTAG_GROUPS_MAX, PARAMS_BYTES_MAX,
};
use crate::tag;

/// What a `connect` asks of its channel.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Join {
    /// `main`.
    Main,
    /// `homeTimeline`; `with_replies` is always false.
    HomeTimeline(TimelineParams),
    /// `localTimeline`.
    LocalTimeline(TimelineParams),
    /// `hybridTimeline`.
    HybridTimeline(TimelineParams),
    /// `globalTimeline`; `with_replies` is always false.
    GlobalTimeline(TimelineParams),
    /// `userList`.
    UserList {
        /// The list.
        list: ListId,
        /// What of it; `with_replies` is always false.
        params: TimelineParams,
    },
    /// `hashtag`.
    Hashtag {
        /// Notes with all tags of some group; tags are NFKC-normalised and lower-cased, no
        /// group is empty.
        groups: Vec<Vec<Box<str>>>,
    },
    /// `roleTimeline`.
    RoleTimeline {
        /// The role.
        role: RoleId,
    },
    /// `antenna`.
    Antenna {
        /// The antenna.
        antenna: AntennaId,
    },
    /// `channel`.
    Channel {
        /// The Misskey channel.
        channel: ChannelId,
    },
    /// `drive`.
    Drive,
    /// `serverStats`.
    ServerStats,
    /// `queueStats`.
    QueueStats,
    /// `admin`.
    Admin,
    /// `chatUser`.
    ChatUser {
        /// With whom.
        other: UserId,
    },
    /// `chatRoom`.
    ChatRoom {
        /// The room.
        room: RoomId,
    },
    /// `reversi`.
    Reversi,
    /// `reversiGame`.
    ReversiGame {
        /// The game.
        game: GameId,
    },
    /// `messaging`.
    Messaging {
        /// With whom.
        other: UserId,
    },
    /// `messagingIndex`.
    MessagingIndex,
}

/// The switches of a timeline. A channel that lacks one keeps its default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimelineParams {
    /// `withRenotes`: pure renotes too.
    pub with_renotes: bool,
    /// `withReplies`: replies to others too.
    pub with_replies: bool,
    /// `withFiles`: only notes with files.
    pub with_files: bool,
}

impl Default for TimelineParams {
    fn default() -> Self {
        Self {
            with_renotes: true,
            with_replies: false,
            with_files: false,
        }
    }
}

impl Join {
    /// Reads the `params` of a channel, as JSON; `None`: absent. Gives nothing where they are not an
    /// object, or not what the channel takes.
    #[must_use]
    pub fn decode(channel: Channel, params: Option<&str>) -> Option<Self> {
        let params = Params::parse(params)?;
        Some(match channel {
            Channel::Main => Self::Main,
            Channel::HomeTimeline => Self::HomeTimeline(params.without_replies()),
            Channel::LocalTimeline => Self::LocalTimeline(params.with_replies()),
            Channel::HybridTimeline => Self::HybridTimeline(params.with_replies()),
            Channel::GlobalTimeline => Self::GlobalTimeline(params.without_replies()),
            Channel::UserList => Self::UserList {
                list: ListId::parse(params.string("listId")?)?,
                params: params.without_replies(),
            },
            Channel::Hashtag => Self::Hashtag {
                groups: params.hashtags()?,
            },
            Channel::RoleTimeline => Self::RoleTimeline {
                role: RoleId::parse(params.string("roleId")?)?,
            },
            Channel::Antenna => Self::Antenna {
                antenna: AntennaId::parse(params.string("antennaId")?)?,
            },
            Channel::Channel => Self::Channel {
                channel: ChannelId::parse(params.string("channelId")?)?,
            },
            Channel::Drive => Self::Drive,
            Channel::ServerStats => Self::ServerStats,
            Channel::QueueStats => Self::QueueStats,
            Channel::Admin => Self::Admin,
            Channel::ChatUser => Self::ChatUser {
                other: UserId::parse(params.string("otherId")?)?,
            },
            Channel::ChatRoom => Self::ChatRoom {
                room: RoomId::parse(params.string("roomId")?)?,
            },
            Channel::Reversi => Self::Reversi,
            Channel::ReversiGame => Self::ReversiGame {
                game: GameId::parse(params.string("gameId")?)?,
            },
            Channel::Messaging => Self::Messaging {
                other: UserId::parse(params.string("otherparty")?)?,
            },
            Channel::MessagingIndex => Self::MessagingIndex,
        })
    }

    /// The channel it joins.
    #[must_use]
    pub fn channel(&self) -> Channel {
        match self {
            Self::Main => Channel::Main,
            Self::HomeTimeline(_) => Channel::HomeTimeline,
            Self::LocalTimeline(_) => Channel::LocalTimeline,
            Self::HybridTimeline(_) => Channel::HybridTimeline,
            Self::GlobalTimeline(_) => Channel::GlobalTimeline,
            Self::UserList { .. } => Channel::UserList,
            Self::Hashtag { .. } => Channel::Hashtag,
            Self::RoleTimeline { .. } => Channel::RoleTimeline,
            Self::Antenna { .. } => Channel::Antenna,
            Self::Channel { .. } => Channel::Channel,
            Self::Drive => Channel::Drive,
            Self::ServerStats => Channel::ServerStats,
            Self::QueueStats => Channel::QueueStats,
            Self::Admin => Channel::Admin,
            Self::ChatUser { .. } => Channel::ChatUser,
            Self::ChatRoom { .. } => Channel::ChatRoom,
            Self::Reversi => Channel::Reversi,
            Self::ReversiGame { .. } => Channel::ReversiGame,
            Self::Messaging { .. } => Channel::Messaging,
            Self::MessagingIndex => Channel::MessagingIndex,
        }
    }
}

/// The `params` object of a `connect`.
struct Params(Map<String, Value>);

impl Params {
    fn parse(params: Option<&str>) -> Option<Self> {
        let Some(params) = params else {
            return Some(Self(Map::new()));
        };
        if params.len() > PARAMS_BYTES_MAX {
            return None;
        }
        json::object(params).ok().map(Self)
    }

    fn string(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    fn flag(&self, name: &str, default: bool) -> bool {
        self.0
            .get(name)
            .filter(|value| !value.is_null())
            .map_or(default, is_truthy)
    }

    fn without_replies(&self) -> TimelineParams {
        let default = TimelineParams::default();
        TimelineParams {
            with_renotes: self.flag("withRenotes", default.with_renotes),
            with_files: self.flag("withFiles", default.with_files),
            ..default
        }
    }

    fn with_replies(&self) -> TimelineParams {
        let params = self.without_replies();
        TimelineParams {
            with_replies: self.flag("withReplies", params.with_replies),
            ..params
        }
    }

    fn hashtags(&self) -> Option<Vec<Vec<Box<str>>>> {
        let groups = self.0.get("q")?.as_array()?;
        if groups.len() > HASHTAG_GROUPS_MAX {
            return None;
        }
        groups.iter().map(hashtag_group).collect()
    }
}

/// Reads one AND-group of tags.
fn hashtag_group(group: &Value) -> Option<Vec<Box<str>>> {
    let group = group.as_array()?;
    if group.is_empty() || group.len() > HASHTAG_GROUP_TAGS_MAX {
        return None;
    }
    let tag = |tag: &Value| {
        let tag = tag.as_str()?;
        (tag.len() <= HASHTAG_BYTES_MAX).then(|| tag::normalise(tag))
    };
    group.iter().map(tag).collect()
}

/// Whether JavaScript takes a value for true.
fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}
