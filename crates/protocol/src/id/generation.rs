//! The generations of Misskey's sortable ids, and the time that each carries.

/// How a server makes its ids: the `id` setting of Misskey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Generation {
    /// 8 base-36 digits of milliseconds since 2000, 2 more characters.
    Aid,
    /// 8 base-36 digits of milliseconds since 2000, 8 more characters. The default.
    Aidx,
    /// 12 hexadecimal digits of Unix milliseconds with bit 47 set, 12 more.
    Meid,
    /// `g`, 11 hexadecimal digits of Unix milliseconds, 12 more.
    Meidg,
    /// 8 hexadecimal digits of Unix seconds, 16 more.
    ObjectId,
    /// 10 digits in Crockford's base 32 of Unix milliseconds, 16 more.
    Ulid,
}

/// Where the time of `aid` and `aidx` begins: 2000-01-01T00:00:00Z in Unix milliseconds.
pub(super) const AID_EPOCH_MS: u64 = 946_684_800_000;

/// What `meid` adds to Unix milliseconds.
const MEID_OFFSET_MS: u64 = 0x8000_0000_0000;

impl Generation {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Aid,
        Self::Aidx,
        Self::Meid,
        Self::Meidg,
        Self::ObjectId,
        Self::Ulid,
    ];

    /// Reads Misskey's `id` setting. `None`: no such generation.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|generation| generation.name() == name)
    }

    /// The name in Misskey's `id` setting.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Aid => "aid",
            Self::Aidx => "aidx",
            Self::Meid => "meid",
            Self::Meidg => "meidg",
            Self::ObjectId => "objectid",
            Self::Ulid => "ulid",
        }
    }

    /// When the thing of an id was created, in Unix milliseconds. `None`: not an id of this
    /// generation.
    #[must_use]
    pub fn created_at_ms(self, id: &str) -> Option<u64> {
        let id = id.as_bytes();
        match (self, id.len()) {
            (Self::Aid, 10) | (Self::Aidx, 16) => {
                number(&id[..8], 36, lower_digit)?.checked_add(AID_EPOCH_MS)
            }
            (Self::Meid, 24) => number(&id[..12], 16, lower_digit)?.checked_sub(MEID_OFFSET_MS),
            (Self::Meidg, 24) if id[0] == b'g' => number(&id[1..12], 16, lower_digit),
            (Self::ObjectId, 24) => Some(number(&id[..8], 16, lower_digit)? * 1000),
            (Self::Ulid, 26) => number(&id[..10], 32, crockford_digit),
            (
                Self::Aid | Self::Aidx | Self::Meid | Self::Meidg | Self::ObjectId | Self::Ulid,
                _,
            ) => None,
        }
    }
}

/// Reads digits of a base.
fn number(bytes: &[u8], base: u64, digit: fn(u8) -> Option<u64>) -> Option<u64> {
    bytes.iter().try_fold(0_u64, |value, &byte| {
        let digit = digit(byte).filter(|&digit| digit < base)?;
        value.checked_mul(base)?.checked_add(digit)
    })
}

/// `0` to `9`, `a` to `z`.
fn lower_digit(byte: u8) -> Option<u64> {
    match byte {
        b'0'..=b'9' => Some(u64::from(byte - b'0')),
        b'a'..=b'z' => Some(u64::from(byte - b'a') + 10),
        _ => None,
    }
}

/// Crockford's base 32: no `I`, `L`, `O`, `U`; in either case.
fn crockford_digit(byte: u8) -> Option<u64> {
    const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let byte = byte.to_ascii_uppercase();
    DIGITS
        .iter()
        .zip(0..)
        .find_map(|(&digit, value)| (digit == byte).then_some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_carry_their_time() {
        let check = |generation: Generation, id: &str, expected: Option<u64>| {
            assert_eq!(
                generation.created_at_ms(id),
                expected,
                "{generation:?} {id}"
            );
        };
        // A recorded note of 2026-11-23T19:38:19.267Z.
        check(
            Generation::Aidx,
            "atx8g2kjpt4i002a",
            Some(1_795_462_699_267),
        );
        check(Generation::Aid, "atx8g2kj2a", Some(1_795_462_699_267));
        check(Generation::Aid, "00000000aa", Some(946_684_800_000));
        check(
            Generation::Meid,
            "81a20a43e803000000000000",
            Some(0x01a2_0a43_e803),
        );
        check(
            Generation::Meidg,
            "g1a20a43e803000000000000",
            Some(0x01a2_0a43_e803),
        );
        // The example of MongoDB's manual: 2012-10-17T20:46:22Z.
        check(
            Generation::ObjectId,
            "507f191e810c19729de860ea",
            Some(1_350_506_782_000),
        );
        // The example of the ULID specification.
        check(
            Generation::Ulid,
            "01ARZ3NDEKTSV4RRFFQ69G5FAV",
            Some(1_469_922_850_259),
        );
        check(Generation::Aidx, "atx8g2kj2a", None);
        check(Generation::Aidx, "ATX8G2KJPT4I002A", None);
        check(Generation::Aidx, "あああああx", None);
        check(Generation::Meid, "01a20a43e803000000000000", None);
        check(Generation::Meidg, "01a20a43e803000000000000", None);
        check(Generation::Ulid, "01ARZ3NDEUTSV4RRFFQ69G5FAV", None);
        check(Generation::Ulid, "", None);
    }

    #[test]
    fn setting_names_are_read_back() {
        for generation in Generation::ALL {
            assert_eq!(Generation::parse(generation.name()), Some(generation));
        }
        assert_eq!(Generation::parse("AIDX"), None);
    }
}
