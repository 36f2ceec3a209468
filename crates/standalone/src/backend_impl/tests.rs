use std::time::{Duration, UNIX_EPOCH};

use backend::{Backend, Grant, MuteRecord, VisitorScope};
use protocol::id::{ChannelId, ListId, NoteId, UserId};
use serde_json::{Value, json};

use crate::store::StoreError;
use crate::testing::{Person, World};

fn user(person: &Person) -> UserId {
    UserId::parse(&person.id).unwrap()
}

/// Runs SQL with `{a}` and `{b}` for two people.
async fn sql(world: &World, text: &str, a: &Person, b: &Person) {
    let text = text.replace("{a}", &a.id).replace("{b}", &b.id);
    world
        .app
        .store()
        .write::<_, StoreError, _>(move |tx| Ok(tx.execute_batch(&text)?))
        .await
        .unwrap();
}

async fn pair() -> (World, Person, Person) {
    let mut world = World::new();
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    (world, alice, bob)
}

#[tokio::test]
async fn a_token_is_its_users() {
    let (world, alice, _) = pair().await;
    let account = world.app.authenticate(&alice.token).await.unwrap().unwrap();
    assert_eq!(
        (account.user, account.suspended, account.grant),
        (user(&alice), false, Grant::Native)
    );
    for nobody in ["", "wrong"] {
        assert_eq!(world.app.authenticate(nobody).await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_viewer_has_all_their_relations() {
    let (world, alice, bob) = pair().await;
    sql(
        &world,
        "INSERT INTO channel (id, name) VALUES ('c1', 'C'), ('c2', 'D');
         INSERT INTO follow (id, follower_id, followee_id, with_replies) VALUES ('1', '{a}', '{b}', 1);
         INSERT INTO mute VALUES ('1', '{a}', '{b}', 5000);
         INSERT INTO renote_mute VALUES ('1', '{a}', '{b}');
         INSERT INTO block VALUES ('1', '{b}', '{a}');
         INSERT INTO channel_follow VALUES ('1', '{a}', 'c1');
         INSERT INTO channel_mute VALUES ('1', '{a}', 'c2', NULL);
         UPDATE user SET muted_instances = '[\"Bad.example\"]' WHERE id = '{a}';",
        &alice,
        &bob,
    )
    .await;
    let nobody = UserId::parse("nobody").unwrap();
    let viewers = world
        .app
        .viewers(&[user(&alice), nobody, user(&bob)])
        .await
        .unwrap();
    let [a, b] = &viewers[..] else {
        panic!("{viewers:?}")
    };
    assert_eq!(
        (&a.following[0].user, a.following[0].with_replies),
        (&user(&bob), true)
    );
    let until = Some(UNIX_EPOCH + Duration::from_secs(5));
    assert_eq!(
        a.muting,
        [MuteRecord {
            target: user(&bob),
            expires_at: until
        }]
    );
    assert_eq!(
        (&a.renote_muting, &a.blocked_by),
        (&vec![user(&bob)], &vec![user(&bob)])
    );
    assert_eq!(a.muted_instances, ["bad.example"]);
    assert_eq!(a.following_channels, [ChannelId::parse("c1").unwrap()]);
    assert_eq!(a.muting_channels[0].target, ChannelId::parse("c2").unwrap());
    assert!(a.moderator && !b.moderator && b.following.is_empty() && b.blocked_by.is_empty());
}

#[tokio::test]
async fn lists_antennas_and_the_site_are_read() {
    let (world, alice, bob) = pair().await;
    assert_eq!(
        world.app.site().await.unwrap().visitors_see,
        VisitorScope::Local
    );
    sql(
        &world,
        "INSERT INTO user_list (id, user_id, name) VALUES ('l', '{a}', 'L');
         INSERT INTO user_list_member VALUES ('1', 'l', '{b}', 1);
         INSERT INTO antenna (id, user_id, name, src, users, keywords, exclude_keywords, last_used_at)
             VALUES ('n', '{b}', 'N', 'all', '[]', '[]', '[]', 0);
         INSERT INTO meta VALUES ('ugcVisibilityForVisitor', '\"all\"');",
        &alice,
        &bob,
    )
    .await;
    let list = world
        .app
        .list(&ListId::parse("l").unwrap())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (list.owner, &list.members[0].user),
        (user(&alice), &user(&bob))
    );
    assert_eq!(
        world.app.list(&ListId::parse("x").unwrap()).await.unwrap(),
        None
    );
    let antenna = protocol::id::AntennaId::parse("n").unwrap();
    assert_eq!(
        world.app.antenna_owner(&antenna).await.unwrap(),
        Some(user(&bob))
    );
    assert_eq!(
        world.app.site().await.unwrap().visitors_see,
        VisitorScope::All
    );
    world.app.ready().await.unwrap();
}

#[tokio::test]
async fn a_note_is_packed_for_those_who_may_see_it() {
    let (mut world, alice, bob) = pair().await;
    let carol = world.signup("carol").await;
    let body = json!({ "text": "psst", "visibility": "specified", "visibleUserIds": [bob.id] });
    let created = world.ok("notes/create", &alice, body).await;
    let id = NoteId::parse(created["createdNote"]["id"].as_str().unwrap()).unwrap();
    let packed = world
        .app
        .pack_note(&id, &user(&bob))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        serde_json::from_slice::<Value>(&packed).unwrap()["text"],
        "psst"
    );
    assert_eq!(world.app.pack_note(&id, &user(&carol)).await.unwrap(), None);
    let audience = world.app.audience(&id).await.unwrap().unwrap();
    assert_eq!((audience.author, audience.local), (user(&alice), true));
    assert_eq!(
        (audience.visibility.as_str(), audience.visible_users),
        ("specified", vec![user(&bob)])
    );
    let text = format!(
        "INSERT INTO note_reaction VALUES ('1', '{id}', '{{b}}', '👍');
         UPDATE note SET reactions = '{{\"👍\": 1}}' WHERE id = '{id}';"
    );
    sql(&world, &text, &alice, &bob).await;
    let reactions = world
        .app
        .my_reactions(&id, &[user(&alice), user(&bob)])
        .await
        .unwrap();
    assert_eq!(reactions, [(user(&bob), "👍".to_owned())]);
    let packed = world
        .app
        .pack_note(&id, &user(&bob))
        .await
        .unwrap()
        .unwrap();
    let packed: Value = serde_json::from_slice(&packed).unwrap();
    assert_eq!(
        packed.as_object().unwrap().iter().next_back().unwrap(),
        (&"myReaction".to_owned(), &json!("👍"))
    );
}

#[tokio::test]
async fn notifications_are_read_once() {
    let (mut world, alice, bob) = pair().await;
    sql(
        &world,
        "INSERT INTO notification (id, user_id, type) VALUES ('1', '{a}', 'test')",
        &alice,
        &bob,
    )
    .await;
    assert_eq!(
        world.ok("i", &alice, json!({})).await["unreadNotificationsCount"],
        1
    );
    world.app.read_notifications(&user(&alice)).await.unwrap();
    world.app.read_notifications(&user(&alice)).await.unwrap();
    assert_eq!(
        world.events(),
        [(
            format!("mainStream:{}", alice.id),
            json!({ "type": "readAllNotifications", "body": null })
        )]
    );
    assert_eq!(
        world.ok("i", &alice, json!({})).await["hasUnreadNotification"],
        false
    );
}

#[tokio::test]
async fn a_user_who_was_touched_is_online_for_a_while() {
    let (world, alice, bob) = pair().await;
    let status = async || {
        world
            .ok("users/show", &bob, json!({ "userId": alice.id }))
            .await["onlineStatus"]
            .clone()
    };
    assert_eq!(status().await, "unknown");
    world.app.touch(&user(&alice)).await.unwrap();
    assert_eq!(status().await, "online");
    world.clock.set(1_795_462_686_720 + 11 * 60 * 1000);
    assert_eq!(status().await, "active");
    world.clock.set(1_795_462_686_720 + 4 * 24 * 60 * 60 * 1000);
    assert_eq!(status().await, "offline");
}
