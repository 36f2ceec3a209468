//! The topics that events are published on: `docs/PROTOCOL.md` section 8.

use std::fmt;

/// The name of a topic, taken apart. [`Display`](fmt::Display) puts it together again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Address<'a> {
    /// `notesStream`: every new note.
    Notes,
    /// `noteStream:{noteId}`: what happens to a note.
    Note(&'a str),
    /// `mainStream:{userId}`.
    Main(&'a str),
    /// `roleTimelineStream:{roleId}`: notes of the users with a role.
    RoleTimeline(&'a str),
    /// `antennaStream:{antennaId}`: notes that match an antenna.
    Antenna(&'a str),
    /// One of the topics whose events go to their channel as they come.
    Topic(Topic<'a>),
    /// `broadcast`: to every connection.
    Broadcast,
    /// `internal`: between servers only.
    Internal,
}

/// A topic whose events go to their channel as they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic<'a> {
    /// `driveStream:{userId}`.
    Drive {
        /// Whose drive.
        user: &'a str,
    },
    /// `adminStream:{userId}`.
    Admin {
        /// The moderator.
        user: &'a str,
    },
    /// `userListStream:{listId}`.
    UserList {
        /// The list.
        list: &'a str,
    },
    /// `reversiStream:{userId}`.
    Reversi {
        /// The player.
        user: &'a str,
    },
    /// `reversiGameStream:{gameId}`.
    ReversiGame {
        /// The game.
        game: &'a str,
    },
    /// `chatRoomStream:{roomId}`.
    ChatRoom {
        /// The room.
        room: &'a str,
    },
    /// `chatUserStream:{me}-{other}`.
    ChatUser {
        /// Whose side of the chat.
        me: &'a str,
        /// With whom.
        other: &'a str,
    },
    /// `messagingStream:{me}-{other}`, of older servers.
    Messaging {
        /// Whose side of the chat.
        me: &'a str,
        /// With whom.
        other: &'a str,
    },
    /// `messagingIndexStream:{userId}`, of older servers.
    MessagingIndex {
        /// The user.
        user: &'a str,
    },
}

impl<'a> Address<'a> {
    /// Takes a topic's name apart. `None`: none of ours, or one without its id.
    #[must_use]
    pub fn parse(topic: &'a str) -> Option<Self> {
        let Some((name, id)) = topic.split_once(':') else {
            return match topic {
                "notesStream" => Some(Self::Notes),
                "broadcast" => Some(Self::Broadcast),
                "internal" => Some(Self::Internal),
                _ => None,
            };
        };
        if id.is_empty() {
            return None;
        }
        Some(match name {
            "noteStream" => Self::Note(id),
            "mainStream" => Self::Main(id),
            "roleTimelineStream" => Self::RoleTimeline(id),
            "antennaStream" => Self::Antenna(id),
            "driveStream" => Self::Topic(Topic::Drive { user: id }),
            "adminStream" => Self::Topic(Topic::Admin { user: id }),
            "userListStream" => Self::Topic(Topic::UserList { list: id }),
            "reversiStream" => Self::Topic(Topic::Reversi { user: id }),
            "reversiGameStream" => Self::Topic(Topic::ReversiGame { game: id }),
            "chatRoomStream" => Self::Topic(Topic::ChatRoom { room: id }),
            "chatUserStream" => {
                let (me, other) = id.split_once('-')?;
                Self::Topic(Topic::ChatUser { me, other })
            }
            "messagingStream" => {
                let (me, other) = id.split_once('-')?;
                Self::Topic(Topic::Messaging { me, other })
            }
            "messagingIndexStream" => Self::Topic(Topic::MessagingIndex { user: id }),
            _ => return None,
        })
    }
}

impl fmt::Display for Address<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Notes => f.write_str("notesStream"),
            Self::Note(id) => write!(f, "noteStream:{id}"),
            Self::Main(id) => write!(f, "mainStream:{id}"),
            Self::RoleTimeline(id) => write!(f, "roleTimelineStream:{id}"),
            Self::Antenna(id) => write!(f, "antennaStream:{id}"),
            Self::Topic(topic) => topic.fmt(f),
            Self::Broadcast => f.write_str("broadcast"),
            Self::Internal => f.write_str("internal"),
        }
    }
}

impl fmt::Display for Topic<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Drive { user } => write!(f, "driveStream:{user}"),
            Self::Admin { user } => write!(f, "adminStream:{user}"),
            Self::UserList { list } => write!(f, "userListStream:{list}"),
            Self::Reversi { user } => write!(f, "reversiStream:{user}"),
            Self::ReversiGame { game } => write!(f, "reversiGameStream:{game}"),
            Self::ChatRoom { room } => write!(f, "chatRoomStream:{room}"),
            Self::ChatUser { me, other } => write!(f, "chatUserStream:{me}-{other}"),
            Self::Messaging { me, other } => write!(f, "messagingStream:{me}-{other}"),
            Self::MessagingIndex { user } => write!(f, "messagingIndexStream:{user}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_are_taken_apart_and_put_together() {
        let check = |topic: &str, expected: Address<'_>| {
            assert_eq!(Address::parse(topic), Some(expected), "{topic}");
            assert_eq!(expected.to_string(), topic);
        };
        check("notesStream", Address::Notes);
        check("noteStream:n", Address::Note("n"));
        check("mainStream:u", Address::Main("u"));
        check("roleTimelineStream:r", Address::RoleTimeline("r"));
        check("antennaStream:a", Address::Antenna("a"));
        check("driveStream:u", Address::Topic(Topic::Drive { user: "u" }));
        check("adminStream:u", Address::Topic(Topic::Admin { user: "u" }));
        check(
            "userListStream:l",
            Address::Topic(Topic::UserList { list: "l" }),
        );
        check(
            "reversiStream:u",
            Address::Topic(Topic::Reversi { user: "u" }),
        );
        check(
            "reversiGameStream:g",
            Address::Topic(Topic::ReversiGame { game: "g" }),
        );
        check(
            "chatRoomStream:r",
            Address::Topic(Topic::ChatRoom { room: "r" }),
        );
        check(
            "chatUserStream:a-b",
            Address::Topic(Topic::ChatUser {
                me: "a",
                other: "b",
            }),
        );
        check("broadcast", Address::Broadcast);
        check("internal", Address::Internal);
    }

    #[test]
    fn other_topics_are_unknown() {
        for topic in [
            "",
            "nope",
            "notesStream:x",
            "mainStream",
            "mainStream:",
            "chatUserStream:a",
            "channelStream:c",
        ] {
            assert_eq!(Address::parse(topic), None, "{topic}");
        }
    }
}
