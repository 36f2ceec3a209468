use serde_json::{Value, json};

use crate::limits::{REGISTRY_BYTES_MAX, REGISTRY_VALUE_BYTES_MAX};
use crate::testing::{Person, World};

fn at(key: &str, scope: &[&str]) -> Value {
    json!({ "key": key, "scope": scope })
}

#[tokio::test]
async fn items_are_set_told_found_and_removed() {
    let mut world = World::new();
    let alice = world.signup("alice").await;
    world.events();
    let mut item = at("k", &["client", "base"]);
    item["value"] = json!({ "a": 1 });
    world.ok("i/registry/set", &alice, item.clone()).await;
    let told = json!({ "scope": ["client", "base"], "key": "k", "value": { "a": 1 } });
    let topic = format!("mainStream:{}", alice.id);
    let event = json!({ "type": "registryUpdated", "body": told });
    assert_eq!(world.events(), [(topic, event)]);
    item["value"] = json!(null);
    world.ok("i/registry/set", &alice, item.clone()).await;
    for (endpoint, answer) in [
        ("get", json!(null)),
        ("get-all", json!({ "k": null })),
        ("keys", json!(["k"])),
        ("keys-with-type", json!({ "k": "null" })),
    ] {
        let found = world
            .ok(&format!("i/registry/{endpoint}"), &alice, item.clone())
            .await;
        assert_eq!(found, answer, "{endpoint}");
    }
    let detail = world
        .ok("i/registry/get-detail", &alice, item.clone())
        .await;
    assert_eq!(detail["value"], Value::Null);
    let scopes = world
        .ok("i/registry/scopes-with-domain", &alice, json!({}))
        .await;
    assert_eq!(
        scopes,
        json!([{ "scopes": [["client", "base"]], "domain": null }])
    );
    world.ok("i/registry/remove", &alice, item.clone()).await;
    for endpoint in ["get", "get-detail", "remove"] {
        let endpoint = format!("i/registry/{endpoint}");
        let refused = world.err(&endpoint, Some(&alice), item.clone()).await;
        assert_eq!(refused, (400, "NO_SUCH_KEY".to_owned()), "{endpoint}");
    }
}

#[tokio::test]
async fn an_app_has_a_domain_of_its_own() {
    let mut world = World::new();
    let alice = world.signup("alice").await;
    let body = json!({ "session": null, "permission": ["read:account", "write:account"] });
    let token = world.ok("miauth/gen-token", &alice, body).await;
    let app = Person {
        id: alice.id.clone(),
        token: token["token"].as_str().unwrap().to_owned(),
    };
    world.events();
    let mut item = at("k", &[]);
    item["value"] = json!(1);
    item["domain"] = json!("another");
    world.ok("i/registry/set", &app, item.clone()).await;
    assert_eq!(world.events(), []);
    assert_eq!(world.ok("i/registry/get", &app, at("k", &[])).await, 1);
    let refused = world
        .err("i/registry/get", Some(&alice), at("k", &[]))
        .await;
    assert_eq!(refused, (400, "NO_SUCH_KEY".to_owned()));
}

#[tokio::test]
async fn what_is_no_place_or_too_large_is_refused() {
    let mut world = World::new();
    let alice = world.signup("alice").await;
    for (key, scope, value) in [
        (json!(""), json!([]), json!(1)),
        (json!("k"), json!(["a b"]), json!(1)),
        (json!("k"), json!("a"), json!(1)),
        (json!("k"), json!([]), json!("x".repeat(300_000))),
    ] {
        let body = json!({ "key": key, "scope": scope, "value": value });
        let refused = world.err("i/registry/set", Some(&alice), body).await;
        assert_eq!(refused, (400, "INVALID_PARAM".to_owned()));
    }
}

#[tokio::test]
async fn what_a_user_keeps_is_bounded() {
    let mut world = World::new();
    let alice = world.signup("alice").await;
    let value = "v".repeat(REGISTRY_VALUE_BYTES_MAX - 2);
    let fill = REGISTRY_BYTES_MAX / REGISTRY_VALUE_BYTES_MAX;
    for number in 0..fill {
        let item = json!({ "key": number.to_string(), "value": value });
        world.ok("i/registry/set", &alice, item).await;
    }
    let one = json!({ "key": "one", "value": 1 });
    let refused = world.err("i/registry/set", Some(&alice), one.clone()).await;
    assert_eq!(refused, (400, "TOO_MANY_REGISTRY_ITEMS".to_owned()));
    // An item makes room for itself.
    let item = json!({ "key": "0", "value": value });
    world.ok("i/registry/set", &alice, item).await;
    let item = json!({ "key": "0", "value": 0 });
    world.ok("i/registry/set", &alice, item).await;
    world.ok("i/registry/set", &alice, one).await;
}
