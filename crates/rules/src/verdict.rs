//! What the rules answer.

use protocol::limits::CHAIN_LINKS_MAX;

/// Whether something may be delivered.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may, in the form that the proof names.
    Deliver(Cleared),
    /// It may not.
    Drop(Reason),
}

/// Proof that the rules let one thing through to one viewer. Only this crate can make one.
#[derive(Debug, PartialEq, Eq)]
pub struct Cleared {
    hidden: Hidden,
}

/// Which parts of a note a copy must hide. Bit 0 is the note itself, bit 1 what it renotes, and
/// so on along the chain; bit 8 is what the note replies to, bit 9 what the renoted note replies
/// to, and so on. Empty: deliver the bytes as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Hidden(pub u16);

const _: () = assert!(
    CHAIN_LINKS_MAX * 2 == 16,
    "a bit for each link and one for its reply"
);

/// Why something is not delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Not for this viewer.
    NotVisible,
    /// Muted, blocked or from a muted instance or channel.
    Muted,
    /// Not what this channel carries.
    NotOnChannel,
    /// A hidden part that can't be cut out.
    HiddenInRenote,
    /// The server doesn't show this to visitors.
    NotForVisitors,
    /// A fact that the rules need is missing.
    Incomplete,
    /// A chain of renotes longer than [`CHAIN_LINKS_MAX`].
    TooDeep,
}

impl Cleared {
    /// Lets a note through without the hidden parts.
    pub(crate) fn without(hidden: Hidden) -> Self {
        Self { hidden }
    }

    /// Lets something through as it is.
    pub(crate) fn whole() -> Self {
        Self::without(Hidden::default())
    }

    /// Which links of the chain the delivered copy must hide.
    #[must_use]
    pub fn hidden(&self) -> Hidden {
        self.hidden
    }
}

impl Hidden {
    /// Nothing to hide: the bytes may go as they are.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether the link at `depth` must be hidden.
    #[must_use]
    pub fn contains(self, depth: usize) -> bool {
        depth < CHAIN_LINKS_MAX && self.0 >> depth & 1 == 1
    }

    /// Whether what the link at `depth` replies to must be hidden.
    #[must_use]
    pub fn contains_reply(self, depth: usize) -> bool {
        depth < CHAIN_LINKS_MAX && self.0 >> (CHAIN_LINKS_MAX + depth) & 1 == 1
    }

    /// The same parts and the link at `depth`, which is below [`CHAIN_LINKS_MAX`].
    pub(crate) fn and_link(self, depth: usize) -> Self {
        debug_assert!(
            depth < CHAIN_LINKS_MAX,
            "the walk ends at the longest chain"
        );
        Self(self.0 | 1 << depth)
    }

    /// The same parts and what the link at `depth` replies to.
    pub(crate) fn and_reply(self, depth: usize) -> Self {
        debug_assert!(
            depth < CHAIN_LINKS_MAX,
            "the walk ends at the longest chain"
        );
        Self(self.0 | 1 << (CHAIN_LINKS_MAX + depth))
    }

    /// Whether any link of the chain itself is hidden, not only a reply beside it.
    pub(crate) fn any_link(self) -> bool {
        self.0 & ((1 << CHAIN_LINKS_MAX) - 1) != 0
    }
}
