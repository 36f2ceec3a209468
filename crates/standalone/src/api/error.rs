//! The errors of the REST API, in Misskey's shape.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::store::StoreError;

/// What a kind of error always says. Endpoints declare theirs as constants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorKind {
    /// For people.
    pub message: &'static str,
    /// For programs: `NO_SUCH_NOTE`.
    pub code: &'static str,
    /// The UUID that Misskey gives this error of this endpoint.
    pub id: &'static str,
    /// `client`, `permission` or `server`.
    pub kind: &'static str,
    /// The HTTP status.
    pub status: u16,
}

impl ErrorKind {
    /// An error of the client's making, with status 400.
    #[must_use]
    pub const fn client(code: &'static str, id: &'static str, message: &'static str) -> Self {
        Self {
            message,
            code,
            id,
            kind: "client",
            status: 400,
        }
    }

    /// The same with another status.
    #[must_use]
    pub const fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// The same of another kind.
    #[must_use]
    pub const fn kind(mut self, kind: &'static str) -> Self {
        self.kind = kind;
        self
    }
}

/// Parameters don't fit the endpoint's schema.
pub const INVALID_PARAM: ErrorKind = ErrorKind::client(
    "INVALID_PARAM",
    "3d81ceae-475f-4600-b2a8-2bc116157532",
    "Invalid param.",
);

/// The body isn't a JSON object.
pub const INVALID_BODY: ErrorKind = ErrorKind::client(
    "INVALID_PARAM",
    "3d81ceae-475f-4600-b2a8-2bc116157532",
    "Body is not a valid JSON object.",
);

/// The body is over the limit.
pub const BODY_TOO_LARGE: ErrorKind = ErrorKind::client(
    "BODY_TOO_LARGE",
    "ff827ce8-9b4b-4808-8511-422222a3362f",
    "Request body is too large.",
)
.status(413);

/// The endpoint needs a login.
pub const CREDENTIAL_REQUIRED: ErrorKind = ErrorKind::client(
    "CREDENTIAL_REQUIRED",
    "1384574d-a912-4b81-8601-c7b1c4085df1",
    "Credential required.",
)
.status(401);

/// Nobody has this token.
pub const AUTHENTICATION_FAILED: ErrorKind = ErrorKind::client(
    "AUTHENTICATION_FAILED",
    "b0a7f5f8-dc2f-4171-b91f-de88ad238e14",
    "Authentication failed. Please ensure your token is correct.",
)
.status(401);

/// The user is suspended.
pub const YOUR_ACCOUNT_SUSPENDED: ErrorKind = ErrorKind::client(
    "YOUR_ACCOUNT_SUSPENDED",
    "a8c724b3-6e9c-4b46-b1a8-bc3ed6258370",
    "Your account has been suspended.",
)
.kind("permission")
.status(403);

/// The app's token lacks the endpoint's permission.
pub const PERMISSION_DENIED: ErrorKind = ErrorKind::client(
    "PERMISSION_DENIED",
    "1370e5b7-d4eb-4566-bb1d-7748ee6a1838",
    "Your app does not have the necessary permissions to use this endpoint.",
)
.kind("permission")
.status(403);

/// The endpoint is for administrators.
pub const ROLE_PERMISSION_DENIED: ErrorKind = ErrorKind::client(
    "ROLE_PERMISSION_DENIED",
    "c3d38592-54c0-429d-be96-5636b0431a61",
    "You are not assigned to an administrator role.",
)
.kind("permission")
.status(403);

/// The endpoint takes the user's own token only, or belongs to someone else.
pub const ACCESS_DENIED: ErrorKind = ErrorKind::client(
    "ACCESS_DENIED",
    "56f35758-7dd5-468b-8439-5d6fb8ec9b8e",
    "Access denied.",
)
.kind("permission")
.status(403);

/// Too many requests.
pub const RATE_LIMIT_EXCEEDED: ErrorKind = ErrorKind::client(
    "RATE_LIMIT_EXCEEDED",
    "d5826d14-3982-4d2e-8011-b9e9f02499ef",
    "Rate limit exceeded. Please try again later.",
)
.status(429);

/// There is no such endpoint.
pub const UNKNOWN_API_ENDPOINT: ErrorKind = ErrorKind::client(
    "UNKNOWN_API_ENDPOINT",
    "f8080b67-5f9c-4eb7-8c18-7f1eeae8f709",
    "Unknown API endpoint.",
)
.status(404);

/// The user's roles don't allow a part of what the endpoint does.
pub const RESTRICTED_BY_ROLE: ErrorKind = ErrorKind::client(
    "RESTRICTED_BY_ROLE",
    "8feff0ba-5ab5-585b-31f4-4df816663fad",
    "This feature is restricted by your role.",
);

/// The endpoint doesn't take this HTTP method.
pub const METHOD_NOT_ALLOWED: ErrorKind = ErrorKind::client(
    "METHOD_NOT_ALLOWED",
    "3b9b4b0f-7ba4-4a07-9e48-5b4a9f8f4f19",
    "This endpoint takes POST only.",
)
.status(405);

/// The server failed.
pub const INTERNAL_ERROR: ErrorKind = ErrorKind::client(
    "INTERNAL_ERROR",
    "5d37dbcb-891e-41ca-a3d6-e690c97775ac",
    "Internal error occurred. Please contact us if the error persists.",
)
.kind("server")
.status(500);

/// Why a request failed.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// A declared error: `return Err(NO_SUCH_NOTE.into())`.
    #[error("{}", .0.code)]
    Declared(ErrorKind),
    /// A declared error with particulars.
    #[error("{}", .kind.code)]
    Detailed {
        /// The error.
        kind: ErrorKind,
        /// Its `info`.
        info: Box<Value>,
    },
    /// Too many requests: [`RATE_LIMIT_EXCEEDED`].
    #[error("{}", RATE_LIMIT_EXCEEDED.code)]
    Limited {
        /// When the next one is taken, in seconds from now.
        retry_after_s: u64,
    },
    /// The server failed: the client learns no more than that, the log has the cause.
    #[error("cannot carry out the request")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl ApiError {
    /// `INVALID_PARAM` where the schema can't tell: `param` as in `#/properties/text/minLength`.
    #[must_use]
    pub fn invalid_param(param: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Detailed {
            kind: INVALID_PARAM,
            info: Box::new(json!({ "param": param.into(), "reason": reason.into() })),
        }
    }

    /// A failure of the server.
    #[must_use]
    pub fn internal(cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Internal(Box::new(cause))
    }

    /// What the client learns.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Declared(kind) | Self::Detailed { kind, .. } => *kind,
            Self::Limited { .. } => RATE_LIMIT_EXCEEDED,
            Self::Internal(_) => INTERNAL_ERROR,
        }
    }
}

impl From<ErrorKind> for ApiError {
    fn from(kind: ErrorKind) -> Self {
        Self::Declared(kind)
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::internal(error)
    }
}

impl From<rusqlite::Error> for ApiError {
    fn from(error: rusqlite::Error) -> Self {
        Self::internal(StoreError::from(error))
    }
}

impl From<getrandom::Error> for ApiError {
    fn from(error: getrandom::Error) -> Self {
        Self::internal(StoreError::from(error))
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let kind = self.kind();
        let mut error = json!({
            "message": kind.message,
            "code": kind.code,
            "id": kind.id,
            "kind": kind.kind,
        });
        let mut retry_after = None;
        match self {
            Self::Detailed { info, .. } => error["info"] = *info,
            Self::Limited { retry_after_s } => retry_after = Some(retry_after_s),
            Self::Declared(_) | Self::Internal(_) => {}
        }
        let status =
            StatusCode::from_u16(kind.status).expect("declared errors have real status codes");
        let mut response = (status, axum::Json(json!({ "error": error }))).into_response();
        if let Some(seconds) = retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, seconds.into());
        }
        if let Some(challenge) = challenge(kind) {
            let value = HeaderValue::from_static(challenge);
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, value);
        }
        response
    }
}

/// The `WWW-Authenticate` of an error.
fn challenge(kind: ErrorKind) -> Option<&'static str> {
    match kind.code {
        "CREDENTIAL_REQUIRED" => Some(r#"Bearer realm="Misskey""#),
        "AUTHENTICATION_FAILED" => Some(
            r#"Bearer realm="Misskey", error="invalid_token", error_description="Failed to authenticate""#,
        ),
        "PERMISSION_DENIED" => Some(
            r#"Bearer realm="Misskey", error="insufficient_scope", error_description="The app has insufficient permissions to access this endpoint.""#,
        ),
        _ => None,
    }
}

/// An error with all its causes.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
