//! NodeInfo, by which clients find out what a server is.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};

use crate::limits::NOTE_TEXT_MAX;
use crate::store::{StoreError, View};
use crate::{Standalone, software};

const SCHEMA: &str = "http://nodeinfo.diaspora.software/ns/schema";
const VERSIONS: [&str; 2] = ["2.1", "2.0"];

/// Who was here less long ago was active this half year, and this month, in milliseconds.
const HALF_YEAR_MS: u64 = 180 * 24 * 60 * 60 * 1000;
const MONTH_MS: u64 = 30 * 24 * 60 * 60 * 1000;

/// The routes `/.well-known/nodeinfo` and `/nodeinfo/{version}`.
pub(crate) fn router(app: Arc<Standalone>) -> Router {
    Router::new()
        .route("/.well-known/nodeinfo", get(links))
        .route("/nodeinfo/{version}", get(document))
        .with_state(app)
}

async fn links(State(app): State<Arc<Standalone>>) -> Response {
    let url = app.store.site().url();
    let link = |version| json!({ "rel": format!("{SCHEMA}/{version}"), "href": format!("{url}/nodeinfo/{version}") });
    answer("application/json", &json!({ "links": VERSIONS.map(link) }))
}

async fn document(
    State(app): State<Arc<Standalone>>,
    Path(version): Path<String>,
) -> Result<Response, StatusCode> {
    let version = VERSIONS
        .into_iter()
        .find(|known| *known == version)
        .ok_or(StatusCode::NOT_FOUND)?;
    let usage = app.store.read(usage).await.map_err(|error| {
        tracing::error!(error = ?error, "cannot count for nodeinfo");
        StatusCode::INTERNAL_SERVER_ERROR
    })?;
    let kind = format!(r#"application/json; profile="{SCHEMA}/{version}#"; charset=utf-8"#);
    Ok(answer(&kind, &nodeinfo(version, &usage)))
}

fn nodeinfo(version: &str, usage: &Value) -> Value {
    json!({
        "version": version,
        // Clients know servers by this name and then speak one API or another; they refuse names
        // that they don't know. What answers here is Misskey's API, so it has to be this one. The
        // version and the name of the node say whose it is.
        "software": { "name": "misskey", "version": software::VERSION },
        // It speaks with no other server.
        "protocols": [],
        "services": { "inbound": [], "outbound": [] },
        "openRegistrations": true,
        "usage": usage,
        "metadata": {
            "nodeName": software::NODE_NAME,
            "nodeDescription": null,
            "langs": [],
            "disableRegistration": false,
            "disableLocalTimeline": false,
            "disableGlobalTimeline": false,
            "emailRequiredForSignup": false,
            "enableEmail": false,
            "enableServiceWorker": false,
            "maxNoteTextLength": NOTE_TEXT_MAX,
            "themeColor": null,
        },
    })
}

/// Counts of this server's users and notes.
fn usage(view: &View<'_>) -> Result<Value, StoreError> {
    let now = view.now_ms();
    let counts = view
        .prepare_cached(
            "SELECT count(*), count(*) FILTER (WHERE last_active_at > ?1),
                    count(*) FILTER (WHERE last_active_at > ?2), ifnull(sum(notes_count), 0)
             FROM user WHERE host IS NULL AND NOT is_deleted",
        )?
        .query_row(
            [
                now.saturating_sub(HALF_YEAR_MS),
                now.saturating_sub(MONTH_MS),
            ],
            |row| {
                Ok(json!({
                    "users": {
                        "total": row.get::<_, u64>(0)?,
                        "activeHalfyear": row.get::<_, u64>(1)?,
                        "activeMonth": row.get::<_, u64>(2)?,
                    },
                    "localPosts": row.get::<_, u64>(3)?,
                    "localComments": 0,
                }))
            },
        )?;
    Ok(counts)
}

/// Pages of any origin may read it.
fn answer(kind: &str, body: &Value) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::CACHE_CONTROL, "public, max-age=600"),
    ];
    (headers, body.to_string()).into_response()
}

#[cfg(test)]
mod tests;
