use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use axum::http::{Request, header};
use serde_json::{Value, json};

use super::{LIMITS, Rates, network};
use crate::testing::{Person, World, read};
use crate::{Data, api};

async fn call(
    world: &World,
    endpoint: &str,
    person: Option<&Person>,
    from: Option<&str>,
    mut body: Value,
) -> (u16, Value) {
    if let Some(person) = person {
        body["i"] = person.token.clone().into();
    }
    let mut request = Request::post(format!("/api/{endpoint}"))
        .body(body.to_string().into())
        .unwrap();
    if let Some(from) = from {
        let peer = SocketAddr::new(from.parse().unwrap(), 1);
        request.extensions_mut().insert(ConnectInfo(peer));
    }
    read(world.send(request).await).await
}

#[tokio::test]
async fn a_user_may_make_so_many_calls_and_then_one_at_a_time() {
    let mut world = World::with(Data::Memory, false);
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    let notify = async |world: &World, who: &Person, from| {
        let body = json!({ "body": "hello" });
        call(world, "notifications/create", Some(who), from, body).await
    };
    for _ in 0..10 {
        assert_eq!(notify(&world, &alice, Some("1.1.1.1")).await.0, 204);
    }
    let (status, answer) = notify(&world, &alice, Some("2.2.2.2")).await;
    assert_eq!(
        (status, &answer["error"]["code"], &answer["error"]["id"]),
        (
            429,
            &json!("RATE_LIMIT_EXCEEDED"),
            &json!("d5826d14-3982-4d2e-8011-b9e9f02499ef")
        )
    );
    assert_eq!(notify(&world, &bob, Some("1.1.1.1")).await.0, 204);
    assert_eq!(
        notify(&world, &alice, None).await.0,
        204,
        "from this program"
    );
    world.clock.set(1_795_462_686_720 + 6_000);
    assert_eq!(notify(&world, &alice, Some("1.1.1.1")).await.0, 204);
    assert_eq!(notify(&world, &alice, Some("1.1.1.1")).await.0, 429);
    assert_eq!(
        call(&world, "i", Some(&alice), Some("1.1.1.1"), json!({}))
            .await
            .0,
        200
    );
}

#[tokio::test]
async fn an_address_may_try_so_many_passwords() {
    let mut world = World::with(Data::Memory, false);
    world.signup("alice").await;
    let body = json!({ "username": "alice" });
    let sign_in = |from| call(&world, "signin-flow", None, Some(from), body.clone());
    for _ in 0..30 {
        assert_eq!(sign_in("2001:db8::1").await.0, 200);
    }
    assert_eq!(sign_in("2001:db8::2").await.0, 429);
    assert_eq!(sign_in("2001:db8:0:1::2").await.0, 200);
}

#[tokio::test]
async fn with_dev_nothing_is_limited() {
    let mut world = World::new();
    let alice = world.signup("alice").await;
    for _ in 0..20 {
        let body = json!({ "body": "hello" });
        let answer = call(
            &world,
            "notifications/create",
            Some(&alice),
            Some("1.1.1.1"),
            body,
        );
        assert_eq!(answer.await.0, 204);
    }
}

#[test]
fn every_limit_is_of_an_endpoint() {
    let registry = api::registry();
    for (name, calls, span_ms) in LIMITS {
        assert!(registry.find(name).is_some(), "{name}");
        assert!(*calls > 0 && span_ms % calls == 0, "{name}");
    }
}

#[test]
fn many_callers_share_few_places() {
    let rates = Rates::default();
    let addresses = (0..2_000_u32).map(|n| std::net::Ipv4Addr::from(n).into());
    let refused = addresses
        .filter(|address| !(0..15).all(|_| rates.count("signup", None, Some(*address), 1).is_ok()))
        .count();
    assert!(refused < 20, "{refused}");
}

#[test]
fn an_address_written_as_ipv6_is_the_same() {
    let parse = |text: &str| network(text.parse().unwrap());
    assert_eq!(parse("1.2.3.4"), parse("::ffff:1.2.3.4"));
    assert_ne!(parse("1.2.3.4"), parse("::ffff:1.2.3.5"));
    assert_eq!(parse("2001:db8::1"), parse("2001:db8::ffff:0:0:1"));
}

#[tokio::test]
async fn who_is_too_early_hears_when_to_come_again() {
    let mut world = World::with(Data::Memory, false);
    let alice = world.signup("alice").await;
    let notify = async |world: &World| {
        let body = json!({ "body": "hello", "i": alice.token });
        let mut request = Request::post("/api/notifications/create")
            .body(body.to_string().into())
            .unwrap();
        let peer = SocketAddr::new("1.1.1.1".parse().unwrap(), 1);
        request.extensions_mut().insert(ConnectInfo(peer));
        world.send(request).await
    };
    for _ in 0..10 {
        assert_eq!(
            notify(&world).await.headers().get(header::RETRY_AFTER),
            None
        );
    }
    let refused = notify(&world).await;
    assert_eq!(refused.headers()[header::RETRY_AFTER], "6");
    world.clock.set(1_795_462_686_720 + 6_000);
    assert_eq!(notify(&world).await.status(), 204);
}
