//! The rest of a frame, deflated once for all receivers (RFC 7692).

use std::cell::RefCell;

use flate2::{Compress, Compression, FlushCompress, Status};

/// What a flush to a byte boundary ends with, and what a message leaves out.
const FLUSHED: &[u8] = &[0x00, 0x00, 0xFF, 0xFF];

/// What a frame spends so that a head of its own may precede the shared blocks.
const STORED_HEADER_BYTES: usize = 5;

/// How hard deflate looks for what repeats itself. One more than the least makes a note of 5,000
/// bytes a third of itself; more takes longer and saves next to nothing.
const LEVEL: u32 = 2;

thread_local! {
    /// Its tables are large: to make them anew costs as much as to deflate a note.
    static COMPRESS: RefCell<Compress> = RefCell::new(Compress::new(Compression::new(LEVEL), false));
}

/// Deflates what all receivers share, as blocks that may follow any whole block. `None`: it
/// would not become smaller.
pub(super) fn deflate(rest: &[u8]) -> Option<Box<[u8]>> {
    let room = rest.len().checked_sub(STORED_HEADER_BYTES)? + FLUSHED.len();
    let mut out = Vec::with_capacity(room);
    let (status, read) = COMPRESS.with_borrow_mut(|compress| {
        compress.reset();
        let status = compress.compress_vec(rest, &mut out, FlushCompress::Sync);
        (status, compress.total_in())
    });
    let read_all = read == u64::try_from(rest.len()).ok()?;
    if !matches!(status, Ok(Status::Ok)) || !read_all || !out.ends_with(FLUSHED) {
        return None;
    }
    out.truncate(out.len() - FLUSHED.len());
    Some(out.into())
}

#[cfg(test)]
mod tests {
    use flate2::{Decompress, FlushDecompress};
    use proptest::prelude::*;

    use super::*;

    /// What a client reads of a message of these blocks.
    fn inflate(parts: &[&[u8]], size: usize) -> Vec<u8> {
        let bytes = [&parts.concat(), FLUSHED].concat();
        let mut out = Vec::with_capacity(size + 1);
        let mut decompress = Decompress::new(false);
        decompress
            .decompress_vec(&bytes, &mut out, FlushDecompress::Sync)
            .unwrap();
        assert_eq!(decompress.total_in(), bytes.len() as u64);
        out
    }

    #[test]
    fn what_would_not_become_smaller_stays_as_it_is() {
        for rest in [&b""[..], b"}}", b"abcdefghijkl", &[0xFF; 4]] {
            assert_eq!(deflate(rest), None, "{rest:?}");
        }
    }

    #[test]
    fn long_ones_come_back() {
        for size in [512, 2_048, 32_768, 65_535, 65_536, 300_000] {
            let rest: Vec<u8> = (0..size).map(|at| b"seseragi"[at * at % 97 % 8]).collect();
            let blocks = deflate(&rest).expect("it repeats itself");
            assert!(blocks.len() + STORED_HEADER_BYTES <= rest.len());
            assert_eq!(inflate(&[&blocks], size), rest);
        }
    }

    proptest! {
        /// A stored block before the shared ones changes nothing of them.
        #[test]
        fn any_text_comes_back_behind_any_head(
            head in "\\PC{0,60}",
            rest in "([a-c]{1,9}|\\PC{0,3}){0,200}",
        ) {
            if let Some(blocks) = deflate(rest.as_bytes()) {
                let len = u16::try_from(head.len()).unwrap();
                let stored = [&[0][..], &len.to_le_bytes(), &(!len).to_le_bytes()].concat();
                let text = inflate(&[&stored, head.as_bytes(), &blocks], head.len() + rest.len());
                prop_assert_eq!(text, [head, rest].concat().into_bytes());
            }
        }
    }
}
