//! One joined channel of one connection.

use std::sync::Arc;

use protocol::id::SubId;
use protocol::join::{Join, TimelineParams};
use rules::{Admission, Channel, ChannelKey, Follows};

/// One joined channel of one connection.
#[derive(Debug)]
pub(crate) struct Subscription {
    pub(crate) conn: u32,
    pub(crate) sub: SubId,
    /// What stands before each of its events.
    pub(crate) head: Arc<[u8]>,
    pub(crate) join: Join,
    pub(crate) admission: Admission,
    /// Its list's place, for a `userList`.
    pub(crate) list: Option<u32>,
}

/// What the rules need besides the params of a subscription, for one event.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Surroundings<'a> {
    /// Who is on the subscription's list.
    pub(crate) members: Option<&'a Follows>,
    /// The Misskey channel of the note, where it is the subscription's.
    pub(crate) channel: Option<ChannelKey>,
    /// Whether the subscription's role may be read.
    pub(crate) explorable: bool,
}

impl Subscription {
    /// The subscription as the rules see it; `None` if it carries no notes, or none like this.
    pub(crate) fn channel<'a>(&'a self, around: Surroundings<'a>) -> Option<Channel<'a>> {
        match &self.join {
            &Join::HomeTimeline(TimelineParams {
                with_renotes,
                with_files,
                ..
            }) => Some(Channel::Home {
                with_renotes,
                with_files,
            }),
            &Join::LocalTimeline(TimelineParams {
                with_renotes,
                with_replies,
                with_files,
            }) => Some(Channel::Local {
                with_renotes,
                with_replies,
                with_files,
            }),
            &Join::HybridTimeline(TimelineParams {
                with_renotes,
                with_replies,
                with_files,
            }) => Some(Channel::Hybrid {
                with_renotes,
                with_replies,
                with_files,
            }),
            &Join::GlobalTimeline(TimelineParams {
                with_renotes,
                with_files,
                ..
            }) => Some(Channel::Global {
                with_renotes,
                with_files,
            }),
            &Join::UserList {
                params:
                    TimelineParams {
                        with_renotes,
                        with_files,
                        ..
                    },
                ..
            } => around.members.map(|members| Channel::UserList {
                members,
                with_renotes,
                with_files,
            }),
            Join::Hashtag { groups } => Some(Channel::Hashtag { groups }),
            Join::RoleTimeline { .. } => Some(Channel::Role {
                explorable: around.explorable,
            }),
            Join::Antenna { .. } => Some(Channel::Antenna),
            Join::Channel { .. } => around
                .channel
                .map(|channel| Channel::MisskeyChannel { channel }),
            Join::Main
            | Join::Drive
            | Join::ServerStats
            | Join::QueueStats
            | Join::Admin
            | Join::ChatUser { .. }
            | Join::Messaging { .. }
            | Join::MessagingIndex
            | Join::ChatRoom { .. }
            | Join::Reversi
            | Join::ReversiGame { .. } => None,
        }
    }
}
