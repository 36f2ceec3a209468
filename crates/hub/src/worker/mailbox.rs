//! What waits to be written to one connection.

use std::collections::VecDeque;
use std::io::IoSlice;

use bytes::Bytes;
use protocol::limits::Limits;
use rules::Cleared;

use super::ConnId;
use super::draft::{Draft, Frame, PARTS};

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

/// Where an event goes at once while nothing waits before it.
pub trait Wire {
    /// Writes as much of a frame as the connection takes without waiting, and says how many bytes
    /// those were. The frame is what is `own` to the connection, then what it has in common with
    /// those of other receivers.
    fn write(&mut self, conn: ConnId, own: [&[u8]; 2], shared: &Bytes) -> usize;
}

/// A wire that takes nothing: all events wait, to be written together.
#[derive(Debug, Clone, Copy)]
pub struct Hold;

impl Wire for Hold {
    fn write(&mut self, _: ConnId, _: [&[u8]; 2], _: &Bytes) -> usize {
        0
    }
}

/// The queue is at its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Full;

impl Mailbox {
    /// How many slices [`gather`](Self::gather) may need for one frame.
    pub const SLICES_PER_FRAME: usize = PARTS;

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

    /// Sends an event that the rules let through: at once what the wire takes, if nothing waits
    /// before it. The rest waits.
    pub(crate) fn push_event(
        &mut self,
        _cleared: Cleared,
        draft: Draft<'_>,
        limits: MailboxLimits,
        conn: ConnId,
        wire: &mut dyn Wire,
    ) -> Result<(), Full> {
        self.push_draft(draft, limits, conn, wire)
    }

    fn push_draft(
        &mut self,
        draft: Draft<'_>,
        limits: MailboxLimits,
        conn: ConnId,
        wire: &mut dyn Wire,
    ) -> Result<(), Full> {
        if !self.is_empty() {
            return self.push(draft.keep(), limits);
        }
        let written = wire.write(conn, draft.own(), draft.shared());
        if written < draft.len() {
            self.push(draft.keep(), limits)?;
            self.advance(written);
        }
        Ok(())
    }

    /// Queues a text message that answers this client alone.
    pub(crate) fn push_text(&mut self, text: &Bytes, limits: MailboxLimits) -> Result<(), Full> {
        self.push(Draft::text(None, text).keep(), limits)
    }

    /// Queues a frame that has its header.
    pub(crate) fn push_frame(&mut self, frame: &Bytes, limits: MailboxLimits) -> Result<(), Full> {
        self.push(Draft::whole(frame).keep(), limits)
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

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
    fn a_full_box_takes_nothing_and_keeps_what_it_has() {
        let small = Bytes::from_static(b"x");
        let mut mailbox = Mailbox::default();
        for _ in 0..8 {
            assert_eq!(mailbox.push_text(&small, LIMITS), Ok(()));
        }
        assert_eq!(mailbox.push_text(&small, LIMITS), Err(Full));
        assert_eq!((mailbox.frames(), mailbox.bytes()), (8, 24));
        let big = Bytes::from(vec![0; 300_000]);
        let mut mailbox = Mailbox::default();
        assert_eq!(
            mailbox.push_text(&big, LIMITS),
            Ok(()),
            "one is always taken"
        );
        assert_eq!(mailbox.push_text(&small, LIMITS), Err(Full));
    }

    #[test]
    fn clearing_keeps_the_rest_of_a_frame_that_was_begun() {
        let mut mailbox = Mailbox::default();
        for text in ["one", "two"] {
            mailbox
                .push_text(&Bytes::from_static(text.as_bytes()), LIMITS)
                .unwrap();
        }
        mailbox.advance(3);
        mailbox.clear();
        mailbox.check_invariants();
        assert_eq!(written(&mailbox, 9), b"ne");
        mailbox.advance(2);
        assert!(mailbox.is_empty());
    }

    /// Takes so many bytes of each frame.
    struct Takes {
        bytes: usize,
        came: Vec<u8>,
    }

    impl Wire for Takes {
        fn write(&mut self, _: ConnId, [header, head]: [&[u8]; 2], shared: &Bytes) -> usize {
            let frame = [header, head, shared].concat();
            let taken = self.bytes.min(frame.len());
            self.came.extend_from_slice(&frame[..taken]);
            taken
        }
    }

    proptest! {
        /// Whatever is pushed comes out in order, however the writes are cut.
        #[test]
        fn bytes_come_out_as_they_went_in(
            steps in prop::collection::vec((0..300_usize, prop::option::of(0..40_usize), 1..9_usize, 0..400_usize, 0..400_usize), 0..40),
        ) {
            let mut mailbox = Mailbox::default();
            let mut expected = Vec::new();
            let mut wire = Takes { bytes: 0, came: Vec::new() };
            for (body, head, slices, write, direct) in steps {
                let head: Option<Arc<[u8]>> = head.map(|len| vec![b'h'; len].into());
                let body = Bytes::from(vec![b'b'; body]);
                let draft = Draft::text(head.as_ref(), &body);
                wire.bytes = direct;
                if mailbox.push_draft(draft, LIMITS, ConnId(0), &mut wire).is_ok() {
                    expected.extend(draft.parts().concat());
                }
                mailbox.check_invariants();
                let mut out = written(&mailbox, slices);
                out.truncate(write);
                mailbox.advance(out.len());
                mailbox.check_invariants();
                wire.came.extend(out);
            }
            let rest = written(&mailbox, 64);
            mailbox.advance(rest.len());
            wire.came.extend(rest);
            prop_assert!(mailbox.is_empty());
            prop_assert_eq!(wire.came, expected);
        }
    }
}
