//! The plain page at `/`: the local timeline, live, without a framework.

mod identicon;

use axum::Router;
use axum::extract::Path;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::IntoResponse;
use axum::routing::get;

/// The page takes everything from this server, but pictures: a user's may be anywhere.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
                      connect-src 'self'; img-src 'self' https: data:; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

/// The longest name that a picture is made for, in bytes.
const IDENTICON_SEED_BYTES_MAX: usize = 512;

/// The page with its parts, and the pictures of users who have none of their own.
pub(crate) fn router() -> Router {
    let html = || async {
        asset(
            "text/html; charset=utf-8",
            include_str!("../../assets/page.html"),
        )
    };
    let script = || async {
        asset(
            "text/javascript; charset=utf-8",
            include_str!("../../assets/page.js"),
        )
    };
    let style = || async {
        asset(
            "text/css; charset=utf-8",
            include_str!("../../assets/page.css"),
        )
    };
    Router::new()
        .route("/", get(html))
        .route("/page.js", get(script))
        .route("/page.css", get(style))
        .route("/identicon/{seed}", get(identicon))
}

fn asset(media_type: &'static str, body: &'static str) -> impl IntoResponse {
    let headers: [(HeaderName, &str); 4] = [
        (CONTENT_TYPE, media_type),
        (CACHE_CONTROL, "no-cache"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, body)
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
