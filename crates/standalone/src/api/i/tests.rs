use serde_json::{Value, json};

use crate::testing::{Person, World, keys};

async fn alice() -> (World, Person) {
    let mut world = World::new();
    let alice = world.signup("alice").await;
    (world, alice)
}

#[tokio::test]
async fn a_new_name_is_told_in_the_recorded_order() {
    let (mut world, alice) = alice().await;
    let body = json!({ "name": " Alice A. ", "description": "desc" });
    let answer = world.ok("i/update", &alice, body).await;
    assert_eq!(
        (&answer["name"], &answer["description"]),
        (&json!("Alice A."), &json!("desc"))
    );
    // It tells of the latest note, not of the profile.
    assert_eq!(answer["updatedAt"], Value::Null);
    let events = world.events();
    let internal =
        |kind: &str, body: Value| ("internal".to_owned(), json!({ "type": kind, "body": body }));
    assert_eq!(
        events,
        [
            internal("localUserUpdated", json!({ "id": alice.id })),
            internal(
                "updateUserProfile",
                json!({ "userId": alice.id, "mutedInstances": [] })
            ),
            (
                format!("mainStream:{}", alice.id),
                json!({ "type": "meUpdated", "body": answer })
            ),
        ]
    );
    assert_eq!(world.ok("i", &alice, json!({})).await, answer);
}

#[tokio::test]
async fn everything_that_can_be_set_is_shown_again() {
    let (world, alice) = alice().await;
    let wishes = json!({
        "name": "A", "description": "d", "followedMessage": "hello", "location": "here",
        "birthday": "2000-02-29", "lang": "ja-JP", "isLocked": true, "isExplorable": false,
        "hideOnlineStatus": true, "publicReactions": false, "carefulBot": true,
        "autoAcceptFollowed": false, "noCrawle": true, "preventAiLearning": false,
        "requireSigninToViewContents": true, "makeNotesFollowersOnlyBefore": -60,
        "makeNotesHiddenBefore": 1_700_000_000, "isBot": true, "isCat": true,
        "injectFeaturedNote": false, "receiveAnnouncementEmail": false, "alwaysMarkNsfw": true,
        "autoSensitive": true, "followingVisibility": "followers",
        "followersVisibility": "private", "chatScope": "everyone",
        "mutedWords": [["a", "b"], "/c/i"], "hardMutedWords": [["d"]],
        "mutedInstances": ["Muted.example"],
        "notificationRecieveConfig": { "follow": { "type": "never" } },
        "emailNotificationTypes": ["follow"], "fields": [{ "name": "n", "value": "v" }],
    });
    let answer = world.ok("i/update", &alice, wishes.clone()).await;
    for (key, value) in wishes.as_object().unwrap() {
        assert_eq!(&answer[key], value, "{key}");
    }
    let nothing = json!({
        "name": null, "description": null, "followedMessage": null, "location": null,
        "birthday": null, "lang": null, "avatarId": null, "bannerId": null,
    });
    let answer = world.ok("i/update", &alice, nothing.clone()).await;
    for (key, value) in nothing.as_object().unwrap() {
        assert_eq!(&answer[key], value, "{key}");
    }
    assert_eq!(answer["isCat"], true);
    let answer = world
        .ok("i/update", &alice, json!({ "makeNotesHiddenBefore": null }))
        .await;
    assert!(answer.get("makeNotesHiddenBefore").is_none());
}

#[tokio::test]
async fn empty_names_and_fields_are_none() {
    let (world, alice) = alice().await;
    let body = json!({
        "name": "  ",
        "fields": [{ "name": " a ", "value": " b " }, { "name": " ", "value": "c" }],
    });
    let answer = world.ok("i/update", &alice, body).await;
    assert_eq!(
        (&answer["name"], &answer["fields"]),
        (&Value::Null, &json!([{ "name": "a", "value": "b" }]))
    );
}

#[tokio::test]
async fn muted_instances_reach_the_stream() {
    let (mut world, alice) = alice().await;
    let body = json!({ "mutedInstances": ["muted.example"] });
    world.ok("i/update", &alice, body).await;
    assert_eq!(
        world.events()[1].1["body"]["mutedInstances"],
        json!(["muted.example"])
    );
}

#[tokio::test]
async fn what_cannot_be_set_is_refused() {
    let (mut world, alice) = alice().await;
    let words = |length: usize| json!([["x".repeat(length)]]);
    for (body, code) in [
        (json!({ "avatarId": "a" }), "NO_SUCH_AVATAR"),
        (json!({ "bannerId": "a" }), "NO_SUCH_BANNER"),
        (json!({ "pinnedPageId": "a" }), "NO_SUCH_PAGE"),
        (json!({ "mutedWords": ["a"] }), "INVALID_REGEXP"),
        (json!({ "mutedWords": words(201) }), "TOO_MANY_MUTED_WORDS"),
        (
            json!({ "hardMutedWords": words(201) }),
            "TOO_MANY_MUTED_WORDS",
        ),
        (json!({ "mutedWords": [[5]] }), "INVALID_PARAM"),
        (json!({ "birthday": "yesterday" }), "INVALID_PARAM"),
        (json!({ "name": "" }), "INVALID_PARAM"),
        (json!({ "name": "x".repeat(51) }), "INVALID_PARAM"),
        (json!({ "followersVisibility": "nobody" }), "INVALID_PARAM"),
        (json!({ "fields": [{ "name": "a" }] }), "INVALID_PARAM"),
        (
            json!({ "notificationRecieveConfig": { "follow": { "type": "list" } } }),
            "INVALID_PARAM",
        ),
    ] {
        let shown = body.to_string();
        let error = world.err("i/update", Some(&alice), body).await;
        assert_eq!(error, (400, code.to_owned()), "{shown}");
    }
    assert!(world.events().is_empty());
}

#[tokio::test]
async fn unlocking_lets_in_who_has_asked() {
    let (mut world, dave) = alice().await;
    let (bob, carol) = (world.signup("bob").await, world.signup("carol").await);
    world
        .ok("i/update", &dave, json!({ "isLocked": true }))
        .await;
    for person in [&bob, &carol] {
        let body = json!({ "userId": dave.id });
        world.ok("following/create", person, body).await;
    }
    world.events();
    let answer = world
        .ok("i/update", &dave, json!({ "isLocked": false }))
        .await;
    assert_eq!(
        (
            &answer["followersCount"],
            &answer["hasPendingReceivedFollowRequest"]
        ),
        (&json!(2), &json!(false))
    );
    let told = world.told(&[("dave", &dave), ("bob", &bob), ("carol", &carol)]);
    let mut expected = vec![
        "internal localUserUpdated".to_owned(),
        "internal updateUserProfile".to_owned(),
        "main:dave meUpdated".to_owned(),
    ];
    for name in ["bob", "carol"] {
        expected.extend([
            "internal follow".to_owned(),
            "main:dave followed".to_owned(),
            format!("main:{name} notification followRequestAccepted"),
            "main:dave notification follow".to_owned(),
            "main:dave meUpdated".to_owned(),
            format!("main:{name} follow"),
        ]);
    }
    assert_eq!(told, expected);
}

#[tokio::test]
async fn a_new_token_takes_the_place_of_the_old_one() {
    let (mut world, alice) = alice().await;
    let wrong = world.post(
        "i/regenerate-token",
        Some(&alice),
        json!({ "password": "wrong" }),
    );
    let (status, answer) = wrong.await;
    assert_eq!(
        (status, &answer["error"]["code"]),
        (403, &json!("INCORRECT_PASSWORD"))
    );
    let body = json!({ "password": "pass" });
    world.ok("i/regenerate-token", &alice, body).await;
    let events = world.events();
    let regenerated = &events[0].1["body"];
    assert_eq!(keys(regenerated), ["id", "oldToken", "newToken"]);
    assert_eq!(regenerated["oldToken"], alice.token);
    assert_eq!(
        events[1],
        (
            format!("mainStream:{}", alice.id),
            json!({ "type": "myTokenRegenerated", "body": null })
        )
    );
    assert_eq!(world.post("i", Some(&alice), json!({})).await.0, 401);
    let renewed = Person {
        id: alice.id,
        token: regenerated["newToken"].as_str().unwrap().to_owned(),
    };
    assert_eq!(renewed.token.len(), 16);
    world.ok("i", &renewed, json!({})).await;
}
