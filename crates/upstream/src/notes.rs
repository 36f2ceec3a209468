//! Single notes of the server upstream, over its API.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::header::{self, HeaderValue};
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use protocol::id::NoteId;
use protocol::note::NoteHead;
use serde::Deserialize;

use crate::address::Address;
use crate::connect::{AGENT, Connect, HEAD_BYTES_MAX};

/// Asks the server upstream for notes as one of its users sees them.
#[derive(Debug, Clone)]
pub struct NotesClient {
    client: Client<Connect, Full<Bytes>>,
    endpoint: Uri,
}

/// The server upstream did not show a note.
#[derive(Debug, thiserror::Error)]
pub enum ShowError {
    /// It could not be reached, or broke off.
    #[error("cannot reach the server upstream")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It doesn't know the token, or lets its user in no more.
    #[error("the server upstream refused the token of a user with status {0}")]
    Unauthorized(u16),
    /// It answered with another status, such as that of a redirect: none is followed.
    #[error("the server upstream answered with status {0}")]
    Status(u16),
    /// It sent more than a note can be.
    #[error("the server upstream sent a note of over {NOTE_BYTES_MAX} bytes")]
    TooBig,
    /// What it sent is not the note that it was asked for.
    #[error("the server upstream sent something else than the note it was asked for")]
    Unasked,
}

/// The largest note that is taken, in bytes.
const NOTE_BYTES_MAX: usize = 1024 * 1024;
/// The largest description of an error that is read, in bytes.
const FAULT_BYTES_MAX: usize = 16 * 1024;
/// How many connections are kept for the next questions.
const IDLE_MAX: usize = 8;
/// How long each is kept. Node.js ends those that say nothing for 5 s unless it is told otherwise.
const IDLE_TIME: Duration = Duration::from_secs(4);
/// What Misskey calls a note that is not there, or not for this user.
const NO_SUCH_NOTE: &str = "NO_SUCH_NOTE";

impl NotesClient {
    /// A client of the server at an address.
    #[must_use]
    pub fn new(address: Address) -> Self {
        let endpoint = format!("{address}/api/notes/show");
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIME)
            .pool_max_idle_per_host(IDLE_MAX)
            .http1_max_buf_size(HEAD_BYTES_MAX)
            .build(Connect::new(address));
        Self {
            client,
            endpoint: endpoint
                .try_into()
                .expect("an origin and a path are an address"),
        }
    }

    /// A note as the user of a token sees it, as JSON. `None`: there is no such note, or it is not
    /// for them. Waits no longer than it is worth: whoever calls bounds it.
    ///
    /// # Errors
    ///
    /// When the server can't be asked, or answers with something else than this note.
    pub async fn show(&self, note: &NoteId, token: &str) -> Result<Option<Bytes>, ShowError> {
        let response = self.client.request(self.request(note, token)).await;
        let response = response.map_err(|error| ShowError::Unreachable(error.into()))?;
        match response.status() {
            StatusCode::OK => {
                let body = read(response, NOTE_BYTES_MAX).await?;
                let head = NoteHead::decode(&body).map_err(|_| ShowError::Unasked)?;
                if head.id != note.as_str() {
                    return Err(ShowError::Unasked);
                }
                Ok(Some(body))
            }
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                Err(ShowError::Unauthorized(response.status().as_u16()))
            }
            status if status.is_client_error() => {
                let body = read(response, FAULT_BYTES_MAX).await?;
                if is_no_such_note(&body) {
                    return Ok(None);
                }
                Err(ShowError::Status(status.as_u16()))
            }
            status => Err(ShowError::Status(status.as_u16())),
        }
    }

    fn request(&self, note: &NoteId, token: &str) -> Request<Full<Bytes>> {
        // In the body it is where all versions look for it, and where no proxy writes it down.
        let body = serde_json::json!({ "i": token, "noteId": note.as_str() });
        let mut request = Request::new(Full::from(body.to_string()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.endpoint.clone();
        let headers = request.headers_mut();
        let json = HeaderValue::from_static("application/json");
        headers.insert(header::CONTENT_TYPE, json.clone());
        headers.insert(header::ACCEPT, json);
        headers.insert(header::USER_AGENT, HeaderValue::from_static(AGENT));
        request
    }
}

/// The body of an answer, up to a limit.
async fn read(response: Response<Incoming>, bytes_max: usize) -> Result<Bytes, ShowError> {
    let body = Limited::new(response.into_body(), bytes_max)
        .collect()
        .await;
    let body = body.map_err(|error| {
        if error.is::<LengthLimitError>() {
            ShowError::TooBig
        } else {
            ShowError::Unreachable(error)
        }
    })?;
    Ok(body.to_bytes())
}

/// Whether this is how Misskey says that there is no such note, or none for this user.
fn is_no_such_note(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Answer {
        error: Fault,
    }
    #[derive(Deserialize)]
    struct Fault {
        code: String,
    }
    serde_json::from_slice(body).is_ok_and(|Answer { error }| error.code == NO_SUCH_NOTE)
}
