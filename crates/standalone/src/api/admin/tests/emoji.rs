//! Custom emojis and their pictures.

use serde_json::json;

use crate::api::drive::tests::{GIF, blobs, fetch, on_disk, upload};
use crate::limits::EMOJI_BYTES_MAX;
use crate::testing::World;

#[tokio::test]
async fn an_emoji_takes_nothing_from_a_drive_and_outlives_its_file() {
    let (directory, stored) = on_disk();
    for mut world in [stored, World::new()] {
        let admin = world.signup("admin").await;
        let (_, file) = upload(&world, &admin, "a.gif", GIF).await;
        let asked = json!({ "name": "a", "fileId": file["id"] });
        let emoji = world.ok("admin/emoji/add", &admin, asked).await;
        // Another of the same file.
        let asked = json!({ "name": "b", "fileId": file["id"] });
        let other = world.ok("admin/emoji/add", &admin, asked).await;
        let of = json!({ "fileId": file["id"] });
        world.ok("drive/files/show", &admin, of.clone()).await;
        world.ok("drive/files/delete", &admin, of).await;
        assert_eq!(fetch(&world, file["url"].as_str().unwrap()).await.0, 404);
        world
            .ok("admin/emoji/delete", &admin, json!({ "id": other["id"] }))
            .await;
        let url = |emoji: &serde_json::Value| emoji["url"].as_str().unwrap().to_owned();
        assert_eq!(fetch(&world, &url(&other)).await.0, 404);
        let (status, headers, body) = fetch(&world, &url(&emoji)).await;
        assert_eq!(
            (status, &headers["content-type"]),
            (200, &"image/gif".parse().unwrap())
        );
        assert_eq!(body, GIF);

        let (_, file) = upload(&world, &admin, "a.gif", GIF).await;
        let asked = json!({ "id": emoji["id"], "fileId": file["id"] });
        world.ok("admin/emoji/update", &admin, asked).await;
        assert_eq!(fetch(&world, &url(&emoji)).await.0, 404);
        let (_, emojis) = world.post("emojis", None, json!({})).await;
        assert_eq!(fetch(&world, &url(&emojis["emojis"][0])).await.2, GIF);
    }
    // The file and the one emoji that are left.
    assert_eq!(blobs(&directory), 2);
}

#[tokio::test]
async fn what_becomes_no_emoji_leaves_nothing_behind() {
    let (directory, mut world) = on_disk();
    let admin = world.signup("admin").await;
    let alice = world.signup("alice").await;
    let (_, file) = upload(&world, &admin, "a.gif", GIF).await;
    let (_, theirs) = upload(&world, &alice, "a.gif", GIF).await;
    let mut large = GIF.to_vec();
    large.resize(usize::try_from(EMOJI_BYTES_MAX).unwrap() + 1, 0);
    let (_, large) = upload(&world, &admin, "b.gif", &large).await;
    let asked = json!({ "name": "a", "fileId": file["id"] });
    world.ok("admin/emoji/add", &admin, asked.clone()).await;
    let before = blobs(&directory);
    for (who, file, code) in [
        (&admin, &file, "DUPLICATE_NAME"),
        (&admin, &theirs, "NO_SUCH_FILE"),
        (&admin, &large, "EMOJI_TOO_LARGE"),
        (&alice, &theirs, "ROLE_PERMISSION_DENIED"),
    ] {
        let asked = json!({ "name": "a", "fileId": file["id"] });
        let refused = world.err("admin/emoji/add", Some(who), asked).await;
        assert_eq!(refused.1, code);
    }
    assert_eq!(blobs(&directory), before);
}
