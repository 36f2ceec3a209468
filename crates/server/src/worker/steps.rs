//! How much of what clients send is taken in one turn.

/// How many reads and frames one connection gets in a turn.
pub(super) const STEPS_MAX: usize = 64;

/// How many reads and frames all connections get in a turn. More of them wait, in the order in
/// which they came.
pub(super) const STEPS_TURN_MAX: usize = 2_048;

/// What is left of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Steps(usize);

impl Steps {
    /// All that a turn has.
    pub(super) fn of_turn() -> Self {
        Self(STEPS_TURN_MAX)
    }

    /// Whether nothing is left.
    pub(super) fn is_over(self) -> bool {
        self.0 == 0
    }

    /// Takes one step, if one is left.
    pub(super) fn take(&mut self) -> bool {
        let taken = !self.is_over();
        self.0 -= usize::from(taken);
        taken
    }

    /// Takes out what one connection may have.
    pub(super) fn share(&mut self) -> Self {
        let share = self.0.min(STEPS_MAX);
        self.0 -= share;
        Self(share)
    }

    /// Puts back what a connection did not need.
    pub(super) fn put_back(&mut self, share: Self) {
        self.0 += share.0;
    }
}
