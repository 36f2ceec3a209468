//! Inflates compressed messages of clients, RFC 7692 section 7.2.2.

use flate2::{Decompress, FlushDecompress, Status};

use super::Violation;

/// What a client left out at the end of a message.
const FLUSHED: &[u8] = &[0x00, 0x00, 0xFF, 0xFF];

/// How much room is made first, in bytes: more than most messages of clients need.
const ROOM_BYTES: usize = 1_024;

/// The text of a compressed message. It takes no more memory than twice `bytes_max`, whatever
/// the message would grow to.
pub(super) fn inflate(payload: &[u8], bytes_max: usize) -> Result<Vec<u8>, Violation> {
    let mut out = Vec::with_capacity(ROOM_BYTES.min(bytes_max + 1));
    let mut inflater = Inflater {
        decompress: Decompress::new(false),
        bytes_max,
    };
    inflater.take(payload, &mut out)?;
    inflater.take(FLUSHED, &mut out)?;
    Ok(out)
}

struct Inflater {
    decompress: Decompress,
    bytes_max: usize,
}

impl Inflater {
    /// Inflates all of `input`.
    fn take(&mut self, mut input: &[u8], out: &mut Vec<u8>) -> Result<(), Violation> {
        loop {
            if out.len() == out.capacity() {
                let more = out.len().min(self.bytes_max + 1 - out.len());
                out.reserve_exact(more.max(1));
            }
            let before = (self.decompress.total_in(), out.len());
            let status = self
                .decompress
                .decompress_vec(input, out, FlushDecompress::Sync)
                .map_err(|_| Violation::Deflate)?;
            if out.len() > self.bytes_max {
                return Err(Violation::TooBig);
            }
            let used = self.decompress.total_in() - before.0;
            input = &input[usize::try_from(used).map_err(|_| Violation::Deflate)?..];
            match status {
                // A last block: what follows it is a stream of its own.
                Status::StreamEnd => self.decompress.reset(false),
                Status::Ok | Status::BufError => {}
            }
            let has_room = out.len() < out.capacity();
            if input.is_empty() && has_room {
                return Ok(());
            }
            if used == 0 && out.len() == before.1 && has_room {
                return Err(Violation::Deflate);
            }
        }
    }
}
