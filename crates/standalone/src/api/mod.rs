//! The REST API: `POST /api/{endpoint}` with Misskey's parameters, results and errors.
//!
//! # How to add an endpoint
//!
//! In the file of its group, declare it in `register` and write the handler; a new group is also
//! named in `registry`, below.
//!
//! ```ignore
//! pub(super) fn register(registry: &mut Registry) {
//!     registry.add(Endpoint::login("notes/delete", "write:notes"), delete);
//! }
//!
//! #[derive(Deserialize)]
//! #[serde(rename_all = "camelCase")]
//! struct DeleteParams { note_id: String }
//!
//! impl Params for DeleteParams {
//!     const SCHEMA: &'static [Field] = &[Field::id("noteId").required()];
//! }
//!
//! async fn delete(ctx: Ctx, params: DeleteParams) -> Result<NoContent, ApiError> {
//!     let me = ctx.my_id()?;
//!     ctx.write(move |tx| {
//!         let note = note::by_id(tx, &params.note_id)?.ok_or(NO_SUCH_NOTE)?;
//!         tx.execute("DELETE FROM note WHERE id = ?1", [note.id.as_str()])?;
//!         let body = json!({ "deletedAt": time::iso(tx.now_ms()) });
//!         events::captured(tx, note.audience(), "deleted", &body)?;
//!         Ok(NoContent)
//!     })
//!     .await
//! }
//! ```
//!
//! The events go out after the commit, in order, before the answer. An `Err` writes and publishes
//! nothing. Errors of an endpoint are constants: `ErrorKind::client(code, id, message)`.

mod auth;
pub mod ctx;
pub mod endpoint;
pub mod error;
pub mod origin;
pub mod paging;
pub mod schema;

mod accounts;
mod admin;
mod announcements;
mod antennas;
mod apps;
mod blocking;
mod channels;
mod chat;
mod drive;
mod follow_requests;
mod following;
mod hashtags;
mod i;
mod lists;
mod meta;
mod mutes;
mod note_reactions;
mod note_search;
mod notes;
mod notifications;
pub(crate) mod rate;
mod reset_db;
mod reversi;
mod roles;
mod server;
mod threads;
mod timelines;
mod upload;
mod user_notes;
mod users;

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, Request, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, post};
use serde_json::{Map, Value};

use crate::Standalone;
use crate::limits::BODY_BYTES_MAX;
use endpoint::{Extras, Registered, Registry};
use error::{
    ApiError, BODY_TOO_LARGE, INVALID_BODY, METHOD_NOT_ALLOWED, UNKNOWN_API_ENDPOINT, chain,
};
use origin::Origin;
use upload::Upload;

/// All endpoints.
pub(crate) fn registry() -> Registry {
    let mut registry = Registry::default();
    accounts::register(&mut registry);
    admin::register(&mut registry);
    announcements::register(&mut registry);
    antennas::register(&mut registry);
    apps::register(&mut registry);
    blocking::register(&mut registry);
    channels::register(&mut registry);
    chat::register(&mut registry);
    drive::register(&mut registry);
    follow_requests::register(&mut registry);
    following::register(&mut registry);
    hashtags::register(&mut registry);
    i::register(&mut registry);
    lists::register(&mut registry);
    meta::register(&mut registry);
    mutes::register(&mut registry);
    note_reactions::register(&mut registry);
    note_search::register(&mut registry);
    notes::register(&mut registry);
    notifications::register(&mut registry);
    reset_db::register(&mut registry);
    reversi::register(&mut registry);
    roles::register(&mut registry);
    server::register(&mut registry);
    threads::register(&mut registry);
    timelines::register(&mut registry);
    user_notes::register(&mut registry);
    users::register(&mut registry);
    registry
}

/// The routes under `/api`.
pub(crate) fn router(app: Arc<Standalone>) -> Router {
    Router::new()
        .route("/api/{*endpoint}", post(by_post).get(by_get))
        .route("/api", any(unknown))
        .layer(middleware::from_fn(cors))
        .with_state(app)
}

async fn by_post(
    State(app): State<Arc<Standalone>>,
    Path(name): Path<String>,
    request: Request<Body>,
) -> Response {
    let (head, body) = request.into_parts();
    let outcome = async {
        let session = apps::session_of(&name);
        let registered = find(&app, session.map_or(&name, |_| apps::CHECK))?;
        if registered.endpoint.file && upload::is_form(&head) {
            let (fields, upload) = upload::read(&app, registered, &head, body).await?;
            return handle(&app, registered, &head, fields, upload).await;
        }
        let mut body = read_body(body).await?;
        if let Some(session) = session {
            body.insert("session".to_owned(), session.into());
        }
        handle(&app, registered, &head, body, None).await
    };
    let outcome = outcome.await;
    // A session is a secret: whoever knows it gets the token.
    let name = apps::session_of(&name).map_or(name.as_str(), |_| apps::CHECK);
    respond(name, outcome)
}

async fn by_get(
    State(app): State<Arc<Standalone>>,
    Path(name): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
    request: Request<Body>,
) -> Response {
    let (head, _) = request.into_parts();
    let outcome = async {
        let registered = find(&app, &name)?;
        if !registered.endpoint.get {
            return Err(METHOD_NOT_ALLOWED.into());
        }
        let mut body: Map<String, Value> = query
            .into_iter()
            .map(|(key, value)| (key, Value::String(value)))
            .collect();
        schema::cast(registered.schema, &mut body);
        handle(&app, registered, &head, body, None).await
    };
    respond(&name, outcome.await)
}

async fn unknown() -> Response {
    ApiError::from(UNKNOWN_API_ENDPOINT).into_response()
}

fn find<'a>(app: &'a Standalone, name: &str) -> Result<&'a Registered, ApiError> {
    app.registry
        .find(name)
        .filter(|registered| registered.endpoint.is_known(extras(app)))
        .ok_or_else(|| UNKNOWN_API_ENDPOINT.into())
}

/// What this server has that others have not.
fn extras(app: &Standalone) -> Extras {
    Extras {
        dev: app.store.site().dev(),
        legacy: app.store.surroundings().legacy,
    }
}

async fn handle(
    app: &Arc<Standalone>,
    registered: &Registered,
    head: &Parts,
    body: Map<String, Value>,
    upload: Option<Upload>,
) -> Result<Response, ApiError> {
    let me = auth::authenticate(app, &head.headers, &body).await?;
    let me = me.filter(|me| auth::is_known_to(&registered.endpoint, me));
    let origin = Origin::of(head);
    rate::check(app, &registered.endpoint, me.as_ref(), &origin)?;
    auth::authorize(&registered.endpoint, me.as_ref())?;
    let ctx = ctx::Ctx {
        app: Arc::clone(app),
        me,
        origin,
        upload: Arc::new(Mutex::new(upload)),
    };
    registered.call(ctx, body).await
}

/// Reads a JSON object. No body at all counts as an empty one.
async fn read_body(body: Body) -> Result<Map<String, Value>, ApiError> {
    let bytes = to_bytes(body, BODY_BYTES_MAX)
        .await
        .map_err(|_| BODY_TOO_LARGE)?;
    if bytes.is_empty() {
        return Ok(Map::new());
    }
    serde_json::from_slice(&bytes).map_err(|_| INVALID_BODY.into())
}

/// Writes the answer, and the cause of a failure to the log.
fn respond(name: &str, outcome: Result<Response, ApiError>) -> Response {
    outcome.unwrap_or_else(|error| {
        if let ApiError::Internal(cause) = &error {
            tracing::error!(
                endpoint = name,
                error = %chain(cause.as_ref()),
                "cannot carry out a request"
            );
        }
        error.into_response()
    })
}

/// Lets pages of any origin use the API; the token in the request is the only credential.
async fn cors(request: Request<Body>, next: Next) -> Response {
    let mut response = if request.method() == Method::OPTIONS {
        StatusCode::NO_CONTENT.into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, OPTIONS"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "*, Authorization"),
        (header::ACCESS_CONTROL_MAX_AGE, "86400"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static(
            "private, max-age=0, must-revalidate",
        ));
    response
}

#[cfg(test)]
mod tests;
