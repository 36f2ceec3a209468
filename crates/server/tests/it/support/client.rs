//! A client that shows every byte.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::soon;

/// What the recordings' clients sent with every upgrade.
const UPGRADE: &str = "Upgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";

/// A connection that speaks HTTP.
pub(crate) struct Http {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// A stream.
pub(crate) struct Client {
    http: Http,
    /// How long the payload of the last message was on the wire, if it was compressed.
    pub(crate) compressed_bytes: Option<usize>,
}

/// A frame of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Frame {
    Text(String),
    Ping,
    Pong(Vec<u8>),
    /// The code and the text.
    Close(Option<u16>, String),
    /// The end of the connection.
    End,
}

/// A frame of a client with any first byte.
pub(crate) fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    const MASK: [u8; 4] = [1, 2, 3, 4];
    let mut frame = vec![first];
    match payload.len() {
        len @ 0..=125 => frame.push(0x80 | len as u8),
        len @ 126..=0xFFFF => {
            frame.push(0x80 | 126);
            frame.extend((len as u16).to_be_bytes());
        }
        len => {
            frame.push(0x80 | 127);
            frame.extend((len as u64).to_be_bytes());
        }
    }
    frame.extend(MASK);
    frame.extend(
        payload
            .iter()
            .zip(MASK.iter().cycle())
            .map(|(byte, mask)| byte ^ mask),
    );
    frame
}

/// The text of a compressed message, as a client without context takeover reads it.
fn inflate(mut payload: Vec<u8>) -> Vec<u8> {
    payload.extend([0x00, 0x00, 0xFF, 0xFF]);
    let mut text = Vec::with_capacity(256 * 1024);
    let mut decompress = flate2::Decompress::new(false);
    decompress
        .decompress_vec(&payload, &mut text, flate2::FlushDecompress::Sync)
        .unwrap();
    assert_eq!(decompress.total_in(), payload.len() as u64);
    text
}

impl Http {
    pub(crate) async fn connect(address: &str) -> Self {
        let stream = soon(TcpStream::connect(address)).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            buffer: Vec::new(),
        }
    }

    /// A `GET` on a connection of its own: the head and the body of the answer.
    pub(crate) async fn get(address: &str, target: &str) -> (String, String) {
        let mut http = Self::connect(address).await;
        http.send(
            format!("GET {target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").as_bytes(),
        )
        .await;
        let head = http.head().await;
        let body = String::from_utf8(http.rest().await).unwrap();
        (head, body)
    }

    /// An upgrade to `target` with more header lines: the head of the answer.
    pub(crate) async fn upgrade(address: &str, target: &str, more: &str) -> (Self, String) {
        let mut http = Self::connect(address).await;
        let request = format!("GET {target} HTTP/1.1\r\nHost: h\r\n{UPGRADE}{more}\r\n");
        http.send(request.as_bytes()).await;
        let head = http.head().await;
        (http, head)
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        soon(self.stream.write_all(bytes)).await.unwrap();
    }

    /// The head of an answer, without the empty line.
    pub(crate) async fn head(&mut self) -> String {
        loop {
            let end = self
                .buffer
                .windows(4)
                .position(|window| window == b"\r\n\r\n");
            if let Some(end) = end {
                let head = self.buffer.drain(..end + 4).take(end).collect();
                return String::from_utf8(head).unwrap();
            }
            assert!(self.read().await > 0, "an answer has a head");
        }
    }

    /// All that comes until the end.
    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        while self.read().await > 0 {}
        std::mem::take(&mut self.buffer)
    }

    /// Takes so many bytes; `None`: the end came before.
    async fn take(&mut self, count: usize) -> Option<Vec<u8>> {
        while self.buffer.len() < count {
            if self.read().await == 0 {
                return None;
            }
        }
        Some(self.buffer.drain(..count).collect())
    }

    async fn read(&mut self) -> usize {
        // A reset is an end as well: what it cut off shows by what is missing.
        soon(self.stream.read_buf(&mut self.buffer))
            .await
            .unwrap_or(0)
    }
}

impl Client {
    /// Opens a stream.
    pub(crate) async fn open(address: &str, target: &str) -> Self {
        let (http, head) = Http::upgrade(address, target, "").await;
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        Self::of(http)
    }

    /// A stream whose upgrade has happened.
    pub(crate) fn of(http: Http) -> Self {
        Self {
            http,
            compressed_bytes: None,
        }
    }

    /// Opens a stream and sends bytes in the same packet as the request.
    pub(crate) async fn open_with(address: &str, target: &str, bytes: &[u8]) -> Self {
        let mut http = Http::connect(address).await;
        let mut request = format!("GET {target} HTTP/1.1\r\nHost: h\r\n{UPGRADE}\r\n").into_bytes();
        request.extend(bytes);
        http.send(&request).await;
        let head = http.head().await;
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        Self::of(http)
    }

    pub(crate) async fn bytes(&mut self, bytes: &[u8]) {
        self.http.send(bytes).await;
    }

    pub(crate) async fn text(&mut self, text: &str) {
        self.bytes(&masked(0x81, text.as_bytes())).await;
    }

    pub(crate) async fn send(&mut self, kind: &str, body: Value) {
        self.text(&json!({"type": kind, "body": body}).to_string())
            .await;
    }

    /// Joins a channel and waits until that is done.
    pub(crate) async fn join(&mut self, channel: &str, id: &str, params: Value) {
        let body = json!({"channel": channel, "id": id, "params": params, "pong": true});
        self.send("connect", body).await;
        assert_eq!(
            self.json().await,
            json!({"type": "connected", "body": {"id": id}})
        );
    }

    /// Waits until the server has done all that was sent before.
    pub(crate) async fn settle(&mut self) {
        self.bytes(&masked(0x89, b"settle")).await;
        assert_eq!(self.frame().await, Frame::Pong(b"settle".to_vec()));
    }

    /// The next message.
    pub(crate) async fn json(&mut self) -> Value {
        loop {
            match self.frame().await {
                Frame::Text(text) => return serde_json::from_str(&text).unwrap(),
                Frame::Ping => {}
                other @ (Frame::Pong(_) | Frame::Close(..) | Frame::End) => {
                    panic!("expected a message, not {other:?}")
                }
            }
        }
    }

    /// The next message, which must be an event of a channel: its id, type and body.
    pub(crate) async fn event(&mut self) -> (String, String, Value) {
        let mut message = self.json().await;
        assert_eq!(message["type"], "channel", "{message}");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let body = message["body"].take();
        (text(&body["id"]), text(&body["type"]), body["body"].clone())
    }

    /// The next event, which must be a note: the id of the channel and the note's text.
    pub(crate) async fn note(&mut self) -> (String, String) {
        let (id, kind, body) = self.event().await;
        assert_eq!(kind, "note", "{body}");
        (id, body["text"].as_str().unwrap().to_owned())
    }

    /// The next frame.
    pub(crate) async fn frame(&mut self) -> Frame {
        let Some(head) = self.http.take(2).await else {
            return Frame::End;
        };
        assert_eq!(head[1] & 0x80, 0, "a server never masks");
        let len = match head[1] {
            126 => u16::from_be_bytes(self.exactly(2).await.try_into().unwrap()).into(),
            127 => u64::from_be_bytes(self.exactly(8).await.try_into().unwrap()) as usize,
            short => short.into(),
        };
        let payload = self.exactly(len).await;
        match head[0] {
            0x81 => {
                self.compressed_bytes = None;
                Frame::Text(String::from_utf8(payload).unwrap())
            }
            0xC1 => {
                self.compressed_bytes = Some(payload.len());
                Frame::Text(String::from_utf8(inflate(payload)).unwrap())
            }
            0x89 => Frame::Ping,
            0x8A => Frame::Pong(payload),
            0x88 => {
                let code = payload.first_chunk().map(|code| u16::from_be_bytes(*code));
                let text = payload.get(2..).unwrap_or_default().to_vec();
                Frame::Close(code, String::from_utf8(text).unwrap())
            }
            other => panic!("unexpected first byte {other:x}"),
        }
    }

    /// The next frame, which must be a close, and the end behind it: the code.
    pub(crate) async fn closed(&mut self) -> Option<u16> {
        loop {
            match self.frame().await {
                Frame::Close(code, _) => {
                    assert_eq!(self.frame().await, Frame::End);
                    return code;
                }
                Frame::Text(_) | Frame::Ping | Frame::Pong(_) => {}
                Frame::End => panic!("it ended without a close frame"),
            }
        }
    }

    async fn exactly(&mut self, count: usize) -> Vec<u8> {
        self.http.take(count).await.expect("frames are whole")
    }
}
