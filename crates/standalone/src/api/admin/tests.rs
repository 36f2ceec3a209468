mod emoji;
mod users;

use backend::Backend;
use serde_json::{Value, json};

use crate::testing::{Person, World};

const UPDATE: &str = "admin/roles/update-default-policies";

async fn world() -> (World, Person, Person) {
    let mut world = World::new();
    let admin = world.signup("admin").await;
    let alice = world.signup("alice").await;
    world.events();
    (world, admin, alice)
}

#[tokio::test]
async fn base_policies_close_timelines_to_users_and_visitors() {
    for (policy, closed) in [
        (
            "ltlAvailable",
            [("local", "LTL_DISABLED"), ("hybrid", "STL_DISABLED")].as_slice(),
        ),
        ("gtlAvailable", [("global", "GTL_DISABLED")].as_slice()),
    ] {
        let (world, admin, alice) = world().await;
        world
            .ok(UPDATE, &admin, json!({ "policies": { policy: false } }))
            .await;
        for timeline in ["local", "hybrid", "global"] {
            let endpoint = format!("notes/{timeline}-timeline");
            let expected = closed.iter().find(|(name, _)| *name == timeline);
            for who in [Some(&alice), None] {
                // A visitor has no hybrid timeline at all.
                if who.is_none() && timeline == "hybrid" {
                    continue;
                }
                let (status, answer) = world.post(&endpoint, who, json!({})).await;
                let code = answer["error"]["code"].as_str();
                assert_eq!(code, expected.map(|(_, code)| *code), "{endpoint}");
                assert_eq!(status, if expected.is_some() { 400 } else { 200 });
            }
        }
        let site = world.app.site().await.unwrap();
        assert_eq!(site.policies.local_timeline, policy != "ltlAvailable");
        assert_eq!(site.policies.global_timeline, policy != "gtlAvailable");
        let alice = protocol::id::UserId::parse(&alice.id).unwrap();
        let viewers = world.app.viewers(&[alice]).await.unwrap();
        assert_eq!(viewers[0].policies, site.policies);
    }
}

#[tokio::test]
async fn policies_are_replaced_told_and_shown() {
    let (mut world, admin, alice) = world().await;
    let set = json!({ "ltlAvailable": false, "btlAvailable": true });
    world.ok(UPDATE, &admin, json!({ "policies": set })).await;
    let told = (
        "internal".to_owned(),
        json!({
            "type": "policiesUpdated", "body": { "ltlAvailable": false },
        }),
    );
    assert_eq!(world.events(), [told]);
    let (_, meta) = world.post("meta", None, json!({ "detail": true })).await;
    assert_eq!(meta["policies"]["ltlAvailable"], false);
    assert_eq!(meta["features"]["localTimeline"], false);
    assert_eq!(meta["policies"]["btlAvailable"], Value::Null);
    let me = world.ok("i", &alice, json!({})).await;
    assert_eq!(me["policies"]["ltlAvailable"], false);

    let set = json!({ "gtlAvailable": false });
    world.ok(UPDATE, &admin, json!({ "policies": set })).await;
    let me = world.ok("i", &alice, json!({})).await;
    assert_eq!(me["policies"]["ltlAvailable"], true);
    assert_eq!(me["policies"]["gtlAvailable"], false);
}

#[tokio::test]
async fn who_may_not_or_sends_nonsense_changes_nothing() {
    let (mut world, admin, alice) = world().await;
    let off = json!({ "policies": { "ltlAvailable": false } });
    let refused = world.err(UPDATE, Some(&alice), off.clone()).await;
    assert_eq!(refused, (403, "ROLE_PERMISSION_DENIED".to_owned()));
    let refused = world.err(UPDATE, None, off).await;
    assert_eq!(refused, (401, "CREDENTIAL_REQUIRED".to_owned()));
    for policies in [json!(null), json!([]), json!({ "ltlAvailable": "no" })] {
        let body = json!({ "policies": policies });
        let refused = world.err(UPDATE, Some(&admin), body).await;
        assert_eq!(refused, (400, "INVALID_PARAM".to_owned()));
    }
    assert_eq!(world.events(), []);
    let me = world.ok("i", &alice, json!({})).await;
    assert_eq!(me["policies"]["ltlAvailable"], true);
}
