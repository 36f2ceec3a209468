//! `GET /streaming`: from a request to an arrival.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Extension, Request, State};
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::http::{Response, StatusCode};
use backend::{BRIDGE_MARK, Backend};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use protocol::close::CloseReason;
use protocol::record::{Account, Grant};
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use super::handshake;
use super::token::Token;
use crate::listener::ClientStream;
use crate::metrics::Metrics;
use crate::seats::{Full, Seat, Seats};
use crate::source::{Arrival, Request as SourceRequest, SourceLink, Watch};
use crate::ws::Compression;

/// What the way in needs.
#[derive(Clone)]
pub(crate) struct Gate {
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) source: SourceLink,
    pub(crate) seats: Arc<Seats>,
    pub(crate) metrics: Metrics,
    /// What must end before the server does.
    pub(crate) tasks: TaskTracker,
    /// How long the store may take to answer.
    pub(crate) patience: Duration,
    /// Whether offers of compression are taken.
    pub(crate) compression: bool,
    /// Whether there is a bridge, which needs the token of whoever comes in.
    pub(crate) bridge: bool,
}

/// Where a request comes from; `None` for a Unix socket.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) Option<IpAddr>);

/// Who may come in, and as whom.
struct Admitted {
    login: Option<(Account, Watch)>,
    token: Option<Token>,
    seat: Result<Seat, CloseReason>,
}

/// The permission without which an app's token opens no stream.
const APP_PERMISSION: &str = "read:account";

/// Answers a request for `/streaming`.
pub(crate) async fn stream(
    State(gate): State<Gate>,
    Extension(peer): Extension<Peer>,
    request: Request,
) -> Response<Body> {
    let metrics = gate.metrics.clone();
    let response = gate.answer(peer, request).await;
    metrics.handshake(label(response.status()));
    response
}

/// What came of a request, for the metrics.
fn label(status: StatusCode) -> &'static str {
    match status {
        StatusCode::SWITCHING_PROTOCOLS => "upgraded",
        StatusCode::UNAUTHORIZED => "unauthorized",
        StatusCode::FORBIDDEN => "forbidden",
        StatusCode::INTERNAL_SERVER_ERROR => "failed",
        StatusCode::SERVICE_UNAVAILABLE => "full",
        StatusCode::LOOP_DETECTED => "loop",
        _ => "refused",
    }
}

impl Gate {
    async fn answer(self, peer: Peer, request: Request) -> Response<Body> {
        let (mut parts, _) = request.into_parts();
        if parts.headers.contains_key(BRIDGE_MARK) {
            // What a bridge took for a Misskey server is one of us: it would go round for ever.
            return status(StatusCode::LOOP_DETECTED);
        }
        let handshake = match handshake::check(&parts, self.compression) {
            Ok(handshake) => handshake,
            Err(refusal) => return refusal.response(),
        };
        let Some(upgrade) = parts.extensions.remove::<OnUpgrade>() else {
            return status(StatusCode::INTERNAL_SERVER_ERROR);
        };
        let address = address(peer, &parts.headers);
        let admitted = match self.admit(Token::find(&parts), address).await {
            Ok(admitted) => admitted,
            Err(code) => return status(code),
        };
        let tasks = self.tasks.clone();
        tasks.spawn(self.hand_over(upgrade, admitted, handshake.compression()));
        handshake.response()
    }

    async fn admit(
        &self,
        token: Option<Token>,
        address: Option<IpAddr>,
    ) -> Result<Admitted, StatusCode> {
        let account = match &token {
            Some(token) => Some(self.authenticate(token).await?),
            None => None,
        };
        let user = account.as_ref().map(|account| account.user.clone());
        let seat = match self.seats.take(user, address) {
            Ok(seat) => Ok(seat),
            Err(Full::Client(reason)) => Err(reason),
            Err(Full::Server) => return Err(StatusCode::SERVICE_UNAVAILABLE),
        };
        let login = match account {
            Some(account) => {
                let entered = timeout(self.patience, self.source.enter(account.user.clone()));
                let watch = entered.await.ok().flatten();
                let mut watch = watch.ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;
                // A token that was revoked before the user was watched ended no connection.
                // From here on a revocation passes the desk, or is found out.
                if let Some(token) = &token
                    && account.grant != Grant::Native
                    && self.backend.misses_changes()
                {
                    watch.look_up_again(token.clone());
                }
                let account = match &token {
                    Some(token) => self.authenticate(token).await?,
                    None => account,
                };
                Some((account, watch))
            }
            None => None,
        };
        let token = token.filter(|_| self.bridge);
        Ok(Admitted { login, token, seat })
    }

    async fn authenticate(&self, token: &Token) -> Result<Account, StatusCode> {
        let account = match timeout(self.patience, self.backend.authenticate(token.reveal())).await
        {
            Ok(Ok(account)) => account.ok_or(StatusCode::UNAUTHORIZED)?,
            Ok(Err(error)) => {
                let cause = error.causes();
                tracing::error!(%error, cause, "cannot look up a token");
                return Err(StatusCode::INTERNAL_SERVER_ERROR);
            }
            Err(_) => {
                tracing::error!("the store took too long to look up a token");
                return Err(StatusCode::INTERNAL_SERVER_ERROR);
            }
        };
        if let Grant::App { permissions } = &account.grant
            && !permissions
                .iter()
                .any(|permission| permission == APP_PERMISSION)
        {
            return Err(StatusCode::UNAUTHORIZED);
        }
        if account.suspended {
            return Err(StatusCode::FORBIDDEN);
        }
        Ok(account)
    }

    /// Waits until the answer is written and takes the socket to the source task.
    async fn hand_over(
        self,
        upgrade: OnUpgrade,
        admitted: Admitted,
        compression: Option<Compression>,
    ) {
        let upgraded = match upgrade.await {
            Ok(upgraded) => upgraded,
            Err(error) => return tracing::debug!(%error, "a connection ended before its upgrade"),
        };
        let (socket, received) = match take_socket(upgraded) {
            Ok(taken) => taken,
            Err(error) => return tracing::warn!(%error, "cannot take a socket over"),
        };
        let Admitted { login, token, seat } = admitted;
        let arrival = Arrival {
            socket,
            received,
            compression,
            login,
            token,
            seat,
        };
        self.source.send(SourceRequest::Open(Box::new(arrival)));
    }
}

/// The socket of an upgraded connection, and what was read from it beyond the request.
fn take_socket(upgraded: Upgraded) -> std::io::Result<(std::os::fd::OwnedFd, bytes::Bytes)> {
    let parts = upgraded
        .downcast::<TokioIo<ClientStream>>()
        .expect("all connections are served as this type");
    let socket = parts.io.into_inner().into_socket()?;
    Ok((socket, parts.read_buf))
}

/// Whose connection it is, as far as limits go: the peer, or what a proxy nearby says of it.
/// Connections of this machine itself are not counted.
fn address(Peer(peer): Peer, headers: &HeaderMap) -> Option<IpAddr> {
    if peer.is_some_and(|address| !is_near(address)) {
        return peer;
    }
    let last = headers.get_all("x-forwarded-for").iter().next_back();
    let last = last.and_then(|value| value.to_str().ok()?.rsplit(',').next());
    let forwarded = last.and_then(|address| address.trim().parse().ok());
    forwarded.or_else(|| peer.filter(|address| !address.is_loopback()))
}

/// Whether a proxy may sit at this address: those that Misskey trusts by default.
fn is_near(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback() || address.is_private(),
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local(),
    }
}

/// An answer without a body. The connection ends with it, as on the real server.
fn status(code: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = code;
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    if code == StatusCode::UNAUTHORIZED {
        let challenge = r#"Bearer realm="Misskey", error="invalid_token", error_description="Failed to authenticate""#;
        headers.insert(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static(challenge),
        );
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(peer: Option<&str>, forwarded: Option<&'static str>, expected: Option<&str>) {
        let mut headers = HeaderMap::new();
        if let Some(forwarded) = forwarded {
            headers.insert("x-forwarded-for", HeaderValue::from_static(forwarded));
        }
        let parse = |text: Option<&str>| text.map(|text| text.parse().unwrap());
        let found = address(Peer(parse(peer)), &headers);
        assert_eq!(found, parse(expected), "{peer:?} with {forwarded:?}");
    }

    #[test]
    fn only_a_proxy_nearby_is_believed() {
        check(Some("192.0.2.1"), None, Some("192.0.2.1"));
        check(Some("192.0.2.1"), Some("192.0.2.7"), Some("192.0.2.1"));
        check(Some("127.0.0.1"), None, None);
        check(None, None, None);
        check(None, Some("192.0.2.7"), Some("192.0.2.7"));
        check(Some("::1"), Some("192.0.2.6, 192.0.2.7"), Some("192.0.2.7"));
        check(Some("172.18.0.2"), Some("2001:db8::1"), Some("2001:db8::1"));
        check(Some("172.18.0.2"), Some("nonsense"), Some("172.18.0.2"));
        check(Some("172.18.0.2"), None, Some("172.18.0.2"));
    }
}
