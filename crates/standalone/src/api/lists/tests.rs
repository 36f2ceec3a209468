use serde_json::{Value, json};

use crate::testing::{Person, World, keys};

async fn people() -> (World, Person, Person) {
    let mut world = World::new();
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    (world, alice, bob)
}

async fn make(world: &World, owner: &Person) -> String {
    let list = world
        .ok("users/lists/create", owner, json!({ "name": "L1" }))
        .await;
    list["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_list_is_made_and_changed_in_the_recorded_shape() {
    let (mut world, alice, _) = people().await;
    let list = world
        .ok("users/lists/create", &alice, json!({ "name": "L1" }))
        .await;
    assert_eq!(
        keys(&list),
        ["id", "createdAt", "name", "userIds", "isPublic"]
    );
    let body = json!({ "listId": list["id"], "name": "L2", "isPublic": true });
    let changed = world.ok("users/lists/update", &alice, body).await;
    assert_eq!(
        (&changed["name"], &changed["isPublic"]),
        (&json!("L2"), &json!(true))
    );
    assert_eq!(
        world.ok("users/lists/list", &alice, json!({})).await,
        json!([changed])
    );
    let id = list["id"].clone();
    world
        .ok("users/lists/delete", &alice, json!({ "listId": id }))
        .await;
    assert_eq!(
        world.events(),
        [(
            "internal".to_owned(),
            json!({ "type": "userListDeleted", "body": { "userListId": id } })
        )]
    );
    assert_eq!(
        world
            .err("users/lists/show", Some(&alice), json!({ "listId": id }))
            .await,
        (400, "NO_SUCH_LIST".to_owned())
    );
}

#[tokio::test]
async fn members_come_and_go_with_the_recorded_events() {
    let (mut world, alice, bob) = people().await;
    let list = make(&world, &alice).await;
    let body = json!({ "listId": list, "userId": bob.id });
    let (internal, stream) = ("internal".to_owned(), format!("userListStream:{list}"));

    world.ok("users/lists/push", &alice, body.clone()).await;
    let events = world.events();
    let [(first, added), (second, user)] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!((first, second), (&internal, &stream));
    assert_eq!(
        added["body"],
        json!({ "userListId": list, "memberId": bob.id, "withReplies": false })
    );
    assert_eq!(
        (&user["type"], &user["body"]["username"]),
        (&json!("userAdded"), &json!("bob"))
    );
    assert_eq!(
        world
            .err("users/lists/push", Some(&alice), body.clone())
            .await
            .1,
        "ALREADY_ADDED"
    );

    let with_replies = json!({ "listId": list, "userId": bob.id, "withReplies": true });
    world
        .ok("users/lists/update-membership", &alice, with_replies)
        .await;
    world.ok("users/lists/pull", &alice, body.clone()).await;
    world.ok("users/lists/pull", &alice, body).await;
    assert_eq!(
        world.kinds(),
        [
            "internal userListMemberUpdated".to_owned(),
            "internal userListMemberRemoved".to_owned(),
            format!("{stream} userRemoved"),
        ],
        "taking someone off who isn't on it changes nothing"
    );
}

#[tokio::test]
async fn memberships_are_listed_in_pages() {
    let (mut world, alice, bob) = people().await;
    let carol = world.signup("carol").await;
    let list = make(&world, &alice).await;
    for person in [&bob, &carol] {
        let body = json!({ "listId": list, "userId": person.id });
        world.ok("users/lists/push", &alice, body).await;
    }
    let shown = world
        .ok("users/lists/show", &alice, json!({ "listId": list }))
        .await;
    assert_eq!(shown["userIds"], json!([bob.id, carol.id]));
    let get = async |more: Value| {
        let mut body = json!({ "listId": list });
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        world.ok("users/lists/get-memberships", &alice, body).await
    };
    let newest = get(json!({ "limit": 1 })).await;
    assert_eq!(
        keys(&newest[0]),
        ["id", "createdAt", "userId", "user", "withReplies"]
    );
    assert_eq!(newest[0]["user"]["username"], "carol");
    let older = get(json!({ "untilId": newest[0]["id"] })).await;
    assert_eq!(older[0]["userId"], bob.id);
    assert_eq!(get(json!({ "sinceId": older[0]["id"] })).await, newest);
}

#[tokio::test]
async fn anothers_list_is_no_list_unless_it_is_public() {
    let (world, alice, bob) = people().await;
    let list = make(&world, &alice).await;
    let body = json!({ "listId": list, "userId": bob.id, "withReplies": true });
    for endpoint in [
        "show",
        "update",
        "delete",
        "push",
        "pull",
        "update-membership",
        "get-memberships",
    ] {
        let endpoint = format!("users/lists/{endpoint}");
        let answer = world.err(&endpoint, Some(&bob), body.clone()).await;
        assert_eq!(answer, (400, "NO_SUCH_LIST".to_owned()), "{endpoint}");
    }
    let public = json!({ "listId": list, "forPublic": true });
    let show = |who| world.post("users/lists/show", who, public.clone());
    assert_eq!(show(Some(&bob)).await.0, 400);
    let mine = json!({ "userId": alice.id });
    assert_eq!(
        world.ok("users/lists/list", &bob, mine.clone()).await,
        json!([])
    );
    let body = json!({ "listId": list, "isPublic": true });
    world.ok("users/lists/update", &alice, body).await;
    assert_eq!(show(None).await.1["isLiked"], false);
    assert_eq!(
        world.ok("users/lists/list", &bob, mine).await[0]["id"],
        list
    );
}

#[tokio::test]
async fn what_can_not_be_listed_is_refused() {
    let (mut world, alice, bob) = people().await;
    let far = world.signup("far@remote.example").await;
    let list = make(&world, &alice).await;
    let push = async |world: &World, id: &str| {
        let body = json!({ "listId": list, "userId": id });
        world.err("users/lists/push", Some(&alice), body).await.1
    };
    assert_eq!(push(&world, "nobody").await, "NO_SUCH_USER");
    let block = format!(
        "INSERT INTO block VALUES ('1', '{}', '{}')",
        bob.id, alice.id
    );
    world.sql(&block).await;
    assert_eq!(push(&world, &bob.id).await, "YOU_HAVE_BEEN_BLOCKED");
    let lists = |id: &str| {
        let body = json!({ "userId": id });
        world.err("users/lists/list", Some(&alice), body)
    };
    assert_eq!(lists("nobody").await.1, "NO_SUCH_USER");
    assert_eq!(lists(&far.id).await.1, "REMOTE_USER_NOT_ALLOWED");
    assert_eq!(
        world.err("users/lists/list", None, json!({})).await.1,
        "INVALID_PARAM"
    );
    let name = json!({ "name": "x".repeat(101) });
    assert_eq!(
        world.err("users/lists/create", Some(&alice), name).await.1,
        "INVALID_PARAM"
    );
}

#[tokio::test]
async fn lists_and_their_members_are_limited() {
    let (world, alice, bob) = people().await;
    let list = make(&world, &alice).await;
    for _ in 1..crate::limits::LISTS_MAX {
        make(&world, &alice).await;
    }
    assert_eq!(
        world
            .err(
                "users/lists/create",
                Some(&alice),
                json!({ "name": "one more" })
            )
            .await
            .1,
        "TOO_MANY_USERLISTS"
    );
    for n in 0..crate::limits::LIST_MEMBERS_MAX {
        world
            .sql(&format!(
                "INSERT INTO user (id, username, username_lower) VALUES ('u{n}', 'u{n}', 'u{n}');
                 INSERT INTO user_list_member VALUES ('m{n}', '{list}', 'u{n}', 0);"
            ))
            .await;
    }
    let body = json!({ "listId": list, "userId": bob.id });
    assert_eq!(
        world.err("users/lists/push", Some(&alice), body).await.1,
        "TOO_MANY_USERS"
    );
}

#[tokio::test]
async fn the_antennas_of_a_list_go_with_it() {
    let (mut world, alice, _) = people().await;
    let list = make(&world, &alice).await;
    world
        .sql(&format!(
            "INSERT INTO antenna (id, user_id, name, src, list_id, users, keywords,
                 exclude_keywords, last_used_at)
             VALUES ('n', '{}', 'N', 'list', '{list}', '[]', '[]', '[]', 0)",
            alice.id
        ))
        .await;
    world
        .ok("users/lists/delete", &alice, json!({ "listId": list }))
        .await;
    assert_eq!(
        world.kinds(),
        ["internal antennaDeleted", "internal userListDeleted"]
    );
}
