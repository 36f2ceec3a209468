//! The desk and two hubs together, against a model that keeps nothing but the truth.
#![cfg(test)]
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the model picks out what matters to it"
)]

#[cfg(test)]
mod ops;
#[cfg(test)]
mod truth;
#[cfg(test)]
mod world;

use proptest::prelude::*;

proptest! {
    #[test]
    fn everyone_gets_what_the_rules_give_them(ops in ops::ops()) {
        let mut world = world::World::new();
        for op in ops {
            world.step(&op);
        }
        world.finish();
    }
}
