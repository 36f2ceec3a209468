//! `--demo`: a handful of invented users who keep the server alive, for ever.
//!
//! They use the REST API like any client and nothing else. Old notes are deleted as new ones
//! come, so that the store doesn't grow without bound.

mod api;
mod words;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use serde_json::{Value, json};
use standalone::Standalone;

use api::Api;

/// How many notes of the demo are kept.
const NOTES_MAX: usize = 300;
/// The shortest and the longest pause between two events, in milliseconds.
const PAUSE_MS: std::ops::Range<u64> = 150..600;
/// The pause after a failure, in seconds.
const PAUSE_FAILED_S: u64 = 5;
/// Reactions go to the newest notes, which a page is showing.
const RECENT: usize = 15;

/// Brings the invented users to life, until the task is aborted.
pub(crate) async fn start(standalone: Arc<Standalone>, router: Router) {
    let demo = async {
        let mut actors = Vec::new();
        for name in NAMES {
            actors.push(actor(&standalone, name).await?);
        }
        Demo::new(Api::new(router), actors).await
    };
    match demo.await {
        Ok(demo) => demo.run().await,
        Err(error) => tracing::error!("cannot start the demo: {error:#}"),
    }
}

/// Makes a user, or finds the one of an earlier run.
async fn actor(standalone: &Standalone, name: &'static str) -> anyhow::Result<Actor> {
    let users = standalone.local_users().await?;
    if let Some(user) = users.into_iter().find(|user| user.name == name) {
        let token = standalone.user_token(name).await?;
        let token = token.with_context(|| format!("`{name}` has no token"))?;
        return Ok(Actor {
            token,
            id: user.id.to_string(),
            name,
        });
    }
    // Administration stays for the first account that a person makes.
    let user = standalone.add_user(name, None, false).await?;
    Ok(Actor {
        token: user.token,
        id: user.id.to_string(),
        name,
    })
}

/// One invented user.
#[derive(Debug, Clone)]
struct Actor {
    /// The native token.
    token: String,
    /// The user's id.
    id: String,
    /// The name without `@`.
    name: &'static str,
}

/// The names of the invented users: what lives in a stream.
const NAMES: &[&str] = &["ayu", "hotaru", "kaeru", "kawasemi", "sawagani", "tombo"];

/// A note that the demo has made.
struct Made {
    id: String,
    author: usize,
    has_poll: bool,
    /// A renote without words, which nobody can answer, renote or react to.
    is_pure_renote: bool,
}

/// The invented users and what they have written.
struct Demo {
    api: Api,
    actors: Vec<Actor>,
    notes: VecDeque<Made>,
}

impl Demo {
    /// Takes over the users' notes of an earlier run.
    ///
    /// # Errors
    ///
    /// When the API doesn't answer as it should.
    async fn new(api: Api, actors: Vec<Actor>) -> anyhow::Result<Self> {
        let mut demo = Self {
            api,
            actors,
            notes: VecDeque::new(),
        };
        for at in 0..demo.actors.len() {
            demo.adopt(at).await?;
        }
        demo.notes.make_contiguous().sort_by(|a, b| a.id.cmp(&b.id));
        Ok(demo)
    }

    /// Goes on until the server ends. A failure is logged and followed by a pause.
    async fn run(mut self) {
        loop {
            let pause = match self.act().await {
                Ok(()) => Duration::from_millis(fastrand::u64(PAUSE_MS)),
                Err(error) => {
                    tracing::warn!("demo: {error:#}");
                    Duration::from_secs(PAUSE_FAILED_S)
                }
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// Reads a user's earlier notes, page by page.
    async fn adopt(&mut self, author: usize) -> anyhow::Result<()> {
        let mut until: Option<String> = None;
        loop {
            let mut body = json!({"userId": self.actors[author].id, "limit": 100,
                "withReplies": true, "withRenotes": true, "withChannelNotes": true});
            if let Some(until) = &until {
                body["untilId"] = json!(until);
            }
            let page = self.call(author, "users/notes", body).await?;
            let Some(last) = page.as_array().and_then(|page| page.last()) else {
                return Ok(());
            };
            until = Some(id_of(last)?);
            for note in page.as_array().into_iter().flatten() {
                self.notes.push_back(Made {
                    id: id_of(note)?,
                    author,
                    has_poll: !note["poll"].is_null(),
                    is_pure_renote: note["text"].is_null(),
                });
            }
        }
    }

    /// One event, drawn by lot.
    async fn act(&mut self) -> anyhow::Result<()> {
        let actor = fastrand::usize(..self.actors.len());
        let recent = self.recent();
        match (fastrand::u8(..100), recent) {
            (0..30, _) | (_, None) => self.post(actor).await,
            (30..38, Some(note)) => self.note(actor, json!({"renoteId": note})).await,
            (38..42, Some(note)) => {
                let text = words::sentence(NAMES);
                self.note(actor, json!({"renoteId": note, "text": text}))
                    .await
            }
            (42..52, Some(note)) => {
                let text = words::answer();
                self.note(actor, json!({"replyId": note, "text": text}))
                    .await
            }
            (52..90, Some(note)) => self.react(actor, &note).await,
            (90..96, Some(_)) => self.vote(actor).await,
            (96.., Some(_)) => self.follow(actor).await,
        }
    }

    fn recent(&self) -> Option<String> {
        let notes = self.notes.iter().rev();
        let recent: Vec<&Made> = notes
            .filter(|note| !note.is_pure_renote)
            .take(RECENT)
            .collect();
        fastrand::choice(recent).map(|note| note.id.clone())
    }

    async fn post(&mut self, actor: usize) -> anyhow::Result<()> {
        let mut body = json!({"text": words::sentence(NAMES)});
        if fastrand::u8(..10) == 0 {
            body["poll"] = json!({"choices": words::choices(), "expiredAfter": 3_600_000});
        }
        self.note(actor, body).await
    }

    /// Writes a note and deletes the oldest one when there are too many.
    async fn note(&mut self, actor: usize, body: Value) -> anyhow::Result<()> {
        let has_poll = !body["poll"].is_null();
        let is_pure_renote = body["text"].is_null();
        let made = self.call(actor, "notes/create", body).await?;
        let id = id_of(&made["createdNote"])?;
        self.notes.push_back(Made {
            id,
            author: actor,
            has_poll,
            is_pure_renote,
        });
        while self.notes.len() > NOTES_MAX {
            let Some(old) = self.notes.pop_front() else {
                break;
            };
            // It may have gone already, with a note that it answered or renoted.
            let body = json!({"noteId": old.id});
            self.call_or(old.author, "notes/delete", body, &["NO_SUCH_NOTE"])
                .await?;
        }
        Ok(())
    }

    async fn react(&self, actor: usize, note: &str) -> anyhow::Result<()> {
        let reaction = words::reaction();
        let body = json!({"noteId": note, "reaction": reaction});
        self.call_or(actor, "notes/reactions/create", body, &["ALREADY_REACTED"])
            .await
    }

    async fn vote(&self, actor: usize) -> anyhow::Result<()> {
        let Some(poll) = self.notes.iter().rev().find(|note| note.has_poll) else {
            return Ok(());
        };
        let body = json!({"noteId": poll.id, "choice": fastrand::usize(..words::CHOICES)});
        self.call_or(
            actor,
            "notes/polls/vote",
            body,
            &["ALREADY_VOTED", "ALREADY_EXPIRED"],
        )
        .await
    }

    async fn follow(&self, actor: usize) -> anyhow::Result<()> {
        let step = fastrand::usize(1..self.actors.len());
        let other = &self.actors[(actor + step) % self.actors.len()];
        let body = json!({"userId": other.id});
        let endpoint = if fastrand::bool() {
            "following/create"
        } else {
            "following/delete"
        };
        self.call_or(
            actor,
            endpoint,
            body,
            &["ALREADY_FOLLOWING", "NOT_FOLLOWING"],
        )
        .await
    }

    async fn call(&self, actor: usize, endpoint: &str, body: Value) -> anyhow::Result<Value> {
        let token = &self.actors[actor].token;
        let answer = self.api.call(endpoint, token, body).await?;
        answer.with_context(|| format!("`{endpoint}` failed for `{}`", self.actors[actor].name))
    }

    /// Calls an endpoint that may well say that the thing is so already.
    async fn call_or(
        &self,
        actor: usize,
        endpoint: &str,
        body: Value,
        fine: &[&str],
    ) -> anyhow::Result<()> {
        let token = &self.actors[actor].token;
        match self.api.call(endpoint, token, body).await? {
            Ok(_) => Ok(()),
            Err(error) if fine.contains(&error.code.as_str()) => Ok(()),
            Err(error) => Err(error).context(format!("`{endpoint}` failed")),
        }
    }
}

fn id_of(thing: &Value) -> anyhow::Result<String> {
    let id = thing["id"].as_str().context("an answer has no id")?;
    Ok(id.to_owned())
}

#[cfg(test)]
mod tests;
