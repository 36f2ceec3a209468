//! From what events and records say to what the rules compare.

use std::collections::VecDeque;
use std::mem;
use std::sync::Arc;

use protocol::event::{AudienceHead, MainHead, MainKind as MainType};
use protocol::note::{AuthorHead, HostHead, NoteHead, ReplyHead, Visibility as HeadVisibility};
use protocol::record::AudienceRecord;
use protocol::tag;
use protocol::text::Text;
use rules::{Audience, Author, ChannelKey, MainKind, Note, Origin, Reply, UserKey, Visibility};

use super::interner::Interner;
use crate::publication::{Epoch, MainEvent};

/// The ids that are in use, and the epochs in which publications carried them.
#[derive(Debug, Default)]
pub(super) struct Ids {
    users: Interner,
    channels: Interner,
    epoch: Epoch,
    /// The number of `epoch`.
    current: u32,
    /// How many publications are of this epoch.
    published: u32,
    /// Earlier epochs of which publications may be left, oldest first.
    earlier: VecDeque<(u32, Epoch)>,
}

/// How many publications share an epoch.
const PUBLICATIONS_PER_EPOCH: u32 = 256;
/// How many ids may wait before an epoch ends early.
const WAITING_PER_EPOCH: usize = 1024;
/// How many ids are looked at after each message: more than a message brings.
const COLLECT_BUDGET: usize = 16;

impl Ids {
    /// The epoch that a publication made now must keep alive.
    pub(super) fn epoch(&mut self) -> Epoch {
        self.published += 1;
        self.epoch.clone()
    }

    /// Begins a new epoch where it is time, and frees ids of which no publication is left.
    pub(super) fn tidy(&mut self) {
        let waiting = self.users.waiting() + self.channels.waiting();
        if self.published >= PUBLICATIONS_PER_EPOCH || waiting >= WAITING_PER_EPOCH {
            self.begin_epoch();
        }
        let is_over = |epoch: &Epoch| Arc::strong_count(&epoch.0) == 1;
        while self
            .earlier
            .front()
            .is_some_and(|(_, epoch)| is_over(epoch))
        {
            self.earlier.pop_front();
        }
        let oldest = self
            .earlier
            .front()
            .map_or(self.current, |&(number, _)| number);
        self.users.collect(oldest, COLLECT_BUDGET);
        self.channels.collect(oldest, COLLECT_BUDGET);
    }

    fn begin_epoch(&mut self) {
        let before = mem::take(&mut self.epoch);
        self.earlier.push_back((self.current, before));
        self.current += 1;
        self.published = 0;
    }

    /// A user whom a relation holds from here on.
    pub(super) fn hold_user(&mut self, id: &str) -> UserKey {
        UserKey(self.users.hold(id))
    }

    /// A relation holds a user no more.
    pub(super) fn release_user(&mut self, user: UserKey) {
        self.users.release(user.0, self.current);
    }

    /// A Misskey channel that a relation holds from here on.
    pub(super) fn hold_channel(&mut self, id: &str) -> ChannelKey {
        ChannelKey(self.channels.hold(id))
    }

    /// A relation holds a channel no more.
    pub(super) fn release_channel(&mut self, channel: ChannelKey) {
        self.channels.release(channel.0, self.current);
    }

    /// A user who is known.
    pub(super) fn user(&self, id: &str) -> Option<UserKey> {
        self.users.find(id).map(UserKey)
    }

    /// A channel that is known.
    pub(super) fn channel(&self, id: &str) -> Option<ChannelKey> {
        self.channels.find(id).map(ChannelKey)
    }

    /// The id of a user.
    pub(super) fn user_id(&self, user: UserKey) -> &str {
        self.users.id(user.0)
    }

    /// How many users and channels are known.
    pub(super) fn len(&self) -> (usize, usize) {
        (self.users.len(), self.channels.len())
    }

    /// How often relations hold a user; for checks.
    pub(super) fn holds_user(&self, user: UserKey) -> u32 {
        self.users.holds(user.0)
    }

    /// How often relations hold any user; for checks.
    pub(super) fn user_holds(&self) -> u32 {
        self.users.all_holds()
    }

    /// What the rules need of a note.
    pub(super) fn note(&mut self, head: &NoteHead<'_>) -> Note {
        Note {
            author: self.author(&head.author),
            visibility: visibility(head.visibility),
            visible_users: self.known_users(&head.visible_user_ids),
            mentions: self.known_users(&head.mentions),
            channel: head.channel_id.as_ref().map(|id| self.see_channel(id)),
            has_files: head.has_files,
            pure_renote: head.pure_renote,
            created_ms: head.created_ms,
            tags: head.tags.iter().map(|tag| tag::normalise(tag)).collect(),
            reply: head.reply.as_ref().map(|reply| self.reply(reply)),
            renote: head.renote.as_ref().map(|note| Box::new(self.note(note))),
        }
    }

    /// What the rules need of an event of `main`.
    pub(super) fn main(&mut self, owner: UserKey, head: &MainHead<'_>) -> MainEvent {
        MainEvent {
            owner,
            kind: main_kind(head.kind),
            from: head.user.as_ref().map(|user| self.see_user(&user.id)),
            origin: head
                .user
                .as_ref()
                .map_or(Origin::Unknown, |user| origin(&user.host)),
            note_hidden: head.note.as_ref().is_some_and(|note| note.hidden),
        }
    }

    /// Who may see a note, as its event says.
    pub(super) fn audience(&mut self, head: &AudienceHead<'_>) -> Audience {
        Audience {
            author: self.see_user(&head.author),
            local: matches!(head.host, HostHead::Local),
            visibility: visibility(head.visibility),
            visible_users: self.known_users(&head.visible_user_ids),
        }
    }

    /// Who may see a note, as the store says. `None`: nobody knows.
    pub(super) fn audience_of(&mut self, record: &AudienceRecord) -> Option<Audience> {
        let visibility = visibility(HeadVisibility::parse(&record.visibility)?);
        let ids = record.visible_users.iter();
        Some(Audience {
            author: self.see_user(record.author.as_str()),
            local: record.local,
            visibility,
            visible_users: ids
                .filter_map(|id| self.see_known_user(id.as_str()))
                .collect(),
        })
    }

    fn author(&mut self, head: &AuthorHead<'_>) -> Author {
        Author {
            key: self.see_user(&head.id),
            origin: origin(&head.host),
            requires_signin: head.requires_signin,
            hidden_before_s: head.hidden_before_s,
            followers_only_before_s: head.followers_only_before_s,
        }
    }

    fn reply(&mut self, head: &ReplyHead<'_>) -> Reply {
        Reply {
            author: self.author(&head.author),
            visibility: visibility(head.visibility),
            visible_users: self.known_users(&head.visible_user_ids),
            mentions: self.known_users(&head.mentions),
            created_ms: head.created_ms,
        }
    }

    /// Those of some users who are known. The rules compare them with viewers only, and a viewer
    /// is known before they are asked about.
    fn known_users(&mut self, ids: &[Text<'_>]) -> Box<[UserKey]> {
        ids.iter()
            .filter_map(|id| self.see_known_user(id))
            .collect()
    }

    fn see_user(&mut self, id: &str) -> UserKey {
        UserKey(self.users.see(id, self.current))
    }

    fn see_known_user(&mut self, id: &str) -> Option<UserKey> {
        self.users.see_known(id, self.current).map(UserKey)
    }

    fn see_channel(&mut self, id: &str) -> ChannelKey {
        ChannelKey(self.channels.see(id, self.current))
    }
}

fn visibility(head: HeadVisibility) -> Visibility {
    match head {
        HeadVisibility::Public => Visibility::Public,
        HeadVisibility::Home => Visibility::Home,
        HeadVisibility::Followers => Visibility::Followers,
        HeadVisibility::Specified => Visibility::Specified,
    }
}

fn origin(head: &HostHead<'_>) -> Origin {
    match head {
        HostHead::Local => Origin::Local,
        HostHead::Remote(host) => Origin::Remote(host.to_lowercase().into()),
        HostHead::Unknown => Origin::Unknown,
    }
}

fn main_kind(head: MainType) -> MainKind {
    match head {
        // The second is the first once more, 2 s later.
        MainType::Notification | MainType::UnreadNotification => MainKind::Notification,
        MainType::Mention => MainKind::Mention,
        MainType::Reply => MainKind::Reply,
        MainType::Renote | MainType::Other => MainKind::Other,
    }
}
