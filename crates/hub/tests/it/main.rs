//! The desk and two hubs together, against a model that keeps nothing but the truth.
#![cfg(test)]
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the model picks out what matters to it"
)]

#[cfg(test)]
#[path = "../../../../fuzz/checks/hub.rs"]
mod check;

use std::fs;
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;

proptest! {
    #[test]
    fn everyone_gets_what_the_rules_give_them(ops in vec(check::ops::op(), 1..150)) {
        let mut world = check::world::World::new();
        for op in ops {
            world.step(&op);
        }
        world.finish();
    }
}

#[test]
fn the_corpus_reaches_whom_it_should() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/hub");
    let mut inputs = 0;
    for entry in fs::read_dir(&corpus).unwrap() {
        check::check(&fs::read(entry.unwrap().path()).unwrap());
        inputs += 1;
    }
    assert!(inputs >= 20, "the corpus has but {inputs} inputs");
}
