//! Streams over TLS.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use seseragi_server::{Listener, Tls, TlsError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{PATIENCE, Server, soon};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/it/certificates")
        .join(name)
}

fn tls() -> Tls {
    Tls::load(&file("certificate.pem"), &file("key.pem")).unwrap()
}

async fn connect(address: &str) -> TlsStream<TcpStream> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(file("certificate.pem")).unwrap())
        .unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = soon(TcpStream::connect(address)).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    soon(TlsConnector::from(Arc::new(config)).connect(name, stream))
        .await
        .unwrap()
}

fn server() -> Server {
    let listener = Listener::tcp("127.0.0.1:0".parse().unwrap())
        .unwrap()
        .with_tls(&tls());
    assert!(
        listener.address().starts_with("https://127.0.0.1:"),
        "{}",
        listener.address()
    );
    Server::start_on(listener, |_| {})
}

#[tokio::test]
async fn a_stream_over_tls_lives_and_ends_like_any_other() {
    let server = server();
    let (mut stream, _) = client_async("wss://localhost/streaming", connect(&server.address).await)
        .await
        .unwrap();
    let join =
        json!({"type": "connect", "body": {"channel": "localTimeline", "id": "t", "pong": true}});
    stream.send(Message::text(join.to_string())).await.unwrap();
    soon(stream.next()).await.unwrap().unwrap();
    // More than one record of TLS, and more than a socket pair holds.
    let long = "x".repeat(400_000);
    server.backend.note("bob", &long).await;
    let note = soon(stream.next()).await.unwrap().unwrap();
    let note: Value = serde_json::from_str(note.to_text().unwrap()).unwrap();
    assert_eq!(note["body"]["body"]["text"], long);
    stream.close(None).await.unwrap();
    while soon(stream.next()).await.is_some() {}
    drop(stream);
    server.metric_becomes("seseragi_connections", 0.0).await;
}

#[tokio::test]
async fn plain_requests_work_over_tls() {
    let server = server();
    let mut stream = connect(&server.address).await;
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut answer = String::new();
    soon(stream.read_to_string(&mut answer)).await.unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("page"),
        "{answer}"
    );
}

#[tokio::test]
async fn who_speaks_no_tls_is_sent_away() {
    let server = server();
    let mut stream = TcpStream::connect(&server.address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer))
        .await
        .unwrap()
        .unwrap();
    assert!(!answer.starts_with(b"HTTP"));
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let missing = Tls::load(&file("none.pem"), &file("key.pem")).unwrap_err();
    assert!(missing.to_string().ends_with("none.pem`"), "{missing}");
    let swapped = Tls::load(&file("key.pem"), &file("certificate.pem")).unwrap_err();
    assert!(
        matches!(swapped, TlsError::File { .. } | TlsError::Pair(_)),
        "{swapped}"
    );
}
