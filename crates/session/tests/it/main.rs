//! The fuzzing corpus, replayed through the function that the fuzz target calls.

// The check names the crate as those who depend on it do.
extern crate seseragi_session as session;

#[path = "../../../../fuzz/checks/session.rs"]
pub(crate) mod check;

use std::fs;
use std::path::Path;

#[test]
fn the_corpus_keeps_to_the_contract() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/session");
    let mut inputs = 0;
    for entry in fs::read_dir(&corpus).unwrap() {
        check::check(&fs::read(entry.unwrap().path()).unwrap());
        inputs += 1;
    }
    assert!(inputs >= 20, "the corpus has but {inputs} inputs");
}
