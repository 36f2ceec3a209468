use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::limits::{DUE_BATCH_MAX, NOTIFICATIONS_MAX};
use crate::testing::{Person, World};
use crate::{Clock, Data, Options, Standalone, TestClock};

const START_MS: u64 = 1_795_462_686_720;

/// The kinds of what a user's main stream said since the last call, each with its notification.
fn main_stream(world: &mut World, person: &Person) -> Vec<(String, Value)> {
    let topic = format!("mainStream:{}", person.id);
    let events = world.events().into_iter();
    let mine = events.filter(|(of, _)| *of == topic);
    mine.map(|(_, event)| {
        let kind = event["type"].as_str().unwrap().to_owned();
        (kind, event["body"].clone())
    })
    .collect()
}

async fn mention(world: &World, by: &Person, text: &str) {
    world.ok("notes/create", by, json!({ "text": text })).await;
}

#[tokio::test]
async fn two_seconds_after_a_notification_comes_the_reminder() {
    let mut world = World::new();
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    mention(&world, &bob, "@alice").await;
    let told = main_stream(&mut world, &alice);
    let (kind, body) = &told[1];
    assert_eq!(kind, "notification");
    world.clock.set(START_MS + 1_999);
    assert_eq!(world.app.do_due().await.unwrap(), START_MS + 2_000);
    assert_eq!(main_stream(&mut world, &alice), []);
    world.clock.set(START_MS + 2_000);
    assert_eq!(world.app.do_due().await.unwrap(), u64::MAX);
    let mut reminder = body.clone();
    let seen = main_stream(&mut world, &alice);
    // Between the two the note's author was counted and seen; nothing else differs.
    reminder["user"] = seen[0].1["user"].clone();
    reminder["note"]["user"] = seen[0].1["note"]["user"].clone();
    assert_eq!(seen, [("unreadNotification".to_owned(), reminder)]);
    world.clock.set(START_MS + 9_000);
    assert_eq!(world.app.do_due().await.unwrap(), u64::MAX);
    assert_eq!(main_stream(&mut world, &alice), []);
}

#[tokio::test]
async fn no_reminder_comes_of_what_is_read_or_from_whom_is_muted_by_then() {
    let mut world = World::new();
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    let carol = world.signup("carol").await;
    mention(&world, &carol, "@alice read").await;
    let user = protocol::id::UserId::parse(&alice.id).unwrap();
    backend::Backend::read_notifications(&*world.app, &user)
        .await
        .unwrap();
    world.clock.set(START_MS + 1_000);
    mention(&world, &bob, "@alice muted").await;
    let (me, them) = (alice.id.clone(), bob.id.clone());
    let sql = "INSERT INTO mute VALUES ('m', ?1, ?2, NULL)";
    let muted = world
        .app
        .store()
        .write::<_, crate::store::StoreError, _>(move |tx| Ok(tx.execute(sql, [me, them])?));
    muted.await.unwrap();
    main_stream(&mut world, &alice);
    world.clock.set(START_MS + 3_000);
    world.app.do_due().await.unwrap();
    assert_eq!(main_stream(&mut world, &alice), []);
    // And who is muted causes no notification at all.
    mention(&world, &bob, "@alice again").await;
    let kinds: Vec<String> = main_stream(&mut world, &alice)
        .into_iter()
        .map(|(kind, _)| kind)
        .collect();
    assert_eq!(kinds, ["mention"]);
}

#[tokio::test]
async fn much_that_falls_due_at_once_comes_in_order_and_in_parts() {
    let mut world = World::new();
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    let count = DUE_BATCH_MAX + 10;
    let mut made = Vec::new();
    for _ in 0..count {
        mention(&world, &bob, "@alice").await;
        made.extend(main_stream(&mut world, &alice).into_iter().nth(1));
    }
    world.clock.set(START_MS + 2_000);
    let mut reminded = Vec::new();
    assert_eq!(world.app.do_due().await.unwrap(), START_MS + 2_000);
    reminded.extend(main_stream(&mut world, &alice));
    assert_eq!(reminded.len(), DUE_BATCH_MAX);
    assert_eq!(world.app.do_due().await.unwrap(), u64::MAX);
    reminded.extend(main_stream(&mut world, &alice));
    let ids = |list: &[(String, Value)]| -> Vec<Value> {
        list.iter().map(|(_, body)| body["id"].clone()).collect()
    };
    assert_eq!(ids(&reminded), ids(&made));
}

#[tokio::test]
async fn of_many_notifications_the_newest_are_kept() {
    let mut world = World::new();
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    for n in 0..NOTIFICATIONS_MAX + 5 {
        mention(&world, &bob, &format!("@alice {n}")).await;
        world.events();
    }
    let user = alice.id.clone();
    let (count, oldest) = world
        .app
        .store()
        .read::<(usize, String), crate::store::StoreError, _>(move |view| {
            let sql = "SELECT count(*) OVER (), note.text FROM notification t
                       JOIN note ON note.id = t.note_id
                       WHERE t.user_id = ?1 ORDER BY t.id LIMIT 1";
            Ok(view.query_row(sql, [user], |row| Ok((row.get(0)?, row.get(1)?)))?)
        })
        .await
        .unwrap();
    assert_eq!((count, oldest.as_str()), (NOTIFICATIONS_MAX, "@alice 5"));
}

#[tokio::test]
async fn the_author_and_the_voters_are_told_when_a_poll_ends() {
    let mut world = World::new();
    let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
    let carol = world.signup("carol").await;
    let body = json!({ "text": "p", "poll": {
        "choices": ["x", "y"], "multiple": true, "expiredAfter": 6_000,
    } });
    let note = world.ok("notes/create", &bob, body).await["createdNote"]["id"].clone();
    for (person, choice) in [(&carol, 1), (&alice, 0), (&carol, 0), (&bob, 0)] {
        let body = json!({ "noteId": note, "choice": choice });
        world.ok("notes/polls/vote", person, body).await;
    }
    assert_eq!(world.app.do_due().await.unwrap(), START_MS + 6_000);
    world.events();
    world.clock.set(START_MS + 6_000);
    assert_eq!(world.app.do_due().await.unwrap(), START_MS + 8_000);
    let events = world.events();
    let topics: Vec<&str> = events.iter().map(|(topic, _)| topic.as_str()).collect();
    assert_eq!(
        topics,
        [&bob, &carol, &alice].map(|person| format!("mainStream:{}", person.id))
    );
    let body = &events[1].1["body"];
    assert_eq!(
        crate::testing::keys(body),
        ["id", "createdAt", "type", "note"]
    );
    assert_eq!(
        (
            &body["type"],
            &body["note"]["poll"]["choices"][1]["isVoted"]
        ),
        (&json!("pollEnded"), &json!(true))
    );
    world.clock.set(START_MS + 9_000);
    world.app.do_due().await.unwrap();
    assert_eq!(world.events().len(), 3);
}

#[tokio::test]
async fn a_poll_that_ended_while_the_server_was_down_is_told_of_once() {
    let directory = tempfile::tempdir().unwrap();
    let data = || Data::Dir(directory.path().to_owned());
    let mut world = World::with(data(), false);
    let bob = world.signup("bob").await;
    let body = json!({ "text": "p", "poll": { "choices": ["x", "y"], "expiredAfter": 6_000 } });
    world.ok("notes/create", &bob, body).await;
    drop(world);
    for told in [1, 0] {
        let mut world = World::with(data(), false);
        world.clock.set(START_MS + 60_000);
        world.app.do_due().await.unwrap();
        assert_eq!(main_stream(&mut world, &bob).len(), told);
    }
}

/// A clock that goes with the paused time of the runtime.
struct Paused(Instant);

impl Clock for Paused {
    fn now_ms(&self) -> u64 {
        START_MS + u64::try_from(self.0.elapsed().as_millis()).unwrap()
    }
}

/// A server whose time is the paused time of the runtime, doing what falls due.
fn running() -> (World, tokio::task::JoinHandle<std::convert::Infallible>) {
    let app = Standalone::open(Options {
        data: Data::Memory,
        url: "https://example.com".to_owned(),
        dev: true,
        clock: Arc::new(Paused(Instant::now())),
        features: crate::Features::default(),
    })
    .unwrap();
    let running = tokio::spawn({
        let app = Arc::clone(&app);
        async move { app.run_due().await }
    });
    (World::of(app, Arc::new(TestClock::at(START_MS))), running)
}

async fn post_poll(world: &mut World) {
    let bob = world.signup("bob").await;
    let body = json!({ "text": "p", "poll": { "choices": ["x", "y"], "expiredAfter": 6_000 } });
    world.ok("notes/create", &bob, body).await;
    world.events();
}

#[tokio::test(start_paused = true)]
async fn what_falls_due_is_done_when_it_does() {
    let began = Instant::now();
    let (mut world, running) = running();
    tokio::time::sleep(Duration::from_secs(60)).await;
    post_poll(&mut world).await;
    let mut at_ms = Vec::new();
    for _ in 0..2 {
        let (_, event) = world.next_event().await;
        at_ms.push((event["type"].clone(), began.elapsed().as_millis()));
    }
    assert_eq!(
        at_ms,
        [
            (json!("notification"), 66_000),
            (json!("unreadNotification"), 68_000)
        ]
    );
    running.abort();
}

#[tokio::test(start_paused = true)]
async fn what_fails_is_tried_again() {
    let (mut world, running) = running();
    post_poll(&mut world).await;
    world.sql("ALTER TABLE poll RENAME TO away").await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(world.events(), []);
    world.sql("ALTER TABLE away RENAME TO poll").await;
    assert_eq!(world.next_event().await.1["body"]["type"], "pollEnded");
    running.abort();
}
