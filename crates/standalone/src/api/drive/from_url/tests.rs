use serde_json::{Value, json};

use super::*;
use crate::api::drive::tests::{GIF, blobs};
use crate::fetch::tests::serve;
use crate::limits::{FETCHES_MAX, FETCHES_WAITING_MAX};
use crate::testing::{Person, World};
use crate::{Data, Features};

const FROM_URL: &str = "drive/files/upload-from-url";

/// A server on disk that may fetch from `127.0.0.2`, with one user.
async fn world() -> (tempfile::TempDir, World, Person) {
    let directory = tempfile::tempdir().unwrap();
    let features = Features {
        upload_from_url: Some(vec!["127.0.0.2/32".parse().unwrap()]),
        ..Features::default()
    };
    let data = Data::Dir(directory.path().to_owned());
    let mut world = World::with_features(data, true, features);
    let alice = world.signup("alice").await;
    world.events();
    (directory, world, alice)
}

/// A server with this file, at an address of this path.
async fn url_of(content: &[u8], path: &str) -> String {
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n",
        content.len()
    );
    let address = serve("127.0.0.2", [head.as_bytes(), content].concat()).await;
    format!("http://{address}{path}")
}

/// Waits until nothing is fetched any more.
async fn settled(world: &World) {
    let places = &world.app.fetcher.as_ref().unwrap().places;
    let all = u32::try_from(FETCHES_WAITING_MAX).unwrap();
    drop(places.acquire_many(all).await.unwrap());
}

#[tokio::test]
async fn a_fetched_file_is_told_of_with_its_marker() {
    let (directory, mut world, alice) = world().await;
    let url = url_of(GIF, "/dir/a%20b.gif?token=secret").await;
    let asked = json!({ "url": url, "marker": "m", "isSensitive": true, "comment": "c" });
    assert_eq!(world.ok(FROM_URL, &alice, asked).await, Value::Null);
    settled(&world).await;
    let events = world.events();
    let kinds: Vec<_> = events
        .iter()
        .map(|(_, event)| event["type"].clone())
        .collect();
    assert_eq!(
        kinds,
        ["driveFileCreated", "fileCreated", "urlUploadFinished"]
    );
    let (topic, told) = &events[2];
    assert_eq!(*topic, format!("mainStream:{}", alice.id));
    let file = &told["body"]["file"];
    assert_eq!(told["body"]["marker"], "m");
    assert_eq!(
        [
            &file["name"],
            &file["type"],
            &file["isSensitive"],
            &file["comment"]
        ],
        [
            &json!("a b.gif"),
            &json!("image/gif"),
            &json!(true),
            &json!("c")
        ]
    );
    let of = json!({ "fileId": file["id"] });
    assert_eq!(
        world.ok("drive/files/show", &alice, of).await["size"],
        GIF.len()
    );

    // The same again is the file that is there.
    let asked = json!({ "url": url_of(GIF, "/").await });
    world.ok(FROM_URL, &alice, asked).await;
    settled(&world).await;
    let again = world.events();
    assert_eq!(again[0].1["type"], "urlUploadFinished");
    assert_eq!(again[0].1["body"]["file"]["id"], file["id"]);
    assert_eq!(blobs(&directory), 1);
}

#[tokio::test]
async fn what_cannot_be_fetched_leaves_nothing_behind() {
    let (directory, mut world, alice) = world().await;
    let inside = serve(
        "127.0.0.1",
        "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nGIF89a",
    )
    .await;
    let redirect = format!("HTTP/1.1 302 Found\r\nLocation: http://{inside}/\r\n\r\n");
    let endless = format!(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{}\r\n0\r\n\r\n",
        FILE_BYTES_MAX + 1,
        "x".repeat(usize::try_from(FILE_BYTES_MAX).unwrap() + 1),
    );
    let cut_off = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nGIF89a";
    let binary = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\0\0";
    for answer in [redirect.as_str(), &endless, cut_off, binary] {
        let url = format!("http://{}/", serve("127.0.0.2", answer).await);
        world.ok(FROM_URL, &alice, json!({ "url": url })).await;
    }
    for url in [format!("http://{inside}/"), "ftp://127.0.0.2/".to_owned()] {
        world.ok(FROM_URL, &alice, json!({ "url": url })).await;
    }
    settled(&world).await;
    assert_eq!(world.events(), []);
    assert_eq!(blobs(&directory), 0);
    let refused = world
        .err(FROM_URL, Some(&alice), json!({ "url": "a.gif" }))
        .await;
    assert_eq!(refused, (400, "INVALID_PARAM".to_owned()));
}

#[tokio::test]
async fn who_is_suspended_meanwhile_gets_no_file() {
    let (directory, mut world, admin) = world().await;
    let alice = world.signup("alice2").await;
    world.events();
    let turns = &world.app.fetcher.as_ref().unwrap().turns;
    let turns = turns
        .acquire_many(FETCHES_MAX.try_into().unwrap())
        .await
        .unwrap();
    let url = url_of(GIF, "/a.gif").await;
    world.ok(FROM_URL, &alice, json!({ "url": url })).await;
    let of = json!({ "userId": alice.id });
    world.ok("admin/suspend-user", &admin, of).await;
    drop(turns);
    settled(&world).await;
    assert_eq!(world.kinds(), ["internal userChangeSuspendedState"]);
    assert_eq!(blobs(&directory), 0);
}

#[tokio::test]
async fn nothing_is_fetched_unless_the_operator_wants_it() {
    let mut world = World::new();
    let alice = world.signup("alice").await;
    let asked = json!({ "url": "https://example.com/" });
    let refused = world.err(FROM_URL, Some(&alice), asked).await;
    assert_eq!(refused, (400, "UPLOAD_FROM_URL_IS_OFF".to_owned()));
}
