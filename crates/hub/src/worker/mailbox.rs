//! What waits to be written to one connection.

use std::collections::VecDeque;
use std::io::IoSlice;
use std::sync::Arc;

use bytes::Bytes;
use protocol::limits::Limits;
use rules::Cleared;

/// How much may wait for one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailboxLimits {
    /// Bytes on the wire, WebSocket headers included.
    pub bytes_max: usize,
    /// Frames.
    pub frames_max: usize,
}

impl From<&Limits> for MailboxLimits {
    fn from(limits: &Limits) -> Self {
        Self {
            bytes_max: limits.mailbox_bytes_max,
            frames_max: limits.mailbox_frames_max,
        }
    }
}

/// A queue of frames, bounded in bytes and in number. While empty, it holds no memory but its
/// own few words.
#[derive(Debug, Default)]
pub struct Mailbox {
    frames: VecDeque<Frame>,
    /// Bytes of all frames, less what is written of the first.
    bytes: usize,
    /// How much of the first frame is written.
    written: usize,
}

/// The queue is at its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Full;

/// One frame: a WebSocket header of its own, a head that one subscription shares, a body that
/// all receivers share.
#[derive(Debug)]
struct Frame {
    header: [u8; HEADER_BYTES_MAX],
    header_len: u8,
    head: Option<Arc<[u8]>>,
    body: Bytes,
}

/// The longest header of a frame from a server, RFC 6455 section 5.2.
const FRAME_HEADER_BYTES_MAX: usize = 10;
/// The header of a stored block on a byte boundary, RFC 1951 section 3.2.4.
const STORED_HEADER_BYTES: usize = 5;
/// The longest header of a frame, with that of the stored block that its head is.
const HEADER_BYTES_MAX: usize = FRAME_HEADER_BYTES_MAX + STORED_HEADER_BYTES;
/// The bit that marks a compressed message, RFC 7692 section 6.
const COMPRESSED: u8 = 0x40;
/// FIN and the opcode of text.
const TEXT: u8 = 0x81;

impl Mailbox {
    /// How many slices [`gather`](Self::gather) may need for one frame.
    pub const SLICES_PER_FRAME: usize = 3;

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// How many bytes wait.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many frames wait, a partly written one included.
    #[must_use]
    pub fn frames(&self) -> usize {
        self.frames.len()
    }

    /// Fills `slices` with what waits, in order, for one vectored write; returns how many were
    /// filled. Call [`advance`](Self::advance) with what was written.
    pub fn gather<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        let mut skip = self.written;
        let mut filled = 0;
        for part in self.frames.iter().flat_map(Frame::parts) {
            let skipped = skip.min(part.len());
            skip -= skipped;
            if skipped == part.len() {
                continue;
            }
            let Some(slice) = slices.get_mut(filled) else {
                break;
            };
            *slice = IoSlice::new(&part[skipped..]);
            filled += 1;
        }
        filled
    }

    /// Forgets the first `bytes` bytes that wait: they were written.
    pub fn advance(&mut self, bytes: usize) {
        debug_assert!(bytes <= self.bytes, "no more was written than waited");
        self.bytes -= bytes;
        self.written += bytes;
        while let Some(first) = self.frames.front().map(Frame::len) {
            if self.written < first {
                return;
            }
            self.written -= first;
            self.frames.pop_front();
        }
        self.frames = VecDeque::new();
    }

    /// Queues an event that the rules let through.
    pub(crate) fn push_event(
        &mut self,
        _cleared: Cleared,
        head: Option<Arc<[u8]>>,
        body: &Bytes,
        limits: MailboxLimits,
    ) -> Result<(), Full> {
        self.push(Frame::text(head, body.clone()), limits)
    }

    /// Queues an event that the rules let through as a compressed message: the head as a stored
    /// block, then the blocks that all receivers share.
    pub(crate) fn push_deflated(
        &mut self,
        _cleared: Cleared,
        head: Arc<[u8]>,
        blocks: &Bytes,
        limits: MailboxLimits,
    ) -> Result<(), Full> {
        self.push(Frame::deflated(head, blocks.clone()), limits)
    }

    /// Queues a text message that answers this client alone.
    pub(crate) fn push_text(&mut self, text: Bytes, limits: MailboxLimits) -> Result<(), Full> {
        self.push(Frame::text(None, text), limits)
    }

    /// Queues a frame that has its header.
    pub(crate) fn push_frame(&mut self, frame: Bytes, limits: MailboxLimits) -> Result<(), Full> {
        let frame = Frame {
            header: [0; HEADER_BYTES_MAX],
            header_len: 0,
            head: None,
            body: frame,
        };
        self.push(frame, limits)
    }

    /// Forgets all but a frame that is partly written, whose rest the client needs to
    /// understand anything after it.
    pub(crate) fn clear(&mut self) {
        self.frames.truncate(usize::from(self.written > 0));
        self.frames.shrink_to_fit();
        self.bytes = self.frames.front().map_or(0, Frame::len) - self.written;
    }

    fn push(&mut self, frame: Frame, limits: MailboxLimits) -> Result<(), Full> {
        let bytes = self.bytes + frame.len();
        let over = bytes > limits.bytes_max || self.frames.len() >= limits.frames_max;
        // One frame is always taken: that it is large is not the client's fault.
        if over && !self.frames.is_empty() {
            return Err(Full);
        }
        self.bytes = bytes;
        self.frames.push_back(frame);
        Ok(())
    }

    /// Panics where the counts don't agree with the frames.
    pub(crate) fn check_invariants(&self) {
        let total: usize = self.frames.iter().map(Frame::len).sum();
        assert_eq!(
            self.bytes + self.written,
            total,
            "bytes are those of the frames"
        );
        let first = self.frames.front().map_or(1, Frame::len);
        assert!(self.written < first, "a written frame is forgotten");
        assert!(
            !self.frames.is_empty() || self.frames.capacity() == 0,
            "an empty box is free"
        );
    }
}

impl Frame {
    fn text(head: Option<Arc<[u8]>>, body: Bytes) -> Self {
        let payload = head.as_ref().map_or(0, |head| head.len()) + body.len();
        let (header, header_len) = text_header(payload);
        Self {
            header,
            header_len,
            head,
            body,
        }
    }

    fn deflated(head: Arc<[u8]>, blocks: Bytes) -> Self {
        let stored = u16::try_from(head.len()).expect("a client's ids are short");
        let (mut header, len) = text_header(STORED_HEADER_BYTES + head.len() + blocks.len());
        header[0] |= COMPRESSED;
        // A first byte of 0: stored, and not the last block.
        let at = usize::from(len);
        header[at + 1..at + 3].copy_from_slice(&stored.to_le_bytes());
        header[at + 3..at + 5].copy_from_slice(&(!stored).to_le_bytes());
        let header_len = u8::try_from(at + STORED_HEADER_BYTES).expect("headers are short");
        Self {
            header,
            header_len,
            head: Some(head),
            body: blocks,
        }
    }

    fn len(&self) -> usize {
        self.parts().iter().map(|part| part.len()).sum()
    }

    fn parts(&self) -> [&[u8]; Mailbox::SLICES_PER_FRAME] {
        [
            &self.header[..usize::from(self.header_len)],
            self.head.as_deref().unwrap_or_default(),
            &self.body,
        ]
    }
}

/// The header of an unmasked text frame, RFC 6455 section 5.2, and its length.
fn text_header(payload: usize) -> ([u8; HEADER_BYTES_MAX], u8) {
    let mut header = [0; HEADER_BYTES_MAX];
    header[0] = TEXT;
    let wide = u64::try_from(payload).expect("a length has at most 64 bits");
    if let Ok(short @ 0..=125) = u8::try_from(payload) {
        header[1] = short;
        return (header, 2);
    }
    if let Ok(medium) = u16::try_from(payload) {
        header[1] = 126;
        header[2..4].copy_from_slice(&medium.to_be_bytes());
        return (header, 4);
    }
    header[1] = 127;
    header[2..FRAME_HEADER_BYTES_MAX].copy_from_slice(&wide.to_be_bytes());
    (header, 10)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMITS: MailboxLimits = MailboxLimits {
        bytes_max: 300_000,
        frames_max: 8,
    };

    /// What a vectored write of at most `slices` slices would write.
    fn written(mailbox: &Mailbox, slices: usize) -> Vec<u8> {
        let mut room = vec![IoSlice::new(&[]); slices];
        let filled = mailbox.gather(&mut room);
        room[..filled]
            .iter()
            .flat_map(|slice| slice.to_vec())
            .collect()
    }

    #[test]
    fn headers_have_the_shortest_length_that_fits() {
        let check = |payload: usize, expected: &[u8]| {
            let (header, len) = text_header(payload);
            assert_eq!(&header[..usize::from(len)], expected, "{payload}");
        };
        check(0, &[0x81, 0]);
        check(125, &[0x81, 125]);
        check(126, &[0x81, 126, 0, 126]);
        check(65_535, &[0x81, 126, 0xff, 0xff]);
        check(65_536, &[0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
    }

    #[test]
    fn a_compressed_frame_holds_its_head_as_a_stored_block() {
        let head: Arc<[u8]> = Arc::from(&b"head"[..]);
        let frame = Frame::deflated(head, Bytes::from_static(b"blocks"));
        let mut mailbox = Mailbox::default();
        mailbox.push(frame, LIMITS).unwrap();
        assert_eq!(
            written(&mailbox, 9),
            b"\xC1\x0F\x00\x04\x00\xFB\xFFheadblocks"
        );
    }

    #[test]
    fn a_full_box_takes_nothing_and_keeps_what_it_has() {
        let mut mailbox = Mailbox::default();
        for _ in 0..8 {
            assert_eq!(mailbox.push_text(Bytes::from_static(b"x"), LIMITS), Ok(()));
        }
        assert_eq!(
            mailbox.push_text(Bytes::from_static(b"x"), LIMITS),
            Err(Full)
        );
        assert_eq!((mailbox.frames(), mailbox.bytes()), (8, 24));
        let big = Bytes::from(vec![0; 300_000]);
        let mut mailbox = Mailbox::default();
        assert_eq!(
            mailbox.push_text(big, LIMITS),
            Ok(()),
            "one is always taken"
        );
        let small = Bytes::from_static(b"x");
        assert_eq!(mailbox.push_text(small, LIMITS), Err(Full));
    }

    #[test]
    fn clearing_keeps_the_rest_of_a_frame_that_was_begun() {
        let mut mailbox = Mailbox::default();
        for text in ["one", "two"] {
            mailbox
                .push_text(Bytes::from_static(text.as_bytes()), LIMITS)
                .unwrap();
        }
        mailbox.advance(3);
        mailbox.clear();
        mailbox.check_invariants();
        assert_eq!(written(&mailbox, 9), b"ne");
        mailbox.advance(2);
        assert!(mailbox.is_empty());
    }

    proptest! {
        /// Whatever is pushed comes out in order, however the writes are cut.
        #[test]
        fn bytes_come_out_as_they_went_in(
            steps in prop::collection::vec((0..300_usize, prop::option::of(0..40_usize), 1..9_usize, 0..400_usize), 0..40),
        ) {
            let mut mailbox = Mailbox::default();
            let (mut expected, mut came) = (Vec::new(), Vec::new());
            for (body, head, slices, write) in steps {
                let head: Option<Arc<[u8]>> = head.map(|len| vec![b'h'; len].into());
                let body = Bytes::from(vec![b'b'; body]);
                let payload = head.as_ref().map_or(0, |head| head.len()) + body.len();
                if mailbox.push(Frame::text(head.clone(), body.clone()), LIMITS).is_ok() {
                    let (header, len) = text_header(payload);
                    expected.extend_from_slice(&header[..usize::from(len)]);
                    expected.extend_from_slice(head.as_deref().unwrap_or_default());
                    expected.extend_from_slice(&body);
                }
                let mut out = written(&mailbox, slices);
                out.truncate(write);
                mailbox.advance(out.len());
                mailbox.check_invariants();
                came.extend(out);
            }
            let rest = written(&mailbox, 64);
            mailbox.advance(rest.len());
            came.extend(rest);
            prop_assert!(mailbox.is_empty());
            prop_assert_eq!(came, expected);
        }
    }
}
