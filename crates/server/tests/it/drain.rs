//! How a server ends.

use crate::support::{Http, Server, soon};

#[tokio::test]
async fn a_stop_tells_every_connection_to_come_back() {
    let server = Server::start();
    let mut clients = Vec::new();
    for _ in 0..20 {
        clients.push(server.visitor().await);
    }
    let ended = server.stop();
    for client in &mut clients {
        assert_eq!(client.closed().await, Some(1012));
    }
    drop(clients);
    ended.await;
}

#[tokio::test]
async fn a_drain_of_no_time_says_that_the_server_stops() {
    let server = Server::start_with(|limits| limits.drain_ms = 0);
    let mut client = server.visitor().await;
    let ended = server.stop();
    assert_eq!(client.closed().await, Some(1001));
    drop(client);
    ended.await;
}

#[tokio::test]
async fn a_client_that_does_not_go_is_left() {
    let server = Server::start_with(|limits| limits.close_timeout_ms = 50);
    let client = server.visitor().await;
    server.stop().await;
    drop(client);
}

#[tokio::test]
async fn a_server_that_drains_is_not_ready_and_takes_nobody() {
    let server = Server::start_with(|limits| {
        limits.drain_ms = 60_000;
    });
    let mut client = server.visitor().await;
    client.settle().await;
    let (ready, _) = Http::get(&server.admin, "/readyz").await;
    assert!(ready.starts_with("HTTP/1.1 200 "), "{ready}");
    let (admin, address) = (server.admin.clone(), server.address.clone());
    let ended = server.stop();
    soon(async {
        while Http::get(&admin, "/readyz")
            .await
            .0
            .starts_with("HTTP/1.1 200 ")
        {}
    })
    .await;
    let (_, body) = Http::get(&admin, "/readyz").await;
    assert_eq!(body, "the server is draining\n");
    soon(async { while tokio::net::TcpStream::connect(&address).await.is_ok() {} }).await;
    // The only connection leaves by itself, and with it the server.
    client.bytes(&crate::support::masked(0x88, b"")).await;
    client.closed().await;
    drop(client);
    ended.await;
}
