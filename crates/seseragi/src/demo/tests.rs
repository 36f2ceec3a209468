use standalone::{Data, Options, SystemClock};

use super::*;

async fn demo() -> Demo {
    let standalone = Standalone::open(Options {
        data: Data::Memory,
        url: "https://example.com".to_owned(),
        dev: true,
        clock: Arc::new(SystemClock),
        features: standalone::Features::default(),
    })
    .unwrap();
    let mut actors = Vec::new();
    for name in NAMES {
        actors.push(actor(&standalone, name).await.unwrap());
    }
    Demo::new(Api::new(standalone.api()), actors).await.unwrap()
}

/// Deleting a note deletes the answers to it, which the demo still counts among its own.
#[tokio::test]
async fn old_notes_go_even_where_they_went_with_others() {
    let mut demo = demo().await;
    demo.note(0, json!({"text": "first"})).await.unwrap();
    let first = demo.notes[0].id.clone();
    demo.note(1, json!({"text": "answer", "replyId": first}))
        .await
        .unwrap();
    demo.note(2, json!({"renoteId": first})).await.unwrap();
    for _ in 0..NOTES_MAX {
        demo.note(3, json!({"text": "later"})).await.unwrap();
    }
    assert_eq!(demo.notes.len(), NOTES_MAX);
    let body = json!({"userId": demo.actors[1].id, "withReplies": true});
    let left = demo.call(1, "users/notes", body).await.unwrap();
    assert_eq!(left, json!([]));
}

#[tokio::test]
async fn life_goes_on_past_the_notes_that_are_kept() {
    let mut demo = demo().await;
    let mut acts = 0;
    while acts < 4 * NOTES_MAX {
        demo.act().await.unwrap();
        acts += 1;
    }
    assert!(demo.notes.len() <= NOTES_MAX);
}
