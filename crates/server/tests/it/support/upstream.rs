//! A server upstream that the test plays.

use std::sync::{Arc, Mutex};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::soon;

/// Where streams are opened.
pub(crate) struct FakeUpstream {
    listener: TcpListener,
    pub(crate) origin: String,
}

/// A stream that was opened.
pub(crate) struct UpstreamConn {
    /// The path and the query.
    pub(crate) target: String,
    /// What says that a bridge asks.
    pub(crate) mark: Option<String>,
    socket: WebSocketStream<TcpStream>,
}

impl FakeUpstream {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        Self { listener, origin }
    }

    /// The next stream that is opened.
    pub(crate) async fn accept(&self) -> UpstreamConn {
        let asked = Arc::new(Mutex::new(None));
        let seen = Arc::clone(&asked);
        #[expect(clippy::result_large_err, reason = "the library wants it so")]
        let note = move |request: &Request, response: Response| -> Result<_, ErrorResponse> {
            let mark = request.headers().get("x-seseragi-bridge");
            let mark = mark.map(|mark| mark.to_str().unwrap().to_owned());
            *seen.lock().unwrap() = Some((request.uri().to_string(), mark));
            Ok(response)
        };
        let socket = tokio_tungstenite::accept_hdr_async(self.tcp().await, note);
        let socket = soon(socket).await.unwrap();
        let (target, mark) = asked.lock().unwrap().take().unwrap();
        UpstreamConn {
            target,
            mark,
            socket,
        }
    }

    /// Refuses the next stream with a status.
    pub(crate) async fn refuse(&self, status: u16) {
        let mut stream = self.tcp().await;
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            assert!(soon(stream.read_buf(&mut request)).await.unwrap() > 0);
        }
        let answer = format!("HTTP/1.1 {status} Refused\r\nContent-Length: 0\r\n\r\n");
        soon(stream.write_all(answer.as_bytes())).await.unwrap();
    }

    async fn tcp(&self) -> TcpStream {
        let (stream, _) = soon(self.listener.accept()).await.unwrap();
        stream
    }
}

impl UpstreamConn {
    /// The next message.
    pub(crate) async fn json(&mut self) -> Value {
        loop {
            match soon(self.socket.next()).await.unwrap().unwrap() {
                Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                Message::Ping(_) | Message::Pong(_) => {}
                other @ (Message::Binary(_) | Message::Close(_) | Message::Frame(_)) => {
                    panic!("expected a message, not {other:?}")
                }
            }
        }
    }

    /// The next message, which must be a `connect`: the channel, the id and the params.
    pub(crate) async fn connect(&mut self) -> (String, String, Value) {
        let message = self.json().await;
        assert_eq!(message["type"], "connect", "{message}");
        let body = &message["body"];
        assert_eq!(body["pong"], true);
        let text = |key: &str| body[key].as_str().unwrap().to_owned();
        (text("channel"), text("id"), body["params"].clone())
    }

    /// The next message, which must be a `connect`, is answered: the id.
    pub(crate) async fn admit(&mut self) -> String {
        let (_, id, _) = self.connect().await;
        self.send("connected", json!({"id": id})).await;
        id
    }

    pub(crate) async fn send(&mut self, kind: &str, body: Value) {
        self.text(json!({"type": kind, "body": body}).to_string())
            .await;
    }

    /// Sends an event of a channel.
    pub(crate) async fn event(&mut self, id: &str, kind: &str, body: Value) {
        let body = json!({"id": id, "type": kind, "body": body});
        self.send("channel", body).await;
    }

    pub(crate) async fn text(&mut self, text: String) {
        self.try_text(text).await.unwrap();
    }

    /// Sends a text, unless the stream is closed.
    pub(crate) async fn try_text(&mut self, text: String) -> Result<(), Error> {
        soon(self.socket.send(text.into())).await
    }

    /// Waits until the bridge has closed the stream.
    pub(crate) async fn closed(mut self) {
        loop {
            match soon(self.socket.next()).await {
                Some(Ok(Message::Text(text))) => {
                    assert!(text.contains(r#""type":"disconnect""#), "{text}");
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return,
            }
        }
    }
}
