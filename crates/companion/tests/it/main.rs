//! The companion beside a PostgreSQL and a Redis of its own: the suite that every backend must
//! pass, and what is particular to this one.

#![expect(clippy::unwrap_used, reason = "the whole crate is a test")]

mod packing;
mod rig;
mod stage;
mod store;
mod upstream;

mod conformance {
    backend::conformance!(crate::stage::Beside::open);
}
