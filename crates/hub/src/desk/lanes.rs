//! Events that wait until another server has packed a note, and those of the same channel behind
//! them.
//!
//! That server may be slow. Whoever doesn't listen to this very channel need not wait for it: an
//! event enters the one ordered queue when it is whole and nothing of its channel is before it.

use std::collections::{BTreeMap, VecDeque};

use protocol::id::{AntennaId, UserId};

use super::enrich::Unpacked;
use super::question::Output;

/// A channel whose events have an order of their own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum LaneKey {
    /// That of an antenna.
    Antenna(AntennaId),
    /// A user's `main`.
    Main(UserId),
}

/// The number of an event that is held; none is used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LaneSlot(u64);

/// The lanes in which something waits. The first event of each is one that awaits its note.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    held_by_slot: BTreeMap<LaneSlot, Held>,
    slots_by_key: BTreeMap<LaneKey, VecDeque<LaneSlot>>,
    next_slot: u64,
    bytes: usize,
}

/// One event.
#[derive(Debug)]
struct Held {
    key: LaneKey,
    state: State,
    /// What it holds of a payload.
    bytes: usize,
}

#[derive(Debug)]
enum State {
    /// It may go behind those before it; `None`: nothing is left of it.
    Ready(Option<Output>),
    /// It awaits its note.
    Waiting(Box<Unpacked>),
}

impl Lanes {
    /// Whether something waits in a lane.
    pub(super) fn holds(&self, key: &LaneKey) -> bool {
        self.slots_by_key.contains_key(key)
    }

    /// How many events are held.
    pub(super) fn len(&self) -> usize {
        self.held_by_slot.len()
    }

    /// How many bytes of payloads are held.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The event that has waited for its note for longest.
    pub(super) fn oldest(&self) -> Option<LaneSlot> {
        self.held_by_slot.keys().next().copied()
    }

    /// Adds an event that awaits its note.
    pub(super) fn hold(&mut self, key: LaneKey, event: Unpacked, bytes: usize) -> LaneSlot {
        self.add(key, State::Waiting(Box::new(event)), bytes)
    }

    /// Adds an event that waits for those before it alone.
    pub(super) fn push(&mut self, key: LaneKey, output: Output, bytes: usize) {
        self.add(key, State::Ready(Some(output)), bytes);
    }

    /// Takes what waits in a slot, to be followed by `fill`; `None`: nothing does any more.
    pub(super) fn take(&mut self, slot: LaneSlot) -> Option<Unpacked> {
        let held = self.held_by_slot.get_mut(&slot)?;
        match std::mem::replace(&mut held.state, State::Ready(None)) {
            State::Waiting(event) => Some(*event),
            ready @ State::Ready(_) => {
                held.state = ready;
                None
            }
        }
    }

    /// Fills a slot whose event was taken, and gives out what may go, each with its bytes. `more`
    /// is what the event now holds in addition.
    pub(super) fn fill(
        &mut self,
        slot: LaneSlot,
        output: Option<Output>,
        more: usize,
    ) -> Vec<(Output, usize)> {
        let Some(held) = self.held_by_slot.get_mut(&slot) else {
            return Vec::new();
        };
        held.state = State::Ready(output);
        held.bytes += more;
        self.bytes += more;
        let key = held.key.clone();
        self.release(&key)
    }

    fn add(&mut self, key: LaneKey, state: State, bytes: usize) -> LaneSlot {
        let slot = LaneSlot(self.next_slot);
        self.next_slot += 1;
        self.bytes += bytes;
        self.slots_by_key
            .entry(key.clone())
            .or_default()
            .push_back(slot);
        self.held_by_slot.insert(slot, Held { key, state, bytes });
        slot
    }

    /// Takes out what stands before the first event of a lane that awaits its note.
    fn release(&mut self, key: &LaneKey) -> Vec<(Output, usize)> {
        let mut released = Vec::new();
        let Some(slots) = self.slots_by_key.get_mut(key) else {
            return released;
        };
        while let Some(slot) = slots.front() {
            let held = self.held_by_slot.get(slot);
            if held.is_some_and(|held| matches!(held.state, State::Waiting(_))) {
                return released;
            }
            if let Some(held) = self.held_by_slot.remove(slot) {
                self.bytes -= held.bytes;
                if let State::Ready(Some(output)) = held.state {
                    released.push((output, held.bytes));
                }
            }
            slots.pop_front();
        }
        self.slots_by_key.remove(key);
        released
    }
}
