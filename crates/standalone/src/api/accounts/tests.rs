use axum::extract::ConnectInfo;
use axum::http::Request;
use serde_json::{Value, json};
use std::net::SocketAddr;

use crate::testing::{World, read};

#[tokio::test]
async fn names_are_those_of_misskey_and_given_once() {
    let mut world = World::new();
    let signup = |username: &str, host: Option<&str>| {
        let body = json!({ "username": username, "password": "pass", "host": host });
        let world = &world;
        async move { world.err("signup", None, body).await.1 }
    };
    for wrong in ["", "a-b", "あ", "a123456789b123456789c"] {
        assert_eq!(signup(wrong, None).await, "INVALID_USERNAME", "{wrong}");
    }
    for wrong in ["", "a b", "a/b", "あ.example"] {
        assert_eq!(signup("a", Some(wrong)).await, "INVALID_HOST", "{wrong}");
    }
    let alice = world.signup("alice@EXAMPLE.com").await;
    assert_eq!(
        world.ok("i", &alice, json!({})).await["host"],
        Value::Null,
        "our own host is none"
    );
    world.sql("DELETE FROM user").await;
    let body = json!({ "username": "Alice", "password": "pass" });
    let (_, code) = world.err("signup", None, body).await;
    assert_eq!(code, "USED_USERNAME");
    let body = json!({ "username": "bob", "password": "" });
    let (_, code) = world.err("signup", None, body).await;
    assert_eq!(code, "INVALID_PASSWORD");
}

#[tokio::test]
async fn a_user_is_told_that_someone_signed_in() {
    let mut world = World::new();
    let alice = world.signup("alice").await;
    let body = json!({ "username": "ALICE", "password": "pass" });
    let mut request = Request::post("/api/signin-flow")
        .header("user-agent", "a client")
        .header("authorization-of-another-kind", "secret")
        .body(body.to_string().into())
        .unwrap();
    let peer: SocketAddr = "203.0.113.5:1".parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(peer));
    let (_, answer) = read(world.send(request).await).await;
    assert_eq!(
        answer,
        json!({ "finished": true, "id": alice.id, "i": alice.token })
    );
    let events = world.events();
    let [notification, signin] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!(notification.1["body"]["type"], "login");
    assert_eq!(notification.1["body"]["ip"], "203.0.113.5");
    let mut body = signin.1["body"].clone();
    assert!(body["id"].as_str().unwrap() < notification.1["body"]["id"].as_str().unwrap());
    body["id"] = Value::Null;
    let expected = json!({
        "id": null,
        "createdAt": "2026-11-23T19:38:06.720Z",
        "ip": "203.0.113.5",
        "headers": { "user-agent": "a client" },
        "success": true,
    });
    assert_eq!((&signin.1["type"], body), (&json!("signin"), expected));
}

#[tokio::test]
async fn a_wrong_password_tells_nobody_anything() {
    let mut world = World::new();
    world.signup("alice").await;
    let body = json!({ "username": "alice", "password": "wrong" });
    let (status, answer) = world.post("signin-flow", None, body).await;
    let id = "932c904e-9460-45b7-9ce6-7ed33be7eb2c";
    assert_eq!((status, &answer["error"]["id"]), (403, &json!(id)));
    assert!(world.events().is_empty());
}
