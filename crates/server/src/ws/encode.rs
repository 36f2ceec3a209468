//! The control frames of the server. Its text frames are made in the mailboxes of the hub.

use super::{CONTROL_BYTES_MAX, Opcode};

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
    let short = u8::try_from(payload.len()).expect("control frames are short");
    out.extend_from_slice(&[0x80 | opcode.nibble(), short]);
    out.extend_from_slice(payload);
}
