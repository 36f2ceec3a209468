//! Games of Reversi: what of the players' operations reaches the store.

use serde_json::{Value, json};

use crate::support::{Client, Server, soon};

const IGNORED: &str = "seseragi_operations_ignored_total";

async fn join(client: &mut Client) {
    let game = json!({"gameId": "g"});
    client.join("reversiGame", "game", game).await;
}

async fn operate(client: &mut Client, kind: &str, body: Value) {
    let operation = json!({"id": "game", "type": kind, "body": body});
    client.send("ch", operation).await;
}

/// What was played, once it is this much.
async fn plays(server: &Server, count: usize) -> Vec<String> {
    let plays = &server.backend.plays;
    soon(async {
        while plays.lock().unwrap().len() < count {
            tokio::task::yield_now().await;
        }
    })
    .await;
    plays.lock().unwrap().clone()
}

#[tokio::test]
async fn what_a_player_does_comes_in_their_order() {
    let server = Server::start();
    let mut alice = server.login("alice").await;
    join(&mut alice).await;
    for position in 0..8 {
        operate(&mut alice, "putStone", json!({"pos": position})).await;
    }
    operate(&mut alice, "ready", json!(true)).await;
    operate(&mut alice, "cancel", Value::Null).await;
    let mut expected: Vec<String> = (0..8)
        .map(|position| format!(r#"alice g putStone {{"pos":{position}}}"#))
        .collect();
    expected.push("alice g ready true".to_owned());
    expected.push("alice g cancel null".to_owned());
    assert_eq!(plays(&server, expected.len()).await, expected);
}

#[tokio::test]
async fn operations_that_nobody_may_or_that_are_none_are_ignored() {
    let server = Server::start();
    let mut visitor = server.visitor().await;
    let may_read = vec!["read:account".to_owned()];
    let may_write = vec!["read:account".to_owned(), "write:account".to_owned()];
    for (app, permissions) in [("read", may_read), ("write", may_write)] {
        let token = format!("{app}.alice-token");
        let mut apps = server.backend.apps.lock().unwrap();
        apps.insert(token, permissions);
    }
    let mut reader = server.login("read.alice").await;
    let mut writer = server.login("write.alice").await;
    for client in [&mut visitor, &mut reader] {
        join(client).await;
        operate(client, "ready", json!(true)).await;
    }
    join(&mut writer).await;
    operate(&mut writer, "nonsense", json!(1)).await;
    operate(
        &mut writer,
        "putStone",
        json!({"pos": 1, "id": "x".repeat(9_000)}),
    )
    .await;
    server.metric_becomes(IGNORED, 4.0).await;
    operate(&mut writer, "ready", json!(false)).await;
    assert_eq!(plays(&server, 1).await, ["alice g ready false"]);
}

#[tokio::test]
async fn a_flood_of_operations_waits_in_a_short_queue() {
    let server = Server::start();
    let mut alice = server.login("alice").await;
    join(&mut alice).await;
    let held = server.backend.playing.lock().await;
    for position in 0..40 {
        operate(&mut alice, "putStone", json!({"pos": position})).await;
    }
    server.metric_becomes(IGNORED, 24.0).await;
    drop(held);
    let expected: Vec<String> = (0..16)
        .map(|position| format!(r#"alice g putStone {{"pos":{position}}}"#))
        .collect();
    assert_eq!(plays(&server, 16).await, expected);
    // There is room again. The last of the sixteen may not be over to the last bit.
    soon(async {
        while server.backend.plays.lock().unwrap().len() < 17 {
            operate(&mut alice, "ready", json!(true)).await;
        }
    })
    .await;
}
