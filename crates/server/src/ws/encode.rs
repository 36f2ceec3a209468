//! What the server sends: unmasked frames, never fragmented.

use super::{CONTROL_BYTES_MAX, Opcode};

/// The header of a frame of the server: its bytes and how many of them count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FrameHeader {
    bytes: [u8; 10],
    len: u8,
}

impl FrameHeader {
    /// The header of a text frame with a payload of this many bytes.
    pub(crate) fn text(payload_bytes: usize) -> Self {
        Self::new(Opcode::Text, payload_bytes)
    }

    fn new(opcode: Opcode, payload_bytes: usize) -> Self {
        let mut bytes = [0_u8; 10];
        bytes[0] = 0x80 | opcode.nibble();
        let len = if let Ok(short @ 0..=125) = u8::try_from(payload_bytes) {
            bytes[1] = short;
            2
        } else if let Ok(middle) = u16::try_from(payload_bytes) {
            bytes[1] = 126;
            bytes[2..4].copy_from_slice(&middle.to_be_bytes());
            4
        } else {
            bytes[1] = 127;
            bytes[2..10].copy_from_slice(&(payload_bytes as u64).to_be_bytes());
            10
        };
        Self { bytes, len }
    }

    /// The header as it goes on the wire.
    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

/// Appends an empty ping.
pub(crate) fn ping(out: &mut Vec<u8>) {
    control(Opcode::Ping, &[], out);
}

/// Appends the answer to a ping with this payload.
pub(crate) fn pong(payload: &[u8], out: &mut Vec<u8>) {
    control(Opcode::Pong, payload, out);
}

/// Appends a close frame: empty without a code, else the code and a text, which is cut at a
/// character where it is too long for a control frame.
pub(crate) fn close(code: Option<u16>, text: &str, out: &mut Vec<u8>) {
    let Some(code) = code else {
        return control(Opcode::Close, &[], out);
    };
    let mut cut = text.len().min(CONTROL_BYTES_MAX - 2);
    while !text.is_char_boundary(cut) {
        cut -= 1;
    }
    let mut payload = code.to_be_bytes().to_vec();
    payload.extend_from_slice(&text.as_bytes()[..cut]);
    control(Opcode::Close, &payload, out);
}

fn control(opcode: Opcode, payload: &[u8], out: &mut Vec<u8>) {
    debug_assert!(
        payload.len() <= CONTROL_BYTES_MAX,
        "control frames are short"
    );
    out.extend_from_slice(FrameHeader::new(opcode, payload.len()).as_slice());
    out.extend_from_slice(payload);
}
