//! The streaming server of the Misskey world.
fn main() {}
