mod policies;

use backend::{Backend, PolicyRecord};
use protocol::id::UserId;
use serde_json::{Value, json};

use crate::testing::{Person, World, keys};

const ROLE_KEYS: &[&str] = &[
    "id",
    "createdAt",
    "updatedAt",
    "name",
    "description",
    "color",
    "iconUrl",
    "target",
    "condFormula",
    "isPublic",
    "isAdministrator",
    "isModerator",
    "isExplorable",
    "asBadge",
    "preserveAssignmentOnMoveAccount",
    "canEditMembersByModerator",
    "displayOrder",
    "policies",
    "usersCount",
];

struct Scene {
    world: World,
    admin: Person,
    alice: Person,
    bob: Person,
}

async fn scene() -> Scene {
    let mut world = World::new();
    let admin = world.signup("admin").await;
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    world.events();
    Scene {
        world,
        admin,
        alice,
        bob,
    }
}

impl Scene {
    /// Makes a role; `settings` are over the usual ones. Gives back its id.
    async fn role(&mut self, settings: Value) -> String {
        let mut body = json!({
            "name": "R", "description": "", "color": null, "iconUrl": null, "target": "manual",
            "condFormula": {}, "isPublic": true, "isModerator": false, "isAdministrator": false,
            "isExplorable": true, "asBadge": false, "canEditMembersByModerator": false,
            "displayOrder": 0, "policies": {},
        });
        for (key, value) in settings.as_object().unwrap() {
            body[key] = value.clone();
        }
        let role = self.world.ok("admin/roles/create", &self.admin, body).await;
        self.world.events();
        role["id"].as_str().unwrap().to_owned()
    }

    async fn assign(&mut self, role: &str, user: &Person, expires_at: Option<u64>) {
        let body = json!({ "roleId": role, "userId": user.id, "expiresAt": expires_at });
        self.world.ok("admin/roles/assign", &self.admin, body).await;
    }

    async fn stream_policies(&self, user: &Person) -> PolicyRecord {
        let id = UserId::parse(&user.id).unwrap();
        self.world.app.viewers(&[id]).await.unwrap()[0].policies
    }
}

fn says(value: impl Into<Value>) -> Value {
    json!({ "useDefault": false, "priority": 0, "value": value.into() })
}

#[tokio::test]
async fn roles_are_made_shown_changed_and_deleted() {
    let mut scene = scene().await;
    let id = scene
        .role(json!({ "name": "One", "policies": { "pinLimit": says(9) } }))
        .await;
    let Scene { world, admin, .. } = &mut scene;
    let of = json!({ "roleId": id });
    let shown = world.ok("admin/roles/show", admin, of.clone()).await;
    assert_eq!(keys(&shown), ROLE_KEYS);
    assert_eq!(shown["policies"]["pinLimit"], says(9));
    let usual = json!({ "useDefault": true, "priority": 0, "value": true });
    assert_eq!(shown["policies"]["ltlAvailable"], usual);
    let change = json!({ "roleId": id, "name": "Two", "color": "#fff" });
    world.ok("admin/roles/update", admin, change).await;
    let listed = world.ok("admin/roles/list", admin, json!({})).await;
    assert_eq!(
        (
            &listed[0]["name"],
            &listed[0]["color"],
            &listed[0]["policies"]["pinLimit"]
        ),
        (&json!("Two"), &json!("#fff"), &says(9))
    );
    world.ok("admin/roles/delete", admin, of.clone()).await;
    assert_eq!(
        world.kinds(),
        ["internal roleUpdated", "internal roleDeleted"]
    );
    for name in ["show", "update", "delete", "users", "assign", "unassign"] {
        let body = json!({ "roleId": id, "userId": admin.id });
        let endpoint = format!("admin/roles/{name}");
        let refused = world.err(&endpoint, Some(admin), body).await;
        assert_eq!(refused, (400, "NO_SUCH_ROLE".to_owned()), "{name}");
    }
    for name in ["show", "notes", "users"] {
        let endpoint = format!("roles/{name}");
        let refused = world.err(&endpoint, Some(admin), of.clone()).await;
        assert_eq!(refused, (400, "NO_SUCH_ROLE".to_owned()), "{name}");
    }
}

#[tokio::test]
async fn bad_roles_are_refused() {
    let scene = scene().await;
    let (world, admin) = (&scene.world, Some(&scene.admin));
    for wrong in [
        json!({}),
        json!({ "name": 1 }),
        json!({ "target": "everyone" }),
        json!({ "condFormula": [] }),
        json!({ "policies": null }),
        json!({ "displayOrder": 1e300 }),
        json!({ "description": "x".repeat(70_000) }),
    ] {
        let mut body = wrong.clone();
        if wrong != json!({}) {
            for (key, value) in [
                ("name", json!("R")),
                ("description", json!("")),
                ("color", json!(null)),
                ("iconUrl", json!(null)),
                ("target", json!("manual")),
                ("condFormula", json!({})),
                ("isPublic", json!(true)),
                ("isModerator", json!(false)),
                ("isAdministrator", json!(false)),
                ("asBadge", json!(false)),
                ("canEditMembersByModerator", json!(false)),
                ("displayOrder", json!(0)),
                ("policies", json!({})),
            ] {
                if body.get(key).is_none() {
                    body[key] = value;
                }
            }
        }
        let refused = world.err("admin/roles/create", admin, body).await;
        assert_eq!(
            refused,
            (400, "INVALID_PARAM".to_owned()),
            "{}",
            wrong.to_string().len()
        );
    }
    let listed = world.ok("admin/roles/list", &scene.admin, json!({})).await;
    assert_eq!(listed, json!([]));
}

#[tokio::test]
async fn a_role_is_given_told_shown_and_taken() {
    let mut scene = scene().await;
    let badge = json!({ "name": "B", "asBadge": true, "iconUrl": "https://example.com/b.png" });
    let id = scene.role(badge).await;
    let alice = scene.alice.clone();
    scene.assign(&id, &alice, None).await;
    let people = [("alice", &alice)];
    let told = scene.world.told(&people);
    assert_eq!(
        told,
        [
            "internal userRoleAssigned",
            "main:alice notification roleAssigned"
        ]
    );
    let Scene {
        world, admin, bob, ..
    } = &mut scene;
    let shown = world
        .ok("users/show", bob, json!({ "userId": alice.id }))
        .await;
    assert_eq!(shown["roles"][0]["name"], "B");
    let icon = json!({ "name": "B", "iconUrl": "https://example.com/b.png", "displayOrder": 0 });
    assert_eq!(shown["badgeRoles"], json!([icon]));
    let of = json!({ "roleId": id });
    for (endpoint, who) in [("roles/users", &*bob), ("admin/roles/users", &*admin)] {
        let users = world.ok(endpoint, who, of.clone()).await;
        assert_eq!(users[0]["user"]["id"], json!(alice.id), "{endpoint}");
    }
    let listed = world.ok("roles/list", bob, json!({})).await;
    assert_eq!(listed[0]["usersCount"], 1);
    let body = json!({ "roleId": id, "userId": alice.id });
    world.ok("admin/roles/unassign", admin, body.clone()).await;
    assert_eq!(world.kinds(), ["internal userRoleUnassigned"]);
    let refused = world.err("admin/roles/unassign", Some(admin), body).await;
    assert_eq!(refused, (400, "NOT_ASSIGNED".to_owned()));
    let shown = world
        .ok("users/show", bob, json!({ "userId": alice.id }))
        .await;
    assert_eq!(
        (&shown["roles"], &shown["badgeRoles"]),
        (&json!([]), &json!([]))
    );
}

#[tokio::test]
async fn what_is_not_public_is_told_to_nobody() {
    let mut scene = scene().await;
    let id = scene.role(json!({ "isPublic": false })).await;
    let alice = scene.alice.clone();
    scene.assign(&id, &alice, None).await;
    assert_eq!(scene.world.kinds(), ["internal userRoleAssigned"]);
    let (world, bob) = (&scene.world, &scene.bob);
    let shown = world
        .ok("users/show", bob, json!({ "userId": alice.id }))
        .await;
    assert_eq!(shown["roles"], json!([]));
    assert_eq!(world.ok("roles/list", bob, json!({})).await, json!([]));
    for name in ["show", "notes", "users"] {
        let endpoint = format!("roles/{name}");
        let refused = world
            .err(&endpoint, Some(bob), json!({ "roleId": id }))
            .await;
        assert_eq!(refused, (400, "NO_SUCH_ROLE".to_owned()), "{name}");
    }
}

#[tokio::test]
async fn the_timeline_of_a_role_has_the_public_notes_of_its_members() {
    let mut scene = scene().await;
    let open = scene.role(json!({ "name": "open" })).await;
    let closed = scene
        .role(json!({ "name": "closed", "isExplorable": false }))
        .await;
    let alice = scene.alice.clone();
    for id in [&open, &closed] {
        scene.assign(id, &alice, None).await;
    }
    scene.world.events();
    let Scene {
        world, admin, bob, ..
    } = &mut scene;
    let note = world
        .ok("notes/create", &alice, json!({ "text": "n" }))
        .await;
    let topic = format!("roleTimelineStream:{open}");
    let published: Vec<_> = world
        .events()
        .into_iter()
        .filter(|(topic, _)| topic.starts_with("roleTimelineStream"))
        .collect();
    assert_eq!(published.len(), 1);
    assert_eq!(published[0].0, topic);
    assert_eq!(published[0].1["body"]["id"], note["createdNote"]["id"]);
    for visibility in ["home", "followers", "specified"] {
        let body = json!({ "text": "n", "visibility": visibility });
        world.ok("notes/create", &alice, body).await;
    }
    world
        .ok("notes/create", bob, json!({ "text": "no member" }))
        .await;
    assert!(
        !world
            .kinds()
            .iter()
            .any(|kind| kind.starts_with("roleTimeline"))
    );
    let notes = world
        .ok("roles/notes", bob, json!({ "roleId": open }))
        .await;
    assert_eq!(notes.as_array().unwrap().len(), 1);
    assert_eq!(notes[0]["id"], note["createdNote"]["id"]);
    let notes = world
        .ok("roles/notes", bob, json!({ "roleId": closed }))
        .await;
    assert_eq!(notes, json!([]));
    world
        .ok(
            "admin/roles/update",
            admin,
            json!({ "roleId": open, "isExplorable": false }),
        )
        .await;
    let notes = world
        .ok("roles/notes", bob, json!({ "roleId": open }))
        .await;
    assert_eq!(notes, json!([]));
    let refused = world
        .err("roles/users", None, json!({ "roleId": open }))
        .await;
    assert_eq!(refused, (400, "NO_SUCH_ROLE".to_owned()));
}

#[tokio::test]
async fn moderators_and_administrators_come_of_roles() {
    let mut scene = scene().await;
    let moderator = scene
        .role(json!({ "isModerator": true, "isPublic": false }))
        .await;
    let free = scene
        .role(json!({ "canEditMembersByModerator": true }))
        .await;
    let crown = json!({ "isAdministrator": true, "canEditMembersByModerator": true });
    let crown = scene.role(crown).await;
    let (alice, bob) = (scene.alice.clone(), scene.bob.clone());
    let give = |role: &str| json!({ "roleId": role, "userId": bob.id });
    let refused = scene
        .world
        .err("admin/roles/list", Some(&alice), json!({}))
        .await;
    assert_eq!(refused, (403, "ROLE_PERMISSION_DENIED".to_owned()));
    scene.assign(&moderator, &alice, None).await;
    let me = scene.world.ok("i", &alice, json!({})).await;
    assert_eq!(
        (&me["isModerator"], &me["isAdmin"]),
        (&json!(true), &json!(false))
    );
    let id = UserId::parse(&alice.id).unwrap();
    assert!(scene.world.app.viewers(&[id]).await.unwrap()[0].moderator);
    scene.world.ok("admin/roles/list", &alice, json!({})).await;
    scene
        .world
        .ok("admin/roles/assign", &alice, give(&free))
        .await;
    scene
        .world
        .ok("admin/roles/unassign", &alice, give(&free))
        .await;
    for role in [&moderator, &crown] {
        let refused = scene
            .world
            .err("admin/roles/assign", Some(&alice), give(role))
            .await;
        assert_eq!(refused, (400, "ACCESS_DENIED".to_owned()));
    }
    let refused = scene
        .world
        .err("admin/roles/delete", Some(&alice), give(&free))
        .await;
    assert_eq!(refused, (403, "ROLE_PERMISSION_DENIED".to_owned()));
    scene.assign(&crown, &alice, None).await;
    scene
        .world
        .ok("admin/roles/delete", &alice, give(&free))
        .await;
}
