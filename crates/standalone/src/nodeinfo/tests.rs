use axum::body::Body;
use axum::http::{Request, header};
use serde_json::json;
use tower::ServiceExt;

use crate::testing::{World, read};

async fn get(world: &World, path: &str) -> axum::http::Response<Body> {
    let request = Request::get(path).body(Body::empty()).unwrap();
    world.app.well_known().oneshot(request).await.unwrap()
}

#[tokio::test]
async fn the_links_lead_to_the_documents() {
    let mut world = World::new();
    let alice = world.signup("alice").await;
    world.signup("far@remote.example").await;
    world
        .ok("notes/create", &alice, json!({ "text": "a" }))
        .await;
    let (status, links) = read(get(&world, "/.well-known/nodeinfo").await).await;
    assert_eq!(status, 200);
    for (index, version) in ["2.1", "2.0"].into_iter().enumerate() {
        let link = &links["links"][index];
        assert_eq!(
            link["rel"],
            format!("http://nodeinfo.diaspora.software/ns/schema/{version}")
        );
        let href = link["href"].as_str().unwrap();
        let path = href.strip_prefix("https://example.com").unwrap();
        let response = get(&world, path).await;
        let kind = response.headers()[header::CONTENT_TYPE].to_str().unwrap();
        assert!(kind.contains(&format!("/{version}#")), "{kind}");
        assert_eq!(response.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
        let (_, document) = read(response).await;
        assert_eq!(document["version"], version);
        assert_eq!(document["software"]["name"], "misskey");
        assert_eq!(
            (
                &document["usage"]["users"]["total"],
                &document["usage"]["localPosts"]
            ),
            (&json!(1), &json!(1))
        );
    }
    assert_eq!(get(&world, "/nodeinfo/1.0").await.status(), 404);
}
