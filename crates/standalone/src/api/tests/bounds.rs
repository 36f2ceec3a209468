//! What one request may make the store do.

use serde_json::{Value, json};

use super::INVALID_PARAM;
use crate::limits::{
    MUTED_WORD_ITEMS_MAX, MUTED_WORDS_MAX, QUERY_CHARS_MAX, RECIPIENTS_MAX, TAG_CHARS_MAX,
    TAGS_SEARCHED_MAX,
};
use crate::testing::{Person, World};

/// A request at its limit passes, and the same with a bit more does not.
async fn check(
    world: &World,
    person: &Person,
    endpoint: &str,
    body: impl Fn(usize) -> Value,
    max: usize,
) {
    let (status, answer) = world.post(endpoint, Some(person), body(max)).await;
    assert!(status < 300, "{endpoint} at {max}: {answer}");
    let (status, answer) = world.post(endpoint, Some(person), body(max + 1)).await;
    assert_eq!(status, 400, "{endpoint} over {max}: {answer}");
    assert_eq!(answer["error"]["id"], INVALID_PARAM, "{endpoint}: {answer}");
}

#[tokio::test]
async fn searches_are_bounded() {
    let mut world = World::new();
    let alice = world.signup("alice").await;
    for endpoint in ["notes/search", "hashtags/search", "channels/search"] {
        let query = |chars| json!({ "query": "あ".repeat(chars) });
        check(&world, &alice, endpoint, query, QUERY_CHARS_MAX).await;
    }
    let endpoint = "notes/search-by-tag";
    let tag = |chars| json!({ "tag": "あ".repeat(chars) });
    check(&world, &alice, endpoint, tag, TAG_CHARS_MAX).await;
    let groups = |count| json!({ "query": vec![["a"]; count] });
    check(&world, &alice, endpoint, groups, TAGS_SEARCHED_MAX).await;
    let tags = |count| json!({ "query": [vec!["a"; count]] });
    check(&world, &alice, endpoint, tags, TAGS_SEARCHED_MAX).await;
}

#[tokio::test]
async fn recipients_are_bounded() {
    let mut world = World::new();
    let alice = world.signup("alice").await;
    let to = |count: usize| {
        let nobody: Vec<String> = (0..count).map(|at| format!("nobody{at}")).collect();
        json!({ "text": "a", "visibility": "specified", "visibleUserIds": nobody })
    };
    check(&world, &alice, "notes/create", to, RECIPIENTS_MAX).await;
}

#[tokio::test]
async fn muted_words_are_bounded() {
    let mut world = World::new();
    let alice = world.signup("alice").await;
    let groups = |count: usize| json!(vec![[(); 0]; count]);
    let empty = |count: usize| json!([vec![""; count]]);
    let characters = |count: usize| json!([["あ".repeat(count)]]);
    for key in ["mutedWords", "hardMutedWords"] {
        for (right, wrong) in [
            (
                groups(MUTED_WORD_ITEMS_MAX),
                groups(MUTED_WORD_ITEMS_MAX + 1),
            ),
            (empty(MUTED_WORDS_MAX), empty(MUTED_WORDS_MAX + 1)),
            (characters(MUTED_WORDS_MAX), characters(MUTED_WORDS_MAX + 1)),
        ] {
            world.ok("i/update", &alice, json!({ key: right })).await;
            let over = world.err("i/update", Some(&alice), json!({ key: wrong }));
            let expected = (400, "TOO_MANY_MUTED_WORDS".to_owned());
            assert_eq!(over.await, expected, "{key}: {wrong}");
        }
    }
}

#[tokio::test]
async fn wishes_about_notifications_are_plain() {
    let mut world = World::new();
    let alice = world.signup("alice").await;
    let wish = |kind: &str, wish: Value| json!({ "notificationRecieveConfig": { kind: wish } });
    let list = "a".repeat(protocol::id::ID_BYTES_MAX);
    for right in [
        wish("follow", json!({ "type": "never" })),
        wish("reaction", json!({ "type": "list", "userListId": list })),
    ] {
        world.ok("i/update", &alice, right).await;
    }
    for wrong in [
        wish("sneeze", json!({ "type": "never" })),
        wish("follow", json!({ "type": "never", "and": "more" })),
        wish(
            "follow",
            json!({ "type": "list", "userListId": "a".repeat(list.len() + 1) }),
        ),
        wish(
            "follow",
            json!({ "type": "list", "userListId": "a", "and": "more" }),
        ),
    ] {
        let answer = world.err("i/update", Some(&alice), wrong.clone()).await;
        assert_eq!(answer, (400, "INVALID_PARAM".to_owned()), "{wrong}");
    }
    for key in ["includeTypes", "excludeTypes"] {
        let kinds = |count: usize| json!({ key: vec!["follow"; count] });
        let max = crate::api::notifications::TYPES.len();
        check(&world, &alice, "i/notifications", kinds, max).await;
    }
}

/// MiAuth promised the user no more.
#[tokio::test]
async fn an_app_that_may_not_read_the_account_sees_what_a_visitor_sees() {
    let mut world = World::new();
    let alice = world.signup("alice").await;
    let body = json!({ "text": "for followers", "visibility": "followers" });
    let note = world.ok("notes/create", &alice, body).await["createdNote"]["id"].clone();
    let shown = json!({ "noteId": note });
    for (permission, sees) in [("read:account", true), ("write:notes", false)] {
        let body = json!({ "session": null, "name": "app", "permission": [permission] });
        let token = world.ok("miauth/gen-token", &alice, body).await["token"].clone();
        let app = Person {
            id: alice.id.clone(),
            token: token.as_str().unwrap().to_owned(),
        };
        let answer = world.post("notes/show", Some(&app), shown.clone()).await;
        let visitor = world.post("notes/show", None, shown.clone()).await;
        assert_eq!(visitor.0, 400, "{}", visitor.1);
        if sees {
            assert_eq!(
                (answer.0, &answer.1["text"]),
                (200, &json!("for followers"))
            );
        } else {
            assert_eq!(answer, visitor, "{permission}");
        }
    }
}
