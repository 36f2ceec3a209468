//! The frames of a server, as a client reads them.

use std::borrow::Cow;

use anyhow::{Context, Result, bail, ensure};
use flate2::{Decompress, FlushDecompress, Status};

/// The longest head of a server's frame.
pub(crate) const HEAD_BYTES_MAX: usize = 10;

/// The longest message that is inflated.
const INFLATED_BYTES_MAX: usize = 1024 * 1024;

/// What a flush to a byte boundary ends with, and what a compressed message leaves out.
const FLUSHED: &[u8] = &[0x00, 0x00, 0xFF, 0xFF];

/// One whole frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame<'a> {
    pub(crate) opcode: u8,
    pub(crate) compressed: bool,
    pub(crate) payload: &'a [u8],
}

/// The opcodes that servers send.
pub(crate) mod opcode {
    pub(crate) const TEXT: u8 = 0x1;
    pub(crate) const CLOSE: u8 = 0x8;
    pub(crate) const PING: u8 = 0x9;
}

/// The first frame in a buffer and how many bytes it takes, once all of it is there.
pub(crate) fn first(buffer: &[u8]) -> Result<Option<(Frame<'_>, usize)>> {
    let Some(length) = length(buffer)?.filter(|&length| length <= buffer.len()) else {
        return Ok(None);
    };
    let head = match buffer[1] {
        127 => 10,
        126 => 4,
        _ => 2,
    };
    let frame = Frame {
        opcode: buffer[0] & 0x0F,
        compressed: buffer[0] & 0x40 != 0,
        payload: &buffer[head..length],
    };
    Ok(Some((frame, length)))
}

/// How many bytes a frame takes, as soon as its head says it.
pub(crate) fn length(head: &[u8]) -> Result<Option<usize>> {
    if let &[first, second, ..] = head {
        let whole = first & 0x80 != 0 && first & 0x30 == 0;
        ensure!(
            whole && second & 0x80 == 0,
            "a frame begins with {first:02x} {second:02x}"
        );
    }
    Ok(match *head {
        [_, 127, a, b, c, d, e, f, g, h, ..] => {
            let length = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
            Some(10 + usize::try_from(length)?)
        }
        [_, 126, high, low, ..] => Some(4 + usize::from(u16::from_be_bytes([high, low]))),
        [_, length @ 0..=125, ..] => Some(2 + usize::from(length)),
        _ => None,
    })
}

impl Frame<'_> {
    /// The text of a message, inflated where it came compressed.
    pub(crate) fn text(&self) -> Result<Vec<u8>> {
        Ok(self.borrow_text()?.into_owned())
    }

    /// The same, without a copy where none is needed.
    pub(crate) fn borrow_text(&self) -> Result<Cow<'_, [u8]>> {
        match (self.opcode, self.compressed) {
            (opcode::TEXT, false) => Ok(Cow::Borrowed(self.payload)),
            (opcode::TEXT, true) => Ok(Cow::Owned(inflate(self.payload)?)),
            (opcode::CLOSE, _) => bail!("the server closed a connection: {}", self.close_reason()),
            (other, _) => bail!("a frame has opcode {other}"),
        }
    }

    /// What a close frame says.
    pub(crate) fn close_reason(&self) -> String {
        match *self.payload {
            [high, low, ref reason @ ..] => {
                let code = u16::from_be_bytes([high, low]);
                format!("{code} {}", String::from_utf8_lossy(reason))
            }
            _ => "without a code".to_owned(),
        }
    }
}

/// Inflates a message, which no other precedes (RFC 7692, without context takeover).
fn inflate(payload: &[u8]) -> Result<Vec<u8>> {
    let bytes = [payload, FLUSHED].concat();
    let mut out = Vec::with_capacity(4 * bytes.len());
    let mut inflate = Decompress::new(false);
    loop {
        let read = usize::try_from(inflate.total_in())?;
        let status = inflate
            .decompress_vec(&bytes[read..], &mut out, FlushDecompress::Sync)
            .context("a compressed message is broken")?;
        let room = out.len() < out.capacity();
        if room || status == Status::StreamEnd {
            ensure!(
                usize::try_from(inflate.total_in())? == bytes.len(),
                "a compressed message ends in the middle"
            );
            return Ok(out);
        }
        ensure!(out.len() < INFLATED_BYTES_MAX, "a message is too long");
        out.reserve(out.capacity());
    }
}

#[cfg(test)]
mod tests {
    use flate2::{Compress, Compression, FlushCompress};

    use super::*;

    #[test]
    fn frames_of_all_lengths_are_found_once_they_are_whole() {
        for (head, payload) in [
            (vec![0x81, 5], 5),
            (vec![0x81, 126, 1, 0], 256),
            (vec![0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0], 65_536),
        ] {
            let bytes = [head.clone(), vec![b'x'; payload], vec![0x8A, 0]].concat();
            let length = head.len() + payload;
            for cut in 0..length {
                assert_eq!(first(&bytes[..cut]).unwrap(), None, "{cut} of {length}");
            }
            let (frame, taken) = first(&bytes).unwrap().unwrap();
            assert_eq!((taken, frame.payload.len()), (length, payload));
            assert_eq!(frame.text().unwrap(), vec![b'x'; payload]);
            let (pong, _) = first(&bytes[taken..]).unwrap().unwrap();
            assert_eq!(pong.opcode, 0xA);
        }
    }

    #[test]
    fn a_compressed_text_comes_back() {
        let text = "seseragi ".repeat(2_000);
        let mut payload = Vec::with_capacity(text.len());
        Compress::new(Compression::fast(), false)
            .compress_vec(text.as_bytes(), &mut payload, FlushCompress::Sync)
            .unwrap();
        payload.truncate(payload.len() - FLUSHED.len());
        let frame = Frame {
            opcode: opcode::TEXT,
            compressed: true,
            payload: &payload,
        };
        assert_eq!(frame.text().unwrap(), text.as_bytes());
    }

    #[test]
    fn what_no_server_may_send_is_an_error() {
        for head in [[0x01, 5], [0x91, 5], [0x81, 0x85]] {
            assert!(length(&head).is_err(), "{head:02x?}");
        }
        let close = Frame {
            opcode: opcode::CLOSE,
            compressed: false,
            payload: b"\x03\xF5too slow",
        };
        assert_eq!(
            close.text().unwrap_err().to_string(),
            "the server closed a connection: 1013 too slow"
        );
    }
}
