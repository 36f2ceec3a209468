use axum::body::Body;
use axum::http::{Request, header};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::limits::{FILE_BYTES_MAX, FILES_MAX, FOLDERS_MAX};
use crate::store::Data;
use crate::testing::{Person, World, read};

/// An image of one pixel.
pub(in crate::api) const GIF: &[u8] = b"GIF89a\x01\x00\x01\x00\x00\x00\x00\x3b";

/// The body of an upload with these fields, and the file last.
fn form(fields: &[(&str, &str)], filename: &str, content: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        let part =
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    let head = format!(
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{filename}\"\r\n\
         Content-Type: image/png\r\n\r\n"
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(content);
    body.extend_from_slice(b"\r\n--b--\r\n");
    body
}

async fn send(world: &World, body: impl Into<Body>) -> (u16, Value) {
    let request = Request::post("/api/drive/files/create")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
        .body(body.into())
        .unwrap();
    read(world.send(request).await).await
}

pub(in crate::api) async fn upload(
    world: &World,
    owner: &Person,
    name: &str,
    content: &[u8],
) -> (u16, Value) {
    send(world, form(&[("i", &owner.token)], name, content)).await
}

/// The status, headers and body of a file's address.
pub(in crate::api) async fn fetch(
    world: &World,
    url: &str,
) -> (u16, axum::http::HeaderMap, Vec<u8>) {
    let path = url.strip_prefix("https://example.com").unwrap();
    let request = Request::get(path).body(Body::empty()).unwrap();
    let response = world.app.files().oneshot(request).await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, headers, body.to_vec())
}

pub(in crate::api) fn on_disk() -> (tempfile::TempDir, World) {
    let directory = tempfile::tempdir().unwrap();
    let world = World::with(Data::Dir(directory.path().to_owned()), true);
    (directory, world)
}

pub(in crate::api) fn blobs(directory: &tempfile::TempDir) -> usize {
    std::fs::read_dir(directory.path().join("files"))
        .unwrap()
        .count()
}

#[tokio::test]
async fn an_upload_becomes_a_file_that_is_told_of_and_served() {
    let (directory, mut world) = on_disk();
    let alice = world.signup("alice").await;
    world.events();
    let (status, file) = upload(&world, &alice, "a.png", GIF).await;
    assert_eq!(
        (status, &file["type"]),
        (200, &json!("image/gif")),
        "{file}"
    );
    assert_eq!(file["properties"], json!({ "width": 1, "height": 1 }));
    assert_eq!(file["size"], GIF.len());
    assert_eq!(
        world.told(&[("alice", &alice)]),
        ["main:alice driveFileCreated", "drive:alice fileCreated"]
    );
    let url = file["url"].as_str().unwrap();
    let (status, headers, content) = fetch(&world, url).await;
    assert_eq!((status, content.as_slice()), (200, GIF));
    assert_eq!(headers["content-type"], "image/gif");
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert_eq!(headers["content-disposition"], "inline");

    let body = json!({ "fileId": file["id"] });
    world.ok("drive/files/delete", &alice, body).await;
    assert_eq!(fetch(&world, url).await.0, 404);
    assert_eq!(blobs(&directory), 0);
    assert_eq!(
        world.told(&[("alice", &alice)]),
        ["drive:alice fileDeleted"]
    );
}

#[tokio::test]
async fn the_same_content_is_kept_once_for_each_user() {
    let (directory, mut world) = on_disk();
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    let (_, first) = upload(&world, &alice, "a.gif", GIF).await;
    world.events();
    let (_, again) = upload(&world, &alice, "b.gif", GIF).await;
    assert_eq!(first, again);
    assert!(world.events().is_empty());
    let (_, theirs) = upload(&world, &bob, "c.gif", GIF).await;
    assert_ne!(first["id"], theirs["id"]);
    assert_eq!(blobs(&directory), 2);
    let usage = world.ok("drive", &alice, json!({})).await["usage"].clone();
    assert_eq!(usage, GIF.len());
}

#[tokio::test]
async fn what_could_run_is_for_saving_whatever_it_says_it_is() {
    let mut world = World::new();
    let alice = world.signup("alice").await;
    for content in [
        &b"<!DOCTYPE html><script>1</script>"[..],
        b"<svg onload='1'/>",
    ] {
        let (status, file) = upload(&world, &alice, "a.png", content).await;
        assert_eq!(status, 200, "{file}");
        let (_, headers, _) = fetch(&world, file["url"].as_str().unwrap()).await;
        assert_eq!(headers["content-type"], "application/octet-stream");
        assert_eq!(headers["content-disposition"], "attachment");
        assert!(
            headers["content-security-policy"]
                .to_str()
                .unwrap()
                .contains("sandbox")
        );
    }
}

#[tokio::test]
async fn a_bad_upload_leaves_nothing_behind() {
    let (directory, mut world) = on_disk();
    let alice = world.signup("alice").await;
    world.events();
    let token = ("i", alice.token.as_str());
    let whole = form(&[token], "a.gif", GIF);
    let too_large = vec![b'a'; usize::try_from(FILE_BYTES_MAX).unwrap() + 1];
    for (body, status, code) in [
        (whole[..whole.len() - 10].to_vec(), 400, "INVALID_PARAM"),
        (
            form(&[token], "a.txt", &too_large),
            413,
            "MAX_FILE_SIZE_EXCEEDED",
        ),
        (form(&[token], "../a.gif", GIF), 400, "INVALID_FILE_NAME"),
        (
            form(&[token, ("name", "a/b")], "a", GIF),
            400,
            "INVALID_FILE_NAME",
        ),
        (
            form(&[token], "a.png", b"\xff\0\x01"),
            400,
            "UNALLOWED_FILE_TYPE",
        ),
        (
            form(&[token, ("folderId", "none")], "a", GIF),
            400,
            "NO_SUCH_FOLDER",
        ),
        (form(&[], "a.gif", GIF), 401, "CREDENTIAL_REQUIRED"),
        (
            form(&[("i", "wrong")], "a.gif", GIF),
            401,
            "AUTHENTICATION_FAILED",
        ),
    ] {
        let (answered, answer) = send(&world, body).await;
        assert_eq!((answered, &answer["error"]["code"]), (status, &json!(code)));
        assert_eq!(blobs(&directory), 0, "{code}");
    }
    assert!(world.events().is_empty());
    let none = world
        .err("drive/files/create", Some(&alice), json!({}))
        .await;
    assert_eq!(none, (400, "FILE_REQUIRED".to_owned()));
}

#[tokio::test]
async fn a_directory_that_cannot_be_written_fails_the_upload_alone() {
    let (directory, mut world) = on_disk();
    let alice = world.signup("alice").await;
    // Not even root can make a file in what is no directory.
    let files = directory.path().join("files");
    std::fs::remove_dir(&files).unwrap();
    std::fs::write(&files, "").unwrap();
    let (status, answer) = upload(&world, &alice, "a.gif", GIF).await;
    assert_eq!(
        (status, &answer["error"]["code"]),
        (500, &json!("INTERNAL_ERROR"))
    );
    assert_eq!(world.ok("drive/files", &alice, json!({})).await, json!([]));
}

#[tokio::test]
async fn files_and_folders_of_others_are_none() {
    let mut world = World::new();
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    let (_, file) = upload(&world, &alice, "a.gif", GIF).await;
    let folder = world.ok("drive/folders/create", &alice, json!({})).await;
    let (file, folder) = (
        json!({ "fileId": file["id"] }),
        json!({ "folderId": folder["id"] }),
    );
    for (endpoint, body, code) in [
        ("drive/files/show", &file, "NO_SUCH_FILE"),
        ("drive/files/update", &file, "NO_SUCH_FILE"),
        ("drive/files/delete", &file, "NO_SUCH_FILE"),
        ("drive/folders/show", &folder, "NO_SUCH_FOLDER"),
        ("drive/folders/update", &folder, "NO_SUCH_FOLDER"),
        ("drive/folders/delete", &folder, "NO_SUCH_FOLDER"),
    ] {
        let refused = world.err(endpoint, Some(&bob), body.clone()).await;
        assert_eq!(refused, (400, code.to_owned()), "{endpoint}");
    }
    assert_eq!(world.ok("drive/files", &bob, json!({})).await, json!([]));
    assert_eq!(world.ok("drive/stream", &bob, json!({})).await, json!([]));
    assert_eq!(world.ok("drive/folders", &bob, json!({})).await, json!([]));
}

#[tokio::test]
async fn files_move_between_folders_that_do_not_hold_themselves() {
    let mut world = World::new();
    let alice = world.signup("alice").await;
    let outer = world
        .ok("drive/folders/create", &alice, json!({ "name": "outer" }))
        .await;
    let body = json!({ "name": "inner", "parentId": outer["id"] });
    let inner = world.ok("drive/folders/create", &alice, body).await;
    let (_, file) = upload(&world, &alice, "a.gif", GIF).await;
    world.events();
    let body = json!({ "fileId": file["id"], "folderId": inner["id"], "name": "b.gif" });
    world.ok("drive/files/update", &alice, body).await;
    let shown = world
        .ok("drive/files/show", &alice, json!({ "url": file["url"] }))
        .await;
    assert_eq!(
        (&shown["folder"]["name"], &shown["name"]),
        (&json!("inner"), &json!("b.gif"))
    );
    let found = world
        .ok("drive/files", &alice, json!({ "folderId": inner["id"] }))
        .await;
    assert_eq!(found[0]["id"], file["id"]);
    assert_eq!(world.ok("drive/files", &alice, json!({})).await, json!([]));
    let all = world
        .ok("drive/stream", &alice, json!({ "type": "image/*" }))
        .await;
    assert_eq!(all[0]["id"], file["id"]);

    let nested = json!({ "folderId": outer["id"], "parentId": inner["id"] });
    let refused = world
        .err("drive/folders/update", Some(&alice), nested)
        .await;
    assert_eq!(refused.1, "RECURSIVE_NESTING");
    for folder in [&outer, &inner] {
        let body = json!({ "folderId": folder["id"] });
        let refused = world.err("drive/folders/delete", Some(&alice), body).await;
        assert_eq!(refused.1, "HAS_CHILD_FILES_OR_FOLDERS");
    }
    assert_eq!(
        world.told(&[("alice", &alice)]),
        ["drive:alice fileUpdated"]
    );
}

#[tokio::test]
async fn my_image_becomes_my_picture_until_it_is_deleted() {
    let mut world = World::new();
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    let (_, image) = upload(&world, &alice, "a.gif", GIF).await;
    let (_, text) = upload(&world, &alice, "a.txt", b"words").await;
    let pictures = json!({ "avatarId": image["id"], "bannerId": image["id"] });
    let me = world.ok("i/update", &alice, pictures).await;
    assert_eq!(
        [&me["avatarUrl"], &me["bannerUrl"]],
        [&image["url"], &image["url"]]
    );
    assert_eq!(
        [&me["avatarId"], &me["bannerId"]],
        [&image["id"], &image["id"]]
    );
    for (person, file, code) in [
        (&bob, &image, "NO_SUCH_AVATAR"),
        (&alice, &text, "AVATAR_NOT_AN_IMAGE"),
    ] {
        let body = json!({ "avatarId": file["id"] });
        assert_eq!(world.err("i/update", Some(person), body).await.1, code);
    }
    world
        .ok(
            "drive/files/delete",
            &alice,
            json!({ "fileId": image["id"] }),
        )
        .await;
    let me = world.ok("i", &alice, json!({})).await;
    assert_eq!(
        [&me["avatarId"], &me["bannerUrl"]],
        [&Value::Null, &Value::Null]
    );
    assert!(me["avatarUrl"].as_str().unwrap().contains("/identicon/"));
}

#[tokio::test]
async fn who_marks_all_files_as_sensitive_uploads_sensitive_ones() {
    let mut world = World::new();
    let alice = world.signup("alice").await;
    world
        .ok("i/update", &alice, json!({ "alwaysMarkNsfw": true }))
        .await;
    let (_, file) = upload(&world, &alice, "a.gif", GIF).await;
    assert_eq!(file["isSensitive"], true);
}

#[tokio::test]
async fn a_reset_takes_the_contents_along() {
    let (directory, mut world) = on_disk();
    let alice = world.signup("alice").await;
    upload(&world, &alice, "a.gif", GIF).await;
    assert_eq!(blobs(&directory), 1);
    assert_eq!(world.post("reset-db", None, json!({})).await.0, 204);
    assert_eq!(blobs(&directory), 0);
}

#[tokio::test]
async fn files_and_folders_have_a_number() {
    let mut world = World::new();
    let alice = world.signup("alice").await;
    let fill = |table: &str, columns: &str, values: &str, count: usize| {
        format!(
            "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n LIMIT {count})
             INSERT INTO {table} (id, user_id, name{columns})
             SELECT i, '{}', 'n'{values} FROM n;",
            alice.id
        )
    };
    world.sql(&fill("drive_folder", "", "", FOLDERS_MAX)).await;
    let refused = world
        .err("drive/folders/create", Some(&alice), json!({}))
        .await;
    assert_eq!(refused, (400, "TOO_MANY_FOLDERS".to_owned()));
    let columns = ", blob, type, md5, size";
    world
        .sql(&fill(
            "drive_file",
            columns,
            ", i, 'image/gif', i, 0",
            FILES_MAX,
        ))
        .await;
    let (status, answer) = upload(&world, &alice, "a.gif", GIF).await;
    assert_eq!(
        (status, &answer["error"]["code"]),
        (400, &json!("NO_FREE_SPACE"))
    );
}
