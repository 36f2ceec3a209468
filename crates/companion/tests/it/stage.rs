//! A companion whose hands are SQL and `PUBLISH`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use backend::Backend;
use backend::conformance::{Actor, Relation, Stage};
use protocol::id::{AntennaId, ChannelId, ListId, NoteId, UserId, aidx};
use redis::AsyncCommands;
use serde_json::{Value, json};
use seseragi_companion::{Companion, Settings};

use crate::rig::Rig;
use crate::upstream::{self, Notes};

/// The host of the Misskey.
pub(crate) const HOST: &str = "misskey.example";

/// A companion beside a database and a Redis.
pub(crate) struct Beside {
    pub(crate) rig: Rig,
    pub(crate) companion: Arc<Companion>,
    pub(crate) notes: Arc<Notes>,
    /// So many ids were made.
    ids: AtomicU32,
}

impl Beside {
    pub(crate) async fn open() -> Self {
        Self::with_tables(include_str!("tables.sql")).await
    }

    pub(crate) async fn with_tables(tables: &str) -> Self {
        let rig = Rig::start(tables).await;
        let notes = Arc::new(Notes::default());
        let mut settings = Settings::new(HOST, rig.database(), rig.redis()).unwrap();
        settings.upstream = Some(upstream::start(Arc::clone(&notes)).await);
        Self {
            companion: Companion::open(settings).await.unwrap(),
            rig,
            notes,
            ids: AtomicU32::new(0),
        }
    }

    pub(crate) fn new_id(&self) -> String {
        let number = self.ids.fetch_add(1, Ordering::Relaxed);
        aidx(1_795_462_686_720 + u64::from(number), *b"test", number)
    }

    /// Publishes as Misskey does.
    pub(crate) async fn publish(&self, topic: &str, message: Value) {
        let message = json!({ "channel": topic, "message": message });
        let mut redis = self.rig.redis_connection().await;
        let () = redis.publish(HOST, message.to_string()).await.unwrap();
    }

    pub(crate) async fn internal(&self, kind: &str, body: Value) {
        self.publish("internal", json!({ "type": kind, "body": body }))
            .await;
    }

    async fn main(&self, user: &UserId, kind: &str, body: Value) {
        let topic = format!("mainStream:{user}");
        self.publish(&topic, json!({ "type": kind, "body": body }))
            .await;
    }

    async fn insert(&self, table: &str, row: Value) {
        let sql = format!(
            r#"INSERT INTO "{table}" ({columns}) SELECT {columns}
               FROM json_populate_record(NULL::"{table}", $row${row}$row$)"#,
            columns = names(&row)
        );
        self.rig.sql(&sql).await;
    }
}

/// The names of a row's columns.
fn names(row: &Value) -> String {
    let names = row.as_object().unwrap().keys();
    let names: Vec<String> = names.map(|name| format!(r#""{name}""#)).collect();
    names.join(", ")
}

fn ids(actors: &[&Actor]) -> Vec<String> {
    actors.iter().map(|actor| actor.id.to_string()).collect()
}

#[async_trait]
impl Stage for Beside {
    fn backend(&self) -> Arc<dyn Backend> {
        Arc::clone(&self.companion) as Arc<dyn Backend>
    }

    async fn user(&self, _name: &str) -> Actor {
        let id = self.new_id();
        let token = id.chars().rev().collect::<String>();
        self.insert("user", json!({ "id": id, "token": token }))
            .await;
        self.insert("user_profile", json!({ "userId": id })).await;
        let id = UserId::parse(&id).unwrap();
        Actor { id, token }
    }

    async fn app_token(&self, user: &Actor, permissions: &[&str]) -> String {
        let token = format!("{:x<32}", self.new_id());
        let row = json!({
            "id": self.new_id(), "token": token, "hash": token, "userId": user.id.as_str(),
            "permission": permissions,
        });
        self.insert("access_token", row).await;
        token
    }

    async fn relate(&self, from: &Actor, to: &Actor, relation: Relation) {
        let (from, to) = (from.id.as_str(), to.id.as_str());
        match relation {
            Relation::Follow { with_replies } => {
                let follow = json!({ "followerId": from, "followeeId": to });
                let mut row = follow.clone();
                row["withReplies"] = with_replies.into();
                self.insert("following", row).await;
                self.internal("follow", follow).await;
                let to = UserId::parse(to).unwrap();
                self.main(&to, "followed", json!({ "id": from })).await;
            }
            // Misskey is silent about these.
            Relation::Mute => {
                let row = json!({ "muterId": from, "muteeId": to });
                self.insert("muting", row).await;
            }
            Relation::RenoteMute => {
                let row = json!({ "muterId": from, "muteeId": to });
                self.insert("renote_muting", row).await;
            }
            Relation::Block => {
                let row = json!({ "blockerId": from, "blockeeId": to });
                self.insert("blocking", row.clone()).await;
                self.internal("blockingCreated", row).await;
            }
        }
    }

    async fn unrelate(&self, from: &Actor, to: &Actor, relation: Relation) {
        let (table, columns) = match relation {
            Relation::Follow { .. } => ("following", ["followerId", "followeeId"]),
            Relation::Mute => ("muting", ["muterId", "muteeId"]),
            Relation::RenoteMute => ("renote_muting", ["muterId", "muteeId"]),
            Relation::Block => ("blocking", ["blockerId", "blockeeId"]),
        };
        let [a, b] = columns;
        let (from, to) = (&from.id, &to.id);
        let sql = format!(r#"DELETE FROM "{table}" WHERE "{a}" = '{from}' AND "{b}" = '{to}'"#);
        self.rig.sql(&sql).await;
    }

    async fn mute_hosts(&self, user: &Actor, hosts: &[&str]) {
        let hosts = json!(hosts);
        let sql = format!(
            r#"UPDATE "user_profile" SET "mutedInstances" = '{hosts}' WHERE "userId" = '{}'"#,
            user.id
        );
        self.rig.sql(&sql).await;
        let body = json!({ "userId": user.id.as_str(), "mutedInstances": hosts });
        self.internal("updateUserProfile", body).await;
    }

    async fn channel(&self, _owner: &Actor) -> ChannelId {
        ChannelId::parse(&self.new_id()).unwrap()
    }

    async fn follow_channel(&self, user: &Actor, channel: &ChannelId, on: bool) {
        let (user, channel) = (user.id.as_str(), channel.as_str());
        if on {
            let row = json!({ "followerId": user, "followeeId": channel });
            self.insert("channel_following", row).await;
        } else {
            let sql = format!(r#"DELETE FROM "channel_following" WHERE "followerId" = '{user}'"#);
            self.rig.sql(&sql).await;
        }
        let kind = if on {
            "followChannel"
        } else {
            "unfollowChannel"
        };
        self.internal(kind, json!({ "userId": user, "channelId": channel }))
            .await;
    }

    async fn list(&self, owner: &Actor, members: &[&Actor]) -> ListId {
        let id = self.new_id();
        self.insert(
            "user_list",
            json!({ "id": id, "userId": owner.id.as_str() }),
        )
        .await;
        for member in members {
            let row = json!({ "userListId": id, "userId": member.id.as_str() });
            self.insert("user_list_membership", row).await;
        }
        ListId::parse(&id).unwrap()
    }

    async fn antenna(&self, owner: &Actor) -> AntennaId {
        let id = self.new_id();
        self.insert("antenna", json!({ "id": id, "userId": owner.id.as_str() }))
            .await;
        AntennaId::parse(&id).unwrap()
    }

    async fn note(&self, author: &Actor, visibility: &str, to: &[&Actor]) -> NoteId {
        let id = self.new_id();
        let to = if visibility == "specified" { to } else { &[] };
        let note = json!({
            "id": id, "userId": author.id.as_str(), "visibility": visibility,
            "visibleUserIds": ids(to),
        });
        self.insert("note", note.clone()).await;
        let mut packed = note;
        packed["text"] = "note".into();
        packed["user"] = json!({ "id": author.id.as_str(), "username": "alice", "host": null });
        let tokens = to.iter().chain([&author]).map(|actor| actor.token.clone());
        self.notes.add(&packed, tokens.collect());
        self.publish("notesStream", packed).await;
        NoteId::parse(&id).unwrap()
    }

    async fn react(&self, user: &Actor, note: &NoteId, reaction: &str) {
        let row = json!({
            "noteId": note.as_str(), "userId": user.id.as_str(), "reaction": reaction,
        });
        self.insert("note_reaction", row).await;
        let author = self.companion.audience(note).await.unwrap().unwrap().author;
        if author == user.id {
            return;
        }
        let mut redis = self.rig.redis_connection().await;
        let timeline = format!("{HOST}:notificationTimeline:{author}");
        let () = redis.xadd(timeline, "*", &[("data", "{}")]).await.unwrap();
        let body = json!({ "id": self.new_id(), "type": "reaction", "userId": user.id.as_str() });
        self.main(&author, "notification", body).await;
    }
}
