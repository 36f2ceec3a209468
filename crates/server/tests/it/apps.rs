//! Apps whose tokens are revoked without a word.

use std::time::Duration;

use serde_json::json;

use crate::support::{Http, Server, soon};

#[tokio::test]
async fn an_app_whose_token_is_gone_is_let_go() {
    let server = Server::start_rereading(Duration::from_millis(20));
    for token in ["one.alice-token", "two.alice-token", "one.bob-token"] {
        let permissions = vec!["read:account".to_owned()];
        let mut apps = server.backend.apps.lock().unwrap();
        apps.insert(token.to_owned(), permissions);
    }
    let mut native = server.login("alice").await;
    let (mut one, mut two) = (
        server.login("one.alice").await,
        server.login("two.alice").await,
    );
    let mut other = server.login("one.bob").await;
    let expired = &server.backend.expired;
    expired.lock().unwrap().insert("one.alice-token".to_owned());
    // Which of the apps it was isn't told to connections: all of this user's come again.
    assert_eq!(one.closed().await, Some(1012));
    assert_eq!(two.closed().await, Some(1012));
    let (_, head) = Http::upgrade(&server.address, "/streaming?i=one.alice-token", "").await;
    assert!(head.starts_with("HTTP/1.1 401 "), "{head}");
    let mut two = server.login("two.alice").await;
    for client in [&mut native, &mut two, &mut other] {
        client.join("localTimeline", "local", json!({})).await;
    }
    // They stay when everything is read again.
    let rereads = server.metric("seseragi_rereads_total").await;
    soon(async {
        while server.metric("seseragi_rereads_total").await < rereads + 3.0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    server.backend.note("carol", "still here").await;
    for client in [&mut native, &mut two, &mut other] {
        assert_eq!(client.note().await.1, "still here");
    }
}
