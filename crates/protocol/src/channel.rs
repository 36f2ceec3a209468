//! The channels of the stream: `docs/PROTOCOL.md` section 4.

/// A channel of the stream, under Misskey's name for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Channel {
    /// `main`: a user's notifications and account events.
    Main,
    /// `homeTimeline`: notes of those whom the viewer follows.
    HomeTimeline,
    /// `localTimeline`: public notes of this server's users.
    LocalTimeline,
    /// `hybridTimeline`: home and local together.
    HybridTimeline,
    /// `globalTimeline`: all public notes.
    GlobalTimeline,
    /// `userList`: notes of the members of a list.
    UserList,
    /// `hashtag`: notes with some tags.
    Hashtag,
    /// `roleTimeline`: public notes of the users with a role.
    RoleTimeline,
    /// `antenna`: notes that match an antenna.
    Antenna,
    /// `channel`: notes of a Misskey channel.
    Channel,
    /// `drive`: a user's files and folders.
    Drive,
    /// `serverStats`: the machine's load.
    ServerStats,
    /// `queueStats`: the job queues.
    QueueStats,
    /// `admin`: reports, for moderators.
    Admin,
    /// `chatUser`: a chat between two users.
    ChatUser,
    /// `chatRoom`: a chat of several users.
    ChatRoom,
    /// `reversi`: invitations to games.
    Reversi,
    /// `reversiGame`: one game.
    ReversiGame,
    /// `messaging`: what `chatUser` was called before 2025.
    Messaging,
    /// `messagingIndex`: all that a user writes or is written, in chats of two.
    MessagingIndex,
}

/// What holds for a channel before any rule is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spec {
    /// Misskey's name for it.
    pub name: &'static str,
    /// Can be joined once per connection.
    pub shared: bool,
    /// Visitors may not join.
    pub login: bool,
    /// The permission that an app token needs. A channel that needs a login and names none is
    /// closed to app tokens.
    pub kind: Option<&'static str>,
}

impl Channel {
    /// All channels that a server has today, in the order of the table.
    pub const ALL: [Self; 18] = [
        Self::Main,
        Self::HomeTimeline,
        Self::LocalTimeline,
        Self::HybridTimeline,
        Self::GlobalTimeline,
        Self::UserList,
        Self::Hashtag,
        Self::RoleTimeline,
        Self::Antenna,
        Self::Channel,
        Self::Drive,
        Self::ServerStats,
        Self::QueueStats,
        Self::Admin,
        Self::ChatUser,
        Self::ChatRoom,
        Self::Reversi,
        Self::ReversiGame,
    ];

    /// The channels of servers before 2025, which are there for those who want them alone.
    pub const LEGACY: [Self; 2] = [Self::Messaging, Self::MessagingIndex];

    /// The channel of a name, among those of older servers too.
    #[must_use]
    pub fn parse_with_legacy(name: &str) -> Option<Self> {
        let mut legacy = Self::LEGACY.into_iter();
        Self::parse(name).or_else(|| legacy.find(|channel| channel.name() == name))
    }

    /// The channel of a name. `None`: none of ours.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.name() == name)
    }

    /// Misskey's name for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.spec().name
    }

    /// Whether a server that has an upstream leaves this channel to it: what it carries is made
    /// inside of Misskey's own process, and no event outside tells of it.
    #[must_use]
    pub fn is_made_upstream(self) -> bool {
        matches!(self, Self::ServerStats | Self::QueueStats)
    }

    /// Its line of the table.
    #[must_use]
    pub fn spec(self) -> Spec {
        const READ: Option<&str> = Some("read:account");
        const CHAT: Option<&str> = Some("read:chat");
        const MESSAGING: Option<&str> = Some("read:messaging");
        const ADMIN: Option<&str> = Some("read:admin:stream");
        match self {
            Self::Main => Spec::new("main").shared().login(READ),
            Self::HomeTimeline => Spec::new("homeTimeline").login(READ),
            Self::LocalTimeline => Spec::new("localTimeline"),
            Self::HybridTimeline => Spec::new("hybridTimeline").login(READ),
            Self::GlobalTimeline => Spec::new("globalTimeline"),
            Self::UserList => Spec::new("userList").login(None),
            Self::Hashtag => Spec::new("hashtag"),
            Self::RoleTimeline => Spec::new("roleTimeline"),
            Self::Antenna => Spec::new("antenna").login(READ),
            Self::Channel => Spec::new("channel"),
            Self::Drive => Spec::new("drive").shared().login(READ),
            Self::ServerStats => Spec::new("serverStats").shared(),
            Self::QueueStats => Spec::new("queueStats").shared(),
            Self::Admin => Spec::new("admin").shared().login(ADMIN),
            Self::ChatUser => Spec::new("chatUser").login(CHAT),
            Self::ChatRoom => Spec::new("chatRoom").login(CHAT),
            Self::Reversi => Spec::new("reversi").shared().login(READ),
            Self::ReversiGame => Spec::new("reversiGame"),
            Self::Messaging => Spec::new("messaging").login(MESSAGING),
            Self::MessagingIndex => Spec::new("messagingIndex").shared().login(MESSAGING),
        }
    }
}

impl Spec {
    /// A channel that anyone may join, any number of times.
    const fn new(name: &'static str) -> Self {
        Self {
            name,
            shared: false,
            login: false,
            kind: None,
        }
    }

    /// Once per connection.
    const fn shared(self) -> Self {
        Self {
            shared: true,
            ..self
        }
    }

    /// Only with a login, and with this permission of an app token.
    const fn login(self, kind: Option<&'static str>) -> Self {
        Self {
            login: true,
            kind,
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_and_nothing_else_is() {
        for channel in Channel::ALL {
            assert_eq!(Channel::parse(channel.name()), Some(channel));
        }
        for name in [
            "",
            "Main",
            "nopeTimeline",
            "__proto__",
            "constructor",
            "messaging",
        ] {
            assert_eq!(Channel::parse(name), None, "{name}");
        }
    }

    #[test]
    fn older_names_are_found_where_they_are_wanted() {
        for channel in Channel::ALL.into_iter().chain(Channel::LEGACY) {
            assert_eq!(Channel::parse_with_legacy(channel.name()), Some(channel));
            assert!(
                !channel.spec().login
                    || channel == Channel::UserList
                    || channel.spec().kind.is_some()
            );
        }
        for channel in Channel::LEGACY {
            assert_eq!(Channel::parse(channel.name()), None);
        }
        assert_eq!(Channel::parse_with_legacy("messagingindex"), None);
    }

    #[test]
    fn the_table_is_that_of_the_contract() {
        let table: Vec<_> = Channel::ALL
            .iter()
            .map(|channel| channel.spec())
            .map(line)
            .collect();
        let expected = [
            "main S L read:account",
            "homeTimeline - L read:account",
            "localTimeline - - -",
            "hybridTimeline - L read:account",
            "globalTimeline - - -",
            "userList - L -",
            "hashtag - - -",
            "roleTimeline - - -",
            "antenna - L read:account",
            "channel - - -",
            "drive S L read:account",
            "serverStats S - -",
            "queueStats S - -",
            "admin S L read:admin:stream",
            "chatUser - L read:chat",
            "chatRoom - L read:chat",
            "reversi S L read:account",
            "reversiGame - - -",
        ];
        assert_eq!(table, expected);
    }

    fn line(spec: Spec) -> String {
        let shared = if spec.shared { "S" } else { "-" };
        let login = if spec.login { "L" } else { "-" };
        format!(
            "{} {shared} {login} {}",
            spec.name,
            spec.kind.unwrap_or("-")
        )
    }
}
