//! The standalone store passes the suite that every backend must pass, in memory and in a
//! directory. What the suite needs done is done over REST.

#![expect(clippy::unwrap_used, reason = "the whole file is a test")]

use std::future::{Ready, ready};
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use backend::Backend;
use backend::conformance::{Actor, Relation, Stage};
use http_body_util::BodyExt;
use protocol::id::{AntennaId, ChannelId, ListId, NoteId, UserId};
use serde_json::{Value, json};
use seseragi_standalone::{Data, Options, Standalone, SystemClock};
use tempfile::TempDir;
use tower::ServiceExt;

mod memory {
    backend::conformance!(super::in_memory);
}

mod directory {
    backend::conformance!(super::in_directory);
}

fn in_memory() -> Ready<OverRest> {
    ready(OverRest::open(Data::Memory, None))
}

fn in_directory() -> Ready<OverRest> {
    let directory = TempDir::new().unwrap();
    let data = Data::Dir(directory.path().to_owned());
    ready(OverRest::open(data, Some(directory)))
}

/// A standalone server whose hands are its API.
struct OverRest {
    app: Arc<Standalone>,
    api: Router,
    /// Deleted when the stage goes.
    _directory: Option<TempDir>,
}

impl OverRest {
    fn open(data: Data, directory: Option<TempDir>) -> Self {
        let app = Standalone::open(Options {
            data,
            url: "https://example.com".to_owned(),
            dev: true,
            clock: Arc::new(SystemClock),
            features: seseragi_standalone::Features::default(),
        })
        .unwrap();
        Self {
            api: app.api(),
            app,
            _directory: directory,
        }
    }

    /// Calls an endpoint, which must succeed.
    async fn post(&self, endpoint: &str, user: Option<&Actor>, mut body: Value) -> Value {
        if let Some(user) = user {
            body["i"] = user.token.clone().into();
        }
        let request = Request::post(format!("/api/{endpoint}"))
            .body(Body::from(body.to_string()))
            .unwrap();
        let response = self.api.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        assert!(status.is_success(), "{endpoint}: {status} {bytes:?}");
        if bytes.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&bytes).unwrap()
        }
    }

    async fn call(&self, endpoint: &str, user: &Actor, body: Value) -> Value {
        self.post(endpoint, Some(user), body).await
    }
}

/// The text under `key`.
fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap()
}

#[async_trait]
impl Stage for OverRest {
    fn backend(&self) -> Arc<dyn Backend> {
        Arc::clone(&self.app) as Arc<dyn Backend>
    }

    async fn user(&self, name: &str) -> Actor {
        let body = json!({ "username": name, "password": "password" });
        let user = self.post("signup", None, body).await;
        Actor {
            id: UserId::parse(text(&user, "id")).unwrap(),
            token: text(&user, "token").to_owned(),
        }
    }

    async fn app_token(&self, user: &Actor, permissions: &[&str]) -> String {
        let body = json!({ "session": null, "name": "app", "permission": permissions });
        let answer = self.call("miauth/gen-token", user, body).await;
        text(&answer, "token").to_owned()
    }

    async fn relate(&self, from: &Actor, to: &Actor, relation: Relation) {
        let mut body = json!({ "userId": to.id.as_str() });
        if let Relation::Follow { with_replies } = relation {
            body["withReplies"] = with_replies.into();
        }
        let endpoint = format!("{}/create", group(relation));
        self.call(&endpoint, from, body).await;
    }

    async fn unrelate(&self, from: &Actor, to: &Actor, relation: Relation) {
        let body = json!({ "userId": to.id.as_str() });
        let endpoint = format!("{}/delete", group(relation));
        self.call(&endpoint, from, body).await;
    }

    async fn mute_hosts(&self, user: &Actor, hosts: &[&str]) {
        let body = json!({ "mutedInstances": hosts });
        self.call("i/update", user, body).await;
    }

    async fn channel(&self, owner: &Actor) -> ChannelId {
        let channel = self
            .call("channels/create", owner, json!({ "name": "channel" }))
            .await;
        ChannelId::parse(text(&channel, "id")).unwrap()
    }

    async fn follow_channel(&self, user: &Actor, channel: &ChannelId, on: bool) {
        let endpoint = if on {
            "channels/follow"
        } else {
            "channels/unfollow"
        };
        let body = json!({ "channelId": channel.as_str() });
        self.call(endpoint, user, body).await;
    }

    async fn list(&self, owner: &Actor, members: &[&Actor]) -> ListId {
        let list = self
            .call("users/lists/create", owner, json!({ "name": "list" }))
            .await;
        for member in members {
            let body = json!({ "listId": list["id"], "userId": member.id.as_str() });
            self.call("users/lists/push", owner, body).await;
        }
        ListId::parse(text(&list, "id")).unwrap()
    }

    async fn antenna(&self, owner: &Actor) -> AntennaId {
        let body = json!({
            "name": "antenna", "src": "all", "keywords": [["word"]], "excludeKeywords": [[]],
            "users": [], "caseSensitive": false, "withReplies": true, "withFile": false,
        });
        let antenna = self.call("antennas/create", owner, body).await;
        AntennaId::parse(text(&antenna, "id")).unwrap()
    }

    async fn note(&self, author: &Actor, visibility: &str, to: &[&Actor]) -> NoteId {
        let to: Vec<&str> = to.iter().map(|actor| actor.id.as_str()).collect();
        let body = json!({ "text": "note", "visibility": visibility, "visibleUserIds": to });
        let answer = self.call("notes/create", author, body).await;
        NoteId::parse(text(&answer["createdNote"], "id")).unwrap()
    }

    async fn react(&self, user: &Actor, note: &NoteId, reaction: &str) {
        let body = json!({ "noteId": note.as_str(), "reaction": reaction });
        self.call("notes/reactions/create", user, body).await;
    }
}

/// The endpoints of a relation.
fn group(relation: Relation) -> &'static str {
    match relation {
        Relation::Follow { .. } => "following",
        Relation::Mute => "mute",
        Relation::RenoteMute => "renote-mute",
        Relation::Block => "blocking",
    }
}
