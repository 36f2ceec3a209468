//! Ids: a newtype for each kind of thing, and the generations of Misskey's sortable ids.

mod generation;

use std::borrow::Borrow;
use std::fmt;

use generation::AID_EPOCH_MS;
pub use generation::Generation;

/// The longest id that is taken from outside, in bytes. Real ids have 10 to 26 characters.
pub const ID_BYTES_MAX: usize = 64;

/// Makes an id type: an opaque, non-empty string of at most [`ID_BYTES_MAX`] bytes.
macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Box<str>);

        impl $name {
            /// Takes an id as it stands; `None` if it is empty or too long to be one.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                (!text.is_empty() && text.len() <= ID_BYTES_MAX).then(|| Self(text.into()))
            }

            /// The id as it is written.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

id_type!(
    /// A user.
    UserId
);
id_type!(
    /// A note.
    NoteId
);
id_type!(
    /// A Misskey channel: a place for notes, not a channel of the stream.
    ChannelId
);
id_type!(
    /// A list of users.
    ListId
);
id_type!(
    /// An antenna.
    AntennaId
);
id_type!(
    /// A role.
    RoleId
);
id_type!(
    /// A chat room.
    RoomId
);
id_type!(
    /// A game of Reversi.
    GameId
);

/// A joined channel of one connection: a small number that is used again when it is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SubId(pub u8);

/// Writes an `aidx` id: 8 base-36 digits of milliseconds since 2000, 4 of the process
/// (`node`), 4 of a `counter`. A time before 2000 counts as 2000.
#[must_use]
pub fn aidx(unix_ms: u64, node: [u8; 4], counter: u32) -> String {
    let mut id = [0_u8; 16];
    base36(unix_ms.saturating_sub(AID_EPOCH_MS), &mut id[..8]);
    id[8..12].copy_from_slice(&node);
    base36(u64::from(counter), &mut id[12..]);
    id.iter().copied().map(char::from).collect()
}

/// Fills `out` with the lowest digits of `value`, padded with zeros.
fn base36(mut value: u64, out: &mut [u8]) {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    for digit in out.iter_mut().rev() {
        let remainder = usize::try_from(value % 36).expect("a remainder below 36 fits");
        *digit = DIGITS[remainder];
        value /= 36;
    }
}
