use serde_json::{Value, json};

use crate::testing::{Person, World, keys};

async fn people() -> (World, Person, Person) {
    let mut world = World::new();
    let (alice, carol) = (world.signup("alice").await, world.signup("carol").await);
    (world, alice, carol)
}

fn user(person: &Person) -> Value {
    json!({ "userId": person.id })
}

#[tokio::test]
async fn a_block_ends_follows_both_ways_in_the_recorded_order() {
    let (mut world, alice, carol) = people().await;
    world.ok("following/create", &alice, user(&carol)).await;
    world.ok("following/create", &carol, user(&alice)).await;
    world.events();
    let answer = world.ok("blocking/create", &carol, user(&alice)).await;
    assert_eq!(
        (&answer["id"], &answer["isBlocking"], &answer["isFollowing"]),
        (&json!(alice.id), &json!(true), &json!(false))
    );
    let events = world.events();
    let unfollow = |from: &Person, to: &Person| {
        let body = json!({ "followerId": from.id, "followeeId": to.id });
        (
            "internal".to_owned(),
            json!({ "type": "unfollow", "body": body }),
        )
    };
    let body = json!({ "blockerId": carol.id, "blockeeId": alice.id });
    let blocked = json!({ "type": "blockingCreated", "body": body });
    assert_eq!(
        events[..3],
        [
            unfollow(&carol, &alice),
            unfollow(&alice, &carol),
            ("internal".to_owned(), blocked),
        ]
    );
    let told: Vec<(&str, &Value, &Value)> = events[3..]
        .iter()
        .map(|(topic, event)| (topic.as_str(), &event["type"], &event["body"]["id"]))
        .collect();
    let (carols, alices) = (
        format!("mainStream:{}", carol.id),
        format!("mainStream:{}", alice.id),
    );
    assert_eq!(
        told,
        [
            (carols.as_str(), &json!("unfollow"), &json!(alice.id)),
            (alices.as_str(), &json!("unfollow"), &json!(carol.id)),
        ]
    );
}

#[tokio::test]
async fn a_block_takes_requests_and_list_members_away() {
    let (mut world, alice, carol) = people().await;
    world.sql("UPDATE user SET is_locked = 1").await;
    world.ok("following/create", &alice, user(&carol)).await;
    world.ok("following/create", &carol, user(&alice)).await;
    let list = world
        .ok("users/lists/create", &alice, json!({ "name": "L" }))
        .await;
    let body = json!({ "listId": list["id"], "userId": carol.id });
    world.ok("users/lists/push", &alice, body).await;
    world.events();
    world.ok("blocking/create", &carol, user(&alice)).await;
    let list = list["id"].as_str().unwrap();
    assert_eq!(
        world.told(&[("alice", &alice), ("carol", &carol)]),
        [
            "internal blockingCreated",
            "internal userListMemberRemoved",
            &format!("userListStream:{list} userRemoved"),
            "main:alice meUpdated",
            "main:carol unfollow",
            "main:carol meUpdated",
            "main:alice unfollow",
        ]
    );
    let shown = world
        .ok("users/lists/show", &alice, json!({ "listId": list }))
        .await;
    assert_eq!(shown["userIds"], json!([]));
    let sent = world.ok("following/requests/sent", &alice, json!({})).await;
    assert_eq!(sent, json!([]));
}

#[tokio::test]
async fn blocks_are_listed_and_ended() {
    let (mut world, alice, carol) = people().await;
    world.ok("blocking/create", &carol, user(&alice)).await;
    let list = world.ok("blocking/list", &carol, json!({})).await;
    assert_eq!(keys(&list[0]), ["id", "createdAt", "blockeeId", "blockee"]);
    assert_eq!(list[0]["blockeeId"], alice.id);
    assert_eq!(world.kinds(), ["internal blockingCreated"]);
    let twice = world.err("blocking/create", Some(&carol), user(&alice));
    assert_eq!(twice.await.1, "ALREADY_BLOCKING");
    let answer = world.ok("blocking/delete", &carol, user(&alice)).await;
    assert_eq!(answer["isBlocking"], false);
    assert_eq!(world.kinds(), ["internal blockingDeleted"]);
    let twice = world.err("blocking/delete", Some(&carol), user(&alice));
    assert_eq!(twice.await.1, "NOT_BLOCKING");
}

#[tokio::test]
async fn who_cannot_be_blocked_is_refused() {
    let (mut world, alice, _) = people().await;
    for endpoint in ["blocking/create", "blocking/delete"] {
        let (_, myself) = world.err(endpoint, Some(&alice), user(&alice)).await;
        assert_eq!(myself, "BLOCKEE_IS_YOURSELF", "{endpoint}");
        let nobody = json!({ "userId": "atx8fvoxpt4i0009" });
        let (_, nobody) = world.err(endpoint, Some(&alice), nobody).await;
        assert_eq!(nobody, "NO_SUCH_USER", "{endpoint}");
    }
    assert!(world.events().is_empty());
}
