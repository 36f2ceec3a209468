//! How SQLite reads the lists: out of an index, in its order.

use crate::feed::{Feed, carries, source};
use crate::pack::For;
use crate::store::StoreError;
use crate::testing::World;

async fn plan(feed: Feed, visitor: bool) -> String {
    let world = World::new();
    let read = world.app.store().read::<_, StoreError, _>(move |view| {
        let me = protocol::id::UserId::parse("me").unwrap();
        let to = if visitor {
            For::Visitor
        } else {
            For::User(&me)
        };
        let mut statement =
            view.prepare(&format!("EXPLAIN QUERY PLAN {}", feed.sql(to, "DESC")))?;
        let mut rows = statement.raw_query();
        let mut lines = Vec::new();
        while let Some(row) = rows.next()? {
            lines.push(row.get::<_, String>("detail")?);
        }
        Ok(lines.join("\n"))
    });
    read.await.unwrap()
}

async fn check(feed: Feed, first: &str) {
    for visitor in [false, true] {
        let plan = plan(feed.clone(), visitor).await;
        assert!(plan.starts_with(first), "{plan}");
        assert!(!plan.contains("SCAN note"), "{plan}");
        assert!(!plan.contains("TEMP B-TREE FOR ORDER BY"), "{plan}");
    }
}

#[tokio::test]
async fn timelines_are_read_out_of_an_index_in_its_order() {
    let home = Feed::of(source::ALL)
        .only(carries::HOME)
        .only(carries::REPLIES_AS_FOLLOWED)
        .only(carries::NO_RENOTE_INTO_CLOSED_CIRCLE);
    check(home, "SEARCH note USING PRIMARY KEY (id>? AND id<?)").await;
    let hybrid = Feed::of(source::ALL)
        .only(carries::HYBRID)
        .only(carries::REPLIES_ASKED_FOR);
    check(hybrid, "SEARCH note USING PRIMARY KEY (id>? AND id<?)").await;
    let list = Feed::of(source::ALL)
        .only(carries::ON_LIST)
        .only(carries::REPLIES_AS_LISTED);
    check(list, "SEARCH note USING PRIMARY KEY (id>? AND id<?)").await;
    let local = Feed::of(source::LOCAL).only(carries::REPLIES_ON_LOCAL);
    check(local, "SEARCH note USING INDEX note_local (id>? AND id<?)").await;
    let global = Feed::of(source::PUBLIC).only(carries::NOT_IN_CHANNEL);
    check(
        global,
        "SEARCH note USING INDEX note_public (id>? AND id<?)",
    )
    .await;
    let user = Feed::of(source::BY_USER).only(carries::NO_REPLIES_TO_OTHERS);
    let plan = "SEARCH note USING INDEX note_user (user_id=? AND id>? AND id<?)";
    check(user, plan).await;
}
