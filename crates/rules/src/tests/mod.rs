//! `docs/PROTOCOL.md`, sentence by sentence: each row quotes the sentence that it holds to.

mod build;
mod laws;
mod section3;
mod section4;
mod section5;
mod section6;
mod section7;
