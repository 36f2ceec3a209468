use serde_json::{Value, json};

use crate::testing::World;

#[tokio::test]
async fn announcements_are_told_read_changed_and_deleted() {
    let mut world = World::new();
    let admin = world.signup("admin").await;
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    world.events();
    let people = [("alice", &alice)];
    let create = async |world: &World, more: Value| {
        let mut body = json!({ "title": "t", "text": "x", "imageUrl": null });
        for (key, value) in more.as_object().unwrap() {
            body[key] = value.clone();
        }
        world.ok("admin/announcements/create", &admin, body).await
    };
    let all = create(&world, json!({})).await;
    assert_eq!(world.told(&people), ["broadcast announcementCreated"]);
    let hers = create(&world, json!({ "userId": alice.id })).await;
    assert_eq!(world.told(&people), ["main:alice announcementCreated"]);
    create(&world, json!({ "silence": true })).await;
    world.events();
    let me = world.ok("i", &alice, json!({})).await;
    let unread: Vec<&Value> = me["unreadAnnouncements"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["id"])
        .collect();
    assert_eq!(unread, [&hers["id"], &all["id"]]);
    assert_eq!(me["unreadAnnouncements"][0]["forYou"], true);
    let listed = world.ok("announcements", &bob, json!({})).await;
    assert_eq!(listed.as_array().unwrap().len(), 2);
    let of = |it: &Value| json!({ "announcementId": it["id"] });
    for endpoint in ["announcements/show", "i/read-announcement"] {
        let refused = world.err(endpoint, Some(&bob), of(&hers)).await;
        assert_eq!(
            refused,
            (400, "NO_SUCH_ANNOUNCEMENT".to_owned()),
            "{endpoint}"
        );
    }
    world.ok("i/read-announcement", &alice, of(&all)).await;
    assert_eq!(world.told(&people), Vec::<String>::new());
    world.ok("i/read-announcement", &alice, of(&hers)).await;
    assert_eq!(world.told(&people), ["main:alice readAllAnnouncements"]);
    world.ok("i/read-announcement", &alice, of(&hers)).await;
    assert_eq!(world.told(&people), Vec::<String>::new());
    let me = world.ok("i", &alice, json!({})).await;
    assert_eq!(me["hasUnreadAnnouncement"], false);
    let change = json!({ "id": all["id"], "title": "u", "isActive": false });
    world.ok("admin/announcements/update", &admin, change).await;
    let listed = world
        .ok("announcements", &bob, json!({ "isActive": false }))
        .await;
    assert_eq!(listed[0]["title"], "u");
    let archived = json!({ "status": "archived" });
    let listed = world.ok("admin/announcements/list", &admin, archived).await;
    assert_eq!(
        (&listed[0]["title"], &listed[0]["reads"]),
        (&json!("u"), &json!(1))
    );
    let gone = json!({ "id": all["id"] });
    world
        .ok("admin/announcements/delete", &admin, gone.clone())
        .await;
    let refused = world
        .err("admin/announcements/delete", Some(&admin), gone)
        .await;
    assert_eq!(refused, (400, "NO_SUCH_ANNOUNCEMENT".to_owned()));
}

#[tokio::test]
async fn what_is_for_those_who_were_there_is_not_for_those_who_come() {
    let mut world = World::new();
    let admin = world.signup("admin").await;
    let alice = world.signup("alice").await;
    let body = json!({
        "title": "t", "text": "x", "imageUrl": null, "forExistingUsers": true,
    });
    world.clock.set(1_795_462_700_000);
    world.ok("admin/announcements/create", &admin, body).await;
    world.clock.set(1_795_462_800_000);
    let bob = world.signup("bob").await;
    for (who, sees) in [(&alice, true), (&bob, false)] {
        let me = world.ok("i", who, json!({})).await;
        assert_eq!(me["hasUnreadAnnouncement"], sees);
        let listed = world.ok("announcements", who, json!({})).await;
        assert_eq!(listed.as_array().unwrap().len(), usize::from(sees));
    }
}
