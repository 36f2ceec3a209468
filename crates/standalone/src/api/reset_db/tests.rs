use serde_json::json;

use crate::Data;
use crate::testing::World;

#[tokio::test]
async fn an_empty_server_stays_alive_and_the_stream_forgets_its_users() {
    let directory = tempfile::tempdir().unwrap();
    for data in [Data::Memory, Data::Dir(directory.path().to_owned())] {
        let mut world = World::with(data, true);
        let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
        let note = world
            .ok("notes/create", &alice, json!({ "text": "#a @bob" }))
            .await;
        let id = &note["createdNote"]["id"];
        world
            .ok("notes/create", &bob, json!({ "text": "b", "replyId": id }))
            .await;
        world
            .ok("notes/create", &bob, json!({ "renoteId": id }))
            .await;
        world
            .ok("following/create", &alice, json!({ "userId": bob.id }))
            .await;
        let list = world
            .ok("users/lists/create", &alice, json!({ "name": "L" }))
            .await;
        world.events();

        assert_eq!(world.post("reset-db", None, json!({})).await.0, 204);
        let gone = |id: &str| json!({ "id": id, "isDeleted": true });
        let told: Vec<_> = world
            .events()
            .into_iter()
            .map(|(_, payload)| payload)
            .collect();
        assert_eq!(
            told,
            [
                json!({ "type": "userChangeDeletedState", "body": gone(&alice.id) }),
                json!({ "type": "userChangeDeletedState", "body": gone(&bob.id) }),
                json!({ "type": "userListDeleted", "body": { "userListId": list["id"] } }),
                json!({ "type": "policiesUpdated", "body": {} }),
                json!({ "type": "metaUpdated", "body": { "after": {} } }),
            ]
        );
        assert_eq!(world.post("i", Some(&alice), json!({})).await.0, 401);
        assert_eq!(
            world.post("stats", None, json!({})).await.1["usersCount"],
            0
        );
        let alice = world.signup("alice").await;
        assert_eq!(world.ok("i", &alice, json!({})).await["isAdmin"], true);
        world
            .ok("notes/create", &alice, json!({ "text": "again" }))
            .await;
        assert_eq!(world.kinds().last().unwrap(), "notesStream");
    }
}

#[tokio::test]
async fn a_server_for_people_is_not_emptied() {
    let world = World::with(Data::Memory, false);
    let answer = world.err("reset-db", None, json!({})).await;
    assert_eq!(answer, (404, "UNKNOWN_API_ENDPOINT".to_owned()));
    let described = world
        .post("endpoint", None, json!({ "endpoint": "reset-db" }))
        .await;
    assert_eq!(described.0, 204);
}
