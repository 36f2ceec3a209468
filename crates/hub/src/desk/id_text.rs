//! An id's text, without an allocation where it is as short as ids are.

use std::fmt;

/// A text that usually fits into 22 bytes.
#[derive(Clone)]
pub(super) enum IdText {
    /// Its length and bytes.
    Short(u8, [u8; SHORT_BYTES_MAX]),
    /// A longer one.
    Long(Box<str>),
}

const SHORT_BYTES_MAX: usize = 22;

impl IdText {
    pub(super) fn new(text: &str) -> Self {
        let mut bytes = [0; SHORT_BYTES_MAX];
        match (u8::try_from(text.len()), bytes.get_mut(..text.len())) {
            (Ok(len), Some(start)) => {
                start.copy_from_slice(text.as_bytes());
                Self::Short(len, bytes)
            }
            _ => Self::Long(text.into()),
        }
    }

    pub(super) fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).expect("the bytes are those of a `str`")
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Short(len, bytes) => &bytes[..usize::from(*len)],
            Self::Long(text) => text.as_bytes(),
        }
    }
}

impl fmt::Debug for IdText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back_as_they_were() {
        for text in [
            "",
            "a",
            "9s8bjnq4yi0001ab",
            &"x".repeat(22),
            &"x".repeat(23),
            "雪の日",
        ] {
            assert_eq!(IdText::new(text).as_str(), text);
        }
        assert_eq!(size_of::<IdText>(), 24);
    }
}
