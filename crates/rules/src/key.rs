//! Interned ids: small numbers that stand for a user or a Misskey channel in this process.

/// A user. Equal keys are the same user; the interner never reuses a key while anything that
/// was made with it may still be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UserKey(pub u32);

/// A Misskey channel, likewise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChannelKey(pub u32);
