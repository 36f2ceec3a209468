//! Notes that Misskey packs.

use std::time::Duration;

use backend::conformance::{Actor, Stage};
use backend::{Backend, Reading};
use protocol::id::{NoteId, UserId};
use seseragi_companion::{Companion, Settings};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::time::timeout;
use upstream::Address;

use crate::stage::{Beside, HOST};

/// How often notes were packed with this result.
fn packs(companion: &Companion, result: &str) -> u64 {
    let readings = companion.readings().into_iter();
    let found = readings.filter_map(|reading| match reading {
        Reading::Packs(name, count) if name == result => Some(count),
        Reading::Packs(..)
        | Reading::Queries(..)
        | Reading::MessagesDropped(..)
        | Reading::Subscribed(_) => None,
    });
    found.sum()
}

/// A companion beside the same Misskey whose API is elsewhere.
async fn companion_with(stage: &Beside, upstream: Option<&str>) -> std::sync::Arc<Companion> {
    let mut settings = Settings::new(HOST, stage.rig.database(), stage.rig.redis()).unwrap();
    settings.upstream = upstream.map(|address| Address::parse(address).unwrap());
    Companion::open(settings).await.unwrap()
}

#[tokio::test]
async fn a_note_is_asked_for_once_for_each_viewer() {
    let stage = Beside::open().await;
    let (alice, bob) = (stage.user("alice").await, stage.user("bob").await);
    let note = stage.note(&alice, "specified", &[&bob]).await;
    let wishes = (0..20).map(|_| stage.companion.pack_note(&note, &bob.id));
    let packed = futures_util::future::join_all(wishes).await;
    assert!(packed.into_iter().all(|packed| packed.unwrap().is_some()));
    assert_eq!(stage.notes.requests(), 1);
    assert_eq!(packs(&stage.companion, "packed"), 1);
    assert_eq!(packs(&stage.companion, "shared"), 19);

    let packed = stage.companion.pack_note(&note, &alice.id).await.unwrap();
    assert!(packed.is_some());
    assert_eq!(stage.notes.requests(), 2, "no viewer gets another's");
}

#[tokio::test]
async fn a_token_that_was_changed_is_read_again() {
    let stage = Beside::open().await;
    let alice = stage.user("alice").await;
    let before = stage.note(&alice, "followers", &[]).await;
    let packed = stage.companion.pack_note(&before, &alice.id).await.unwrap();
    assert!(packed.is_some());
    let id = alice.id.clone();
    let sql = format!(r#"UPDATE "user" SET "token" = 'abcdefgh12345678' WHERE "id" = '{id}'"#);
    stage.rig.sql(&sql).await;
    stage.notes.change_token(&alice.token, "abcdefgh12345678");
    let alice = Actor {
        token: "abcdefgh12345678".to_owned(),
        ..alice
    };
    let after = stage.note(&alice, "followers", &[]).await;
    let packed = stage.companion.pack_note(&after, &alice.id).await.unwrap();
    assert!(packed.is_some());
    // Whoever is suspended has a token that nobody takes.
    let sql = format!(r#"UPDATE "user" SET "isSuspended" = true WHERE "id" = '{id}'"#);
    stage.rig.sql(&sql).await;
    stage.notes.change_token("abcdefgh12345678", "nobody's");
    let last = stage.note(&alice, "followers", &[]).await;
    let packed = stage.companion.pack_note(&last, &alice.id).await.unwrap();
    assert_eq!(packed, None);
    let nobody = UserId::parse("9nobody").unwrap();
    let packed = stage.companion.pack_note(&last, &nobody).await.unwrap();
    assert_eq!(packed, None);
}

#[tokio::test]
async fn without_an_upstream_nothing_is_packed() {
    let stage = Beside::open().await;
    let alice = stage.user("alice").await;
    let note = stage.note(&alice, "public", &[]).await;
    let companion = companion_with(&stage, None).await;
    let error = companion.pack_note(&note, &alice.id).await.unwrap_err();
    assert!(error.causes().contains("--upstream"), "{}", error.causes());
}

#[tokio::test]
async fn an_upstream_that_hangs_holds_nobody_up_for_long() {
    let stage = Beside::open().await;
    let alice = stage.user("alice").await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    // It reads, and says nothing.
    let hanging = tokio::spawn(async move {
        let mut connections = Vec::new();
        while let Ok((mut socket, _)) = listener.accept().await {
            connections.push(tokio::spawn(async move {
                while socket.read(&mut [0; 1024]).await.is_ok_and(|read| read > 0) {}
            }));
        }
        connections
    });
    let companion = companion_with(&stage, Some(&address)).await;
    let notes = (0..50).map(|number| NoteId::parse(&format!("9note{number}")).unwrap());
    let notes: Vec<NoteId> = notes.collect();
    let wishes = notes
        .iter()
        .map(|note| companion.pack_note(note, &alice.id));
    let wishes = futures_util::future::join_all(wishes);
    let packed = timeout(Duration::from_secs(60), wishes).await.unwrap();
    for packed in packed {
        let causes = packed.unwrap_err().causes();
        assert!(!causes.contains(&alice.token), "{causes}");
    }
    assert_eq!(packs(&companion, "slow"), 50);
    hanging.abort();
}
