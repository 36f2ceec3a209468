//! The REST API of this process, called like a client's request but without a socket.

use anyhow::Context;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use serde_json::Value;
use tower::ServiceExt;

/// The longest answer that is read, in bytes.
const ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The API of this process.
pub(crate) struct Api(Router);

/// What the API said instead of an answer.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// Misskey's code, such as `NO_SUCH_NOTE`.
    pub(crate) code: String,
    message: String,
}

impl Api {
    /// Calls endpoints of this router.
    pub(crate) fn new(router: Router) -> Self {
        Self(router)
    }

    /// Calls one endpoint as the user behind a token.
    ///
    /// # Errors
    ///
    /// The outer error when there is no sensible answer; the inner one when the API refuses.
    pub(crate) async fn call(
        &self,
        endpoint: &str,
        token: &str,
        body: Value,
    ) -> anyhow::Result<Result<Value, Refusal>> {
        let request = Request::post(format!("/api/{endpoint}"))
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Body::from(body.to_string()))?;
        let response = self.0.clone().oneshot(request).await?;
        let status = response.status();
        let bytes = to_bytes(response.into_body(), ANSWER_BYTES_MAX).await?;
        let answer: Value = if bytes.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&bytes)
                .with_context(|| format!("`{endpoint}` answered {status} without JSON"))?
        };
        if status.is_success() {
            return Ok(Ok(answer));
        }
        let part = |key: &str| answer["error"][key].as_str().unwrap_or("?").to_owned();
        Ok(Err(Refusal {
            code: part("code"),
            message: part("message"),
        }))
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.message, self.code)
    }
}

impl std::error::Error for Refusal {}
