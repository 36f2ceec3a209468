//! What waits to be written to one connection.

use std::io::IoSlice;

/// A queue of frames, bounded in bytes and in number. It holds no memory of its own while empty.
#[derive(Debug, Default)]
pub struct Mailbox {}

impl Mailbox {
    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        true
    }

    /// How many bytes wait.
    #[must_use]
    pub fn bytes(&self) -> usize {
        0
    }

    /// Fills `slices` with what waits, in order, for one vectored write; returns how many were
    /// filled. A frame takes up to three slices.
    pub fn gather<'a>(&'a self, _slices: &mut [IoSlice<'a>]) -> usize {
        0
    }

    /// Forgets the first `bytes` bytes: they were written.
    pub fn advance(&mut self, _bytes: usize) {}
}
