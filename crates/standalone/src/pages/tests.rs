use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::json;
use tower::ServiceExt;

use crate::testing::{Person, World};

const LINK: &str = "/miauth/c1f6d42b-468b-4fd2-8274-e58abdedef6f?name=My%20%3Capp%3E\
                    &callback=miapp%3A%2F%2Fback&permission=read:account,write:notes,write:gallery";

async fn send(world: &World, request: Request<Body>) -> Response<Body> {
    world.app.pages().oneshot(request).await.unwrap()
}

async fn get(world: &World, link: &str) -> Response<Body> {
    send(world, Request::get(link).body(Body::empty()).unwrap()).await
}

fn form(link: &str, form: &str) -> Request<Body> {
    Request::post(link)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(form.to_owned().into())
        .unwrap()
}

async fn post(world: &World, link: &str, body: &str) -> Response<Body> {
    send(world, form(link, body)).await
}

async fn text(response: Response<Body>) -> String {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn location(response: &Response<Body>) -> &str {
    response.headers()[header::LOCATION].to_str().unwrap()
}

async fn alice() -> (World, Person) {
    let mut world = World::new();
    let alice = world.signup("alice").await;
    (world, alice)
}

const ALLOW: &str = "username=%40Alice&password=pass&token=&decision=allow";

#[tokio::test]
async fn the_page_says_who_asks_for_what() {
    let (world, _) = alice().await;
    let response = get(&world, LINK).await;
    assert_eq!(response.status(), StatusCode::OK);
    let policy = response.headers()[header::CONTENT_SECURITY_POLICY]
        .to_str()
        .unwrap();
    assert_eq!(
        policy,
        "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; \
         form-action 'self' miapp:"
    );
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    let page = text(response).await;
    for part in [
        "My &lt;app&gt; asks for access",
        "<li>see your account,",
        "<li>write and delete notes as you</li>",
        "won't get it: write:gallery</p>",
        "go on to miapp:",
        "<form method=\"post\">",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("<script") && !page.contains("<app>"));
}

#[tokio::test]
async fn who_allows_leads_the_app_to_its_token() {
    let (mut world, alice) = alice().await;
    let response = post(&world, LINK, ALLOW).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(
        location(&response),
        "miapp://back?session=c1f6d42b-468b-4fd2-8274-e58abdedef6f"
    );
    assert_eq!(
        world.told(&[("alice", &alice)]),
        ["main:alice notification createToken"]
    );
    let check = "miauth/c1f6d42b-468b-4fd2-8274-e58abdedef6f/check";
    let (_, answer) = world.post(check, None, json!({})).await;
    let app = Person {
        id: alice.id.clone(),
        token: answer["token"].as_str().unwrap().to_owned(),
    };
    world.ok("notes/create", &app, json!({ "text": "a" })).await;
    let apps = world.ok("i/apps", &alice, json!({})).await;
    assert_eq!(
        (&apps[0]["name"], &apps[0]["permission"]),
        (&json!("My <app>"), &json!(["read:account", "write:notes"]))
    );
    let again = post(&world, LINK, ALLOW).await;
    assert_eq!(again.status(), StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_token_does_as_well_but_not_an_apps() {
    let (world, alice) = alice().await;
    let allow = |token: &str| format!("token={token}&decision=allow");
    let body = json!({ "session": null, "permission": ["write:notes"] });
    let app = world.ok("miauth/gen-token", &alice, body).await;
    for wrong in ["nonsense", app["token"].as_str().unwrap()] {
        let response = post(&world, LINK, &allow(wrong)).await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{wrong}");
    }
    let response = post(&world, "/miauth/s", &allow(&alice.token)).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(text(response).await.contains("You can close this page"));
}

#[tokio::test]
async fn who_denies_or_errs_makes_no_token() {
    let (mut world, alice) = alice().await;
    let denied = post(&world, LINK, "username=alice&password=pass&decision=deny").await;
    assert_eq!(denied.status(), StatusCode::OK);
    assert!(text(denied).await.contains("gets nothing"));
    for wrong in [
        "username=alice&password=wrong",
        "username=%22nobody&password=x",
        "",
    ] {
        let response = post(&world, LINK, &format!("{wrong}&decision=allow")).await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{wrong}");
        let page = text(response).await;
        assert!(page.contains("role=\"alert\"") && !page.contains("value=\"wrong\""));
        assert!(!page.contains("value=\"\"nobody"), "{page}");
    }
    world.sql("UPDATE user SET is_suspended = 1").await;
    let suspended = post(&world, LINK, ALLOW).await;
    assert!(text(suspended).await.contains("suspended"));
    assert!(world.events().is_empty());
    world.sql("UPDATE user SET is_suspended = 0").await;
    assert_eq!(world.ok("i/apps", &alice, json!({})).await, json!([]));
}

#[tokio::test]
async fn a_form_from_elsewhere_is_refused() {
    let (world, _) = alice().await;
    for (name, value, status) in [
        ("sec-fetch-site", "cross-site", 403),
        ("sec-fetch-site", "same-site", 403),
        ("origin", "https://evil.example", 403),
        ("origin", "null", 403),
        ("sec-fetch-site", "same-origin", 303),
    ] {
        let mut request = form(LINK, ALLOW);
        request
            .headers_mut()
            .insert("host", "example.com".parse().unwrap());
        request.headers_mut().insert(name, value.parse().unwrap());
        let response = send(&world, request).await;
        assert_eq!(response.status().as_u16(), status, "{name}: {value}");
    }
    let mut request = form("/miauth/another", ALLOW);
    for (name, value) in [("host", "example.com"), ("origin", "https://example.com")] {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    assert_eq!(send(&world, request).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn broken_links_are_refused() {
    let (world, _) = alice().await;
    for link in [
        "/miauth/a%20b",
        "/miauth/s?callback=javascript:alert(1)",
        "/miauth/s?callback=data:text/html,x",
        "/miauth/s?callback=https://good@evil/",
    ] {
        for response in [get(&world, link).await, post(&world, link, ALLOW).await] {
            assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{link}");
        }
    }
}

#[tokio::test]
async fn the_style_is_a_file_of_its_own() {
    let (world, _) = alice().await;
    let response = get(&world, "/miauth/page.css").await;
    assert_eq!(
        response.headers()[header::CONTENT_TYPE],
        "text/css; charset=utf-8"
    );
}

#[tokio::test]
async fn passwords_cannot_be_tried_for_ever() {
    let mut world = World::with(crate::Data::Memory, false);
    world.signup("alice").await;
    let attempt = async |from: &str| {
        let mut request = form(LINK, "username=alice&password=wrong&decision=allow");
        let peer: SocketAddr = from.parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(peer));
        send(&world, request).await.status()
    };
    let mut tries = 0;
    while attempt("192.0.2.1:1").await == StatusCode::FORBIDDEN {
        tries += 1;
        assert!(tries < 100);
    }
    assert_eq!(tries, 30);
    assert_eq!(attempt("192.0.2.1:2").await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(attempt("192.0.2.2:1").await, StatusCode::FORBIDDEN);
}
