use serde_json::{Value, json};

use crate::testing::{Person, World};

/// Alice has antennas; bob and far write; alice follows bob alone.
struct Scene {
    world: World,
    alice: Person,
    bob: Person,
    far: Person,
}

impl Scene {
    async fn new() -> Self {
        let mut world = World::new();
        let alice = world.signup("alice").await;
        let bob = world.signup("Bob").await;
        let far = world.signup("far@remote.example").await;
        world
            .ok("following/create", &alice, json!({ "userId": bob.id }))
            .await;
        world.events();
        Self {
            world,
            alice,
            bob,
            far,
        }
    }

    /// An antenna for the word `w`, but for these settings.
    async fn antenna(&mut self, settings: Value) -> String {
        let mut body = json!({
            "name": "A", "src": "all", "keywords": [["w"]], "excludeKeywords": [[]],
            "users": [""], "caseSensitive": false, "withReplies": true, "withFile": false,
        });
        extend(&mut body, settings);
        let antenna = self.world.ok("antennas/create", &self.alice, body).await;
        antenna["id"].as_str().unwrap().to_owned()
    }

    /// Whether a new antenna of these settings catches a new note of `author`.
    async fn catches(&mut self, settings: Value, author: &Person, note: Value) -> bool {
        let id = self.antenna(settings).await;
        self.write(author, note).await;
        let caught = self
            .world
            .kinds()
            .contains(&format!("antennaStream:{id} note"));
        let body = json!({ "antennaId": id });
        let kept = self
            .world
            .ok("antennas/notes", &self.alice, body.clone())
            .await;
        assert_eq!(kept.as_array().unwrap().len(), usize::from(caught));
        self.world.ok("antennas/delete", &self.alice, body).await;
        caught
    }

    async fn write(&self, author: &Person, note: Value) -> String {
        let mut body = json!({ "text": "a w b" });
        extend(&mut body, note);
        let answer = self.world.ok("notes/create", author, body).await;
        answer["createdNote"]["id"].as_str().unwrap().to_owned()
    }
}

fn extend(body: &mut Value, with: Value) {
    let Value::Object(with) = with else { panic!() };
    body.as_object_mut().unwrap().extend(with);
}

#[tokio::test]
async fn words_of_a_line_are_all_there_and_of_no_excluded_line() {
    let mut scene = Scene::new().await;
    let bob = scene.bob.clone();
    for (settings, note, caught) in [
        (json!({}), json!({}), true),
        (json!({}), json!({ "text": "none" }), false),
        (json!({}), json!({ "text": "none", "cw": "W" }), true),
        (json!({ "keywords": [["a", "x"]] }), json!({}), false),
        (
            json!({ "keywords": [["a", "x"], ["b", ""]] }),
            json!({}),
            true,
        ),
        (json!({ "keywords": [["A W"]] }), json!({}), true),
        (
            json!({ "keywords": [["A W"]], "caseSensitive": true }),
            json!({}),
            false,
        ),
        (json!({ "excludeKeywords": [["a", "b"]] }), json!({}), false),
        (json!({ "excludeKeywords": [["a", "x"]] }), json!({}), true),
        (
            json!({ "keywords": [[""]], "excludeKeywords": [["x"]] }),
            json!({}),
            true,
        ),
        (
            json!({ "keywords": [[""]], "excludeKeywords": [["a"]] }),
            json!({}),
            false,
        ),
    ] {
        let told = format!("{settings} {note}");
        assert_eq!(scene.catches(settings, &bob, note).await, caught, "{told}");
    }
}

#[tokio::test]
async fn notes_are_caught_from_the_right_users() {
    let mut scene = Scene::new().await;
    let (alice, bob, far) = (scene.alice.clone(), scene.bob.clone(), scene.far.clone());
    let here = |names: Value| json!({ "src": "users", "users": names });
    let but = |names: Value| json!({ "src": "users_blacklist", "users": names });
    for (settings, author, caught) in [
        (json!({}), &alice, true),
        (json!({}), &far, true),
        (json!({ "localOnly": true }), &far, false),
        (json!({ "localOnly": true }), &bob, true),
        (json!({ "src": "home" }), &bob, true),
        (json!({ "src": "home" }), &alice, true),
        (json!({ "src": "home" }), &far, false),
        (json!({ "src": "list" }), &bob, false),
        (here(json!(["@bob"])), &bob, true),
        (here(json!(["x", "BOB@example.com"])), &bob, true),
        (here(json!(["bob@remote.example"])), &bob, false),
        (here(json!(["far"])), &far, false),
        (here(json!(["@far@Remote.example"])), &far, true),
        (but(json!(["bob"])), &bob, false),
        (but(json!(["bob"])), &far, true),
        (but(json!([""])), &bob, true),
    ] {
        let told = format!("{settings} {author:?}");
        let author = author.clone();
        assert_eq!(
            scene.catches(settings, &author, json!({})).await,
            caught,
            "{told}"
        );
    }
    let list = scene
        .world
        .ok("users/lists/create", &alice, json!({ "name": "L" }))
        .await;
    let on_list = json!({ "src": "list", "userListId": list["id"] });
    assert!(!scene.catches(on_list.clone(), &far, json!({})).await);
    let push = json!({ "listId": list["id"], "userId": far.id });
    scene.world.ok("users/lists/push", &alice, push).await;
    assert!(scene.catches(on_list, &far, json!({})).await);
    scene.world.sql("UPDATE user SET is_bot = 1").await;
    assert!(scene.catches(json!({}), &bob, json!({})).await);
    assert!(
        !scene
            .catches(json!({ "excludeBots": true }), &bob, json!({}))
            .await
    );
}

#[tokio::test]
async fn notes_are_caught_that_their_owner_may_see() {
    let mut scene = Scene::new().await;
    let (alice, bob, far) = (scene.alice.clone(), scene.bob.clone(), scene.far.clone());
    for (author, visibility, to, caught) in [
        (&bob, "home", None, true),
        (&bob, "followers", None, true),
        (&far, "followers", None, false),
        (&alice, "followers", None, true),
        (&far, "specified", Some(&alice), true),
        (&bob, "specified", Some(&far), false),
        (&bob, "specified", None, false),
        (&alice, "specified", Some(&far), true),
    ] {
        let to: Vec<&str> = to.into_iter().map(|to: &Person| to.id.as_str()).collect();
        let note = json!({ "visibility": visibility, "visibleUserIds": to });
        let told = format!("{author:?} {note}");
        assert_eq!(
            scene.catches(json!({}), author, note).await,
            caught,
            "{told}"
        );
    }
}

#[tokio::test]
async fn notes_are_caught_of_the_right_kind() {
    let mut scene = Scene::new().await;
    let bob = scene.bob.clone();
    let root = scene.write(&bob, json!({})).await;
    let reply = json!({ "replyId": root });
    assert!(scene.catches(json!({}), &bob, reply.clone()).await);
    assert!(
        !scene
            .catches(json!({ "withReplies": false }), &bob, reply)
            .await
    );
    assert!(
        !scene
            .catches(json!({ "withFile": true }), &bob, json!({}))
            .await
    );
    let channel = scene
        .world
        .ok("channels/create", &bob, json!({ "name": "C" }))
        .await;
    let inside = json!({ "channelId": channel["id"] });
    let careful = json!({ "excludeNotesInSensitiveChannel": true });
    assert!(scene.catches(careful.clone(), &bob, inside.clone()).await);
    scene.world.sql("UPDATE channel SET is_sensitive = 1").await;
    assert!(!scene.catches(careful, &bob, inside.clone()).await);
    assert!(scene.catches(json!({}), &bob, inside.clone()).await);
    let mute = json!({ "channelId": channel["id"] });
    scene
        .world
        .ok("channels/mute/create", &scene.alice, mute)
        .await;
    assert!(!scene.catches(json!({}), &bob, inside).await);
}

#[tokio::test]
async fn nothing_is_caught_of_those_whom_the_owner_mutes_or_who_block_them() {
    for (hide, replies_too) in [
        ("INSERT INTO mute VALUES ('1', '{a}', '{f}', NULL)", true),
        ("INSERT INTO block VALUES ('1', '{f}', '{a}')", true),
        (
            "UPDATE user SET muted_instances = '[\"Remote.example\"]' WHERE id = '{a}'",
            true,
        ),
        ("INSERT INTO mute VALUES ('1', '{a}', '{f}', 5)", false),
        ("INSERT INTO mute VALUES ('1', '{f}', '{a}', NULL)", false),
    ] {
        let mut scene = Scene::new().await;
        let (bob, far) = (scene.bob.clone(), scene.far.clone());
        let root = scene.write(&far, json!({})).await;
        let sql = hide.replace("{a}", &scene.alice.id).replace("{f}", &far.id);
        scene.world.sql(&sql).await;
        assert_eq!(
            scene.catches(json!({}), &far, json!({})).await,
            !replies_too,
            "{sql}"
        );
        let reply = json!({ "replyId": root });
        assert_eq!(
            scene.catches(json!({}), &bob, reply).await,
            !replies_too,
            "{sql}"
        );
        assert!(scene.catches(json!({}), &bob, json!({})).await, "{sql}");
    }
}

#[tokio::test]
async fn an_antenna_rests_until_someone_looks_at_it() {
    let mut scene = Scene::new().await;
    let bob = scene.bob.clone();
    let id = scene.antenna(json!({})).await;
    let topic = format!("antennaStream:{id} note");
    scene
        .world
        .clock
        .set(1_795_462_686_720 + 8 * 24 * 60 * 60 * 1000);
    scene.write(&bob, json!({})).await;
    assert!(!scene.world.kinds().contains(&topic));
    let body = json!({ "antennaId": id });
    let shown = scene
        .world
        .ok("antennas/show", &scene.alice, body.clone())
        .await;
    assert_eq!(shown["isActive"], false);
    scene.world.ok("antennas/notes", &scene.alice, body).await;
    assert_eq!(scene.world.kinds(), ["internal antennaUpdated"]);
    scene.write(&bob, json!({})).await;
    assert!(scene.world.kinds().contains(&topic));
}

#[tokio::test]
async fn an_antenna_remembers_the_newest_notes() {
    let mut scene = Scene::new().await;
    let (alice, bob) = (scene.alice.clone(), scene.bob.clone());
    let id = scene.antenna(json!({})).await;
    let body = json!({ "antennaId": id, "limit": 100 });
    let first = scene.write(&bob, json!({})).await;
    let shown = scene.world.ok("antennas/show", &alice, body.clone()).await;
    assert_eq!(shown["hasUnreadNote"], true);
    for n in 1..crate::limits::ANTENNA_NOTES_MAX {
        scene.write(&bob, json!({ "text": format!("w{n}") })).await;
        scene.world.events();
    }
    let count = async |scene: &Scene| {
        let older = json!({ "antennaId": id, "sinceId": "0", "limit": 1 });
        scene.world.ok("antennas/notes", &alice, older).await[0]["id"].clone()
    };
    assert_eq!(count(&scene).await, first);
    let last = scene.write(&bob, json!({ "text": "w last" })).await;
    assert_ne!(count(&scene).await, first);
    let newest = scene.world.ok("antennas/notes", &alice, body.clone()).await;
    assert_eq!(
        (newest.as_array().unwrap().len(), &newest[0]["id"]),
        (100, &json!(last))
    );
    let shown = scene.world.ok("antennas/show", &alice, body).await;
    assert_eq!(shown["hasUnreadNote"], false);
}
