//! Builders for rows: a note, someone who looks at it, and what must come of it.

use protocol::record::{PolicyRecord, VisitorScope};

use crate::{
    Author, Channel, ChannelKey, Follow, Follows, Hidden, Keys, Moment, Note, Origin, Reason,
    Reply, UserKey, Verdict, Viewer, Viewpoint, Visibility, decide,
};

/// The viewer.
pub(super) const ME: UserKey = UserKey(1);
/// Who wrote the note, where nothing else is said.
pub(super) const ANN: UserKey = UserKey(2);
/// Who wrote what it replies to or renotes.
pub(super) const BOB: UserKey = UserKey(3);
/// Someone else.
pub(super) const EVE: UserKey = UserKey(4);

/// The Misskey channel of `MISSKEY_CHANNEL`.
pub(super) const HERE: ChannelKey = ChannelKey(1);
/// Another.
pub(super) const ELSEWHERE: ChannelKey = ChannelKey(2);

/// When the rows are judged: 1,000,000 s after 1970.
pub(super) const NOW_S: u64 = 1_000_000;

pub(super) const HOME: Channel<'_> = Channel::Home {
    with_renotes: true,
    with_files: false,
};
pub(super) const LOCAL: Channel<'_> = Channel::Local {
    with_renotes: true,
    with_replies: false,
    with_files: false,
};
pub(super) const HYBRID: Channel<'_> = Channel::Hybrid {
    with_renotes: true,
    with_replies: false,
    with_files: false,
};
pub(super) const GLOBAL: Channel<'_> = Channel::Global {
    with_renotes: true,
    with_files: false,
};
pub(super) const ROLE: Channel<'_> = Channel::Role { explorable: true };
pub(super) const MISSKEY_CHANNEL: Channel<'_> = Channel::MisskeyChannel { channel: HERE };

/// Members of a list.
pub(super) fn members(users: &[UserKey], with_replies: bool) -> &'static Follows {
    let members = users.iter().map(|&user| Follow { user, with_replies });
    Box::leak(Box::new(Follows::new(members)))
}

/// A list with these members, without replies to others.
pub(super) fn list_of(users: &[UserKey]) -> Channel<'static> {
    let members = members(users, false);
    Channel::UserList {
        members,
        with_renotes: true,
        with_files: false,
    }
}

/// A hashtag channel: an OR of ANDs.
pub(super) fn hashtag(groups: &[&[&str]]) -> Channel<'static> {
    let group = |group: &&[&str]| group.iter().map(|&tag| tag.into()).collect();
    Channel::Hashtag {
        groups: Vec::leak(groups.iter().map(group).collect()),
    }
}

/// The channel that asks the least: a tag that every built note has.
pub(super) fn any_note() -> Channel<'static> {
    hashtag(&[&["tag"]])
}

/// A public note of a local user, ten seconds old.
pub(super) fn by(author: UserKey) -> Note {
    Note {
        author: Author {
            key: author,
            origin: Origin::Local,
            requires_signin: false,
            hidden_before_s: None,
            followers_only_before_s: None,
        },
        visibility: Visibility::Public,
        visible_users: Box::default(),
        mentions: Box::default(),
        channel: None,
        has_files: false,
        pure_renote: false,
        created_ms: Some((NOW_S - 10) * 1000),
        tags: ["tag".into()].into(),
        reply: None,
        renote: None,
    }
}

/// A pure renote of a note.
pub(super) fn renote(author: UserKey, renoted: Note) -> Note {
    Note {
        pure_renote: true,
        ..quote(author, renoted)
    }
}

/// A note with words of its own that renotes another.
pub(super) fn quote(author: UserKey, quoted: Note) -> Note {
    Note {
        renote: Some(Box::new(quoted)),
        ..by(author)
    }
}

/// A note that replies to another.
pub(super) fn reply(author: UserKey, to: Note) -> Note {
    let reply = Reply {
        author: to.author,
        visibility: to.visibility,
        visible_users: to.visible_users,
        mentions: to.mentions,
        created_ms: to.created_ms,
    };
    Note {
        reply: Some(reply),
        ..by(author)
    }
}

impl Note {
    pub(super) fn home(self) -> Self {
        Self {
            visibility: Visibility::Home,
            ..self
        }
    }

    pub(super) fn followers(self) -> Self {
        Self {
            visibility: Visibility::Followers,
            ..self
        }
    }

    pub(super) fn specified(self, users: &[UserKey]) -> Self {
        Self {
            visibility: Visibility::Specified,
            visible_users: users.into(),
            ..self
        }
    }

    pub(super) fn mentioning(self, user: UserKey) -> Self {
        Self {
            mentions: [user].into(),
            ..self
        }
    }

    pub(super) fn inside(self, channel: ChannelKey) -> Self {
        Self {
            channel: Some(channel),
            ..self
        }
    }

    pub(super) fn with_files(self) -> Self {
        Self {
            has_files: true,
            ..self
        }
    }

    pub(super) fn tagged(self, tags: &[&str]) -> Self {
        Self {
            tags: tags.iter().map(|&tag| tag.into()).collect(),
            ..self
        }
    }

    pub(super) fn of_unknown_age(self) -> Self {
        Self {
            created_ms: None,
            ..self
        }
    }

    pub(super) fn at_host(mut self, host: &str) -> Self {
        self.author.origin = Origin::Remote(host.into());
        self
    }

    pub(super) fn at_no_host(mut self) -> Self {
        self.author.origin = Origin::Unknown;
        self
    }

    pub(super) fn behind_signin(mut self) -> Self {
        self.author.requires_signin = true;
        self
    }

    pub(super) fn hidden_before(mut self, before_s: i64) -> Self {
        self.author.hidden_before_s = Some(before_s);
        self
    }

    pub(super) fn followers_only_before(mut self, before_s: i64) -> Self {
        self.author.followers_only_before_s = Some(before_s);
        self
    }
}

/// Myself, who knows nobody.
pub(super) fn me() -> Viewer {
    Viewer {
        key: ME,
        following: Follows::default(),
        muting: Keys::default(),
        blocked_by: Keys::default(),
        renote_muting: Keys::default(),
        muted_instances: std::collections::BTreeSet::new(),
        following_channels: Keys::default(),
        muting_channels: Keys::default(),
        policies: PolicyRecord {
            local_timeline: true,
            global_timeline: true,
        },
        moderator: false,
    }
}

impl Viewer {
    pub(super) fn following(self, users: &[UserKey]) -> Self {
        let follow = |&user| Follow {
            user,
            with_replies: false,
        };
        Self {
            following: Follows::new(users.iter().map(follow)),
            ..self
        }
    }

    pub(super) fn following_with_replies(self, users: &[UserKey]) -> Self {
        let follow = |&user| Follow {
            user,
            with_replies: true,
        };
        Self {
            following: Follows::new(self.following.iter().chain(users.iter().map(follow))),
            ..self
        }
    }

    pub(super) fn muting(self, user: UserKey) -> Self {
        Self {
            muting: Keys::from_iter([user]),
            ..self
        }
    }

    pub(super) fn blocked_by(self, user: UserKey) -> Self {
        Self {
            blocked_by: Keys::from_iter([user]),
            ..self
        }
    }

    pub(super) fn muting_renotes_of(self, user: UserKey) -> Self {
        Self {
            renote_muting: Keys::from_iter([user]),
            ..self
        }
    }

    pub(super) fn muting_instance(mut self, host: &str) -> Self {
        self.muted_instances.insert(host.into());
        self
    }

    pub(super) fn following_channel(self, channel: ChannelKey) -> Self {
        Self {
            following_channels: Keys::from_iter([channel]),
            ..self
        }
    }

    pub(super) fn muting_channel(self, channel: ChannelKey) -> Self {
        Self {
            muting_channels: Keys::from_iter([channel]),
            ..self
        }
    }

    pub(super) fn moderating(self) -> Self {
        Self {
            moderator: true,
            ..self
        }
    }
}

/// One row: a sentence, and a case of it.
#[must_use = "a case says nothing before it is judged"]
pub(super) struct Case {
    name: &'static str,
    note: Note,
    viewer: Option<Viewer>,
    channel: Channel<'static>,
    moment: Moment,
}

/// A case of a sentence: to begin with, my view of a public note of Ann's on a channel that
/// asks for little.
pub(super) fn case(name: &'static str, note: Note) -> Case {
    Case {
        name,
        note,
        viewer: Some(me()),
        channel: any_note(),
        moment: now(),
    }
}

/// The moment of the rows, on a server that shows visitors everything.
pub(super) fn now() -> Moment {
    Moment {
        now_ms: NOW_S * 1000,
        visitors_see: VisitorScope::All,
    }
}

impl Case {
    pub(super) fn seen_by(self, viewer: Viewer) -> Self {
        Self {
            viewer: Some(viewer),
            ..self
        }
    }

    pub(super) fn seen_by_visitor(self) -> Self {
        Self {
            viewer: None,
            ..self
        }
    }

    pub(super) fn on(self, channel: Channel<'static>) -> Self {
        Self { channel, ..self }
    }

    pub(super) fn where_visitors_see(mut self, scope: VisitorScope) -> Self {
        self.moment.visitors_see = scope;
        self.seen_by_visitor()
    }

    /// It is delivered as it is.
    #[track_caller]
    pub(super) fn delivers(self) {
        self.hides(0);
    }

    /// It is delivered without these parts.
    #[track_caller]
    pub(super) fn hides(self, parts: u16) {
        match self.verdict() {
            Verdict::Deliver(cleared) => {
                assert_eq!(cleared.hidden(), Hidden(parts), "{}", self.name);
            }
            Verdict::Drop(reason) => panic!("{}: dropped as {reason:?}", self.name),
        }
    }

    /// It is dropped for this reason.
    #[track_caller]
    pub(super) fn drops(self, reason: Reason) {
        assert_eq!(self.verdict(), Verdict::Drop(reason), "{}", self.name);
    }

    fn verdict(&self) -> Verdict {
        let viewpoint = self
            .viewer
            .as_ref()
            .map_or(Viewpoint::Visitor, Viewpoint::User);
        decide(&self.note, viewpoint, &self.channel, &self.moment)
    }
}
