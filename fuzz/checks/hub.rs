//! What must hold of a desk and its hubs, whatever happens: everyone gets what a model that keeps
//! nothing but the truth says, and no more. The fuzz target calls it with anything, the tests
//! with the corpus and with operations by chance.
//!
//! The operations are those of the property test. A few bytes are the seed of each, so that what
//! changes a part of an input changes one operation, and not those behind it.

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

#[path = "../../crates/hub/tests/it/ops.rs"]
pub(crate) mod ops;
#[path = "../../crates/hub/tests/it/truth.rs"]
pub(crate) mod truth;
#[path = "../../crates/hub/tests/it/world.rs"]
pub(crate) mod world;

/// How many bytes of an input make one operation.
const OPERATION_BYTES: usize = 3;

/// How many operations there are at most: enough for things to meet.
const OPERATIONS_MAX: usize = 300;

/// Lets happen what an input says, and checks what comes of it.
///
/// # Panics
///
/// When something does not hold.
pub(crate) fn check(data: &[u8]) {
    let any = ops::op();
    let mut world = world::World::new();
    for bytes in data.chunks_exact(OPERATION_BYTES).take(OPERATIONS_MAX) {
        let mut seed = [0; 32];
        seed[..OPERATION_BYTES].copy_from_slice(bytes);
        let chance = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
        let mut runner = TestRunner::new_with_rng(Config::default(), chance);
        let tree = any.new_tree(&mut runner);
        world.step(&tree.expect("no operation is refused").current());
    }
    world.finish();
}
