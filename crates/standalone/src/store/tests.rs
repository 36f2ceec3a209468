use std::sync::Arc;

use backend::SourceEvent;
use serde_json::json;

use super::*;
use crate::clock::TestClock;

fn open(data: &Data) -> Store {
    open_with(data, Duration::from_secs(60))
}

fn open_with(data: &Data, read_within: Duration) -> Store {
    let surroundings = Surroundings {
        clock: Arc::new(TestClock::at(1_795_462_686_720)),
        ids: Arc::new(IdGenerator::with_node(*b"test")),
        site: Arc::new(Site::new("https://example.com", false).unwrap()),
        alarm: Arc::default(),
        legacy: false,
        read_within,
    };
    Store::open(data, surroundings).unwrap()
}

async fn put(store: &Store, key: &'static str) -> Result<(), StoreError> {
    store
        .write(move |tx| {
            tx.execute("INSERT INTO meta VALUES (?1, '1')", [key])?;
            tx.publish("topic", &json!(key))
        })
        .await
}

async fn keys(store: &Store) -> Vec<String> {
    store
        .read::<_, StoreError, _>(|view| {
            let mut statement = view.prepare("SELECT key FROM meta ORDER BY key")?;
            let keys = statement.query_map([], |row| row.get(0))?;
            Ok(keys.collect::<Result<_, _>>()?)
        })
        .await
        .unwrap()
}

fn payload(event: Option<SourceEvent>) -> String {
    match event {
        Some(SourceEvent::Message(raw)) => String::from_utf8(raw.payload.to_vec()).unwrap(),
        other => panic!("{other:?}"),
    }
}

fn in_both() -> [(Option<tempfile::TempDir>, Store); 2] {
    let directory = tempfile::tempdir().unwrap();
    let in_file = open(&Data::Dir(directory.path().join("data")));
    [(None, open(&Data::Memory)), (Some(directory), in_file)]
}

#[tokio::test]
async fn a_write_that_fails_writes_and_publishes_nothing() {
    for (_directory, store) in in_both() {
        let mut events = store.events().unwrap();
        put(&store, "a").await.unwrap();
        put(&store, "a").await.unwrap_err();
        put(&store, "b").await.unwrap();
        assert_eq!(payload(events.recv().await), r#""a""#);
        assert_eq!(payload(events.recv().await), r#""b""#);
        assert_eq!(keys(&store).await, ["a", "b"]);
    }
}

#[tokio::test]
async fn a_commit_that_fails_publishes_nothing() {
    let store = open(&Data::Memory);
    let mut events = store.events().unwrap();
    let outcome: Result<(), StoreError> = store
        .write(|tx| {
            tx.pragma_update(None, "defer_foreign_keys", true)?;
            tx.execute("INSERT INTO mute VALUES ('1', 'nobody', 'noone', NULL)", [])
                .expect("the constraint is checked by the commit alone");
            tx.publish("topic", &json!("never"))
        })
        .await;
    assert!(matches!(outcome, Err(StoreError::Sqlite(_))));
    put(&store, "a").await.unwrap();
    assert_eq!(payload(events.recv().await), r#""a""#);
}

#[tokio::test]
async fn a_panic_rolls_back_and_the_store_goes_on() {
    for (_directory, store) in in_both() {
        let outcome: Result<(), StoreError> = store
            .write(|tx| {
                tx.execute("INSERT INTO meta VALUES ('x', '1')", [])?;
                panic!("on purpose")
            })
            .await;
        assert!(matches!(outcome, Err(StoreError::Panicked)));
        for _ in 0..=crate::limits::READERS_MAX {
            let outcome: Result<(), StoreError> = store.read(|_| panic!("on purpose")).await;
            assert!(matches!(outcome, Err(StoreError::Panicked)));
        }
        put(&store, "a").await.unwrap();
        assert_eq!(keys(&store).await, ["a"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_come_in_the_order_of_the_commits() {
    for (_directory, store) in in_both() {
        let mut events = store.events().unwrap();
        let writes: Vec<_> = (0..50)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move {
                    store
                        .write::<_, StoreError, _>(|tx| {
                            tx.execute(
                                "INSERT INTO meta VALUES ('n', '1')
                                 ON CONFLICT DO UPDATE SET value = value + 1",
                                [],
                            )?;
                            let n: String =
                                tx.query_row("SELECT value FROM meta", [], |row| row.get(0))?;
                            tx.publish("topic", &n)?;
                            tx.publish("topic", &format!("{n}+"))
                        })
                        .await
                })
            })
            .collect();
        for write in writes {
            write.await.unwrap().unwrap();
        }
        for n in 1..=50 {
            assert_eq!(payload(events.recv().await), format!(r#""{n}""#));
            assert_eq!(payload(events.recv().await), format!(r#""{n}+""#));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_holds_back_writes_and_not_reads() {
    let store = open(&Data::Memory);
    let mut events = store.events().unwrap();
    let writer = store.clone();
    let write = tokio::spawn(async move {
        writer
            .write::<_, StoreError, _>(|tx| {
                tx.execute("INSERT INTO meta VALUES ('a', '1')", [])?;
                (0..=EVENT_QUEUE_MAX).try_for_each(|n| tx.publish("topic", &n))
            })
            .await
    });
    payload(events.recv().await);
    assert_eq!(keys(&store).await, ["a"]);
    for _ in 0..EVENT_QUEUE_MAX {
        payload(events.recv().await);
    }
    write.await.unwrap().unwrap();
    drop(events);
    put(&store, "b").await.unwrap();
    assert!(store.events_are_lost());
}

#[tokio::test]
async fn the_events_are_taken_once() {
    let store = open(&Data::Memory);
    put(&store, "before").await.unwrap();
    let mut events = store.events().unwrap();
    assert!(store.events().is_none());
    put(&store, "after").await.unwrap();
    assert_eq!(payload(events.recv().await), r#""after""#);
}

#[tokio::test]
async fn what_is_written_is_there_after_opening_again() {
    let directory = tempfile::tempdir().unwrap();
    let data = Data::Dir(directory.path().to_owned());
    let store = open(&data);
    put(&store, "a").await.unwrap();
    let again = open(&data);
    assert_eq!(keys(&again).await, ["a"]);
}

#[test]
fn a_store_of_a_newer_program_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let connection = Connection::open(directory.path().join("seseragi.sqlite")).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    let surroundings = open(&Data::Memory).0.surroundings.clone();
    let outcome = Store::open(&Data::Dir(directory.path().to_owned()), surroundings);
    assert!(matches!(
        outcome.err(),
        Some(OpenError::Newer { found: 99, .. })
    ));
}

/// Tokens and direct notes are in there.
#[tokio::test]
async fn nobody_else_reads_the_files() {
    use std::os::unix::fs::PermissionsExt;

    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path().join("deep/data");
    let store = open(&Data::Dir(directory.clone()));
    put(&store, "a").await.unwrap();
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&directory), 0o700);
    let mut names = Vec::new();
    for entry in directory.read_dir().unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        names.push(path.file_name().unwrap().to_owned());
    }
    assert!(
        names.iter().any(|name| name == "seseragi.sqlite"),
        "{names:?}"
    );
}

#[tokio::test]
async fn a_read_without_end_is_ended_and_the_store_goes_on() {
    const ENDLESS: &str = "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n)
         SELECT count(*) FROM n";
    let directory = tempfile::tempdir().unwrap();
    for data in [Data::Memory, Data::Dir(directory.path().to_owned())] {
        let store = open_with(&data, Duration::from_millis(1));
        let count = |view: &View<'_>| Ok(view.query_row(ENDLESS, [], |row| row.get::<_, u64>(0))?);
        let ended = store.read::<_, StoreError, _>(count).await;
        let Err(StoreError::Sqlite(error)) = ended else {
            panic!("{ended:?}")
        };
        assert_eq!(
            error.sqlite_error_code(),
            Some(rusqlite::ErrorCode::OperationInterrupted)
        );
        // Writes have no deadline: what one is given is done whole.
        let write = |tx: &mut Tx<'_>| {
            let long =
                "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n LIMIT 300000)
                 SELECT count(*) FROM n";
            Ok(tx.query_row(long, [], |row| row.get::<_, u64>(0))?)
        };
        assert_eq!(
            store.write::<_, StoreError, _>(write).await.unwrap(),
            300_000
        );
        put(&store, "a").await.unwrap();
    }
}
