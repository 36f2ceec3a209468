//! The accept loops and hyper's connections.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use super::gate::Peer;
use crate::listener::{Accepted, Listener};

/// How long to wait after an accept that failed, which is nearly always for want of files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves requests of a kind.
#[derive(Clone)]
pub(crate) struct Serve {
    pub(crate) router: Router,
    /// The largest head of a request, in bytes.
    pub(crate) head_bytes_max: usize,
    /// How long a head may take to arrive.
    pub(crate) header_read: Duration,
    /// Ends the accept loops, and each connection after its request.
    pub(crate) stop: CancellationToken,
    /// All that runs.
    pub(crate) tasks: TaskTracker,
}

impl Serve {
    /// Accepts connections until the stop.
    pub(crate) async fn accept(self, listener: Listener) {
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = self.stop.cancelled() => return,
            };
            match accepted {
                Ok((stream, peer)) => {
                    self.tasks.spawn(self.clone().connection(stream, peer));
                }
                Err(error) => {
                    tracing::warn!(%error, listener = listener.address(), "cannot accept");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    /// Answers the requests of one connection until it ends or becomes a stream.
    async fn connection(self, accepted: Accepted, peer: Option<IpAddr>) {
        let stream = match timeout(self.header_read, accepted.open()).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return tracing::debug!(%error, "a TLS handshake failed"),
            Err(_) => return tracing::debug!("a TLS handshake took too long"),
        };
        let router = self.router;
        let service = service_fn(move |request| answer(router.clone(), request, peer));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.header_read)
            .max_buf_size(self.head_bytes_max)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        let mut connection = pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = self.stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "an HTTP connection failed");
        }
    }
}

async fn answer(
    router: Router,
    request: Request<Incoming>,
    peer: Option<IpAddr>,
) -> Result<Response<Body>, Infallible> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(Peer(peer));
    if let Some(address) = peer {
        request
            .extensions_mut()
            .insert(ConnectInfo(SocketAddr::new(address, 0)));
    }
    router.oneshot(request).await
}
