//! Changes of what is watched.

use super::*;

#[test]
fn each_relation_comes_and_goes() {
    let mut bench = Bench::watching(&["a"]);
    let mut check = |kind: &str, body: Value, expected: &[&str]| {
        bench.internal(kind, body.clone());
        bench.check(expected);
        bench.internal(kind, body);
        bench.check(&[]);
    };
    let follow = |with_replies: Value| json!({"followerId": "a", "followeeId": "x", "withReplies": with_replies});
    check("followUpdated", follow(json!(true)), &[]);
    check("follow", follow(Value::Null), &["viewer a follows x"]);
    check(
        "followUpdated",
        follow(json!(true)),
        &["viewer a follows x+"],
    );
    check("follow", follow(Value::Null), &[]);
    check("unfollow", follow(Value::Null), &["viewer a"]);
    let block = json!({"blockerId": "x", "blockeeId": "a"});
    check("blockingCreated", block.clone(), &["viewer a blocked by x"]);
    check("blockingDeleted", block, &["viewer a"]);
    let mute = json!({"muterId": "a", "muteeId": "x"});
    check("mute", mute.clone(), &["viewer a mutes x"]);
    check(
        "renoteMute",
        mute.clone(),
        &["viewer a mutes x renote-mutes x"],
    );
    check("unmute", mute.clone(), &["viewer a renote-mutes x"]);
    check("renoteUnmute", mute, &["viewer a"]);
    let channel = json!({"userId": "a", "channelId": "c"});
    check("followChannel", channel.clone(), &["viewer a channels 1"]);
    check(
        "muteChannel",
        channel.clone(),
        &["viewer a channels 1 muted channels 1"],
    );
    check(
        "unfollowChannel",
        channel.clone(),
        &["viewer a muted channels 1"],
    );
    check("unmuteChannel", channel, &["viewer a"]);
    let profile = json!({"userId": "a", "mutedInstances": ["Bad.Example"]});
    check(
        "updateUserProfile",
        profile,
        &[r#"viewer a instances {"bad.example"}"#],
    );
    check("updateUserProfile", json!({"userId": "a"}), &[]);
    check("follow", json!({"followerId": "b", "followeeId": "a"}), &[]);
}

#[test]
fn a_mute_ends_when_it_says() {
    let mut bench = Bench::watching(&["a"]);
    let mute = |until: Value| json!({"muterId": "a", "muteeId": "x", "expiresAt": until});
    bench.internal("mute", mute(json!(START_MS + 100)));
    bench.check(&["viewer a mutes x"]);
    bench.internal("mute", mute(json!(START_MS + 200)));
    bench.pass(100);
    bench.check(&[]);
    bench.pass(100);
    bench.check(&["viewer a"]);
    bench.internal("mute", mute(json!(START_MS + 300)));
    bench.internal("mute", mute(Value::Null));
    bench.check(&["viewer a mutes x"]);
    bench.pass(1000);
    bench.check(&[]);
    bench.internal(
        "muteChannel",
        json!({"userId": "a", "channelId": "c", "expiresAt": bench.now_ms + 1}),
    );
    bench.check(&["viewer a mutes x muted channels 1"]);
    bench.unwatch(&user_watch("a"));
    assert_eq!(bench.desk.poll_timeout(), None);
}

#[test]
fn a_renewed_mute_leaves_no_timer_behind() {
    let mut bench = Bench::watching(&["a"]);
    for later in 0..10 {
        let until = json!(START_MS + 1000 - later);
        bench.internal(
            "mute",
            json!({"muterId": "a", "muteeId": "x", "expiresAt": until}),
        );
        assert_eq!(bench.desk.timers.len(), 1);
    }
    bench.internal("unmute", json!({"muterId": "a", "muteeId": "x"}));
    assert!(bench.desk.timers.is_empty() && bench.desk.mute_wakes.is_empty());
    bench.outputs();
}

#[test]
fn lists_follow_their_members() {
    let mut bench = Bench::new();
    bench.watch(Watch::List(list_id("l")));
    bench.check(&["ask Lists l"]);
    let member = |id: &str, with_replies: Value| json!({"userListId": "l", "memberId": id, "withReplies": with_replies});
    bench.internal("userListMemberAdded", member("x", json!(true)));
    bench.internal("userListMemberRemoved", member("y", Value::Null));
    let record = ListRecord {
        owner: user_id("o"),
        members: following(&["y", "z"]),
    };
    bench.answer(list_answer(Some(record)));
    bench.check(&["0: list l of o: x+ z"]);
    bench.internal("userListMemberUpdated", member("x", json!(false)));
    bench.check(&["list l of o: x z"]);
    bench.internal("userListMemberUpdated", member("nobody", json!(true)));
    bench.internal("userListMemberAdded", member("x", Value::Null));
    bench.check(&[]);
    bench.internal("userListDeleted", json!({"userListId": "l"}));
    bench.check(&["list l of o"]);
    bench.unwatch(&Watch::List(list_id("l")));
    assert!(bench.desk.lists.is_empty());
}

#[test]
fn only_watched_users_are_closed() {
    let mut bench = Bench::watching(&["a"]);
    for user in ["a", "b"] {
        bench.internal(
            "userTokenRegenerated",
            json!({"id": user, "oldToken": "s1", "newToken": "s2"}),
        );
        bench.internal(
            "userChangeSuspendedState",
            json!({"id": user, "isSuspended": true}),
        );
        bench.internal(
            "userChangeSuspendedState",
            json!({"id": user, "isSuspended": false}),
        );
        bench.internal(
            "userChangeDeletedState",
            json!({"id": user, "isDeleted": true}),
        );
    }
    bench.internal("accessTokenRevoked", json!({"id": "a"}));
    bench.check(&[
        "close a All UserSuspended",
        "close a All UserDeleted",
        "close a App AppRevoked",
    ]);
    bench.pass(1_000);
    bench.check(&["close a Native TokenRevoked"]);
}

#[test]
fn an_old_token_ends_behind_the_news_of_a_new_one() {
    let mut bench = Bench::watching(&["a"]);
    let regenerated = json!({"id": "a", "oldToken": "s1", "newToken": "s2"});
    bench.internal("userTokenRegenerated", regenerated);
    bench.check(&[]);
    bench.message(
        "mainStream:a",
        &json!({"type": "myTokenRegenerated", "body": null}),
    );
    let told = bench.outputs();
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(told[1], "close a Native TokenRevoked");
    bench.pass(1_000);
    bench.check(&[]);
}

#[test]
fn a_new_token_does_not_end_the_connection_made_with_it() {
    let regenerated = || json!({"id": "a", "oldToken": "s1", "newToken": "s2"});
    let told = json!({"type": "myTokenRegenerated", "body": null});

    // Nobody was connected, and then someone is.
    let mut bench = Bench::new();
    bench.internal("userTokenRegenerated", regenerated());
    bench.watch(user_watch("a"));
    bench.outputs();
    bench.answer(Answer::Viewers(vec![viewer("a")]));
    bench.outputs();
    bench.pass(1_000);
    bench.check(&[]);

    // The user was still being loaded.
    let mut bench = Bench::new();
    bench.watch(user_watch("a"));
    bench.outputs();
    bench.internal("userTokenRegenerated", regenerated());
    bench.message("mainStream:a", &told);
    bench.check(&["close a Native TokenRevoked"]);
    bench.answer(Answer::Viewers(vec![viewer("a")]));
    bench.outputs();
    bench.pass(1_000);
    bench.check(&[]);
}

#[test]
fn a_role_closes_and_opens() {
    let mut bench = Bench::new();
    let watch = Watch::Role(RoleId::parse("r").unwrap());
    let role = |explorable: bool| RoleRecord {
        public: true,
        explorable,
    };
    bench.watch(watch.clone());
    bench.outputs();
    bench.answer(Answer::Role(Some(role(true))));
    bench.outputs();
    let update =
        |explorable: bool| json!({"id": "r", "isPublic": true, "isExplorable": explorable});
    bench.internal("roleUpdated", update(false));
    bench.check(&["role r open false"]);
    bench.watch(watch);
    bench.check(&["1: Role(RoleRecord { public: true, explorable: false })"]);
    bench.internal("roleUpdated", update(true));
    bench.internal("roleDeleted", update(true));
    bench.check(&["role r open true", "role r open false"]);
}

#[test]
fn the_site_is_read_again_when_its_settings_change() {
    let mut bench = Bench::new();
    bench.internal("metaUpdated", json!({"after": {}}));
    bench.check(&["ask Site"]);
    bench.answer(Answer::Site(site(VisitorScope::Nothing)));
    bench.check(&["site Nothing"]);
    bench.internal("metaUpdated", json!({"after": {}}));
    bench.check(&["ask Site"]);
    bench.answer(Answer::Failed);
    bench.pass(RETRY_MS);
    bench.check(&["ask Site"]);
    bench.answer(Answer::Site(site(VisitorScope::Nothing)));
    bench.check(&[]);
}
