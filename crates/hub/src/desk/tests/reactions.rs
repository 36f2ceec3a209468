//! What is asked about the reactions to notes that are renoted again and again, and what is not.

use super::*;

/// A renote of `shown`, which has more reactions than it tells of.
fn popular(id: &str) -> Value {
    renote(id, 20, &[])
}

fn update(kind: &str, user: &str, reaction: &str) -> Value {
    let body = json!({"userId": user, "reaction": reaction});
    let visible: [&str; 0] = [];
    json!({"type": kind, "body": {
        "id": "shown", "userId": "x", "visibility": "public", "visibleUserIds": visible,
        "body": body,
    }})
}

fn found(reactions: &[(&str, &str)]) -> Answer {
    let reactions = reactions.iter();
    let reactions = reactions.map(|(user, reaction)| (user_id(user), (*reaction).to_owned()));
    Answer::MyReactions(reactions.collect())
}

impl Bench {
    /// What comes out of a renote, without the events of reactions before it.
    fn renoted(&mut self, id: &str) -> Vec<String> {
        self.message("notesStream", &popular(id));
        let lines = self.outputs().into_iter();
        lines.filter(|line| !line.starts_with("captured")).collect()
    }

    fn come(&mut self, user: &str) {
        self.watch(user_watch(user));
        self.outputs();
        self.answer(Answer::Viewers(vec![viewer(user)]));
        self.outputs();
    }
}

#[test]
fn a_note_is_asked_about_once_and_later_about_newcomers_alone() {
    let mut bench = Bench::watching(&["a", "b"]);
    assert_eq!(bench.renoted("1"), ["ask MyReactions shown a b"]);
    bench.answer(found(&[("a", "👍")]));
    bench.check(&["note 1 0:👍"]);
    assert_eq!(bench.renoted("2"), ["note 2 0:👍"]);
    bench.come("c");
    assert_eq!(bench.renoted("3"), ["ask MyReactions shown c"]);
    bench.answer(found(&[("c", "❤")]));
    bench.check(&["note 3 0:👍 4:❤"]);
    assert_eq!(bench.renoted("4"), ["note 4 0:👍 4:❤"]);
    // Whoever has left and come again may have done anything meanwhile.
    bench.unwatch(&user_watch("a"));
    assert_eq!(
        bench.renoted("5"),
        ["note 5 0:👍 4:❤"],
        "nobody is there to get it"
    );
    bench.message("noteStream:shown", &update("unreacted", "a", "👍"));
    bench.outputs();
    bench.come("a");
    assert_eq!(bench.renoted("6"), ["ask MyReactions shown a"]);
    bench.answer(found(&[]));
    bench.check(&["note 6 4:❤"]);
}

#[test]
fn what_users_do_is_known_at_once() {
    let mut bench = Bench::watching(&["a", "b"]);
    bench.renoted("1");
    bench.answer(found(&[("a", "👍")]));
    bench.check(&["note 1 0:👍"]);
    bench.message("noteStream:shown", &update("unreacted", "a", "👍"));
    bench.message("noteStream:shown", &update("reacted", "b", ":b:"));
    bench.message("noteStream:shown", &update("reacted", "stranger", "👍"));
    bench.message("noteStream:other", &update("reacted", "a", "👍"));
    assert_eq!(bench.renoted("2"), ["note 2 1::b@.:"]);
    bench.message("noteStream:shown", &update("reacted", "a", "❤"));
    assert_eq!(bench.renoted("3"), ["note 3 0:❤ 1::b@.:"]);
}

#[test]
fn what_users_do_while_the_store_is_asked_counts_more_than_its_answer() {
    let mut bench = Bench::watching(&["a", "b"]);
    bench.renoted("1");
    bench.message("noteStream:shown", &update("unreacted", "a", "👍"));
    bench.message("noteStream:shown", &update("reacted", "b", "❤"));
    bench.message("notesStream", &popular("2"));
    bench.check(&[]);
    bench.answer(found(&[("a", "👍")]));
    let lines = bench.outputs();
    assert_eq!(lines[0], "note 1 1:❤");
    assert_eq!(lines.last().unwrap(), "note 2 1:❤");
}

#[test]
fn who_comes_while_the_store_is_asked_is_asked_about_next() {
    let mut bench = Bench::watching(&["a"]);
    assert_eq!(bench.renoted("1"), ["ask MyReactions shown a"]);
    let first = bench.asks.remove(0);
    bench.watch(user_watch("b"));
    bench.check(&["ask Viewers b"]);
    bench.answer(Answer::Viewers(vec![viewer("b")]));
    bench.message("notesStream", &popular("2"));
    bench.check(&[]);
    bench.asks.insert(0, first);
    bench.answer(found(&[("a", "👍")]));
    bench.check(&["ask MyReactions shown b", "note 1 0:👍", "1: viewer b"]);
    bench.answer(found(&[("b", "❤")]));
    bench.check(&["note 2 0:👍 3:❤"]);
}

#[test]
fn what_is_not_certain_is_asked_again() {
    let mut bench = Bench::watching(&["a"]);
    let ask = ["ask MyReactions shown a"];
    assert_eq!(bench.renoted("1"), ask);
    bench.answer(Answer::Failed);
    bench.check(&["note 1"]);
    assert_eq!(bench.renoted("2"), ask);
    bench.answer(found(&[("a", "👍")]));
    bench.check(&["note 2 0:👍"]);
    // An event that doesn't say who it was.
    let mut nobody = update("reacted", "a", "❤");
    nobody["body"]["body"] = json!({"reaction": "❤"});
    bench.message("noteStream:shown", &nobody);
    assert_eq!(bench.renoted("3"), ask);
    bench.answer(found(&[("a", "❤")]));
    bench.check(&["note 3 0:❤"]);
    // A copy of the store may have been late.
    bench.pass(60_001);
    assert_eq!(bench.renoted("4"), ask);
    bench.answer(found(&[("a", "❤")]));
    bench.check(&["note 4 0:❤"]);
    bench.desk.handle_gap();
    bench.outputs();
    bench.message("notesStream", &popular("5"));
    assert_eq!(bench.outputs(), ask);
}

#[test]
fn an_answer_from_before_a_gap_is_not_kept() {
    let mut bench = Bench::watching(&["a"]);
    bench.renoted("1");
    let ask = bench.asks.remove(0);
    bench.desk.handle_gap();
    bench.outputs();
    bench.asks.insert(0, ask);
    bench.answer(found(&[("a", "👍")]));
    bench.check(&["note 1 0:👍"]);
    bench.message("notesStream", &popular("2"));
    assert_eq!(bench.outputs(), ["ask MyReactions shown a"]);
}
