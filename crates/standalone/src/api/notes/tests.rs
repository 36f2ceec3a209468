//! What writing notes does, through the API.

mod create;
mod delete;
mod react;
mod recorded;
mod thread;
mod vote;

use std::collections::BTreeMap;

use rusqlite::params_from_iter;
use serde_json::{Value, json};

use crate::store::StoreError;
use crate::testing::{Person, World};

/// A server and its people by name.
pub(super) struct Stage {
    pub(super) world: World,
    people: BTreeMap<String, Person>,
}

impl Stage {
    /// Signs people up; `name@host` is a remote user.
    pub(super) async fn new(accts: &[&str]) -> Self {
        let mut world = World::new();
        let mut people = BTreeMap::new();
        for acct in accts {
            let person = world.signup(acct).await;
            people.insert((*acct).to_owned(), person);
        }
        Self { world, people }
    }

    pub(super) fn person(&self, acct: &str) -> &Person {
        &self.people[acct]
    }

    pub(super) fn id(&self, acct: &str) -> &str {
        &self.people[acct].id
    }

    pub(super) async fn ok(&self, acct: &str, endpoint: &str, body: Value) -> Value {
        self.world.ok(endpoint, self.person(acct), body).await
    }

    /// Posts a note; gives back its id.
    pub(super) async fn note(&self, acct: &str, body: Value) -> String {
        let answer = self.ok(acct, "notes/create", body).await;
        answer["createdNote"]["id"].as_str().unwrap().to_owned()
    }

    /// The code of the error that a request gets; of `INVALID_PARAM` the parameter.
    pub(super) async fn refused(&self, acct: &str, endpoint: &str, body: Value) -> String {
        let person = self.person(acct);
        let (status, answer) = self.world.post(endpoint, Some(person), body).await;
        assert!(status >= 400, "{endpoint}: {answer}");
        let error = &answer["error"];
        let text = match error["code"].as_str().unwrap() {
            "INVALID_PARAM" => &error["info"]["param"],
            _ => &error["code"],
        };
        text.as_str().unwrap().to_owned()
    }

    pub(super) async fn show(&self, acct: &str, note: &str) -> Value {
        self.ok(acct, "notes/show", json!({ "noteId": note })).await
    }

    /// Writes to the store past the API; `@name` among the values is that person's id.
    pub(super) async fn sql(&self, sql: &'static str, values: &[&str]) {
        let values: Vec<String> = values
            .iter()
            .map(|value| match value.strip_prefix('@') {
                Some(acct) => self.id(acct).to_owned(),
                None => (*value).to_owned(),
            })
            .collect();
        let written =
            self.world.app.store().write::<_, StoreError, _>(move |tx| {
                Ok(tx.execute(sql, params_from_iter(values))?)
            });
        assert_eq!(written.await.unwrap(), 1, "{sql}");
    }

    pub(super) async fn follow(&self, follower: &str, followee: &str) {
        let sql = "INSERT INTO follow (id, follower_id, followee_id) VALUES (?1 || ?2, ?1, ?2)";
        let (follower, followee) = (format!("@{follower}"), format!("@{followee}"));
        self.sql(sql, &[&follower, &followee]).await;
    }

    /// The events since the last call, such as `alice: notification reply`.
    pub(super) fn heard(&mut self) -> Vec<String> {
        let events = self.world.events();
        events.iter().map(|event| self.render(event)).collect()
    }

    fn render(&self, (topic, payload): &(String, Value)) -> String {
        let (stream, of) = topic.split_once(':').unwrap_or((topic, ""));
        let person = self.people.iter().find(|(_, person)| person.id == of);
        let kind = payload["type"].as_str().unwrap_or_default();
        match (stream, person) {
            ("mainStream", Some((name, _))) if kind.ends_with("otification") => {
                format!(
                    "{name}: {kind} {}",
                    payload["body"]["type"].as_str().unwrap()
                )
            }
            ("mainStream", Some((name, _))) => format!("{name}: {kind}"),
            _ => format!("{stream} {kind}").trim_end().to_owned(),
        }
    }
}
