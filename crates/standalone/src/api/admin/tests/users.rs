//! Moderation, reports, settings and custom emojis.

use serde_json::{Value, json};

use super::world;

#[tokio::test]
async fn a_suspended_user_can_do_nothing_until_that_ends() {
    let (mut world, admin, alice) = world().await;
    let of = json!({ "userId": alice.id });
    let refused = world
        .err("admin/suspend-user", Some(&alice), of.clone())
        .await;
    assert_eq!(refused, (403, "ROLE_PERMISSION_DENIED".to_owned()));
    let himself = json!({ "userId": admin.id });
    let refused = world.err("admin/suspend-user", Some(&admin), himself).await;
    assert_eq!(refused, (400, "CANNOT_SUSPEND_MODERATOR".to_owned()));
    world.ok("admin/suspend-user", &admin, of.clone()).await;
    let told = |suspended: bool| {
        let body = json!({ "id": alice.id, "isSuspended": suspended });
        let event = json!({ "type": "userChangeSuspendedState", "body": body });
        ("internal".to_owned(), event)
    };
    assert_eq!(world.events(), [told(true)]);
    let refused = world.err("i", Some(&alice), json!({})).await;
    assert_eq!(refused.1, "YOUR_ACCOUNT_SUSPENDED");
    let shown = world.ok("admin/show-user", &admin, of.clone()).await;
    assert_eq!(shown["isSuspended"], true);
    assert_eq!(shown["token"], Value::Null);
    let listed = world
        .ok("admin/show-users", &admin, json!({ "state": "suspended" }))
        .await;
    assert_eq!(listed[0]["id"], json!(alice.id));
    world.ok("admin/unsuspend-user", &admin, of).await;
    assert_eq!(world.events(), [told(false)]);
    world.ok("i", &alice, json!({})).await;
}

#[tokio::test]
async fn a_report_reaches_the_moderators_alone() {
    let (mut world, admin, alice) = world().await;
    let bob = world.signup("bob").await;
    let report = json!({ "userId": bob.id, "comment": "spam" });
    world.ok("users/report-abuse", &alice, report.clone()).await;
    let events = world.events();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].0, format!("adminStream:{}", admin.id));
    assert_eq!(events[0].1["type"], "newAbuseUserReport");
    let id = events[0].1["body"]["id"].clone();
    assert_eq!(
        events[0].1["body"],
        json!({ "id": id, "targetUserId": bob.id, "reporterId": alice.id, "comment": "spam" })
    );
    for (target, code) in [
        (&alice.id, "CANNOT_REPORT_YOURSELF"),
        (&admin.id, "CANNOT_REPORT_THE_ADMIN"),
        (&"nobody".to_owned(), "NO_SUCH_USER"),
    ] {
        let body = json!({ "userId": target, "comment": "c" });
        let refused = world.err("users/report-abuse", Some(&alice), body).await;
        assert_eq!(refused, (400, code.to_owned()));
    }
    let list = |state: &str| json!({ "state": state });
    let reports = world
        .ok("admin/abuse-user-reports", &admin, list("unresolved"))
        .await;
    assert_eq!(reports[0]["targetUser"]["username"], "bob");
    world
        .ok(
            "admin/resolve-abuse-user-report",
            &admin,
            json!({ "reportId": id }),
        )
        .await;
    let reports = world
        .ok("admin/abuse-user-reports", &admin, list("unresolved"))
        .await;
    assert_eq!(reports, json!([]));
    let refused = world
        .err("admin/abuse-user-reports", Some(&alice), json!({}))
        .await;
    assert_eq!(refused, (403, "ROLE_PERMISSION_DENIED".to_owned()));
}

#[tokio::test]
async fn settings_are_shown_and_close_the_door() {
    let (mut world, admin, alice) = world().await;
    let set = json!({
        "disableRegistration": true, "name": "Brook", "ugcVisibilityForVisitor": "none",
        "policies": {}, "unheardOf": 1,
    });
    world.ok("admin/update-meta", &admin, set).await;
    assert_eq!(world.kinds(), ["internal metaUpdated"]);
    let (_, meta) = world.post("meta", None, json!({ "detail": true })).await;
    assert_eq!(meta["name"], "Brook");
    assert_eq!(meta["disableRegistration"], true);
    assert_eq!(meta["features"]["registration"], false);
    assert_eq!(meta["unheardOf"], Value::Null);
    let shown = world.ok("admin/meta", &admin, json!({})).await;
    assert_eq!(shown["ugcVisibilityForVisitor"], "none");
    let account = json!({ "username": "carol", "password": "p" });
    let refused = world.err("signup", None, account.clone()).await;
    assert_eq!(refused, (400, "REGISTRATION_CLOSED".to_owned()));
    let refused = world
        .err("admin/accounts/create", Some(&alice), account.clone())
        .await;
    assert_eq!(refused.1, "ACCESS_DENIED");
    let made = world.ok("admin/accounts/create", &admin, account).await;
    assert_eq!(made["isAdmin"], false);
    assert_eq!(made["token"].as_str().unwrap().len(), 16);
    for wrong in [
        json!({ "name": 1 }),
        json!({ "ugcVisibilityForVisitor": "some" }),
    ] {
        let refused = world.err("admin/update-meta", Some(&admin), wrong).await;
        assert_eq!(refused, (400, "INVALID_PARAM".to_owned()));
    }
    let refused = world
        .err("admin/update-meta", Some(&alice), json!({}))
        .await;
    assert_eq!(refused, (403, "ROLE_PERMISSION_DENIED".to_owned()));
}
