//! Which requests become a stream: the opening handshake of RFC 6455, as strict and as
//! lenient as the `ws` package of the real server (`docs/PROTOCOL.md` section 1).

use axum::body::Body;
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, Response, StatusCode, Version, request};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};

use super::compression::negotiate;
use crate::ws::Compression;

/// A request that may become a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Handshake {
    /// The proof that its key was read.
    accept: String,
    /// The first subprotocol that it offers.
    protocol: Option<HeaderValue>,
    /// What was agreed on about compression, and how the answer says so.
    compression: Option<(Compression, HeaderValue)>,
}

/// Why a request can't become a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Not an upgrade at all.
    Plain,
    /// Not an upgrade, and not a `GET` either.
    NoSuchRoute,
    /// An upgrade by another method.
    Method,
    /// An upgrade to something else.
    Upgrade,
    /// No `Sec-WebSocket-Key`, or not one of 16 bytes.
    Key,
    /// No `Sec-WebSocket-Version`, or an unknown one.
    Version,
}

/// Reads the handshake from a request; `compress`: an offer of compression may be taken.
pub(super) fn check(request: &request::Parts, compress: bool) -> Result<Handshake, Refusal> {
    let headers = &request.headers;
    let upgrades = lists(headers, &header::CONNECTION, "upgrade");
    let (true, Some(upgrade)) = (upgrades, headers.get(header::UPGRADE)) else {
        let get = request.method == Method::GET || request.method == Method::HEAD;
        return Err(if get {
            Refusal::Plain
        } else {
            Refusal::NoSuchRoute
        });
    };
    if request.method != Method::GET {
        return Err(Refusal::Method);
    }
    if !upgrade.as_bytes().eq_ignore_ascii_case(b"websocket") {
        return Err(Refusal::Upgrade);
    }
    if request.version != Version::HTTP_11 {
        return Err(Refusal::Plain);
    }
    let key = headers.get(header::SEC_WEBSOCKET_KEY).ok_or(Refusal::Key)?;
    if !is_key(key.as_bytes()) {
        return Err(Refusal::Key);
    }
    let version = headers
        .get(header::SEC_WEBSOCKET_VERSION)
        .map(HeaderValue::as_bytes);
    if !matches!(version, Some(b"13" | b"8")) {
        return Err(Refusal::Version);
    }
    Ok(Handshake {
        accept: accept(key.as_bytes()),
        protocol: first_protocol(headers),
        compression: compress.then(|| negotiate(headers)).flatten(),
    })
}

impl Handshake {
    /// What was agreed on about compression.
    pub(super) fn compression(&self) -> Option<Compression> {
        self.compression.as_ref().map(|(agreed, _)| *agreed)
    }

    /// The answer that turns the connection into a stream.
    pub(super) fn response(self) -> Response<Body> {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
        let accept = HeaderValue::try_from(self.accept).expect("base64 is a header value");
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
        if let Some(protocol) = self.protocol {
            headers.insert(header::SEC_WEBSOCKET_PROTOCOL, protocol);
        }
        if let Some((_, answer)) = self.compression {
            headers.insert(header::SEC_WEBSOCKET_EXTENSIONS, answer);
        }
        response
    }
}

impl Refusal {
    /// The answer to a request that can't become a stream.
    pub(super) fn response(self) -> Response<Body> {
        let (status, text) = match self {
            Self::Plain => (StatusCode::UPGRADE_REQUIRED, ""),
            Self::NoSuchRoute => (StatusCode::NOT_FOUND, ""),
            Self::Method => (StatusCode::METHOD_NOT_ALLOWED, "Invalid HTTP method"),
            Self::Upgrade => (StatusCode::BAD_REQUEST, "Invalid Upgrade header"),
            Self::Key => (
                StatusCode::BAD_REQUEST,
                "Missing or invalid Sec-WebSocket-Key header",
            ),
            Self::Version => (
                StatusCode::BAD_REQUEST,
                "Missing or invalid Sec-WebSocket-Version header",
            ),
        };
        let mut response = Response::new(Body::from(text));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        let mut put =
            |name: HeaderName, value| headers.insert(name, HeaderValue::from_static(value));
        match self {
            Self::Plain => {
                put(header::UPGRADE, "websocket");
                put(header::CONNECTION, "Upgrade");
                put(header::CACHE_CONTROL, "no-store");
            }
            Self::NoSuchRoute => {}
            Self::Version => {
                put(header::SEC_WEBSOCKET_VERSION, "13, 8");
                put(header::CONNECTION, "close");
                put(header::CONTENT_TYPE, "text/html");
            }
            Self::Method | Self::Upgrade | Self::Key => {
                put(header::CONNECTION, "close");
                put(header::CONTENT_TYPE, "text/html");
            }
        }
        response
    }
}

/// Whether a comma-separated header names `wanted`, in any case.
fn lists(headers: &HeaderMap, name: &HeaderName, wanted: &str) -> bool {
    headers.get_all(name).iter().any(|value| {
        let mut words = value.as_bytes().split(|byte| *byte == b',');
        words.any(|word| word.trim_ascii().eq_ignore_ascii_case(wanted.as_bytes()))
    })
}

/// Whether this is the base64 of 16 bytes.
fn is_key(key: &[u8]) -> bool {
    let Some((digits, padding)) = key.split_at_checked(22) else {
        return false;
    };
    let digit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    digits.iter().all(digit) && padding == b"=="
}

/// What proves that a key was read.
fn accept(key: &[u8]) -> String {
    const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    let digest = Sha1::new().chain_update(key).chain_update(GUID).finalize();
    STANDARD.encode(digest)
}

/// The first subprotocol that is offered. Browsers end a connection whose offer is passed over.
fn first_protocol(headers: &HeaderMap) -> Option<HeaderValue> {
    let offer = headers.get(header::SEC_WEBSOCKET_PROTOCOL)?;
    let first = offer
        .as_bytes()
        .split(|byte| *byte == b',')
        .next()?
        .trim_ascii();
    if first.is_empty() {
        return None;
    }
    HeaderValue::from_bytes(first).ok()
}
