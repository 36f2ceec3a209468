mod bounds;

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};

use crate::Data;
use crate::model::note;
use crate::pack::For;
use crate::store::StoreError;
use crate::testing::{Person, World, keys, read};

#[track_caller]
fn assert_error(answer: (u16, Value), status: u16, code: &str, id: &str) {
    assert_eq!(
        (answer.0, &answer.1["error"]["code"]),
        (status, &json!(code))
    );
    assert_eq!(answer.1["error"]["id"], id);
}

const CREDENTIAL_REQUIRED: &str = "1384574d-a912-4b81-8601-c7b1c4085df1";
const INVALID_PARAM: &str = "3d81ceae-475f-4600-b2a8-2bc116157532";
const INTERNAL_ERROR: &str = "5d37dbcb-891e-41ca-a3d6-e690c97775ac";

#[tokio::test]
async fn a_request_that_is_wrong_gets_misskeys_error() {
    let mut world = World::new();
    let alice = world.signup("alice").await;
    let unknown = "f8080b67-5f9c-4eb7-8c18-7f1eeae8f709";
    let answer = world.post("no/such", None, json!({})).await;
    assert_error(answer, 404, "UNKNOWN_API_ENDPOINT", unknown);
    let answer = world.post("i", None, json!({})).await;
    assert_error(answer, 401, "CREDENTIAL_REQUIRED", CREDENTIAL_REQUIRED);
    let answer = world.post("ping", None, json!({ "i": "wrong" })).await;
    let failed = "b0a7f5f8-dc2f-4171-b91f-de88ad238e14";
    assert_error(answer, 401, "AUTHENTICATION_FAILED", failed);
    let answer = world.post("i", None, json!({ "i": 5 })).await;
    assert_error(answer, 400, "INVALID_PARAM", INVALID_PARAM);
    for body in ["{", "[]", "5", "\"\""] {
        let request = Request::post("/api/ping").body(body.into()).unwrap();
        assert_error(
            read(world.send(request).await).await,
            400,
            "INVALID_PARAM",
            INVALID_PARAM,
        );
    }
    let text = "あ".repeat(3001);
    let answer = world
        .post("notes/create", Some(&alice), json!({ "text": text }))
        .await;
    assert_eq!(
        answer.1["error"]["info"]["param"],
        "#/properties/text/maxLength"
    );
    assert_error(answer, 400, "INVALID_PARAM", INVALID_PARAM);
    let request = Request::post("/api/ping")
        .body(vec![b' '; 1024 * 1024 + 1].into())
        .unwrap();
    assert_eq!(read(world.send(request).await).await.0, 413);
}

#[tokio::test]
async fn a_suspended_user_may_do_nothing() {
    let mut world = World::new();
    let alice = world.signup("alice").await;
    world
        .app
        .store()
        .write::<_, StoreError, _>(|tx| Ok(tx.execute("UPDATE user SET is_suspended = 1", [])?))
        .await
        .unwrap();
    let answer = world.post("i", Some(&alice), json!({})).await;
    let suspended = "a8c724b3-6e9c-4b46-b1a8-bc3ed6258370";
    assert_error(answer, 403, "YOUR_ACCOUNT_SUSPENDED", suspended);
}

#[tokio::test]
async fn an_app_may_do_what_its_permissions_name() {
    let mut world = World::new();
    let alice = world.signup("alice").await;
    let user = alice.id.clone();
    world
        .app
        .store()
        .write::<_, StoreError, _>(move |tx| {
            Ok(tx.execute(
                "INSERT INTO access_token (id, token, hash, user_id, permission)
                 VALUES ('t', 'apptoken', 'apphash', ?1, '[\"read:account\"]')",
                [user],
            )?)
        })
        .await
        .unwrap();
    for token in ["apptoken", "apphash", "APPHASH"] {
        let app = Person {
            id: alice.id.clone(),
            token: token.to_owned(),
        };
        assert_eq!(
            world.post("i", Some(&app), json!({})).await.0,
            200,
            "{token}"
        );
        let answer = world
            .post("notes/create", Some(&app), json!({ "text": "a" }))
            .await;
        let denied = "1370e5b7-d4eb-4566-bb1d-7748ee6a1838";
        assert_error(answer, 403, "PERMISSION_DENIED", denied);
    }
}

#[tokio::test]
async fn get_cors_and_the_bearer_header_work() {
    let mut world = World::new();
    let alice = world.signup("alice").await;
    let get = |path: &str| Request::get(path).body(Body::empty()).unwrap();
    let response = world.send(get("/api/ping")).await;
    assert_eq!(response.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
    assert_eq!(
        read(response).await,
        (200, json!({ "pong": 1_795_462_686_720_u64 }))
    );
    assert_eq!(world.send(get("/api/i")).await.status(), 405);
    let request = Request::options("/api/i").body(Body::empty()).unwrap();
    let response = world.send(request).await;
    assert_eq!(response.status(), 204);
    assert!(
        response
            .headers()
            .contains_key(header::ACCESS_CONTROL_ALLOW_HEADERS)
    );
    let request = Request::post("/api/i")
        .header(header::AUTHORIZATION, format!("bearer {}", alice.token))
        .body(json!({ "i": "wrong" }).to_string().into())
        .unwrap();
    assert_eq!(read(world.send(request).await).await.1["username"], "alice");
}

#[tokio::test]
async fn the_first_account_is_the_administrator_and_names_are_taken_once() {
    let mut world = World::new();
    let remote = world.signup("far@remote.example").await;
    let alice = world.signup("Alice").await;
    let bob = world.signup("bob").await;
    for (person, admin) in [(&remote, false), (&alice, true), (&bob, false)] {
        assert_eq!(world.ok("i", person, json!({})).await["isAdmin"], admin);
    }
    let taken = json!({ "username": "aLICE", "password": "x" });
    let answer = world.post("signup", None, taken).await;
    assert_eq!(
        (answer.0, &answer.1["error"]["code"]),
        (400, &json!("DUPLICATED_USERNAME"))
    );
    let far = json!({ "username": "far", "host": "REMOTE.example" });
    let (_, shown) = world.post("users/show", Some(&bob), far).await;
    assert_eq!(
        (&shown["id"], &shown["isFollowing"]),
        (&json!(remote.id), &json!(false))
    );
    assert_eq!(
        shown["avatarUrl"],
        "https://example.com/identicon/far@remote.example"
    );
}

#[tokio::test]
async fn without_dev_there_are_no_remote_users() {
    let mut world = World::with(Data::Memory, false);
    let far = world.signup("far@remote.example").await;
    assert_eq!(world.ok("i", &far, json!({})).await["host"], Value::Null);
}

#[tokio::test]
async fn signing_in_takes_the_right_password() {
    let mut world = World::new();
    let alice = world.signup("alice").await;
    let sign_in = |body: Value| world.post("signin-flow", None, body);
    let (_, answer) = sign_in(json!({ "username": "alice", "password": "pass" })).await;
    assert_eq!(
        answer,
        json!({ "finished": true, "id": alice.id, "i": alice.token })
    );
    let (_, answer) = sign_in(json!({ "username": "alice" })).await;
    assert_eq!(answer, json!({ "finished": false, "next": "password" }));
    assert_eq!(
        sign_in(json!({ "username": "alice", "password": "no" }))
            .await
            .0,
        403
    );
    assert_eq!(
        sign_in(json!({ "username": "nobody", "password": "no" }))
            .await
            .0,
        404
    );
}

/// The keys of a recorded note, without those that only the recorded fork has.
const NOTE_KEYS: &[&str] = &[
    "id",
    "createdAt",
    "userId",
    "user",
    "text",
    "cw",
    "visibility",
    "localOnly",
    "reactionAcceptance",
    "renoteCount",
    "repliesCount",
    "reactionCount",
    "reactions",
    "reactionEmojis",
    "fileIds",
    "files",
    "replyId",
    "renoteId",
    "clippedCount",
];

#[tokio::test]
async fn a_note_is_published_and_answered_in_the_recorded_shape() {
    let mut world = World::new();
    let bob = world.signup("bob").await;
    let answer = world
        .ok("notes/create", &bob, json!({ "text": "early note of bob" }))
        .await;
    let created = &answer["createdNote"];
    assert_eq!(keys(created), NOTE_KEYS);
    let events = world.events();
    let [(topic, published)] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!(
        (topic.as_str(), &published["id"]),
        ("notesStream", &created["id"])
    );
    let mut with_pairs = NOTE_KEYS.to_vec();
    with_pairs.insert(14, "reactionAndUserPairCache");
    assert_eq!(keys(published), with_pairs);
    let (_, shown) = world
        .post("notes/show", None, json!({ "noteId": created["id"] }))
        .await;
    assert_eq!(&shown, created);
    assert_eq!(world.ok("i", &bob, json!({})).await["notesCount"], 1);
}

#[tokio::test]
async fn replies_and_renotes_carry_the_notes_around_them() {
    let mut world = World::new();
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    let create = async |person: &Person, body: Value| {
        world.ok("notes/create", person, body).await["createdNote"].clone()
    };
    let root = create(&alice, json!({ "text": "root" })).await;
    let reply = create(&bob, json!({ "text": "reply", "replyId": root["id"] })).await;
    assert_eq!(reply["reply"]["text"], "root");
    assert_eq!(reply["mentions"], json!([alice.id]));
    let renote = create(&alice, json!({ "renoteId": reply["id"] })).await;
    assert_eq!(renote["renote"]["reply"]["id"], root["id"]);
    let (status, error) = world
        .post(
            "notes/create",
            Some(&bob),
            json!({ "renoteId": renote["id"] }),
        )
        .await;
    assert_eq!(
        (status, &error["error"]["code"]),
        (400, &json!("CANNOT_RENOTE_TO_A_PURE_RENOTE"))
    );
    let (_, shown) = world
        .post("notes/show", None, json!({ "noteId": root["id"] }))
        .await;
    assert_eq!(shown["repliesCount"], 1);
    let (_, shown) = world
        .post("notes/show", None, json!({ "noteId": reply["id"] }))
        .await;
    assert_eq!(shown["renoteCount"], 1);
}

#[tokio::test]
async fn a_note_is_shown_to_those_it_is_for() {
    let mut world = World::new();
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    let carol = world.signup("carol").await;
    let body = json!({ "text": "psst", "visibility": "specified", "visibleUserIds": [bob.id] });
    let answer = world.ok("notes/create", &alice, body).await;
    let id = &answer["createdNote"]["id"];
    let show = async |who: Option<&Person>| {
        world
            .post("notes/show", who, json!({ "noteId": id }))
            .await
            .0
    };
    assert_eq!(show(Some(&alice)).await, 200);
    assert_eq!(show(Some(&bob)).await, 200);
    assert_eq!(show(Some(&carol)).await, 400);
    assert_eq!(show(None).await, 400);
    let quote = json!({ "text": "look", "renoteId": id });
    let (_, error) = world.post("notes/create", Some(&bob), quote).await;
    assert_eq!(error["error"]["code"], "CANNOT_RENOTE_DUE_TO_VISIBILITY");
    let reply = json!({ "text": "aha", "replyId": id, "visibility": "specified" });
    let (_, error) = world.post("notes/create", Some(&carol), reply).await;
    assert_eq!(error["error"]["code"], "CANNOT_REPLY_TO_AN_INVISIBLE_NOTE");
}

#[tokio::test]
async fn what_a_viewer_may_not_see_around_a_note_is_hidden() {
    let mut world = World::new();
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    let body =
        json!({ "text": "psst", "cw": "!", "visibility": "specified", "visibleUserIds": [bob.id] });
    let secret = world.ok("notes/create", &alice, body).await["createdNote"].clone();
    let reply = json!({ "text": "ok", "replyId": secret["id"], "visibility": "specified" });
    let reply = world.ok("notes/create", &bob, reply).await["createdNote"].clone();
    assert_eq!(reply["reply"]["text"], "psst");
    let id = reply["id"].as_str().unwrap().to_owned();
    let packed = world
        .app
        .store()
        .read::<_, StoreError, _>(move |view| {
            let note = note::by_id(view, &id)?.unwrap();
            Ok(view.pack().note(&note, For::Visitor)?)
        })
        .await
        .unwrap();
    for part in [&packed, &packed["reply"]] {
        assert_eq!(
            (&part["text"], &part["cw"], &part["isHidden"]),
            (&Value::Null, &Value::Null, &json!(true))
        );
        assert!(part.get("visibleUserIds").is_none());
    }
}

#[tokio::test]
async fn a_store_that_fails_says_so_and_writes_nothing() {
    for (pragma, value) in [("query_only", 1), ("max_page_count", 1)] {
        let mut world = World::new();
        let alice = world.signup("alice").await;
        let set = async |value: i64| {
            let outcome = world
                .app
                .store()
                .write::<_, StoreError, _>(move |tx| Ok(tx.pragma_update(None, pragma, value)?));
            outcome.await.unwrap();
        };
        set(value).await;
        let mut failures = 0;
        for _ in 0..200 {
            let body = json!({ "text": "x".repeat(3000) });
            let answer = world.post("notes/create", Some(&alice), body).await;
            if answer.0 != 200 {
                assert_error(answer, 500, "INTERNAL_ERROR", INTERNAL_ERROR);
                failures += 1;
            }
        }
        assert!(failures > 0, "{pragma}");
        assert_eq!(world.post("i", Some(&alice), json!({})).await.0, 200);
        let (notes, counted) = world
            .app
            .store()
            .read::<(usize, usize), StoreError, _>(|view| {
                let sql = "SELECT count(*), (SELECT notes_count FROM user) FROM note";
                Ok(view.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?)
            })
            .await
            .unwrap();
        assert_eq!((notes, counted), (200 - failures, 200 - failures));
        assert_eq!(world.events().len(), notes);
    }
}
