//! The admin listener: `/healthz`, `/readyz`, `/metrics`.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use backend::Backend;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::metrics::Metrics;

/// How long the store may take to say that it is ready.
const READY_PATIENCE: Duration = Duration::from_secs(2);

/// What the admin listener shows.
#[derive(Clone)]
pub(crate) struct Admin {
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) metrics: Metrics,
    /// Cancelled when the server drains.
    pub(crate) stop: CancellationToken,
}

/// The routes of the admin listener.
pub(crate) fn router(admin: Admin) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(admin)
}

/// 200 only while events can arrive.
async fn ready(State(admin): State<Admin>) -> (StatusCode, String) {
    let no = |reason: String| (StatusCode::SERVICE_UNAVAILABLE, format!("{reason}\n"));
    if admin.stop.is_cancelled() {
        return no("the server is draining".to_owned());
    }
    match timeout(READY_PATIENCE, admin.backend.ready()).await {
        Ok(Ok(())) => (StatusCode::OK, "ready\n".to_owned()),
        Ok(Err(error)) => no(format!("{error}: {}", error.causes())),
        Err(_) => no("the store does not answer".to_owned()),
    }
}

async fn metrics(State(admin): State<Admin>) -> impl IntoResponse {
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    admin.metrics.take_readings(admin.backend.readings());
    ([(header::CONTENT_TYPE, kind)], admin.metrics.render())
}
