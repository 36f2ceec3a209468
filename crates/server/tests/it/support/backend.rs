//! A backend in memory.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use async_trait::async_trait;
use backend::{
    Account, AudienceRecord, Backend, BackendError, Chat, FollowRecord, Grant, ListRecord, Play,
    PolicyRecord, RawEvent, RoleRecord, RoomRecord, SiteRecord, SourceEvent, Upstream,
    ViewerRecord, VisitorScope,
};
use bytes::Bytes;
use protocol::id::{AntennaId, ListId, NoteId, RoleId, RoomId, UserId};
use serde_json::{Value, json};
use tokio::sync::mpsc;

const POLICIES: PolicyRecord = PolicyRecord {
    local_timeline: true,
    global_timeline: true,
};

/// A backend in memory. Its users are whoever is asked for; the token of `u` is `u-token`.
pub(crate) struct Fake {
    events: mpsc::Sender<SourceEvent>,
    receiver: Mutex<Option<mpsc::Receiver<SourceEvent>>>,
    follows: Mutex<Vec<(UserId, UserId)>>,
    pub(crate) lists: Mutex<HashMap<ListId, ListRecord>>,
    pub(crate) apps: Mutex<HashMap<String, Vec<String>>>,
    pub(crate) suspended: Mutex<HashSet<UserId>>,
    pub(crate) failing: AtomicBool,
    pub(crate) reads: AtomicU32,
    pub(crate) touches: AtomicU32,
    /// Chats that were read, and by whom.
    pub(crate) chat_reads: Mutex<Vec<(UserId, Chat)>>,
    /// What players did, as who, in which game, what, and with what.
    pub(crate) plays: Mutex<Vec<String>>,
    /// What players do waits while a test holds this.
    pub(crate) playing: tokio::sync::Mutex<()>,
    /// Rooms that nobody is in any more.
    pub(crate) left_rooms: Mutex<HashSet<RoomId>>,
    /// Whether everything is to be read again now and then.
    pub(crate) misses_changes: AtomicBool,
    /// The server upstream, if there is one.
    pub(crate) upstream: OnceLock<Arc<dyn Upstream>>,
    /// Touches wait while a test holds this.
    pub(crate) touching: tokio::sync::Mutex<()>,
    /// Tokens that are good for one look-up more.
    pub(crate) expiring: Mutex<HashSet<String>>,
    pub(crate) expired: Mutex<HashSet<String>>,
    pub(crate) policies: Mutex<PolicyRecord>,
    pub(crate) visitors_see: Mutex<VisitorScope>,
    /// How often a token was looked up.
    pub(crate) look_ups: AtomicU32,
    /// Answers about tokens wait while a test holds this.
    pub(crate) answering: tokio::sync::RwLock<()>,
    serial: AtomicU32,
}

/// The id of a user.
pub(crate) fn user(name: &str) -> UserId {
    UserId::parse(name).unwrap()
}

impl Fake {
    pub(crate) fn new() -> Arc<Self> {
        let (events, receiver) = mpsc::channel(1_024);
        Arc::new(Self {
            events,
            receiver: Mutex::new(Some(receiver)),
            follows: Mutex::default(),
            lists: Mutex::default(),
            apps: Mutex::default(),
            suspended: Mutex::default(),
            failing: AtomicBool::new(false),
            reads: AtomicU32::new(0),
            touches: AtomicU32::new(0),
            chat_reads: Mutex::default(),
            plays: Mutex::default(),
            playing: tokio::sync::Mutex::default(),
            left_rooms: Mutex::default(),
            misses_changes: AtomicBool::new(false),
            upstream: OnceLock::new(),
            touching: tokio::sync::Mutex::default(),
            expiring: Mutex::default(),
            expired: Mutex::default(),
            policies: Mutex::new(POLICIES),
            visitors_see: Mutex::new(VisitorScope::All),
            look_ups: AtomicU32::new(0),
            answering: tokio::sync::RwLock::default(),
            serial: AtomicU32::new(0),
        })
    }

    /// Publishes a message.
    pub(crate) async fn publish(&self, topic: &str, payload: &Value) {
        let payload = Bytes::from(payload.to_string());
        let event = SourceEvent::Message(RawEvent {
            topic: topic.into(),
            payload,
        });
        self.events.send(event).await.unwrap();
    }

    /// Publishes an `internal` message.
    pub(crate) async fn internal(&self, kind: &str, body: Value) {
        self.publish("internal", &json!({"type": kind, "body": body}))
            .await;
    }

    /// Says that messages may have been lost.
    pub(crate) async fn gap(&self) {
        self.events.send(SourceEvent::Gap).await.unwrap();
    }

    /// Publishes a public note of a local user and returns its id.
    pub(crate) async fn note(&self, author: &str, text: &str) -> String {
        self.note_with(author, json!({"text": text})).await
    }

    /// Publishes a public note of a local user with some fields changed, and returns its id.
    pub(crate) async fn note_with(&self, author: &str, fields: Value) -> String {
        let id = format!("note{}", self.serial.fetch_add(1, Ordering::Relaxed));
        let mut note = json!({
            "id": id, "createdAt": "2026-11-23T19:38:19.267Z", "userId": author,
            "user": {"id": author, "username": author, "name": null, "host": null},
            "text": "", "cw": null, "visibility": "public", "fileIds": [], "files": [],
            "replyId": null, "renoteId": null, "reactions": {}, "reactionAndUserPairCache": [],
        });
        for (key, value) in fields.as_object().unwrap() {
            note[key] = value.clone();
        }
        self.publish("notesStream", &note).await;
        id
    }

    /// Lets one user follow another, with the event of it.
    pub(crate) async fn follow(&self, follower: &str, followee: &str) {
        self.follows
            .lock()
            .unwrap()
            .push((user(follower), user(followee)));
        self.internal(
            "follow",
            json!({"followerId": follower, "followeeId": followee}),
        )
        .await;
    }

    fn check(&self) -> Result<(), BackendError> {
        if self.failing.load(Ordering::Relaxed) {
            let source = "the disk is on fire".into();
            return Err(BackendError {
                operation: "read table `everything`".to_owned(),
                source,
            });
        }
        Ok(())
    }

    fn viewer(&self, user: &UserId) -> ViewerRecord {
        let follows = self.follows.lock().unwrap();
        let mine = follows.iter().filter(|(follower, _)| follower == user);
        let following = mine.map(|(_, followee)| FollowRecord {
            user: followee.clone(),
            with_replies: false,
        });
        ViewerRecord {
            user: user.clone(),
            following: following.collect(),
            muting: Vec::new(),
            blocked_by: Vec::new(),
            renote_muting: Vec::new(),
            muted_instances: Vec::new(),
            following_channels: Vec::new(),
            muting_channels: Vec::new(),
            policies: *self.policies.lock().unwrap(),
            moderator: false,
        }
    }
}

#[async_trait]
impl Backend for Fake {
    fn events(&self) -> Option<mpsc::Receiver<SourceEvent>> {
        self.receiver.lock().unwrap().take()
    }

    async fn authenticate(&self, token: &str) -> Result<Option<Account>, BackendError> {
        self.check()?;
        if self.expired.lock().unwrap().contains(token) {
            return Ok(None);
        }
        if let Some(token) = self.expiring.lock().unwrap().take(token) {
            self.expired.lock().unwrap().insert(token);
        }
        let app = self.apps.lock().unwrap().get(token).cloned();
        let Some(name) = token
            .strip_suffix("-token")
            .map(|name| name.rsplit('.').next().unwrap())
        else {
            return Ok(None);
        };
        let user = user(name);
        let suspended = self.suspended.lock().unwrap().contains(&user);
        self.look_ups.fetch_add(1, Ordering::Relaxed);
        drop(self.answering.read().await);
        let grant = app.map_or(Grant::Native, |permissions| Grant::App { permissions });
        Ok(Some(Account {
            user,
            suspended,
            grant,
        }))
    }

    async fn viewers(&self, users: &[UserId]) -> Result<Vec<ViewerRecord>, BackendError> {
        self.check()?;
        Ok(users.iter().map(|user| self.viewer(user)).collect())
    }

    async fn site(&self) -> Result<SiteRecord, BackendError> {
        self.check()?;
        Ok(SiteRecord {
            policies: *self.policies.lock().unwrap(),
            visitors_see: *self.visitors_see.lock().unwrap(),
        })
    }

    async fn list(&self, list: &ListId) -> Result<Option<ListRecord>, BackendError> {
        self.check()?;
        Ok(self.lists.lock().unwrap().get(list).cloned())
    }

    async fn antenna_owner(&self, _: &AntennaId) -> Result<Option<UserId>, BackendError> {
        self.check()?;
        Ok(None)
    }

    async fn role(&self, _: &RoleId) -> Result<Option<RoleRecord>, BackendError> {
        self.check()?;
        Ok(Some(RoleRecord {
            public: true,
            explorable: true,
        }))
    }

    async fn rooms(&self, rooms: &[RoomId]) -> Result<Vec<RoomRecord>, BackendError> {
        self.check()?;
        let left = self.left_rooms.lock().unwrap();
        let members = |room: &RoomId| {
            let owner = room.as_str().strip_prefix("room-of-")?;
            let owner = (!left.contains(room)).then(|| user(owner));
            Some(owner.into_iter().collect())
        };
        let found = rooms.iter().filter_map(|room| {
            let members = members(room)?;
            let room = room.clone();
            Some(RoomRecord { room, members })
        });
        Ok(found.collect())
    }

    fn upstream(&self) -> Option<Arc<dyn Upstream>> {
        self.upstream.get().cloned()
    }

    fn misses_changes(&self) -> bool {
        self.misses_changes.load(Ordering::Relaxed)
    }

    async fn audience(&self, _: &NoteId) -> Result<Option<AudienceRecord>, BackendError> {
        self.check()?;
        Ok(None)
    }

    async fn my_reactions(
        &self,
        _: &NoteId,
        _: &[UserId],
    ) -> Result<Vec<(UserId, String)>, BackendError> {
        self.check()?;
        Ok(Vec::new())
    }

    async fn pack_note(&self, _: &NoteId, _: &UserId) -> Result<Option<Bytes>, BackendError> {
        self.check()?;
        Ok(None)
    }

    async fn read_notifications(&self, _: &UserId) -> Result<(), BackendError> {
        self.check()?;
        self.reads.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    async fn read_chat(&self, user: &UserId, chat: &Chat) -> Result<(), BackendError> {
        self.check()?;
        let mut reads = self.chat_reads.lock().unwrap();
        reads.push((user.clone(), chat.clone()));
        Ok(())
    }

    async fn play(&self, play: &Play) -> Result<(), BackendError> {
        self.check()?;
        drop(self.playing.lock().await);
        let Play {
            player,
            game,
            kind,
            body,
        } = play;
        let line = format!("{player} {game} {kind} {body}");
        self.plays.lock().unwrap().push(line);
        Ok(())
    }

    async fn touch(&self, _: &UserId) -> Result<(), BackendError> {
        self.check()?;
        drop(self.touching.lock().await);
        self.touches.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    async fn ready(&self) -> Result<(), BackendError> {
        self.check()
    }
}
