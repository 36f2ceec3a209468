//! The client of the API against servers that answer, and against those that do harm.

#![expect(clippy::unwrap_used, reason = "the whole crate is a test")]

use std::time::Duration;

use protocol::id::NoteId;
use seseragi_upstream::{Address, NotesClient, ShowError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;

const TOKEN: &str = "0123456789abcdef";
const NOTE: &str = r#"{"id":"9note","userId":"9alice","visibility":"public","text":"hi"}"#;
/// Nothing in these tests takes as long.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server that gives each request the same answer, and tells of the requests.
struct Server {
    address: String,
    client: NotesClient,
    requests: mpsc::UnboundedReceiver<String>,
}

impl Server {
    /// `answer` is sent for each request; then comes `more`, again and again, until nobody reads
    /// any longer.
    async fn start(answer: impl Into<Vec<u8>>, more: &'static [u8]) -> Self {
        let (answer, listener) = (
            answer.into(),
            TcpListener::bind("127.0.0.1:0").await.unwrap(),
        );
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (seen, requests) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let (answer, seen) = (answer.clone(), seen.clone());
                tokio::spawn(async move {
                    while let Some(request) = read_request(&mut socket).await {
                        seen.send(request).unwrap();
                        // The client may leave at any time.
                        if socket.write_all(&answer).await.is_err() {
                            return;
                        }
                        while !more.is_empty() {
                            if socket.write_all(more).await.is_err() {
                                return;
                            }
                        }
                    }
                });
            }
        });
        Self::at(address, requests)
    }

    fn at(address: String, requests: mpsc::UnboundedReceiver<String>) -> Self {
        Self {
            client: NotesClient::new(Address::parse(&address).unwrap()),
            address,
            requests,
        }
    }

    async fn show(&self) -> Result<Option<String>, ShowError> {
        let note = NoteId::parse("9note").unwrap();
        let shown = timeout(PATIENCE, self.client.show(&note, TOKEN)).await;
        let shown = shown.expect("each answer comes to its end")?;
        Ok(shown.map(|note| String::from_utf8(note.to_vec()).unwrap()))
    }

    async fn fault(&self) -> ShowError {
        let error = self.show().await.expect_err("this answer is not good");
        let mut text = format!("{error:?}");
        let mut cause: Option<&dyn std::error::Error> = Some(&error);
        while let Some(error) = cause {
            text.push_str(&error.to_string());
            cause = error.source();
        }
        assert!(!text.contains(TOKEN), "an error shows the token: {text}");
        error
    }
}

/// The head and the body of the next request; `None`: there is none.
async fn read_request(socket: &mut TcpStream) -> Option<String> {
    let mut text = String::new();
    let mut buffer = [0; 4096];
    loop {
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length?.parse().ok()? {
                return Some(text);
            }
        }
        match socket.read(&mut buffer).await {
            Ok(read @ 1..) => text.push_str(std::str::from_utf8(&buffer[..read]).ok()?),
            Ok(0) | Err(_) => return None,
        }
    }
}

fn answer(status: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

#[tokio::test]
async fn a_note_is_asked_for_as_its_user_on_connections_that_are_kept() {
    let mut server = Server::start(answer("200 OK", NOTE), b"").await;
    for _ in 0..2 {
        assert_eq!(server.show().await.unwrap().unwrap(), NOTE);
    }
    let request = server.requests.recv().await.unwrap();
    assert!(
        request.starts_with("POST /api/notes/show HTTP/1.1\r\n"),
        "{request}"
    );
    assert!(
        request.contains("content-type: application/json\r\n"),
        "{request}"
    );
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(
        !head.contains(TOKEN),
        "whoever keeps a log of requests must not see it"
    );
    assert_eq!(body, format!(r#"{{"i":"{TOKEN}","noteId":"9note"}}"#));
}

#[tokio::test]
async fn what_is_not_for_the_user_is_none() {
    let body = r#"{"error":{"message":"No such note.","code":"NO_SUCH_NOTE","kind":"client"}}"#;
    for status in ["400 Bad Request", "404 Not Found"] {
        let server = Server::start(answer(status, body), b"").await;
        assert_eq!(server.show().await.unwrap(), None, "{status}");
    }
}

#[tokio::test]
async fn other_statuses_are_errors() {
    for (status, code) in [
        ("204 No Content", 204),
        ("400 Bad Request", 400),
        ("404 Not Found", 404),
        ("429 Too Many Requests", 429),
        ("500 Internal Server Error", 500),
        ("502 Bad Gateway", 502),
    ] {
        let server = Server::start(answer(status, ""), b"").await;
        let error = server.fault().await;
        assert!(
            matches!(error, ShowError::Status(it) if it == code),
            "{error:?}"
        );
    }
    for (status, code) in [("401 Unauthorized", 401), ("403 Forbidden", 403)] {
        let server = Server::start(answer(status, "{}"), b"").await;
        let error = server.fault().await;
        assert!(
            matches!(error, ShowError::Unauthorized(it) if it == code),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn no_redirect_is_followed_with_a_token() {
    let mut other = Server::start(answer("200 OK", NOTE), b"").await;
    for status in ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"] {
        let location = format!("{}/api/notes/show", other.address);
        let head =
            format!("HTTP/1.1 {status}\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n");
        let server = Server::start(head, b"").await;
        let error = server.fault().await;
        assert!(matches!(error, ShowError::Status(300..400)), "{error:?}");
    }
    assert!(
        other.requests.try_recv().is_err(),
        "a redirect was followed"
    );
}

#[tokio::test]
async fn what_is_not_the_note_is_not_taken_for_it() {
    for body in [
        "",
        "null",
        "[]",
        "<!doctype html><title>Welcome</title>",
        r#"{"id":"9other","userId":"9alice","visibility":"public","text":"hi"}"#,
        r#"{"id":"9note"}"#,
        r#"{"id":"9note","userId":"9alice","visibility":"unheard-of"}"#,
        r#"{"id":"9note","userId":"9alice","visibility":"public"} {}"#,
        &NOTE[..NOTE.len() - 1],
    ] {
        let server = Server::start(answer("200 OK", body), b"").await;
        let error = server.fault().await;
        assert!(matches!(error, ShowError::Unasked), "{body}: {error:?}");
    }
}

#[tokio::test]
async fn text_that_is_no_text_is_not_taken() {
    let mut bytes = answer("200 OK", NOTE).into_bytes();
    let text = bytes.windows(2).rposition(|two| two == b"hi").unwrap();
    bytes[text] = 0xff;
    let error = Server::start(bytes, b"").await.fault().await;
    assert!(matches!(error, ShowError::Unasked), "{error:?}");
}

#[tokio::test]
async fn answers_have_a_size() {
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let endless = Server::start(chunked, b"8\r\n        \r\n").await;
    let error = endless.fault().await;
    assert!(matches!(error, ShowError::TooBig), "{error:?}");
    let announced = "HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n";
    let huge = Server::start(announced, b"                ").await;
    let error = huge.fault().await;
    assert!(matches!(error, ShowError::TooBig), "{error:?}");
    let fault = Server::start("HTTP/1.1 400 Bad Request\r\n\r\n", b"                ").await;
    let error = fault.fault().await;
    assert!(matches!(error, ShowError::TooBig), "{error:?}");
    let head = Server::start("HTTP/1.1 200 OK\r\n", b"x-more: more\r\n").await;
    let error = head.fault().await;
    assert!(matches!(error, ShowError::Unreachable(_)), "{error:?}");
}

#[tokio::test]
async fn a_server_that_is_away_is_an_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = Server::at(address, mpsc::unbounded_channel().1)
        .fault()
        .await;
    assert!(matches!(error, ShowError::Unreachable(_)), "{error:?}");
}
