//! What the rules answer.

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

/// Which links of a note's chain of renotes must be hidden: bit 0 is the note itself, bit 1
/// what it renotes, and so on. Empty: deliver the bytes as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Hidden(pub u8);

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
}

impl Cleared {
    pub(crate) fn new(hidden: Hidden) -> Self {
        Self { hidden }
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
        u32::try_from(depth).is_ok_and(|depth| self.0.checked_shr(depth).unwrap_or(0) & 1 == 1)
    }
}
