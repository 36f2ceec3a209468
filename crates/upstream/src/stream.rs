//! Streams of the server upstream, over WebSocket.

use std::fmt::Write as _;
use std::time::Duration;

use async_trait::async_trait;
use backend::{BRIDGE_MARK, Upstream, UpstreamError, UpstreamStream};
use futures_util::{SinkExt, StreamExt};
use http_body_util::Empty;
use hyper::header::{self, HeaderValue};
use hyper::upgrade::Upgraded;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::{CapacityError, Error, ProtocolError};
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Bytes, Message};

use crate::address::Address;
use crate::connect::{Connect, Duplex, Failure};

/// Opens streams of the server upstream.
///
/// tokio-tungstenite moves the frames: the workers' own codec is made for a server's side, and for
/// sockets that one thread owns. It is not told of the handshake, which holds a token, and which
/// it would log at its lowest level.
#[derive(Debug, Clone)]
pub struct StreamClient {
    connect: Connect,
    frame_bytes_max: usize,
    /// Tells the server upstream, if it is one of ours, that a bridge asks.
    mark: HeaderValue,
}

/// An open stream.
#[derive(Debug)]
struct Stream {
    socket: WebSocketStream<Box<dyn Duplex>>,
    /// When to see to it that the server upstream is still there.
    pings: Interval,
    heard: Instant,
}

/// How much is read at once, in bytes; longer messages take more reads.
const READ_BYTES: usize = 4 * 1024;
/// How often the server upstream is pinged, and how long it may be silent: as real servers do.
const PING_INTERVAL: Duration = Duration::from_secs(60);
const SILENCE_MAX: Duration = Duration::from_secs(130);
/// How long a ping or a pong may take.
const SEND_TIME: Duration = Duration::from_secs(10);
/// How long a leave may take.
const CLOSE_TIME: Duration = Duration::from_secs(1);

impl StreamClient {
    /// A client of the server at an address, which takes messages of so many bytes.
    #[must_use]
    pub fn new(address: Address, frame_bytes_max: usize) -> Self {
        let mark = format!("{:016x}", fastrand::u64(..));
        Self {
            connect: Connect::new(address),
            frame_bytes_max,
            mark: HeaderValue::try_from(mark).expect("digits are a header value"),
        }
    }

    /// Shakes hands, and gives the connection behind that.
    async fn upgrade(&self, token: Option<&str>) -> Result<Upgraded, UpstreamError> {
        let key = generate_key();
        let request = Request::get(target(token))
            .header(header::CONNECTION, "Upgrade")
            .header(header::UPGRADE, "websocket")
            .header(header::SEC_WEBSOCKET_VERSION, "13")
            .header(header::SEC_WEBSOCKET_KEY, &key)
            .header(BRIDGE_MARK, &self.mark)
            .body(Empty::<Bytes>::new())
            // Its own error would show the token.
            .map_err(|_| UpstreamError::Unreachable("the token can't be sent".into()))?;
        let mut response = self
            .connect
            .request(request)
            .await
            .map_err(UpstreamError::Unreachable)?;
        match response.status() {
            StatusCode::SWITCHING_PROTOCOLS => {}
            StatusCode::LOOP_DETECTED => return Err(UpstreamError::Loop),
            status => return Err(UpstreamError::Refused(status.as_u16())),
        }
        let accept = response.headers().get(header::SEC_WEBSOCKET_ACCEPT);
        if accept.is_none_or(|accept| *accept != derive_accept_key(key.as_bytes())) {
            return Err(UpstreamError::Unreachable("it speaks no WebSocket".into()));
        }
        let upgraded = hyper::upgrade::on(&mut response).await;
        upgraded.map_err(|error| UpstreamError::Unreachable(error.into()))
    }

    fn config(&self) -> WebSocketConfig {
        WebSocketConfig::default()
            .read_buffer_size(READ_BYTES)
            .write_buffer_size(0)
            .max_message_size(Some(self.frame_bytes_max))
            .max_frame_size(Some(self.frame_bytes_max))
    }
}

#[async_trait]
impl Upstream for StreamClient {
    async fn open(&self, token: Option<&str>) -> Result<Box<dyn UpstreamStream>, UpstreamError> {
        let upgraded = self.upgrade(token).await?;
        let parts = upgraded
            .downcast::<TokioIo<Box<dyn Duplex>>>()
            .expect("all connections are of this type");
        let (io, read, config) = (parts.io.into_inner(), parts.read_buf, self.config());
        let socket =
            WebSocketStream::from_partially_read(io, read.into(), Role::Client, Some(config));
        let heard = Instant::now();
        let mut pings = interval_at(heard + PING_INTERVAL, PING_INTERVAL);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(Box::new(Stream {
            socket: socket.await,
            pings,
            heard,
        }))
    }
}

#[async_trait]
impl UpstreamStream for Stream {
    async fn send(&mut self, text: String) -> Result<(), UpstreamError> {
        self.socket.send(text.into()).await.map_err(broken)
    }

    async fn next(&mut self) -> Result<Option<String>, UpstreamError> {
        loop {
            tokio::select! {
                message = self.socket.next() => {
                    self.heard = Instant::now();
                    match message {
                        Some(Ok(Message::Text(text))) => return Ok(Some(text.as_str().to_owned())),
                        // Its pong waits for the next flush.
                        Some(Ok(Message::Ping(_))) => in_time(self.socket.flush()).await?,
                        Some(Ok(Message::Binary(_) | Message::Pong(_) | Message::Frame(_))) => {}
                        Some(Ok(Message::Close(_))) | None => return Ok(None),
                        Some(Err(error)) => return Err(broken(error)),
                    }
                }
                _ = self.pings.tick() => {
                    if self.heard.elapsed() > SILENCE_MAX {
                        return Err(UpstreamError::Slow);
                    }
                    let ping = Message::Ping(Bytes::new());
                    in_time(self.socket.send(ping)).await?;
                }
            }
        }
    }

    async fn close(&mut self) {
        // Whatever becomes of it, the stream is dropped.
        drop(timeout(CLOSE_TIME, self.socket.close(None)).await);
    }
}

/// Waits for something to be sent, but not for ever.
async fn in_time(sent: impl Future<Output = Result<(), Error>>) -> Result<(), UpstreamError> {
    let sent = timeout(SEND_TIME, sent).await;
    sent.map_err(|_| UpstreamError::Slow)?.map_err(broken)
}

fn broken(error: Error) -> UpstreamError {
    let too_big = matches!(error, Error::Capacity(CapacityError::MessageTooLong { .. }));
    let ended = matches!(
        error,
        Error::ConnectionClosed
            | Error::AlreadyClosed
            | Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)
    );
    match (too_big, ended) {
        (true, _) => UpstreamError::TooBig,
        (false, true) => UpstreamError::Ended,
        (false, false) => UpstreamError::Broken(Failure::from(error)),
    }
}

/// What is asked for. The token stands in the query, as with the official client: older servers
/// look nowhere else.
fn target(token: Option<&str>) -> String {
    let mut target = "/streaming".to_owned();
    if let Some(token) = token {
        target.push_str("?i=");
        for byte in token.bytes() {
            if byte.is_ascii_alphanumeric() {
                target.push(char::from(byte));
            } else {
                write!(target, "%{byte:02X}").expect("writing to memory does not fail");
            }
        }
    }
    target
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_escaped() {
        assert_eq!(target(None), "/streaming");
        assert_eq!(target(Some("")), "/streaming?i=");
        let escaped = "/streaming?i=aZ0%26%3D%25%E3%81%82";
        assert_eq!(target(Some("aZ0&=%あ")), escaped);
    }

    /// A token shows in no error, whatever goes wrong.
    #[tokio::test]
    async fn errors_show_no_token() {
        let address = Address::parse("http://127.0.0.1:1").unwrap();
        let client = StreamClient::new(address, 65_536);
        let error = client.open(Some("s3cret")).await.err().unwrap();
        assert_eq!(error.label(), "unreachable");
        assert!(!format!("{error:?} {error} {client:?}").contains("s3cret"));
    }
}
