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

/// Who may see a note, by token, and the note.
#[derive(Default)]
pub(crate) struct Notes(Mutex<HashMap<String, (Vec<String>, Value)>>);

impl Notes {
    pub(crate) fn add(&self, note: &Value, tokens: Vec<String>) {
        let id = note["id"].as_str().unwrap().to_owned();
        self.0.lock().unwrap().insert(id, (tokens, note.clone()));
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
    let notes = notes.0.lock().unwrap();
    match notes.get(body["noteId"].as_str().unwrap()) {
        Some((tokens, note)) if tokens.iter().any(|it| it == token) => {
            (StatusCode::OK, Json(note.clone()))
        }
        _ => {
            let error = json!({ "error": { "code": "NO_SUCH_NOTE", "message": "No such note." } });
            (StatusCode::BAD_REQUEST, Json(error))
        }
    }
}
