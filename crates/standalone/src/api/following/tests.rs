use serde_json::{Value, json};

use crate::testing::{Person, World, keys};

async fn people() -> (World, Person, Person) {
    let mut world = World::new();
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    (world, alice, bob)
}

async fn lock(world: &mut World, person: &Person) {
    let id = &person.id;
    world
        .sql(&format!("UPDATE user SET is_locked = 1 WHERE id = '{id}'"))
        .await;
}

fn user(person: &Person) -> Value {
    json!({ "userId": person.id })
}

/// The keys that a user has for another, beside those of `UserDetailed`.
const RELATION: &[&str] = &[
    "isFollowing",
    "isFollowed",
    "hasPendingFollowRequestFromYou",
    "hasPendingFollowRequestToYou",
    "isBlocking",
    "isBlocked",
    "isMuted",
    "isRenoteMuted",
    "notify",
    "withReplies",
];

#[tokio::test]
async fn a_follow_is_told_in_the_recorded_order() {
    let (mut world, alice, bob) = people().await;
    let answer = world.ok("following/create", &alice, user(&bob)).await;
    assert_eq!(
        (&answer["username"], answer.get("createdAt")),
        (&json!("bob"), None)
    );
    let events = world.events();
    assert_eq!(
        events[0].1,
        json!({ "type": "follow", "body": {
            "followerId": alice.id, "followeeId": bob.id, "withReplies": false,
        }})
    );
    let follow = &events.last().unwrap().1["body"];
    let last: Vec<&str> = RELATION
        .iter()
        .copied()
        .chain(["followedMessage"])
        .collect();
    assert!(keys(follow).ends_with(&last), "{follow}");
    assert_eq!(
        (&follow["isFollowing"], &follow["followersCount"]),
        (&json!(true), &json!(1))
    );
    let accepted = &events[2].1["body"];
    assert_eq!(
        keys(accepted),
        ["id", "createdAt", "type", "userId", "user", "message"]
    );
    assert_eq!(world.ok("i", &alice, json!({})).await["followingCount"], 1);

    world.ok("following/create", &bob, user(&alice)).await;
    let people = [("alice", &alice), ("bob", &bob)];
    assert_eq!(
        world.told(&people),
        [
            "internal follow",
            "main:alice followed",
            "main:bob notification followRequestAccepted",
            "main:alice notification follow",
            "main:bob follow",
        ]
    );
}

#[tokio::test]
async fn a_follow_ends_from_either_side() {
    let (mut world, alice, bob) = people().await;
    let people = [("alice", &alice), ("bob", &bob)];
    for (endpoint, who, whom) in [
        ("following/delete", &alice, &bob),
        ("following/invalidate", &bob, &alice),
    ] {
        world.ok("following/create", &alice, user(&bob)).await;
        world.events();
        let answer = world.ok(endpoint, who, user(whom)).await;
        assert_eq!(answer["id"], whom.id);
        let told = world.told(&people);
        assert_eq!(
            told,
            ["internal unfollow", "main:alice unfollow"],
            "{endpoint}"
        );
        let bob = world.ok("users/show", &alice, user(&bob)).await;
        assert_eq!(
            (&bob["isFollowing"], &bob["followersCount"]),
            (&json!(false), &json!(0))
        );
    }
}

#[tokio::test]
async fn an_unfollow_shows_the_user_without_the_follow() {
    let (mut world, alice, bob) = people().await;
    world.ok("following/create", &alice, user(&bob)).await;
    world.events();
    world.ok("following/delete", &alice, user(&bob)).await;
    let unfollow = world.events()[1].1["body"].clone();
    assert!(keys(&unfollow).ends_with(RELATION), "{unfollow}");
    assert_eq!(unfollow["isFollowing"], false);
}

#[tokio::test]
async fn how_one_follows_can_be_changed() {
    let (mut world, alice, bob) = people().await;
    let carol = world.signup("carol").await;
    for (whom, with_replies) in [(&bob, true), (&carol, false)] {
        let body = json!({ "userId": whom.id, "withReplies": with_replies });
        world.ok("following/create", &alice, body).await;
    }
    world.events();
    let body = json!({ "userId": bob.id, "withReplies": false, "notify": "normal" });
    let answer = world.ok("following/update", &alice, body).await;
    assert_eq!(answer["username"], "alice");
    let updated = |whom: &Person, with_replies: bool| {
        json!({ "type": "followUpdated", "body": {
            "followerId": alice.id, "followeeId": whom.id, "withReplies": with_replies,
        }})
    };
    let events: Vec<Value> = world.events().into_iter().map(|event| event.1).collect();
    assert_eq!(events, [updated(&bob, false)]);
    let shown = world.ok("users/show", &alice, user(&bob)).await;
    assert_eq!(
        (&shown["notify"], &shown["withReplies"]),
        (&json!("normal"), &json!(false))
    );
    let body = json!({ "withReplies": true, "notify": "none" });
    world.ok("following/update-all", &alice, body).await;
    let events: Vec<Value> = world.events().into_iter().map(|event| event.1).collect();
    assert_eq!(events, [updated(&bob, true), updated(&carol, true)]);
    let shown = world.ok("users/show", &alice, user(&bob)).await;
    assert_eq!(shown["notify"], "none");
}

#[tokio::test]
async fn a_locked_user_is_asked() {
    let (mut world, alice, dave) = people().await;
    lock(&mut world, &dave).await;
    let people = [("alice", &alice), ("dave", &dave)];
    world.ok("following/create", &alice, user(&dave)).await;
    assert_eq!(
        world.told(&people),
        [
            "main:dave receiveFollowRequest",
            "main:dave notification receiveFollowRequest",
            "main:dave meUpdated",
        ]
    );
    let shown = world.ok("users/show", &alice, user(&dave)).await;
    assert_eq!(shown["hasPendingFollowRequestFromYou"], true);
    let requests = world.ok("following/requests/list", &dave, json!({})).await;
    assert_eq!(keys(&requests[0]), ["id", "follower", "followee"]);
    assert_eq!(requests[0]["follower"]["id"], alice.id);
    let sent = world.ok("following/requests/sent", &alice, json!({})).await;
    assert_eq!(sent, requests);

    world
        .ok("following/requests/accept", &dave, user(&alice))
        .await;
    assert_eq!(
        world.told(&people),
        [
            "internal follow",
            "main:dave followed",
            "main:alice notification followRequestAccepted",
            "main:dave notification follow",
            "main:dave meUpdated",
            "main:alice follow",
        ]
    );
    let again = world
        .err("following/requests/accept", Some(&dave), user(&alice))
        .await;
    assert_eq!(again, (400, "NO_FOLLOW_REQUEST".to_owned()));
}

#[tokio::test]
async fn a_request_is_rejected_or_taken_back() {
    let (mut world, eve, dave) = people().await;
    lock(&mut world, &dave).await;
    let people = [("eve", &eve), ("dave", &dave)];
    world.ok("following/create", &eve, user(&dave)).await;
    world.events();
    world
        .ok("following/requests/reject", &dave, user(&eve))
        .await;
    assert_eq!(world.told(&people), ["main:eve unfollow"]);
    world
        .ok("following/requests/reject", &dave, user(&eve))
        .await;
    assert!(world.told(&people).is_empty());

    world.ok("following/create", &eve, user(&dave)).await;
    world.events();
    let answer = world
        .ok("following/requests/cancel", &eve, user(&dave))
        .await;
    assert_eq!(answer["username"], "bob");
    let events = world.events();
    assert_eq!(
        (&events[0].1["type"], events.len()),
        (&json!("meUpdated"), 1)
    );
    let me = &events[0].1["body"];
    assert_eq!(me["hasPendingReceivedFollowRequest"], false);
    assert!(me.get("email").is_none());
    let gone = world
        .err("following/requests/cancel", Some(&eve), user(&dave))
        .await;
    assert_eq!(gone, (400, "FOLLOW_REQUEST_NOT_FOUND".to_owned()));
}

#[tokio::test]
async fn whom_the_locked_user_follows_needs_not_ask() {
    let (mut world, alice, dave) = people().await;
    lock(&mut world, &dave).await;
    world.ok("following/create", &dave, user(&alice)).await;
    world.ok("following/create", &alice, user(&dave)).await;
    let shown = world.ok("users/show", &alice, user(&dave)).await;
    assert_eq!(shown["isFollowing"], true);
}

#[tokio::test]
async fn a_remote_user_accepts_at_once() {
    let (mut world, alice, _) = people().await;
    let far = world.signup("far@remote.example").await;
    lock(&mut world, &far).await;
    world.events();
    world.ok("following/create", &alice, user(&far)).await;
    let told = world.told(&[("alice", &alice), ("far", &far)]);
    assert_eq!(told[0], "internal follow");
    assert!(!told.contains(&"main:far notification follow".to_owned()));
}

#[tokio::test]
async fn what_cannot_be_followed_is_refused() {
    let (world, alice, bob) = people().await;
    let nobody = json!({ "userId": "atx8fvoxpt4i0009" });
    for (endpoint, body, code, id) in [
        (
            "following/create",
            nobody.clone(),
            "NO_SUCH_USER",
            "fcd2eef9-a9b2-4c4f-8624-038099e90aa5",
        ),
        (
            "following/delete",
            nobody.clone(),
            "NO_SUCH_USER",
            "5b12c78d-2b28-4dca-99d2-f56139b42ff8",
        ),
        (
            "following/create",
            user(&alice),
            "FOLLOWEE_IS_YOURSELF",
            "26fbe7bb-a331-4857-af17-205b426669a9",
        ),
        (
            "following/delete",
            user(&alice),
            "FOLLOWEE_IS_YOURSELF",
            "d9e400b9-36b0-4808-b1d8-79e707f1296c",
        ),
        (
            "following/update",
            user(&alice),
            "FOLLOWEE_IS_YOURSELF",
            "4c4cbaf9-962a-463b-8418-a5e365dbf2eb",
        ),
        (
            "following/invalidate",
            user(&alice),
            "FOLLOWER_IS_YOURSELF",
            "07dc03b9-03da-422d-885b-438313707662",
        ),
        (
            "following/delete",
            user(&bob),
            "NOT_FOLLOWING",
            "5dbf82f5-c92b-40b1-87d1-6c8c0741fd09",
        ),
        (
            "following/update",
            user(&bob),
            "NOT_FOLLOWING",
            "b8dc75cf-1cb5-46c9-b14b-5f1ffbd782c9",
        ),
        (
            "following/invalidate",
            user(&bob),
            "NOT_FOLLOWING",
            "918faac3-074f-41ae-9c43-ed5d2946770d",
        ),
    ] {
        let (status, answer) = world.post(endpoint, Some(&alice), body).await;
        let error = &answer["error"];
        assert_eq!(
            (status, &error["code"], &error["id"]),
            (400, &json!(code), &json!(id)),
            "{endpoint}"
        );
    }
}

#[tokio::test]
async fn follows_are_refused_twice_and_across_a_block() {
    let (world, alice, bob) = people().await;
    let create = |who: &Person, whom: &Person| {
        let (who, whom) = (who.clone(), user(whom));
        let world = &world;
        async move { world.err("following/create", Some(&who), whom).await.1 }
    };
    world.ok("following/create", &alice, user(&bob)).await;
    assert_eq!(create(&alice, &bob).await, "ALREADY_FOLLOWING");
    world.ok("blocking/create", &alice, user(&bob)).await;
    assert_eq!(create(&alice, &bob).await, "BLOCKING");
    assert_eq!(create(&bob, &alice).await, "BLOCKED");
}
