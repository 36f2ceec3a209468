//! What roles do to what users may do.

use backend::PolicyRecord;
use serde_json::{Value, json};

use super::{Scene, says, scene};
use crate::testing::Person;

#[tokio::test]
async fn a_role_closes_timelines_until_it_ends() {
    let mut scene = scene().await;
    let id = scene
        .role(json!({ "policies": { "ltlAvailable": says(false) } }))
        .await;
    let (alice, bob) = (scene.alice.clone(), scene.bob.clone());
    let end_ms = backend_clock(&scene) + 60_000;
    scene.assign(&id, &alice, Some(end_ms)).await;
    scene.world.events();
    let closed = PolicyRecord {
        local_timeline: false,
        global_timeline: true,
    };
    let open = PolicyRecord {
        local_timeline: true,
        global_timeline: true,
    };
    assert_eq!(scene.stream_policies(&alice).await, closed);
    assert_eq!(scene.stream_policies(&bob).await, open);
    let refused = scene
        .world
        .err("notes/local-timeline", Some(&alice), json!({}))
        .await;
    assert_eq!(refused, (400, "LTL_DISABLED".to_owned()));
    let me = scene.world.ok("i", &alice, json!({})).await;
    assert_eq!(me["policies"]["ltlAvailable"], false);
    assert_eq!(
        scene.world.app.do_due().await.unwrap(),
        backend_clock(&scene) + 2_000
    );
    scene.world.clock.set(end_ms);
    scene.world.app.do_due().await.unwrap();
    assert!(
        scene
            .world
            .kinds()
            .contains(&"internal userRoleUnassigned".to_owned())
    );
    assert_eq!(scene.stream_policies(&alice).await, open);
    scene
        .world
        .ok("notes/local-timeline", &alice, json!({}))
        .await;
}

fn backend_clock(scene: &Scene) -> u64 {
    crate::Clock::now_ms(&*scene.world.clock)
}

#[tokio::test]
async fn formulas_follow_what_users_do_and_how_old_they_grow() {
    let mut scene = scene().await;
    let closes = json!({ "gtlAvailable": says(false) });
    let formula = json!({ "type": "or", "values": [
        { "type": "notesMoreThanOrEq", "value": 1 },
        { "type": "followersMoreThanOrEq", "value": 1 },
        { "type": "isBot" },
        { "type": "createdMoreThan", "sec": 100 },
    ] });
    let role = json!({ "target": "conditional", "condFormula": formula, "policies": closes });
    scene.role(role).await;
    let (alice, bob) = (scene.alice.clone(), scene.bob.clone());
    let changed = (
        "internal".to_owned(),
        json!({
            "type": "userRoleAssigned", "body": { "userId": alice.id, "roleId": "" },
        }),
    );
    assert!(scene.stream_policies(&alice).await.global_timeline);
    let note = scene
        .world
        .ok("notes/create", &alice, json!({ "text": "n" }))
        .await;
    assert!(scene.world.events().contains(&changed));
    assert!(!scene.stream_policies(&alice).await.global_timeline);
    let of = json!({ "noteId": note["createdNote"]["id"] });
    scene.world.ok("notes/delete", &alice, of).await;
    assert!(scene.world.events().contains(&changed));
    assert!(scene.stream_policies(&alice).await.global_timeline);
    let of = json!({ "userId": alice.id });
    for endpoint in ["following/create", "following/delete"] {
        scene.world.ok(endpoint, &bob, of.clone()).await;
        assert!(scene.world.events().contains(&changed), "{endpoint}");
    }
    for bot in [true, false] {
        scene
            .world
            .ok("i/update", &alice, json!({ "isBot": bot }))
            .await;
        assert!(scene.world.events().contains(&changed), "{bot}");
    }
    scene
        .world
        .ok("i/update", &alice, json!({ "isCat": true }))
        .await;
    assert!(!scene.world.events().contains(&changed));
    let born_ms = crate::id::created_ms(&alice.id).unwrap();
    scene.world.clock.set(born_ms + 99_999);
    assert_eq!(scene.world.app.do_due().await.unwrap(), born_ms + 100_000);
    assert!(!scene.world.events().contains(&changed));
    scene.world.clock.set(born_ms + 100_000);
    scene.world.app.do_due().await.unwrap();
    assert!(scene.world.events().contains(&changed));
    assert!(!scene.stream_policies(&alice).await.global_timeline);
    scene.world.app.do_due().await.unwrap();
    assert_eq!(scene.world.events(), []);
}

/// What a member of the role below may not do, and how that is refused.
fn refusals(list: &Value, bob: &Person) -> Vec<(&'static str, Value, (u16, &'static str))> {
    let antenna = json!({
        "name": "a", "src": "all", "keywords": [["w"]], "excludeKeywords": [[]], "users": [],
        "caseSensitive": false, "withReplies": true, "withFile": false,
    });
    let message = json!({ "toUserId": bob.id, "text": "t" });
    vec![
        (
            "chat/messages/create-to-user",
            message,
            (403, "ROLE_PERMISSION_DENIED"),
        ),
        (
            "channels/create",
            json!({ "name": "c" }),
            (403, "ROLE_PERMISSION_DENIED"),
        ),
        (
            "users/search",
            json!({ "query": "bob" }),
            (403, "ROLE_PERMISSION_DENIED"),
        ),
        (
            "notes/search",
            json!({ "query": "bob" }),
            (400, "UNAVAILABLE"),
        ),
        (
            "users/lists/create",
            json!({ "name": "m" }),
            (400, "TOO_MANY_USERLISTS"),
        ),
        (
            "users/lists/push",
            json!({ "listId": list, "userId": bob.id }),
            (400, "TOO_MANY_USERS"),
        ),
        ("antennas/create", antenna, (400, "TOO_MANY_ANTENNAS")),
        (
            "notes/create",
            json!({ "text": "@bob @admin" }),
            (400, "CONTAINS_TOO_MANY_MENTIONS"),
        ),
        (
            "i/update",
            json!({ "mutedWords": [["four"]] }),
            (400, "TOO_MANY_MUTED_WORDS"),
        ),
    ]
}

#[tokio::test]
async fn policies_decide_what_a_user_may_do() {
    let mut scene = scene().await;
    let policies = json!({
        "canCreateChannel": says(false), "canSearchUsers": says(false),
        "canSearchNotes": says(false), "userListLimit": says(1), "antennaLimit": says(0),
        "mentionLimit": says(1), "userEachUserListsLimit": says(0), "wordMuteLimit": says(3),
        "canUpdateBioMedia": says(false), "canPublicNote": says(false),
        "driveCapacityMb": says(7), "chatAvailability": says("readonly"),
    });
    let id = scene.role(json!({ "policies": policies })).await;
    let (alice, bob) = (scene.alice.clone(), scene.bob.clone());
    scene.assign(&id, &alice, None).await;
    let world = &scene.world;
    let list = world
        .ok("users/lists/create", &alice, json!({ "name": "l" }))
        .await;
    for (endpoint, body, refusal) in refusals(&list["id"], &bob) {
        let refused = world.err(endpoint, Some(&alice), body.clone()).await;
        assert_eq!(refused, (refusal.0, refusal.1.to_owned()), "{endpoint}");
        if !matches!(
            endpoint,
            "users/lists/push" | "chat/messages/create-to-user"
        ) {
            world.ok(endpoint, &bob, body).await;
        }
    }
    let drive = world.ok("drive", &alice, json!({})).await;
    assert_eq!(drive["capacity"], 7 * 1024 * 1024);
    let note = world
        .ok("notes/create", &alice, json!({ "text": "n" }))
        .await;
    assert_eq!(note["createdNote"]["visibility"], "home");
    let shown = world
        .ok("users/show", &bob, json!({ "userId": alice.id }))
        .await;
    assert_eq!(shown["isSilenced"], true);
}
