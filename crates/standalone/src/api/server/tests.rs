use backend::Backend;
use protocol::id::UserId;
use serde_json::{Value, json};

use crate::testing::{World, keys};

#[tokio::test]
async fn stats_count_what_is_there() {
    let mut world = World::new();
    let alice = world.signup("alice").await;
    let far = world.signup("far@remote.example").await;
    for person in [&alice, &alice, &far] {
        world
            .ok("notes/create", person, json!({ "text": "a" }))
            .await;
    }
    assert_eq!(
        world.post("stats", None, json!({})).await.1,
        json!({
            "notesCount": 3, "originalNotesCount": 2, "usersCount": 2, "originalUsersCount": 1,
            "instances": 1, "driveUsageLocal": 0, "driveUsageRemote": 0,
        })
    );
}

#[tokio::test]
async fn who_was_here_is_online_for_ten_minutes() {
    let mut world = World::new();
    let alice = world.signup("alice").await;
    world.signup("bob").await;
    let count = async || {
        world
            .post("get-online-users-count", None, json!({}))
            .await
            .1["count"]
            .clone()
    };
    assert_eq!(count().await, 0);
    world
        .app
        .touch(&UserId::parse(&alice.id).unwrap())
        .await
        .unwrap();
    assert_eq!(count().await, 1);
    world.clock.set(1_795_462_686_720 + 10 * 60 * 1000);
    assert_eq!(count().await, 0);
}

#[tokio::test]
async fn an_endpoint_says_what_it_takes() {
    let world = World::new();
    let describe = |name: &str| world.post("endpoint", None, json!({ "endpoint": name }));
    let (_, answer) = describe("antennas/notes").await;
    assert_eq!(
        answer["params"][0],
        json!({ "name": "antennaId", "type": "String" })
    );
    assert_eq!(
        answer["params"][1],
        json!({ "name": "limit", "type": "Integer" })
    );
    assert_eq!(describe("no/such").await, (204, Value::Null));
}

#[tokio::test]
async fn the_machine_stays_unknown() {
    let world = World::new();
    let (_, info) = world.post("server-info", None, json!({})).await;
    assert_eq!(keys(&info), ["machine", "cpu", "mem", "fs"]);
    assert_eq!(info["cpu"], json!({ "model": "?", "cores": 0 }));
}
