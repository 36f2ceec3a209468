//! The hub against a model that scans every subscription of every connection.

mod examples;
mod model;
mod ops;

use std::collections::BTreeMap;
use std::io::IoSlice;

use proptest::prelude::*;

use super::*;
use model::World;

/// A wire that takes nothing, a part, or all of a frame, by turns.
#[derive(Debug, Default)]
pub(crate) struct Sips {
    turn: usize,
    came: BTreeMap<u32, Vec<u8>>,
}

impl Wire for Sips {
    fn write(&mut self, conn: ConnId, [header, head]: [&[u8]; 2], shared: &Bytes) -> usize {
        let frame = [header, head, shared].concat();
        self.turn += 1;
        let taken = frame.len().min([usize::MAX, 0, 7, 40][self.turn % 4]);
        let came = self.came.entry(conn.0).or_default();
        came.extend_from_slice(&frame[..taken]);
        taken
    }
}

/// What waits for a connection, as texts, taken out.
pub(crate) fn drain(hub: &mut Hub, conn: ConnId) -> Vec<String> {
    drain_behind(Vec::new(), hub, conn)
}

/// What a connection got on the wire and what waits for it.
fn drain_behind(mut wire: Vec<u8>, hub: &mut Hub, conn: ConnId) -> Vec<String> {
    let Some(mailbox) = hub.mailbox(conn) else {
        return Vec::new();
    };
    while !mailbox.is_empty() {
        let mut slices = [IoSlice::new(&[]); 4];
        let filled = mailbox.gather(&mut slices);
        let before = wire.len();
        for slice in &slices[..filled] {
            wire.extend_from_slice(slice);
        }
        mailbox.advance(wire.len() - before);
    }
    texts(&wire)
}

/// The texts of unmasked frames.
fn texts(mut wire: &[u8]) -> Vec<String> {
    let mut texts = Vec::new();
    while let [0x81, len, rest @ ..] = wire {
        let (len, rest) = match len {
            126 => (
                usize::from(u16::from_be_bytes([rest[0], rest[1]])),
                &rest[2..],
            ),
            127 => panic!("no test needs a frame this long"),
            _ => (usize::from(*len), rest),
        };
        texts.push(String::from_utf8(rest[..len].to_vec()).unwrap());
        wire = &rest[len..];
    }
    assert!(wire.is_empty(), "only whole text frames: {wire:?}");
    texts
}

proptest! {
    #[test]
    fn the_index_finds_what_a_scan_finds(ops in ops::ops()) {
        let mut world = World::default();
        for op in ops {
            world.step(op);
        }
        world.finish();
    }
}
