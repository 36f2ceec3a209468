//! The console at `/`, and the pictures of users who have none of their own.

mod assets;
mod identicon;

use axum::Router;
use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::get;

/// The longest name that a picture is made for, in bytes.
const IDENTICON_SEED_BYTES_MAX: usize = 512;

/// The console with its files, and the pictures.
pub(crate) fn router() -> Router {
    Router::new()
        .route("/", get(assets::page))
        .route("/console/{file}", get(assets::file))
        .route("/identicon/{seed}", get(identicon))
}

async fn identicon(Path(mut seed): Path<String>) -> impl IntoResponse {
    if seed.len() > IDENTICON_SEED_BYTES_MAX {
        seed.clear();
    }
    let headers = [
        (CONTENT_TYPE, "image/svg+xml"),
        (CACHE_CONTROL, "public, max-age=86400, immutable"),
        (CONTENT_SECURITY_POLICY, "default-src 'none'"),
    ];
    (headers, identicon::svg(&seed))
}
