//! One frame for one connection: a WebSocket header of its own, a head that one subscription
//! shares, a body that all receivers share.

use std::sync::Arc;

use bytes::Bytes;

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

/// How many parts a frame has.
pub(crate) const PARTS: usize = 3;

/// A frame that may be written at once, and owns nothing but its header until it must wait.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Draft<'a> {
    header: Header,
    head: Option<&'a Arc<[u8]>>,
    body: &'a Bytes,
}

/// A frame that waits.
#[derive(Debug)]
pub(crate) struct Frame {
    header: Header,
    head: Option<Arc<[u8]>>,
    body: Bytes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Header {
    bytes: [u8; HEADER_BYTES_MAX],
    len: u8,
}

impl<'a> Draft<'a> {
    /// A text message.
    pub(crate) fn text(head: Option<&'a Arc<[u8]>>, body: &'a Bytes) -> Self {
        let payload = head.map_or(0, |head| head.len()) + body.len();
        Self {
            header: Header::text(payload),
            head,
            body,
        }
    }

    /// A compressed text message: the head as a stored block, then the blocks that all
    /// receivers share.
    pub(crate) fn deflated(head: &'a Arc<[u8]>, blocks: &'a Bytes) -> Self {
        let stored = u16::try_from(head.len()).expect("a client's ids are short");
        let mut header = Header::text(STORED_HEADER_BYTES + head.len() + blocks.len());
        header.bytes[0] |= COMPRESSED;
        // A first byte of 0: stored, and not the last block.
        let at = usize::from(header.len);
        header.bytes[at + 1..at + 3].copy_from_slice(&stored.to_le_bytes());
        header.bytes[at + 3..at + 5].copy_from_slice(&(!stored).to_le_bytes());
        header.len = u8::try_from(at + STORED_HEADER_BYTES).expect("headers are short");
        Self {
            header,
            head: Some(head),
            body: blocks,
        }
    }

    /// A frame that has its header.
    pub(crate) fn whole(frame: &'a Bytes) -> Self {
        Self {
            header: Header::NONE,
            head: None,
            body: frame,
        }
    }

    /// The frame as something that can wait.
    pub(crate) fn keep(self) -> Frame {
        Frame {
            header: self.header,
            head: self.head.cloned(),
            body: self.body.clone(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        let [header, head] = self.own();
        header.len() + head.len() + self.body.len()
    }

    /// What is this connection's alone.
    pub(crate) fn own(&self) -> [&[u8]; 2] {
        let head = self.head.map(|head| &**head);
        [self.header.get(), head.unwrap_or_default()]
    }

    /// What all receivers share.
    pub(crate) fn shared(&self) -> &'a Bytes {
        self.body
    }

    #[cfg(test)]
    pub(crate) fn parts(&self) -> [&[u8]; PARTS] {
        let [header, head] = self.own();
        [header, head, self.body]
    }
}

impl Frame {
    pub(crate) fn len(&self) -> usize {
        self.parts().iter().map(|part| part.len()).sum()
    }

    pub(crate) fn parts(&self) -> [&[u8]; PARTS] {
        [
            self.header.get(),
            self.head.as_deref().unwrap_or_default(),
            &self.body,
        ]
    }
}

impl Header {
    const NONE: Self = Self {
        bytes: [0; HEADER_BYTES_MAX],
        len: 0,
    };

    /// The header of an unmasked text frame, RFC 6455 section 5.2.
    fn text(payload: usize) -> Self {
        let mut header = Self::NONE;
        let bytes = &mut header.bytes;
        bytes[0] = TEXT;
        if let Ok(short @ 0..=125) = u8::try_from(payload) {
            bytes[1] = short;
            header.len = 2;
        } else if let Ok(medium) = u16::try_from(payload) {
            bytes[1] = 126;
            bytes[2..4].copy_from_slice(&medium.to_be_bytes());
            header.len = 4;
        } else {
            let wide = u64::try_from(payload).expect("a length has at most 64 bits");
            bytes[1] = 127;
            bytes[2..FRAME_HEADER_BYTES_MAX].copy_from_slice(&wide.to_be_bytes());
            header.len = 10;
        }
        header
    }

    fn get(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_have_the_shortest_length_that_fits() {
        let check = |payload: usize, expected: &[u8]| {
            assert_eq!(Header::text(payload).get(), expected, "{payload}");
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
        let blocks = Bytes::from_static(b"blocks");
        let draft = Draft::deflated(&head, &blocks);
        let expected = b"\xC1\x0F\x00\x04\x00\xFB\xFFheadblocks";
        assert_eq!(draft.parts().concat(), expected);
        assert_eq!(draft.keep().parts().concat(), expected);
    }
}
