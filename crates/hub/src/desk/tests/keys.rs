//! Ids come and go; their numbers are used again, but never too early.

use super::*;

/// Lets `count` notes pass whose authors nobody has heard of, and drops what comes out.
fn strangers(bench: &mut Bench, from: u32, count: u32) {
    for at in from..from + count {
        bench.message(
            "notesStream",
            &note(&format!("n{at}"), &format!("stranger{at}")),
        );
        bench.outputs();
    }
}

#[test]
fn strangers_are_forgotten() {
    let mut bench = Bench::watching(&["a"]);
    strangers(&mut bench, 0, 5_000);
    let (users, channels) = bench.desk.known_ids();
    assert!(users < 1_000, "{users} users are known");
    assert_eq!(channels, 0);
}

#[test]
fn a_number_is_not_used_again_while_a_publication_may_be_compared() {
    let mut bench = Bench::watching(&["a"]);
    bench.message("notesStream", &note("1", "first"));
    let Some(Output::Publish(kept)) = bench.desk.poll_output() else {
        panic!("a note goes out");
    };
    let Event::Note(event) = &kept.event else {
        panic!("it is a note");
    };
    strangers(&mut bench, 0, 2_000);
    let author = event.note.author.key;
    assert_eq!(bench.desk.ids.user_id(author), "first");
    drop(kept);
    strangers(&mut bench, 2_000, 2_000);
    assert_eq!(bench.desk.ids.user("first"), None, "now it is forgotten");
}

#[test]
fn relations_keep_their_numbers() {
    let mut bench = Bench::watching(&["a"]);
    bench.internal("follow", json!({"followerId": "a", "followeeId": "friend"}));
    bench.outputs();
    let friend = bench.desk.ids.user("friend");
    strangers(&mut bench, 0, 2_000);
    assert_eq!(bench.desk.ids.user("friend"), friend);
    bench.internal(
        "unfollow",
        json!({"followerId": "a", "followeeId": "friend"}),
    );
    bench.outputs();
    strangers(&mut bench, 2_000, 2_000);
    assert_eq!(bench.desk.ids.user("friend"), None);
    bench.unwatch(&user_watch("a"));
    strangers(&mut bench, 4_000, 2_000);
    assert_eq!(bench.desk.ids.user("a"), None);
}

#[test]
fn members_of_lists_keep_their_numbers() {
    let mut bench = Bench::new();
    bench.watch(Watch::List(list_id("l")));
    bench.outputs();
    bench.answer(list_answer(Some(ListRecord {
        owner: user_id("o"),
        members: following(&["m", "m"]),
    })));
    bench.outputs();
    strangers(&mut bench, 0, 2_000);
    let list = bench.desk.lists.value(&list_id("l")).unwrap();
    let expected = Follows::new([rules::Follow {
        user: bench.desk.ids.user("m").unwrap(),
        with_replies: false,
    }]);
    assert_eq!(list.members, expected);
    assert_eq!(bench.user(list.owner), "o");
}
