//! The fuzzing corpus, replayed through the function that the fuzz target calls.

#[path = "../../../../fuzz/checks/decode.rs"]
pub(crate) mod decode;

use std::fs;
use std::path::Path;

#[test]
fn the_corpus_decodes() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/decode");
    let mut inputs = 0;
    for entry in fs::read_dir(&corpus).unwrap() {
        decode::check(&fs::read(entry.unwrap().path()).unwrap());
        inputs += 1;
    }
    assert!(inputs >= 40, "the corpus has but {inputs} inputs");
}
