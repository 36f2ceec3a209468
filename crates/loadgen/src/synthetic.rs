//! A backend whose users exist as soon as somebody asks for them.
//!
//! The token of a user is `NAME:FOLLOWS:MUTES`, and the user's id is the token with dots: they
//! follow `author` and `FOLLOWS` others, and mute and are blocked by `MUTES` each.

use std::sync::{Arc, Mutex};

use anyhow::{Context, Result};
use async_trait::async_trait;
use backend::{
    Account, AudienceRecord, Backend, BackendError, Chat, FollowRecord, Grant, ListRecord,
    MuteRecord, PolicyRecord, RawEvent, RoleRecord, RoomRecord, SiteRecord, SourceEvent,
    ViewerRecord, VisitorScope,
};
use bytes::Bytes;
use protocol::id::{AntennaId, ListId, NoteId, RoleId, RoomId, UserId};
use tokio::sync::mpsc;

/// How many events wait for the server.
const EVENTS_MAX: usize = 1_024;

const POLICIES: PolicyRecord = PolicyRecord {
    local_timeline: true,
    global_timeline: true,
};

/// The backend.
#[derive(Debug)]
pub(crate) struct Synthetic {
    events: mpsc::Sender<SourceEvent>,
    receiver: Mutex<Option<mpsc::Receiver<SourceEvent>>>,
}

impl Synthetic {
    pub(crate) fn new() -> Arc<Self> {
        let (events, receiver) = mpsc::channel(EVENTS_MAX);
        Arc::new(Self {
            events,
            receiver: Mutex::new(Some(receiver)),
        })
    }

    /// Publishes an event. It waits while the server has too many.
    pub(crate) fn publish(&self, topic: &str, event: String) -> Result<()> {
        let event = SourceEvent::Message(RawEvent {
            topic: topic.into(),
            payload: Bytes::from(event),
        });
        let sent = self.events.blocking_send(event);
        sent.ok().context("the server takes no events any more")
    }
}

fn user(name: &str) -> UserId {
    UserId::parse(name).expect("names made by formula are ids")
}

/// So many users of a kind.
fn users(kind: &str, count: usize) -> impl Iterator<Item = UserId> {
    (0..count).map(move |at| user(&format!("{kind}{at}")))
}

fn viewer(id: &UserId) -> ViewerRecord {
    let mut parts = id.as_str().split('.').skip(1);
    let mut count = || parts.next().and_then(|part| part.parse().ok()).unwrap_or(0);
    let (follows, mutes) = (count(), count());
    let following = std::iter::once(user("author")).chain(users("followed", follows));
    ViewerRecord {
        user: id.clone(),
        following: following
            .map(|user| FollowRecord {
                user,
                with_replies: false,
            })
            .collect(),
        muting: users("muted", mutes)
            .map(|target| MuteRecord {
                target,
                expires_at: None,
            })
            .collect(),
        blocked_by: users("blocker", mutes).collect(),
        renote_muting: Vec::new(),
        muted_instances: Vec::new(),
        following_channels: Vec::new(),
        muting_channels: Vec::new(),
        policies: POLICIES,
        moderator: false,
    }
}

#[async_trait]
impl Backend for Synthetic {
    fn events(&self) -> Option<mpsc::Receiver<SourceEvent>> {
        self.receiver
            .lock()
            .expect("nothing panics while it is held")
            .take()
    }

    async fn authenticate(&self, token: &str) -> Result<Option<Account>, BackendError> {
        Ok(UserId::parse(&token.replace(':', ".")).map(|user| Account {
            user,
            suspended: false,
            grant: Grant::Native,
        }))
    }

    async fn viewers(&self, users: &[UserId]) -> Result<Vec<ViewerRecord>, BackendError> {
        Ok(users.iter().map(viewer).collect())
    }

    async fn site(&self) -> Result<SiteRecord, BackendError> {
        Ok(SiteRecord {
            policies: POLICIES,
            visitors_see: VisitorScope::All,
        })
    }

    async fn list(&self, _: &ListId) -> Result<Option<ListRecord>, BackendError> {
        Ok(None)
    }

    async fn antenna_owner(&self, _: &AntennaId) -> Result<Option<UserId>, BackendError> {
        Ok(None)
    }

    async fn role(&self, _: &RoleId) -> Result<Option<RoleRecord>, BackendError> {
        Ok(None)
    }

    async fn rooms(&self, _: &[RoomId]) -> Result<Vec<RoomRecord>, BackendError> {
        Ok(Vec::new())
    }

    async fn audience(&self, _: &NoteId) -> Result<Option<AudienceRecord>, BackendError> {
        Ok(None)
    }

    async fn my_reactions(
        &self,
        _: &NoteId,
        _: &[UserId],
    ) -> Result<Vec<(UserId, String)>, BackendError> {
        Ok(Vec::new())
    }

    async fn pack_note(&self, _: &NoteId, _: &UserId) -> Result<Option<Bytes>, BackendError> {
        Ok(None)
    }

    async fn read_notifications(&self, _: &UserId) -> Result<(), BackendError> {
        Ok(())
    }

    async fn read_chat(&self, _: &UserId, _: &Chat) -> Result<(), BackendError> {
        Ok(())
    }

    async fn touch(&self, _: &UserId) -> Result<(), BackendError> {
        Ok(())
    }

    async fn ready(&self) -> Result<(), BackendError> {
        Ok(())
    }
}
