//! What the rules of the stream say of a note that the store publishes.

use std::time::{Duration, UNIX_EPOCH};

use backend::{FollowRecord, MuteRecord, ViewerRecord};
use protocol::note::{AuthorHead, HostHead, NoteHead, ReplyHead, Visibility as Head};
use protocol::text::Text;
use rules::{
    Author, ChannelKey, Follow, Follows, Note, Origin, Reply, UserKey, Viewer, Visibility,
};

/// The key of `u3` or `c1`.
fn key(id: &str) -> u32 {
    id[1..].parse().unwrap()
}

pub(super) fn user(id: &str) -> UserKey {
    UserKey(key(id))
}

fn channel(id: &str) -> ChannelKey {
    ChannelKey(key(id))
}

pub(super) fn note(head: &NoteHead<'_>) -> Note {
    Note {
        author: author(&head.author),
        visibility: visibility(head.visibility),
        visible_users: users(&head.visible_user_ids),
        mentions: users(&head.mentions),
        channel: head.channel_id.as_ref().map(|id| channel(id)),
        has_files: head.has_files,
        pure_renote: head.pure_renote,
        created_ms: head.created_ms,
        tags: Box::default(),
        reply: head.reply.as_ref().map(reply),
        renote: head.renote.as_ref().map(|renote| Box::new(note(renote))),
    }
}

fn reply(head: &ReplyHead<'_>) -> Reply {
    Reply {
        author: author(&head.author),
        visibility: visibility(head.visibility),
        visible_users: users(&head.visible_user_ids),
        mentions: users(&head.mentions),
        created_ms: head.created_ms,
    }
}

fn author(head: &AuthorHead<'_>) -> Author {
    Author {
        key: user(&head.id),
        origin: match &head.host {
            HostHead::Local => Origin::Local,
            HostHead::Remote(host) => Origin::Remote((**host).into()),
            HostHead::Unknown => Origin::Unknown,
        },
        requires_signin: head.requires_signin,
        hidden_before_s: head.hidden_before_s,
        followers_only_before_s: head.followers_only_before_s,
    }
}

fn visibility(head: Head) -> Visibility {
    match head {
        Head::Public => Visibility::Public,
        Head::Home => Visibility::Home,
        Head::Followers => Visibility::Followers,
        Head::Specified => Visibility::Specified,
    }
}

fn users(ids: &[Text<'_>]) -> Box<[UserKey]> {
    ids.iter().map(|id| user(id)).collect()
}

pub(super) fn viewer(record: &ViewerRecord, now_ms: u64) -> Viewer {
    Viewer {
        key: user(record.user.as_str()),
        following: follows(&record.following),
        muting: live(&record.muting, now_ms)
            .map(|id| user(id.as_str()))
            .collect(),
        blocked_by: record
            .blocked_by
            .iter()
            .map(|id| user(id.as_str()))
            .collect(),
        renote_muting: record
            .renote_muting
            .iter()
            .map(|id| user(id.as_str()))
            .collect(),
        muted_instances: record
            .muted_instances
            .iter()
            .map(|host| host.as_str().into())
            .collect(),
        following_channels: record
            .following_channels
            .iter()
            .map(|id| channel(id.as_str()))
            .collect(),
        muting_channels: live(&record.muting_channels, now_ms)
            .map(|id| channel(id.as_str()))
            .collect(),
        policies: record.policies,
        moderator: record.moderator,
    }
}

/// The mutes that have not ended.
fn live<T>(mutes: &[MuteRecord<T>], now_ms: u64) -> impl Iterator<Item = &T> {
    let now = UNIX_EPOCH + Duration::from_millis(now_ms);
    mutes
        .iter()
        .filter(move |mute| mute.expires_at.is_none_or(|end| end > now))
        .map(|mute| &mute.target)
}

pub(super) fn follows(records: &[FollowRecord]) -> Follows {
    Follows::new(records.iter().map(|record| Follow {
        user: user(record.user.as_str()),
        with_replies: record.with_replies,
    }))
}
