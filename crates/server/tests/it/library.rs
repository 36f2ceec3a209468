//! A client that isn't ours, and the other kind of socket.

use std::path::PathBuf;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use seseragi_server::{Listener, Listeners, ServerConfig};
use tokio::net::UnixStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::{client_async, connect_async};

use crate::support::{Fake, Server, soon};

const CONNECT: &str =
    r#"{"type":"connect","body":{"channel":"localTimeline","id":"t","pong":true}}"#;

fn json_of(message: Message) -> Value {
    serde_json::from_str(message.to_text().unwrap()).unwrap()
}

#[tokio::test]
async fn tungstenite_gets_notes_and_a_clean_end() {
    let server = Server::start();
    let url = format!("ws://{}/streaming?i=alice-token", server.address);
    let (mut stream, _) = soon(connect_async(url)).await.unwrap();
    stream.send(Message::text(CONNECT)).await.unwrap();
    let connected = soon(stream.next()).await.unwrap().unwrap();
    assert_eq!(
        json_of(connected),
        json!({"type": "connected", "body": {"id": "t"}})
    );
    let long = "ながい".repeat(10_000);
    server.backend.note("bob", &long).await;
    let note = json_of(soon(stream.next()).await.unwrap().unwrap());
    assert_eq!(note["body"]["body"]["text"], long);
    let ended = server.stop();
    let Message::Close(Some(close)) = soon(stream.next()).await.unwrap().unwrap() else {
        panic!("expected a close frame");
    };
    assert_eq!(close.code, CloseCode::Restart);
    assert!(soon(stream.next()).await.is_none());
    drop(stream);
    ended.await;
}

/// A path for a socket that nothing else uses.
fn socket_path(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("seseragi-{name}-{}.sock", std::process::id()))
}

#[tokio::test]
async fn a_unix_socket_serves_streams_too() {
    let path = socket_path("streams");
    let listener = Listener::unix(&path).unwrap();
    assert_eq!(listener.address(), format!("unix:{}", path.display()));
    let listeners = Listeners {
        public: vec![listener],
        admin: None,
    };
    let backend = Fake::new();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let config = ServerConfig {
        workers: 1,
        ..ServerConfig::default()
    };
    let running = tokio::spawn(seseragi_server::run(
        config,
        backend.clone(),
        axum::Router::new(),
        listeners,
        async { drop(stopped.await) },
    ));
    let socket = soon(UnixStream::connect(&path)).await.unwrap();
    let (mut stream, _) = soon(client_async("ws://h/streaming", socket))
        .await
        .unwrap();
    stream.send(Message::text(CONNECT)).await.unwrap();
    soon(stream.next()).await.unwrap().unwrap();
    backend.note("bob", "over a file").await;
    let note = json_of(soon(stream.next()).await.unwrap().unwrap());
    assert_eq!(note["body"]["body"]["text"], "over a file");
    stream.close(None).await.unwrap();
    drop((stream, stop));
    soon(running).await.unwrap().unwrap();
    assert!(!path.exists(), "the file goes with the server");
}

#[tokio::test]
async fn a_file_that_a_dead_server_left_is_replaced_and_a_living_one_is_not() {
    let path = socket_path("left");
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let listener = Listener::unix(&path).unwrap();
    let second = Listener::unix(&path);
    assert!(second.is_err(), "{second:?}");
    drop(listener);
    assert!(!path.exists());
}
