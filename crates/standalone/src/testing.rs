//! A server in memory and its API without sockets, for the tests of this crate.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, Response, header};
use backend::{Backend, SourceEvent};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tower::ServiceExt;

use crate::{Data, Options, Standalone, TestClock};

/// A server, its clock, and its events so far.
pub(crate) struct World {
    pub(crate) app: Arc<Standalone>,
    pub(crate) clock: Arc<TestClock>,
    events: mpsc::Receiver<SourceEvent>,
}

/// An account of a [`World`].
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) token: String,
}

impl World {
    /// A server in memory with `--dev`.
    pub(crate) fn new() -> Self {
        Self::with(Data::Memory, true)
    }

    pub(crate) fn with(data: Data, dev: bool) -> Self {
        Self::with_features(data, dev, crate::Features::default())
    }

    pub(crate) fn with_features(data: Data, dev: bool, features: crate::Features) -> Self {
        let clock = Arc::new(TestClock::at(1_795_462_686_720));
        let app = Standalone::open(Options {
            data,
            url: "https://example.com".to_owned(),
            dev,
            clock: clock.clone(),
            features,
        })
        .unwrap();
        Self::of(app, clock)
    }

    /// A server that was opened elsewhere.
    pub(crate) fn of(app: Arc<Standalone>, clock: Arc<TestClock>) -> Self {
        let events = app.events().unwrap();
        Self { app, clock, events }
    }

    /// Signs someone up; `name@host` is a remote user.
    pub(crate) async fn signup(&mut self, acct: &str) -> Person {
        let (username, host) = acct.split_once('@').unzip();
        let body = json!({
            "username": username.unwrap_or(acct), "password": "pass", "host": host,
        });
        let (status, answer) = self.post("signup", None, body).await;
        assert_eq!(status, 200, "{answer}");
        Person {
            id: answer["id"].as_str().unwrap().to_owned(),
            token: answer["token"].as_str().unwrap().to_owned(),
        }
    }

    /// Calls an endpoint, with `i` of a person.
    pub(crate) async fn post(
        &self,
        endpoint: &str,
        person: Option<&Person>,
        mut body: Value,
    ) -> (u16, Value) {
        if let Some(person) = person {
            body["i"] = person.token.clone().into();
        }
        let request = Request::post(format!("/api/{endpoint}"))
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.to_string().into())
            .unwrap();
        read(self.send(request).await).await
    }

    /// Calls an endpoint that must answer 200 or 204.
    pub(crate) async fn ok(&self, endpoint: &str, person: &Person, body: Value) -> Value {
        let (status, answer) = self.post(endpoint, Some(person), body).await;
        assert!(status < 300, "{endpoint}: {answer}");
        answer
    }

    /// Sends any request to the API.
    pub(crate) async fn send(&self, request: Request<Body>) -> Response<Body> {
        self.app.api().oneshot(request).await.unwrap()
    }

    /// The events since the last call, as `(topic, payload)`.
    pub(crate) fn events(&mut self) -> Vec<(String, Value)> {
        std::iter::from_fn(|| self.events.try_recv().ok())
            .map(decode)
            .collect()
    }

    /// Waits for the next event.
    pub(crate) async fn next_event(&mut self) -> (String, Value) {
        decode(self.events.recv().await.unwrap())
    }
}

impl World {
    /// The events since the last call, each as its topic and its type (a note's own has none).
    pub(crate) fn kinds(&mut self) -> Vec<String> {
        let kind = |(topic, payload): (String, Value)| match payload["type"].as_str() {
            Some(kind) => format!("{topic} {kind}"),
            None => topic,
        };
        self.events().into_iter().map(kind).collect()
    }

    /// As [`World::kinds`], with the names of people for their ids and the types of
    /// notifications: `main:alice notification follow`.
    pub(crate) fn told(&mut self, people: &[(&str, &Person)]) -> Vec<String> {
        let name = |text: String| {
            let named = people
                .iter()
                .find_map(|(name, person)| Some((text.strip_suffix(&person.id)?, name)));
            match named {
                Some((topic, name)) => format!("{}:{name}", topic.trim_end_matches("Stream:")),
                None => text,
            }
        };
        let line = |(topic, payload): (String, Value)| {
            let kind = payload["type"].as_str().unwrap_or("note");
            let notified = payload["body"]["type"]
                .as_str()
                .filter(|_| kind.ends_with("otification"));
            let line = format!("{} {kind}", name(topic));
            match notified {
                Some(notified) => format!("{line} {notified}"),
                None => line,
            }
        };
        self.events().into_iter().map(line).collect()
    }

    /// Runs SQL past the API.
    pub(crate) async fn sql(&self, text: &str) {
        let text = text.to_owned();
        let run = self
            .app
            .store()
            .write::<_, crate::store::StoreError, _>(move |tx| Ok(tx.execute_batch(&text)?));
        run.await.unwrap();
    }

    /// Calls an endpoint that must fail; the status and the code of its error.
    pub(crate) async fn err(
        &self,
        endpoint: &str,
        person: Option<&Person>,
        body: Value,
    ) -> (u16, String) {
        let (status, answer) = self.post(endpoint, person, body).await;
        let code = answer["error"]["code"].as_str();
        (
            status,
            code.unwrap_or_else(|| panic!("{endpoint}: {answer}"))
                .to_owned(),
        )
    }
}

fn decode(event: SourceEvent) -> (String, Value) {
    let SourceEvent::Message(raw) = event else {
        panic!("a gap")
    };
    let payload = serde_json::from_slice(&raw.payload).unwrap();
    (raw.topic.to_string(), payload)
}

/// The status and the body of a response; no body is null.
pub(crate) async fn read(response: Response<Body>) -> (u16, Value) {
    let status = response.status().as_u16();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    let body = if bytes.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(&bytes).unwrap()
    };
    (status, body)
}

/// The keys of a JSON object, in order.
pub(crate) fn keys(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}
