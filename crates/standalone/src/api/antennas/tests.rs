use serde_json::{Value, json};

use crate::testing::{Person, World, keys};

fn settings() -> Value {
    json!({
        "name": "A1", "src": "all", "keywords": [["antennaword"]], "excludeKeywords": [[]],
        "users": [""], "caseSensitive": false, "withReplies": true, "withFile": false,
        "excludeBots": false, "localOnly": false,
    })
}

async fn people() -> (World, Person, Person) {
    let mut world = World::new();
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    (world, alice, bob)
}

const ANTENNA_KEYS: &[&str] = &[
    "id",
    "createdAt",
    "name",
    "keywords",
    "excludeKeywords",
    "src",
    "userListId",
    "users",
    "caseSensitive",
    "localOnly",
    "excludeBots",
    "withReplies",
    "withFile",
    "excludeNotesInSensitiveChannel",
    "isActive",
    "hasUnreadNote",
    "notify",
];

const EVENT_KEYS: &[&str] = &[
    "id",
    "lastUsedAt",
    "userId",
    "name",
    "src",
    "userListId",
    "userGroupJoiningId",
    "users",
    "keywords",
    "excludeKeywords",
    "caseSensitive",
    "excludeBots",
    "withReplies",
    "withFile",
    "expression",
    "isActive",
    "localOnly",
    "excludeNotesInSensitiveChannel",
];

#[tokio::test]
async fn an_antenna_is_made_changed_and_deleted_in_the_recorded_shape() {
    let (mut world, alice, _) = people().await;
    let made = world.ok("antennas/create", &alice, settings()).await;
    assert_eq!(keys(&made), ANTENNA_KEYS);
    assert_eq!(
        (&made["users"], &made["isActive"]),
        (&json!([""]), &json!(true))
    );
    let events = world.events();
    let [(topic, event)] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!(
        (topic.as_str(), &event["type"]),
        ("internal", &json!("antennaCreated"))
    );
    assert_eq!(keys(&event["body"]), EVENT_KEYS);
    assert_eq!(event["body"]["userId"], alice.id);

    let body = json!({ "antennaId": made["id"], "name": "A2", "withFile": true });
    let changed = world.ok("antennas/update", &alice, body).await;
    assert_eq!(
        (&changed["name"], &changed["withFile"], &changed["keywords"]),
        (&json!("A2"), &json!(true), &made["keywords"])
    );
    assert_eq!(
        world.ok("antennas/list", &alice, json!({})).await,
        json!([changed])
    );
    let id = json!({ "antennaId": made["id"] });
    assert_eq!(world.ok("antennas/show", &alice, id.clone()).await, changed);
    world.ok("antennas/delete", &alice, id).await;
    assert_eq!(
        world.kinds(),
        ["internal antennaUpdated", "internal antennaDeleted"]
    );
    assert_eq!(
        world.ok("antennas/list", &alice, json!({})).await,
        json!([])
    );
}

#[tokio::test]
async fn anothers_antenna_is_none() {
    let (world, alice, bob) = people().await;
    let made = world.ok("antennas/create", &alice, settings()).await;
    let id = json!({ "antennaId": made["id"] });
    for endpoint in ["show", "update", "delete", "notes"] {
        let endpoint = format!("antennas/{endpoint}");
        let answer = world.err(&endpoint, Some(&bob), id.clone()).await;
        assert_eq!(answer, (400, "NO_SUCH_ANTENNA".to_owned()), "{endpoint}");
        assert_eq!(
            world.err(&endpoint, None, id.clone()).await.0,
            401,
            "{endpoint}"
        );
    }
}

#[tokio::test]
async fn what_makes_no_antenna_is_refused() {
    let (world, alice, bob) = people().await;
    let list = world
        .ok("users/lists/create", &bob, json!({ "name": "L" }))
        .await;
    let but = |more: Value| {
        let mut body = settings();
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        body
    };
    for (body, code) in [
        (but(json!({ "keywords": [[""]] })), "EMPTY_KEYWORD"),
        (
            but(json!({ "src": "list", "userListId": list["id"] })),
            "NO_SUCH_USER_LIST",
        ),
        (but(json!({ "src": "group" })), "INVALID_PARAM"),
        (but(json!({ "keywords": ["antennaword"] })), "INVALID_PARAM"),
        (but(json!({ "name": "" })), "INVALID_PARAM"),
        (json!({ "name": "A" }), "INVALID_PARAM"),
    ] {
        let answer = world
            .err("antennas/create", Some(&alice), body.clone())
            .await;
        assert_eq!(answer, (400, code.to_owned()), "{body}");
    }
    for _ in 0..crate::limits::ANTENNAS_MAX {
        world.ok("antennas/create", &alice, settings()).await;
    }
    let answer = world.err("antennas/create", Some(&alice), settings()).await;
    assert_eq!(answer.1, "TOO_MANY_ANTENNAS");
    let made = world.ok("antennas/create", &bob, settings()).await;
    let body = json!({ "antennaId": made["id"], "keywords": [], "excludeKeywords": [[""]] });
    let answer = world.err("antennas/update", Some(&bob), body).await;
    assert_eq!(answer.1, "EMPTY_KEYWORD");
}

#[tokio::test]
async fn notes_are_read_in_pages_and_only_while_they_may_be_seen() {
    let (world, alice, bob) = people().await;
    let made = world.ok("antennas/create", &alice, settings()).await;
    world
        .ok("following/create", &alice, json!({ "userId": bob.id }))
        .await;
    let write = async |visibility: &str| {
        let body = json!({ "text": "AntennaWord", "visibility": visibility });
        world.ok("notes/create", &bob, body).await["createdNote"]["id"].clone()
    };
    let (first, second) = (write("public").await, write("followers").await);
    let read = async |more: Value| {
        let mut body = json!({ "antennaId": made["id"] });
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let notes = world.ok("antennas/notes", &alice, body).await;
        let ids = notes
            .as_array()
            .unwrap()
            .iter()
            .map(|note| note["id"].clone());
        Value::from(ids.collect::<Vec<_>>())
    };
    assert_eq!(read(json!({})).await, json!([second, first]));
    assert_eq!(read(json!({ "limit": 1 })).await, json!([second]));
    assert_eq!(read(json!({ "untilId": second })).await, json!([first]));
    assert_eq!(read(json!({ "sinceId": first })).await, json!([second]));
    assert_eq!(
        read(json!({ "sinceId": "0" })).await,
        json!([first, second])
    );
    world
        .ok("following/delete", &alice, json!({ "userId": bob.id }))
        .await;
    assert_eq!(read(json!({})).await, json!([first]));
    world
        .sql(&format!(
            "INSERT INTO mute VALUES ('m', '{}', '{}', NULL)",
            alice.id, bob.id
        ))
        .await;
    assert_eq!(read(json!({})).await, json!([]));
}
