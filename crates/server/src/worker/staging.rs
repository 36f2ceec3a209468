//! Frames put together in one piece: for the system one piece is less work than three.

use bytes::Bytes;

/// How long what is a connection's own may be, in bytes.
const OWN_BYTES_MAX: usize = 512;

/// How long what all receivers share may be, in bytes: longer frames are not worth the copy.
const SHARED_BYTES_MAX: usize = 8 * 1024;

/// How much room it takes.
pub(super) const STAGING_BYTES: usize = OWN_BYTES_MAX + SHARED_BYTES_MAX;

/// Where frames are put together. What all receivers share stays where it is from one to the
/// next; only what is a connection's own is put before it.
#[derive(Debug)]
pub(super) struct Staging<'a> {
    room: &'a mut [u8; STAGING_BYTES],
    /// What lies in the room. It is kept, so that no other bytes come to lie in its place.
    shared: Bytes,
}

impl<'a> Staging<'a> {
    pub(super) fn new(room: &'a mut [u8; STAGING_BYTES]) -> Self {
        Self {
            room,
            shared: Bytes::new(),
        }
    }

    /// A frame in one piece; `None`: it is too long.
    pub(super) fn frame(&mut self, [header, head]: [&[u8]; 2], shared: &Bytes) -> Option<&[u8]> {
        let middle = OWN_BYTES_MAX.checked_sub(head.len())?;
        let begin = middle.checked_sub(header.len())?;
        let end = OWN_BYTES_MAX + shared.len();
        if end > STAGING_BYTES {
            return None;
        }
        let same = self.shared.as_ptr() == shared.as_ptr() && self.shared.len() == shared.len();
        if !same {
            self.room[OWN_BYTES_MAX..end].copy_from_slice(shared);
            self.shared = shared.clone();
        }
        self.room[begin..middle].copy_from_slice(header);
        self.room[middle..OWN_BYTES_MAX].copy_from_slice(head);
        Some(&self.room[begin..end])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_long_frame_is_left_in_parts() {
        let mut room = [0; STAGING_BYTES];
        let mut staging = Staging::new(&mut room);
        let shared = Bytes::from(vec![1; SHARED_BYTES_MAX]);
        assert!(staging.frame([&[2; 12], &[3; 500]], &shared).is_some());
        assert!(staging.frame([&[2; 13], &[3; 500]], &shared).is_none());
        assert!(staging.frame([&[], &[3; 513]], &shared).is_none());
        let longer = Bytes::from(vec![1; SHARED_BYTES_MAX + 1]);
        assert!(staging.frame([&[], &[]], &longer).is_none());
    }

    proptest! {
        /// Whatever was staged before, a frame is its parts.
        #[test]
        fn a_frame_is_its_parts(
            bodies in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 1..4),
            frames in prop::collection::vec((0..4_usize, 0..300_usize, 0..15_usize, 0..40_usize), 1..20),
        ) {
            let bodies: Vec<Bytes> = bodies.into_iter().map(Bytes::from).collect();
            let mut room = [0; STAGING_BYTES];
            let mut staging = Staging::new(&mut room);
            for (body, cut, header, head) in frames {
                let body = &bodies[body % bodies.len()];
                // Another piece of the same bytes is not the same.
                let body = body.slice(..body.len().min(cut));
                let (header, head) = (vec![b'h'; header], vec![b'i'; head]);
                let frame = staging.frame([&header, &head], &body).unwrap();
                prop_assert_eq!(frame, [&header[..], &head, &body].concat());
            }
        }
    }
}
