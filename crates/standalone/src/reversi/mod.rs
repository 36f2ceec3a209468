//! Reversi: the [`board`], the [`game`] of two on it, and how they find each other.
//!
//! `board`, `game` and `setting` are pure; `store` keeps games, `operations` takes what players
//! send over the stream, `matching` brings two together.

pub mod board;
pub mod game;
pub(crate) mod matching;
pub(crate) mod operations;
pub mod setting;
pub(crate) mod store;
