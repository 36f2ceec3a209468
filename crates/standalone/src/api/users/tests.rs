use serde_json::{Value, json};

use crate::testing::{Person, World, keys};

fn user(person: &Person) -> Value {
    json!({ "userId": person.id })
}

fn names(list: &Value) -> Vec<&str> {
    let list = list.as_array().unwrap().iter();
    list.map(|user| user["username"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn users_are_shown_by_ids_and_by_names() {
    let mut world = World::new();
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    let far = world.signup("far@remote.example").await;
    let body = json!({ "userIds": [far.id, "nobody", alice.id] });
    let (_, shown) = world.post("users/show", Some(&bob), body).await;
    assert_eq!(names(&shown), ["far", "alice"]);
    let body = json!({ "username": "ALICE", "host": "EXAMPLE.com" });
    let (_, shown) = world.post("users/show", None, body).await;
    assert_eq!(shown["id"], alice.id);
    for body in [json!({ "userId": "nobody" }), json!({ "username": "far" })] {
        let error = world.err("users/show", None, body).await;
        assert_eq!(error, (404, "NO_SUCH_USER".to_owned()));
    }
}

#[tokio::test]
async fn relations_are_told_of_one_user_or_of_many() {
    let mut world = World::new();
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    world.ok("following/create", &alice, user(&bob)).await;
    let one = world.ok("users/relation", &alice, user(&bob)).await;
    assert_eq!(
        one,
        json!({
            "id": bob.id, "isFollowing": true, "hasPendingFollowRequestFromYou": false,
            "hasPendingFollowRequestToYou": false, "isFollowed": false, "isBlocking": false,
            "isBlocked": false, "isMuted": false, "isRenoteMuted": false,
        })
    );
    let body = json!({ "userId": [bob.id, alice.id] });
    let many = world.ok("users/relation", &alice, body).await;
    assert_eq!((&many[0], &many[1]["isFollowing"]), (&one, &json!(false)));
    let error = world.err("users/relation", Some(&alice), json!({ "userId": 5 }));
    assert_eq!(error.await.1, "INVALID_PARAM");
}

#[tokio::test]
async fn follows_are_listed_from_both_sides() {
    let mut world = World::new();
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    world.ok("following/create", &alice, user(&bob)).await;
    let following = world.ok("users/following", &alice, user(&alice)).await;
    assert_eq!(
        keys(&following[0]),
        ["id", "createdAt", "followeeId", "followerId", "followee"]
    );
    assert_eq!(following[0]["followee"]["isFollowing"], true);
    let body = json!({ "username": "bob", "host": null });
    let (_, followers) = world.post("users/followers", None, body).await;
    assert_eq!(
        keys(&followers[0]),
        ["id", "createdAt", "followeeId", "followerId", "follower"]
    );
    assert_eq!(
        (&followers[0]["id"], &followers[0]["follower"]["username"]),
        (&following[0]["id"], &json!("alice"))
    );
    let error = world.err("users/following", None, json!({})).await;
    assert_eq!(error.1, "INVALID_PARAM");
}

#[tokio::test]
async fn follows_are_shown_to_those_whom_the_user_lets_see_them() {
    let mut world = World::new();
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    let carol = world.signup("carol").await;
    world.ok("following/create", &bob, user(&alice)).await;
    for (visibility, seen) in [
        ("public", [true, true, true, true]),
        ("followers", [true, true, false, false]),
        ("private", [true, false, false, false]),
    ] {
        let wish = json!({
            "followersVisibility": visibility, "followingVisibility": visibility,
        });
        world.ok("i/update", &alice, wish).await;
        let viewers = [Some(&alice), Some(&bob), Some(&carol), None];
        for (viewer, seen) in viewers.into_iter().zip(seen) {
            for endpoint in ["users/followers", "users/following"] {
                let (status, answer) = world.post(endpoint, viewer, user(&alice)).await;
                assert_eq!(status == 200, seen, "{visibility} {endpoint} {answer}");
                if !seen {
                    assert_eq!(answer["error"]["code"], "FORBIDDEN");
                }
            }
        }
    }
}

#[tokio::test]
async fn whose_birthday_it_is_can_be_asked() {
    let mut world = World::new();
    let alice = world.signup("alice").await;
    for (name, birthday) in [("bob", "1990-11-23"), ("carol", "1991-11-24")] {
        let person = world.signup(name).await;
        let wish = json!({ "birthday": birthday });
        world.ok("i/update", &person, wish).await;
        world.ok("following/create", &alice, user(&person)).await;
    }
    let ask = |birthday: &str| json!({ "userId": alice.id, "birthday": birthday });
    let list = world.ok("users/following", &alice, ask("2026-11-23")).await;
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!(list[0]["followee"]["username"], "bob");
    let error = world.err("users/following", Some(&alice), ask("today"));
    assert_eq!(error.await.1, "BIRTHDAY_DATE_FORMAT_INVALID");
}

#[tokio::test]
async fn everyone_who_wants_to_be_found_is_listed() {
    let mut world = World::new();
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    let hidden = world.signup("hidden").await;
    world.signup("far@remote.example").await;
    let wish = json!({ "isExplorable": false });
    world.ok("i/update", &hidden, wish).await;
    world.ok("following/create", &alice, user(&bob)).await;
    world.ok("notes/create", &bob, json!({ "text": "b" })).await;
    for (body, expected) in [
        (json!({}), &["alice", "bob"][..]),
        (json!({ "origin": "combined" }), &["alice", "bob", "far"]),
        (json!({ "origin": "remote" }), &["far"]),
        (
            json!({ "origin": "combined", "hostname": "REMOTE.example" }),
            &["far"],
        ),
        (json!({ "sort": "+follower" }), &["bob", "alice"]),
        (json!({ "sort": "+createdAt" }), &["bob", "alice"]),
        (json!({ "sort": "+updatedAt" }), &["bob"]),
        (json!({ "state": "alive" }), &["bob"]),
        (json!({ "limit": 1, "offset": 1 }), &["bob"]),
    ] {
        let shown = body.to_string();
        let (_, list) = world.post("users", None, body).await;
        assert_eq!(names(&list), expected, "{shown}");
    }
    world.ok("mute/create", &alice, user(&bob)).await;
    let list = world.ok("users", &alice, json!({})).await;
    assert_eq!(names(&list), ["alice"]);
}

#[tokio::test]
async fn users_are_searched_by_name_and_description() {
    let mut world = World::new();
    let alice = world.signup("alice").await;
    for (acct, wish) in [
        ("bob", json!({ "description": "a friend of al_ice" })),
        ("alfred@remote.example", json!({ "name": "50% 狸" })),
    ] {
        let person = world.signup(acct).await;
        world.ok("i/update", &person, wish).await;
        let note = json!({ "text": "a note" });
        world.ok("notes/create", &person, note).await;
    }
    for (query, expected) in [
        ("al", &["alfred", "alice", "bob"][..]),
        ("AL", &["alfred", "alice", "bob"]),
        ("@al", &["alfred", "alice"]),
        ("狸", &["alfred"]),
        ("%", &["alfred"]),
        ("al_", &["bob"]),
        (" ", &[]),
    ] {
        let body = json!({ "query": query });
        let (_, list) = world.post("users/search", None, body).await;
        assert_eq!(names(&list), expected, "{query}");
    }
    let body = json!({ "query": "al", "origin": "local", "detail": false });
    let list = world.ok("users/search", &alice, body).await;
    assert_eq!(names(&list), ["alice", "bob"]);
    assert!(list[0].get("createdAt").is_none());
}

#[tokio::test]
async fn mentions_are_completed_with_those_one_follows_first() {
    let mut world = World::new();
    let alice = world.signup("alice").await;
    world.signup("abe").await;
    let abraham = world.signup("abraham").await;
    world.signup("abigail@remote.example").await;
    world.ok("following/create", &alice, user(&abraham)).await;
    for (body, expected) in [
        (
            json!({ "username": "AB" }),
            &["abraham", "abe", "abigail"][..],
        ),
        (
            json!({ "username": "ab", "host": null }),
            &["abraham", "abe", "abigail"],
        ),
        (
            json!({ "username": "ab", "host": "." }),
            &["abraham", "abe"],
        ),
        (
            json!({ "username": "ab", "host": "Example.com" }),
            &["abraham", "abe"],
        ),
        (json!({ "username": "ab", "host": "rem" }), &["abigail"]),
        (json!({ "host": "rem" }), &["abigail"]),
        (json!({ "username": "ab", "limit": 1 }), &["abraham"]),
        (json!({ "username": "%" }), &[]),
    ] {
        let shown = body.to_string();
        let endpoint = "users/search-by-username-and-host";
        let list = world.ok(endpoint, &alice, body).await;
        assert_eq!(names(&list), expected, "{shown}");
    }
    let endpoint = "users/search-by-username-and-host";
    assert_eq!(
        world.err(endpoint, None, json!({})).await.1,
        "INVALID_PARAM"
    );
    world
        .sql("UPDATE user SET is_suspended = 1 WHERE username = 'abe'")
        .await;
    let list = world
        .ok(endpoint, &alice, json!({ "username": "abe" }))
        .await;
    assert_eq!(list, json!([]));
}
