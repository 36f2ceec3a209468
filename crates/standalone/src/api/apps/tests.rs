use serde_json::{Value, json};

use crate::limits::APP_TOKENS_MAX;
use crate::testing::{Person, World, keys};

async fn alice() -> (World, Person) {
    let mut world = World::new();
    let alice = world.signup("alice").await;
    (world, alice)
}

/// Makes a token; gives back who has it.
async fn app(world: &World, user: &Person, body: Value) -> Person {
    let answer = world.ok("miauth/gen-token", user, body).await;
    assert_eq!(keys(&answer), ["token"]);
    Person {
        id: user.id.clone(),
        token: answer["token"].as_str().unwrap().to_owned(),
    }
}

#[tokio::test]
async fn a_token_for_an_app_is_told_of_and_works() {
    let (mut world, alice) = alice().await;
    let body = json!({ "session": null, "name": "a", "permission": ["read:account"] });
    let app = app(&world, &alice, body).await;
    assert_eq!(app.token.len(), 32);
    let events = world.events();
    assert_eq!(events.len(), 1);
    let mut notification = events[0].1.clone();
    notification["body"]["id"] = Value::Null;
    assert_eq!(
        notification,
        json!({ "type": "notification", "body": {
            "id": null, "createdAt": "2026-11-23T19:38:06.720Z", "type": "createToken",
        }})
    );
    world.ok("i", &app, json!({})).await;
    let denied = world.err("notes/create", Some(&app), json!({ "text": "a" }));
    assert_eq!(denied.await, (403, "PERMISSION_DENIED".to_owned()));
    let denied = world.err(
        "miauth/gen-token",
        Some(&app),
        json!({ "session": null, "permission": [] }),
    );
    assert_eq!(denied.await, (403, "ACCESS_DENIED".to_owned()));
}

#[tokio::test]
async fn a_session_hands_its_token_over_once() {
    let (world, alice) = alice().await;
    let check = async || world.post("miauth/a-session/check", None, json!({})).await;
    assert_eq!(check().await, (200, json!({ "ok": false })));
    let body = json!({ "session": "a-session", "permission": ["write:notes"] });
    let app = app(&world, &alice, body.clone()).await;
    let (_, answer) = check().await;
    assert_eq!(keys(&answer), ["ok", "token", "user"]);
    assert_eq!(answer["token"], json!(app.token));
    assert_eq!(answer["user"]["username"], "alice");
    assert!(answer["user"].get("policies").is_none());
    assert_eq!(check().await, (200, json!({ "ok": false })));
    let again = world.err("miauth/gen-token", Some(&alice), body).await;
    assert_eq!(again, (400, "SESSION_USED".to_owned()));
}

#[tokio::test]
async fn apps_are_listed_and_lose_their_tokens() {
    let (mut world, alice) = alice().await;
    let bob = world.signup("bob").await;
    let mut made = Vec::new();
    for name in ["one", "two"] {
        let body = json!({ "session": null, "name": name, "permission": [] });
        made.push(app(&world, &alice, body).await);
    }
    let list = world
        .ok("i/apps", &alice, json!({ "sort": "+createdAt" }))
        .await;
    assert_eq!(
        keys(&list[0]),
        [
            "id",
            "name",
            "createdAt",
            "permission",
            "iconUrl",
            "description"
        ]
    );
    assert_eq!(
        (&list[0]["name"], &list[1]["name"]),
        (&json!("two"), &json!("one"))
    );
    let by_id = json!({ "tokenId": list[0]["id"] });
    world.ok("i/revoke-token", &bob, by_id.clone()).await;
    let working = world.post("ping", Some(&made[1]), json!({})).await;
    assert_eq!(working.0, 200, "another user cannot revoke it");
    world.ok("i/revoke-token", &alice, by_id).await;
    world.events();
    let by_token = json!({ "token": made[0].token });
    world.ok("i/revoke-token", &alice, by_token.clone()).await;
    let revoked = json!({ "type": "accessTokenRevoked", "body": { "id": alice.id } });
    assert_eq!(world.events(), [("internal".to_owned(), revoked)]);
    world.ok("i/revoke-token", &alice, by_token).await;
    assert_eq!(world.events(), [], "there was none any more");
    for app in &made {
        assert_eq!(world.post("ping", Some(app), json!({})).await.0, 401);
    }
    assert_eq!(world.ok("i/apps", &alice, json!({})).await, json!([]));
    let none = world.err("i/revoke-token", Some(&alice), json!({})).await;
    assert_eq!(none, (400, "INVALID_PARAM".to_owned()));
}

#[tokio::test]
async fn a_user_gives_out_so_many_tokens() {
    let mut world = World::new();
    let alice = world.signup("alice").await;
    let some = format!(
        "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n LIMIT {})
         INSERT INTO access_token (id, token, hash, user_id, permission)
         SELECT i, i, i, '{}', '[]' FROM n",
        APP_TOKENS_MAX, alice.id
    );
    world.sql(&some).await;
    let asked = json!({ "session": null, "permission": [] });
    let refused = world
        .err("miauth/gen-token", Some(&alice), asked.clone())
        .await;
    assert_eq!(refused, (400, "TOO_MANY_TOKENS".to_owned()));
    world
        .ok("i/revoke-token", &alice, json!({ "tokenId": "1" }))
        .await;
    world.ok("miauth/gen-token", &alice, asked).await;
}
