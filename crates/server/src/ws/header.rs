//! The first 2 to 14 bytes of a client's frame.

use super::{CONTROL_BYTES_MAX, Opcode, Violation};

/// The longest header of a client's frame: two bytes, a length of eight, a mask of four.
pub(super) const HEADER_BYTES_MAX: usize = 14;

/// What a header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    /// The last or only fragment.
    pub(super) fin: bool,
    /// The first or only fragment of a compressed message.
    pub(super) compressed: bool,
    /// What the frame is.
    pub(super) opcode: Opcode,
    /// What its payload is masked with.
    pub(super) mask: [u8; 4],
    /// How long the payload is, in bytes.
    pub(super) payload_bytes: u64,
}

/// Reads a header and how many bytes it takes. `None`: it isn't complete. What is wrong with
/// it is found by the first byte that shows it. `compression`: whether it was agreed on.
pub(super) fn parse(bytes: &[u8], compression: bool) -> Result<Option<(Header, usize)>, Violation> {
    let Some(&first) = bytes.first() else {
        return Ok(None);
    };
    let opcode = Opcode::parse(first & 0x0F).ok_or(Violation::Framing("reserved opcode"))?;
    let compressed = first & 0x40 != 0;
    let may_be_compressed = compression && matches!(opcode, Opcode::Text | Opcode::Binary);
    if first & 0x30 != 0 || compressed && !may_be_compressed {
        return Err(Violation::Framing("a reserved bit is set"));
    }
    let fin = first & 0x80 != 0;
    if opcode.is_control() && !fin {
        return Err(Violation::Framing("fragmented control frame"));
    }
    let Some(&second) = bytes.get(1) else {
        return Ok(None);
    };
    if second & 0x80 == 0 {
        return Err(Violation::Framing("unmasked frame"));
    }
    let short = second & 0x7F;
    if opcode.is_control() && usize::from(short) > CONTROL_BYTES_MAX {
        return Err(Violation::Framing("control frame over 125 bytes"));
    }
    let Some((payload_bytes, mask_at)) = length(short, &bytes[2..])? else {
        return Ok(None);
    };
    let Some(mask) = bytes.get(mask_at..mask_at + 4) else {
        return Ok(None);
    };
    let mask = mask.try_into().expect("a slice of four bytes");
    let header = Header {
        fin,
        compressed,
        opcode,
        mask,
        payload_bytes,
    };
    Ok(Some((header, mask_at + 4)))
}

/// The length that the second byte or what follows it (`rest`) gives, and where the mask
/// begins. A length in more bytes than it needs is taken, as the real server takes it.
fn length(short: u8, rest: &[u8]) -> Result<Option<(u64, usize)>, Violation> {
    match short {
        126 => Ok(rest
            .first_chunk::<2>()
            .map(|bytes| (u64::from(u16::from_be_bytes(*bytes)), 4))),
        127 => {
            if rest.first().is_some_and(|high| high & 0x80 != 0) {
                return Err(Violation::Framing("length over 63 bits"));
            }
            Ok(rest
                .first_chunk::<8>()
                .map(|bytes| (u64::from_be_bytes(*bytes), 10)))
        }
        _ => Ok(Some((u64::from(short), 2))),
    }
}
