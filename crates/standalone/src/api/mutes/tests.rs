use serde_json::{Value, json};

use crate::testing::{Person, World, keys};

const NOW_MS: u64 = 1_795_462_686_720;

async fn people() -> (World, Person, Person) {
    let mut world = World::new();
    let (alice, eve) = (world.signup("alice").await, world.signup("eve").await);
    (world, alice, eve)
}

fn user(person: &Person) -> Value {
    json!({ "userId": person.id })
}

async fn relation(world: &World, who: &Person, whom: &Person, key: &str) -> Value {
    world.ok("users/show", who, user(whom)).await[key].clone()
}

#[tokio::test]
async fn a_mute_is_made_listed_and_ended() {
    let (mut world, alice, eve) = people().await;
    assert_eq!(
        world.post("mute/create", Some(&alice), user(&eve)).await,
        (204, Value::Null)
    );
    let body = json!({ "muterId": alice.id, "muteeId": eve.id, "expiresAt": null });
    let expected = (
        "internal".to_owned(),
        json!({ "type": "mute", "body": body }),
    );
    assert_eq!(world.events(), [expected]);
    let list = world.ok("mute/list", &alice, json!({})).await;
    assert_eq!(
        keys(&list[0]),
        ["id", "createdAt", "expiresAt", "muteeId", "mutee"]
    );
    assert_eq!(
        (&list[0]["expiresAt"], &list[0]["mutee"]["isMuted"]),
        (&Value::Null, &json!(true))
    );
    let twice = world.err("mute/create", Some(&alice), user(&eve)).await;
    assert_eq!(twice.1, "ALREADY_MUTING");
    world.ok("mute/delete", &alice, user(&eve)).await;
    assert_eq!(world.kinds(), ["internal unmute"]);
    assert_eq!(world.ok("mute/list", &alice, json!({})).await, json!([]));
    let twice = world.err("mute/delete", Some(&alice), user(&eve)).await;
    assert_eq!(twice.1, "NOT_MUTING");
}

#[tokio::test]
async fn a_mute_ends_by_itself() {
    let (mut world, alice, eve) = people().await;
    let until = |at: u64| json!({ "userId": eve.id, "expiresAt": at });
    world.ok("mute/create", &alice, until(NOW_MS)).await;
    assert!(world.events().is_empty());
    world.ok("mute/create", &alice, until(NOW_MS + 10)).await;
    assert_eq!(world.events()[0].1["body"]["expiresAt"], NOW_MS + 10);
    let list = world.ok("mute/list", &alice, json!({})).await;
    assert_eq!(list[0]["expiresAt"], "2026-11-23T19:38:06.730Z");
    world.clock.set(NOW_MS + 10);
    assert_eq!(relation(&world, &alice, &eve, "isMuted").await, false);
    assert_eq!(world.ok("mute/list", &alice, json!({})).await, json!([]));
    let ended = world.err("mute/delete", Some(&alice), user(&eve)).await;
    assert_eq!(ended.1, "NOT_MUTING");
    world.ok("mute/create", &alice, user(&eve)).await;
    assert_eq!(relation(&world, &alice, &eve, "isMuted").await, true);
}

#[tokio::test]
async fn renotes_alone_are_muted() {
    let (mut world, alice, eve) = people().await;
    world.ok("renote-mute/create", &alice, user(&eve)).await;
    let list = world.ok("renote-mute/list", &alice, json!({})).await;
    assert_eq!(keys(&list[0]), ["id", "createdAt", "muteeId", "mutee"]);
    assert_eq!(relation(&world, &alice, &eve, "isRenoteMuted").await, true);
    assert_eq!(relation(&world, &alice, &eve, "isMuted").await, false);
    let twice = world.err("renote-mute/create", Some(&alice), user(&eve));
    assert_eq!(twice.await.1, "ALREADY_MUTING");
    world.ok("renote-mute/delete", &alice, user(&eve)).await;
    assert_eq!(
        world.kinds(),
        ["internal renoteMute", "internal renoteUnmute"]
    );
    let twice = world.err("renote-mute/delete", Some(&alice), user(&eve));
    assert_eq!(twice.await.1, "NOT_MUTING");
}

#[tokio::test]
async fn who_cannot_be_muted_is_refused() {
    let (mut world, alice, _) = people().await;
    for endpoint in [
        "mute/create",
        "mute/delete",
        "renote-mute/create",
        "renote-mute/delete",
    ] {
        let (_, myself) = world.err(endpoint, Some(&alice), user(&alice)).await;
        assert_eq!(myself, "MUTEE_IS_YOURSELF", "{endpoint}");
        let nobody = json!({ "userId": "atx8fvoxpt4i0009" });
        let (_, nobody) = world.err(endpoint, Some(&alice), nobody).await;
        assert_eq!(nobody, "NO_SUCH_USER", "{endpoint}");
    }
    assert!(world.events().is_empty());
}

#[tokio::test]
async fn a_list_is_read_in_parts() {
    let (mut world, alice, _) = people().await;
    let mut mutes = Vec::new();
    for name in ["a", "b", "c"] {
        let person = world.signup(name).await;
        world.ok("mute/create", &alice, user(&person)).await;
        mutes.push(person.id);
    }
    let read = async |body: Value| -> Vec<(String, String)> {
        let list = world.ok("mute/list", &alice, body).await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let list = list.as_array().unwrap().iter();
        list.map(|mute| (text(&mute["id"]), text(&mute["muteeId"])))
            .collect()
    };
    let newest = read(json!({ "limit": 2 })).await;
    assert_eq!(
        newest.iter().map(|m| &m.1).collect::<Vec<_>>(),
        [&mutes[2], &mutes[1]]
    );
    let older = read(json!({ "untilId": newest[1].0 })).await;
    assert_eq!(older[0].1, mutes[0]);
    let newer = read(json!({ "sinceId": older[0].0 })).await;
    assert_eq!(
        newer.iter().map(|m| &m.1).collect::<Vec<_>>(),
        [&mutes[1], &mutes[2]]
    );
}
