//! How SQLite reads the lists: out of an index, in its order.

use crate::feed::source::{self, Source};
use crate::feed::{Feed, carries};
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

/// What names the rows of a source is read first, in order, then each note by its id.
async fn check_found(source: Source, first: &str) {
    let plan = plan(Feed::of(source), false).await;
    assert!(plan.starts_with(first), "{plan}");
    assert!(
        plan.contains("SEARCH note USING PRIMARY KEY (id=?)"),
        "{plan}"
    );
    assert!(!plan.contains("SCAN note"), "{plan}");
    assert!(!plan.contains("TEMP B-TREE FOR ORDER BY"), "{plan}");
}

#[tokio::test]
async fn lists_by_other_keys_are_read_in_the_order_of_those() {
    let tagged = "SEARCH found USING PRIMARY KEY (tag=? AND note_id>? AND note_id<?)";
    check_found(source::TAGGED, tagged).await;
    let naming = "SEARCH found USING PRIMARY KEY (user_id=? AND note_id>? AND note_id<?)";
    check_found(source::NAMING_ME, naming).await;
    let of_role = "SEARCH found USING PRIMARY KEY (role_id=? AND note_id>? AND note_id<?)";
    check_found(source::OF_ROLE, of_role).await;
    let reacted = "SEARCH found USING INDEX note_reaction_user (user_id=? AND id>? AND id<?)";
    check_found(source::REACTED_TO, reacted).await;
    let polls = "SEARCH asked USING PRIMARY KEY (note_id>? AND note_id<?)";
    check_found(source::POLLS, polls).await;
}

#[tokio::test]
async fn the_notes_around_a_note_are_read_out_of_their_indexes() {
    let replies = "SEARCH note USING INDEX note_reply (reply_id=? AND id>? AND id<?)";
    check(Feed::of(source::REPLIES), replies).await;
    let renotes = "SEARCH note USING INDEX note_renote (renote_id=? AND id>? AND id<?)";
    check(Feed::of(source::RENOTES), renotes).await;
    for source in [source::CHILDREN, source::ANCESTORS] {
        let plan = plan(Feed::of(source), true).await;
        assert!(!plan.contains("SCAN note"), "{plan}");
    }
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
