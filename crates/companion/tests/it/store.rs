//! What is particular to the companion.

use std::time::Duration;

use backend::conformance::{EVENT_WAIT, Relation, Stage, next_on, record};
use backend::{Backend, Chat, Grant, Reading, SourceEvent, VisitorScope};
use protocol::id::{NoteId, RoomId, UserId};
use redis::AsyncCommands;
use serde_json::json;
use seseragi_companion::{Finding, Settings, State, check};
use tokio::time::timeout;

use crate::stage::{Beside, HOST};

/// What a count of queries says.
fn queries(stage: &Beside, name: &str) -> u64 {
    let readings = stage.companion.readings().into_iter();
    let found = readings.filter_map(|reading| match reading {
        Reading::Queries(query, count) if query == name => Some(count),
        Reading::Queries(..)
        | Reading::MessagesDropped(..)
        | Reading::Packs(..)
        | Reading::Subscribed(_) => None,
    });
    found.sum()
}

#[tokio::test]
async fn tokens_of_old_apps_have_the_permissions_of_the_app() {
    let stage = Beside::open().await;
    let alice = stage.user("alice").await;
    let sql = format!(
        r#"INSERT INTO "app" VALUES ('app', '{{read:account}}');
           INSERT INTO "access_token" ("id", "token", "hash", "userId", "appId", "permission")
           VALUES ('1', 'secret', 'abcdef0123', '{id}', 'app', '{{write:notes}}'),
                  ('2', 'other', 'fedcba3210', '{id}', 'gone', '{{write:notes}}')"#,
        id = alice.id
    );
    stage.rig.sql(&sql).await;
    let found = stage.companion.authenticate("ABCdef0123").await.unwrap();
    let permissions = vec!["read:account".to_owned()];
    assert_eq!(found.unwrap().grant, Grant::App { permissions });
    let found = stage.companion.authenticate("fedcba3210").await.unwrap();
    let permissions = vec![];
    assert_eq!(
        found.unwrap().grant,
        Grant::App { permissions },
        "the app is gone"
    );
}

#[tokio::test]
async fn suspended_and_deleted_users_are_told_apart() {
    let stage = Beside::open().await;
    let (alice, bob) = (stage.user("alice").await, stage.user("bob").await);
    let sql = format!(
        r#"UPDATE "user" SET "isSuspended" = true WHERE "id" = '{}';
           UPDATE "user" SET "isDeleted" = true WHERE "id" = '{}'"#,
        alice.id, bob.id
    );
    stage.rig.sql(&sql).await;
    let backend = &stage.companion;
    let found = backend.authenticate(&alice.token).await.unwrap();
    assert!(found.unwrap().suspended);
    assert_eq!(backend.authenticate(&bob.token).await.unwrap(), None);
    let found = backend.viewers(&[alice.id, bob.id]).await.unwrap();
    assert_eq!(found, [], "whoever is connected is let go");
}

/// Misskey tells nobody that an app's token was revoked.
#[tokio::test]
async fn apps_that_are_gone_are_found_out_in_one_query() {
    let stage = Beside::open().await;
    let (alice, bob) = (stage.user("alice").await, stage.user("bob").await);
    let kept = stage.app_token(&alice, &["read:account"]).await;
    let gone = stage.app_token(&alice, &["read:account"]).await;
    let of_deleted = stage.app_token(&bob, &[]).await;
    let tokens = [&*kept, &gone, &of_deleted];
    let live = || async { stage.companion.live_tokens(&tokens).await.unwrap() };
    assert_eq!(live().await, [true, true, true]);
    let sql = format!(
        r#"DELETE FROM "access_token" WHERE "token" = '{gone}';
           UPDATE "user" SET "isDeleted" = true WHERE "id" = '{}'"#,
        bob.id
    );
    stage.rig.sql(&sql).await;
    assert_eq!(live().await, [true, false, false]);
    assert_eq!(queries(&stage, "live_app_tokens"), 2);
    // To look is no use of a token.
    assert_eq!(queries(&stage, "note_token_use"), 0);
    let found = stage.companion.authenticate(&kept).await.unwrap();
    assert!(found.is_some());
    assert_eq!(queries(&stage, "note_token_use"), 1);
}

#[tokio::test]
async fn odd_tokens_are_nobodys() {
    let stage = Beside::open().await;
    stage.user("alice").await;
    let long = "x".repeat(100_000);
    for odd in [
        "0123456789\0abcde",
        "\0",
        &long,
        "あいうえおかきくけこさしすせそた",
    ] {
        assert_eq!(stage.companion.authenticate(odd).await.unwrap(), None);
    }
}

#[tokio::test]
async fn roles_decide_policies() {
    let stage = Beside::open().await;
    let (alice, bob) = (stage.user("alice").await, stage.user("bob").await);
    let policy = |value: bool| json!({ "ltlAvailable": { "useDefault": false, "priority": 1, "value": value } });
    let sql = format!(
        r#"UPDATE "meta" SET "policies" = '{{"gtlAvailable": false}}', "rootUserId" = '{bob}';
           INSERT INTO "role" ("id", "policies") VALUES ('r1', '{no}'), ('r2', '{yes}');
           INSERT INTO "role" ("id", "isModerator", "target", "condFormula")
           VALUES ('r3', true, 'conditional', '{{"type": "isCat"}}');
           INSERT INTO "role_assignment" VALUES
               ('{alice}', 'r1', NULL), ('{alice}', 'r2', now() - interval '1 hour')"#,
        alice = alice.id,
        bob = bob.id,
        no = policy(false),
        yes = policy(true)
    );
    stage.rig.sql(&sql).await;
    let found = record(&stage, &alice).await;
    let policies = (
        found.policies.local_timeline,
        found.policies.global_timeline,
    );
    assert_eq!((policies, found.moderator), ((false, false), false));
    let found = record(&stage, &bob).await;
    let policies = (
        found.policies.local_timeline,
        found.policies.global_timeline,
    );
    assert_eq!(
        (policies, found.moderator),
        ((true, false), true),
        "the root user"
    );

    let sql = format!(
        r#"UPDATE "user" SET "isCat" = true WHERE "id" = '{}'"#,
        alice.id
    );
    stage.rig.sql(&sql).await;
    assert!(record(&stage, &alice).await.moderator);
    let site = stage.companion.site().await.unwrap();
    assert!(site.policies.local_timeline && !site.policies.global_timeline);
    assert_eq!(site.visitors_see, VisitorScope::Local);
}

#[tokio::test]
async fn rooms_have_owners_members_and_guests() {
    let stage = Beside::open().await;
    let sql = r#"INSERT INTO "chat_room" VALUES ('room', 'a'), ('empty', 'd');
                 INSERT INTO "chat_room_membership" VALUES ('room', 'b'), ('gone', 'x');
                 INSERT INTO "chat_room_invitation" VALUES ('room', 'c')"#;
    stage.rig.sql(sql).await;
    let rooms = ["room", "empty", "gone"].map(|id| RoomId::parse(id).unwrap());
    let mut found: Vec<(String, Vec<String>)> = stage
        .companion
        .rooms(&rooms)
        .await
        .unwrap()
        .into_iter()
        .map(|record| {
            let mut members: Vec<String> = record.members.iter().map(ToString::to_string).collect();
            members.sort();
            (record.room.to_string(), members)
        })
        .collect();
    found.sort();
    let expected = [("empty", vec!["d"]), ("room", vec!["a", "b", "c"])];
    assert_eq!(json!(found), json!(expected));
}

#[tokio::test]
async fn chats_are_read_in_redis() {
    let stage = Beside::open().await;
    let (me, other) = (
        UserId::parse("me").unwrap(),
        UserId::parse("other").unwrap(),
    );
    let mut redis = stage.rig.redis_connection().await;
    let keys = [
        format!("{HOST}:newUserChatMessageExists:me:other"),
        format!("{HOST}:newRoomChatMessageExists:me:room"),
    ];
    for key in &keys {
        let () = redis.set(key, 1).await.unwrap();
    }
    for chat in [Chat::With(other), Chat::In(RoomId::parse("room").unwrap())] {
        stage.companion.read_chat(&me, &chat).await.unwrap();
    }
    let left: u64 = redis.exists(&keys[..]).await.unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn whoever_connects_is_active_and_awake() {
    let stage = Beside::open().await;
    let (alice, bob) = (stage.user("alice").await, stage.user("bob").await);
    let follow = Relation::Follow {
        with_replies: false,
    };
    stage.relate(&alice, &bob, follow).await;
    let sql = format!(
        r#"UPDATE "user" SET "isHibernated" = true WHERE "id" = '{}';
           UPDATE "following" SET "isFollowerHibernated" = true"#,
        alice.id
    );
    stage.rig.sql(&sql).await;
    stage.companion.touch(&alice.id).await.unwrap();
    let sql = format!(
        r#"SELECT 1 / (count(*) = 1)::int FROM "user"
           WHERE "id" = '{}' AND NOT "isHibernated" AND "lastActiveDate" > now() - interval '1 hour';
           SELECT 1 / (count(*) = 0)::int FROM "following" WHERE "isFollowerHibernated""#,
        alice.id
    );
    stage.rig.sql(&sql).await;
}

/// The tables of a Misskey of the year 2023, as far as they matter.
const OLD: &str = r#"
    CREATE TABLE "user" ("id" varchar(32) PRIMARY KEY, "host" varchar(128), "token" char(16),
        "isSuspended" boolean NOT NULL DEFAULT false, "isRoot" boolean NOT NULL DEFAULT false);
    CREATE TABLE "user_profile" ("userId" varchar(32) PRIMARY KEY);
    CREATE TABLE "following" ("followerId" varchar(32), "followeeId" varchar(32));
    CREATE TABLE "muting" ("muterId" varchar(32), "muteeId" varchar(32));
    CREATE TABLE "blocking" ("blockerId" varchar(32), "blockeeId" varchar(32));
    CREATE TABLE "meta" ("id" varchar(32) PRIMARY KEY);
    CREATE TABLE "user_list" ("id" varchar(32), "userId" varchar(32));
    CREATE TABLE "user_list_joining" ("userListId" varchar(32), "userId" varchar(32));
    INSERT INTO "meta" VALUES ('x');
"#;

#[tokio::test]
async fn an_old_schema_is_enough() {
    let stage = Beside::with_tables(OLD).await;
    let (alice, bob) = (stage.user("alice").await, stage.user("bob").await);
    let list = stage.new_id();
    let sql = format!(
        r#"INSERT INTO "following" VALUES ('{alice}', '{bob}');
           INSERT INTO "user_list" VALUES ('{list}', '{alice}');
           INSERT INTO "user_list_joining" VALUES ('{list}', '{bob}');
           UPDATE "user" SET "isRoot" = true WHERE "id" = '{alice}'"#,
        alice = alice.id,
        bob = bob.id
    );
    stage.rig.sql(&sql).await;
    let backend = &stage.companion;
    assert!(backend.authenticate(&alice.token).await.unwrap().is_some());
    assert_eq!(
        backend
            .authenticate("longer than native tokens")
            .await
            .unwrap(),
        None
    );
    let found = record(&stage, &alice).await;
    assert_eq!((found.following.len(), found.moderator), (1, true));
    assert!(found.policies.local_timeline && found.policies.global_timeline);
    assert_eq!(
        backend.site().await.unwrap().visitors_see,
        VisitorScope::All
    );
    let list = backend
        .list(&protocol::id::ListId::parse(&list).unwrap())
        .await
        .unwrap();
    assert_eq!(list.unwrap().members.len(), 1);
    backend.touch(&alice.id).await.unwrap();
    // Whose a captured note is can't be known: that fails, and nobody gets its events.
    assert!(
        backend
            .audience(&NoteId::parse("note").unwrap())
            .await
            .is_err()
    );
}

#[tokio::test]
async fn without_what_rules_need_nobody_comes_in() {
    let stage = Beside::with_tables(&OLD.replace("blockerId", "somethingElse")).await;
    let alice = stage.user("alice").await;
    let backend = &stage.companion;
    assert!(backend.authenticate(&alice.token).await.is_err());
    assert!(backend.viewers(&[alice.id]).await.is_err());
    assert!(backend.site().await.is_err());
    assert!(backend.ready().await.is_err());
}

#[tokio::test]
async fn a_redis_that_comes_back_is_a_gap() {
    let mut stage = Beside::open().await;
    let mut events = stage.companion.events().unwrap();
    stage.companion.ready().await.unwrap();
    stage.rig.restart_redis();
    let event = timeout(EVENT_WAIT, events.recv()).await.unwrap();
    assert!(matches!(event, Some(SourceEvent::Gap)), "{event:?}");
    stage
        .internal("follow", json!({ "followerId": "a", "followeeId": "b" }))
        .await;
    assert_eq!(next_on(&mut events, "internal").await["type"], "follow");
    stage.companion.ready().await.unwrap();
}

#[tokio::test]
async fn garbage_is_dropped_and_counted() {
    let stage = Beside::open().await;
    let mut events = stage.companion.events().unwrap();
    let mut redis = stage.rig.redis_connection().await;
    for garbage in [
        &b"not json"[..],
        b"null",
        b"{\"nochannel\":1}",
        b"\xff\xfe",
        b"",
    ] {
        let () = redis.publish(HOST, garbage).await.unwrap();
    }
    stage
        .internal("follow", json!({ "followerId": "a", "followeeId": "b" }))
        .await;
    assert_eq!(next_on(&mut events, "internal").await["type"], "follow");
    let readings = stage.companion.readings();
    assert!(
        readings.contains(&Reading::MessagesDropped("undecodable", 5)),
        "{readings:?}"
    );
}

#[tokio::test]
async fn a_database_that_is_gone_is_an_error_in_time() {
    let mut stage = Beside::open().await;
    let alice = stage.user("alice").await;
    assert!(
        stage
            .companion
            .authenticate(&alice.token)
            .await
            .unwrap()
            .is_some()
    );
    stage.rig.stop_database();
    let asked = timeout(
        Duration::from_secs(60),
        stage.companion.authenticate(&alice.token),
    );
    assert!(asked.await.expect("an answer comes in time").is_err());
    assert!(stage.companion.ready().await.is_err());
}

#[tokio::test]
async fn many_questions_are_few_queries() {
    let stage = Beside::open().await;
    let mut actors = Vec::new();
    for _ in 0..20 {
        actors.push(stage.user("somebody").await);
    }
    // The first question waits for a look at the schema; the others gather meanwhile.
    let asked = actors
        .iter()
        .map(|actor| stage.companion.authenticate(&actor.token));
    for found in futures_util::future::join_all(asked).await {
        assert!(found.unwrap().is_some());
    }
    let count = queries(&stage, "native_tokens");
    assert!((1..=3).contains(&count), "{count} queries for 20 tokens");

    let users: Vec<UserId> = actors.into_iter().map(|actor| actor.id).collect();
    let found = stage.companion.viewers(&users).await.unwrap();
    assert_eq!(found.len(), 20);
    for query in ["users", "roles", "following", "muting", "blocking"] {
        assert_eq!(queries(&stage, query), 1, "{query}");
    }
    // Those who come one by one are asked for together too, even if somebody is there twice.
    let newcomers = users.iter().chain(&users[..2]);
    let asked = newcomers.map(|user| stage.companion.viewers(std::slice::from_ref(user)));
    for (found, user) in futures_util::future::join_all(asked)
        .await
        .into_iter()
        .zip(users.iter().cycle())
    {
        let found = found.unwrap();
        assert_eq!(found.iter().map(|it| &it.user).collect::<Vec<_>>(), [user]);
    }
    let count = queries(&stage, "following") - 1;
    assert!((1..=4).contains(&count), "{count} queries for 22 users");
}

#[tokio::test]
async fn the_doctor_tells_what_is_off_and_what_is_broken() {
    let mut stage = Beside::with_tables(OLD).await;
    let settings = Settings::new(HOST, stage.rig.database(), stage.rig.redis()).unwrap();
    let states = |findings: &[Finding], part: &str| -> Vec<State> {
        let of_part = findings.iter().filter(|finding| finding.part == part);
        of_part.map(|finding| finding.state).collect()
    };
    let found = check(&settings).await;
    assert_eq!(states(&found, "database"), [State::Fine], "{found:?}");
    assert!(
        states(&found, "tables and columns")
            .iter()
            .all(|it| *it == State::Off)
    );
    let channels = found.iter().find(|it| it.what.contains("channel_muting"));
    assert!(channels.unwrap().what.contains("nobody mutes channels"));
    // The companion of the stage listens, as a Misskey would.
    assert_eq!(states(&found, "events (Redis)"), [State::Fine], "{found:?}");

    let mut other = settings.clone();
    other.host = "other.example".to_owned();
    let found = check(&other).await;
    assert_eq!(states(&found, "events (Redis)"), [State::Off], "{found:?}");
    assert!(
        found.iter().any(|it| it.what.contains(HOST)),
        "it names the channel that is there"
    );

    stage.rig.stop_database();
    let found = check(&settings).await;
    assert_eq!(states(&found, "database"), [State::Broken], "{found:?}");
}
