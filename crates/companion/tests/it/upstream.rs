//! A stand-in for Misskey's own API: it packs the notes that it was told of.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use ::upstream::Address;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// What it was told.
#[derive(Default)]
pub(crate) struct Notes(Mutex<Told>);

#[derive(Default)]
struct Told {
    /// Who may see a note, by token, and the note.
    by_id: HashMap<String, (Vec<String>, Value)>,
    /// Tokens that are none any more.
    revoked: Vec<String>,
    requests: usize,
}

impl Notes {
    /// How often it was asked.
    pub(crate) fn requests(&self) -> usize {
        self.0.lock().unwrap().requests
    }

    /// From here on one token stands for another.
    pub(crate) fn change_token(&self, old: &str, new: &str) {
        let mut told = self.0.lock().unwrap();
        told.revoked.push(old.to_owned());
        for (tokens, _) in told.by_id.values_mut() {
            for token in tokens.iter_mut().filter(|token| *token == old) {
                new.clone_into(token);
            }
        }
    }

    pub(crate) fn add(&self, note: &Value, tokens: Vec<String>) {
        let id = note["id"].as_str().unwrap().to_owned();
        let mut told = self.0.lock().unwrap();
        told.by_id.insert(id, (tokens, note.clone()));
    }
}

/// Starts it on a port of its own.
pub(crate) async fn start(notes: Arc<Notes>) -> Address {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new()
        .route("/api/notes/show", post(show))
        .with_state(notes);
    tokio::spawn(axum::serve(listener, router).into_future());
    Address::parse(&address).unwrap()
}

async fn show(
    State(notes): State<Arc<Notes>>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> (StatusCode, Json<Value>) {
    let bearer = headers.get("authorization");
    let bearer = bearer.and_then(|value| value.to_str().unwrap().strip_prefix("Bearer "));
    let token = bearer.or_else(|| body["i"].as_str()).unwrap();
    let mut told = notes.0.lock().unwrap();
    told.requests += 1;
    if told.revoked.iter().any(|it| it == token) {
        let error = json!({ "error": { "code": "AUTHENTICATION_FAILED" } });
        return (StatusCode::UNAUTHORIZED, Json(error));
    }
    match told.by_id.get(body["noteId"].as_str().unwrap()) {
        Some((tokens, note)) if tokens.iter().any(|it| it == token) => {
            (StatusCode::OK, Json(note.clone()))
        }
        _ => {
            let error = json!({ "error": { "code": "NO_SUCH_NOTE", "message": "No such note." } });
            (StatusCode::BAD_REQUEST, Json(error))
        }
    }
}
