//! The pages on which people let apps in: `MiAuth`, as Misskey's apps know it.
//!
//! There is no session of the browser and no cookie: whoever allows an app gives their password
//! (or token) for that one answer, so a form sent from elsewhere has no authority to misuse.

mod asked;
mod callback;
mod html;
mod miauth;
mod permissions;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::Standalone;
use crate::limits::FORM_BYTES_MAX;

/// The routes under `/miauth`.
pub(crate) fn router(app: Arc<Standalone>) -> Router {
    Router::new()
        .route("/miauth/page.css", get(css))
        .route("/miauth/{session}", get(miauth::ask).post(miauth::answer))
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .with_state(app)
}

async fn css() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=3600"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, include_str!("page.css")).into_response()
}

#[cfg(test)]
mod tests;
