//! What leaves the desk, in order.

use std::collections::VecDeque;

use super::enrich::{Draft, Lacks};
use super::question::Output;

/// Outputs in the order of the messages they came from. One that awaits an answer holds back
/// those behind it.
#[derive(Debug, Default)]
pub(super) struct Queue {
    slots: VecDeque<Slot>,
    /// The number of the first slot.
    first: u64,
    bytes: usize,
}

/// The number of a slot; none is used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SlotId(u64);

/// One place in the queue.
#[derive(Debug)]
struct Slot {
    state: State,
    /// What it holds of a payload.
    bytes: usize,
}

#[derive(Debug)]
enum State {
    /// It may go; `None`: nothing is left of it.
    Ready(Option<Output>),
    /// It awaits an answer.
    Waiting(Box<Draft>),
    /// Nothing may go until all that was loaded is loaded again; then these go first.
    Barrier(VecDeque<Output>),
}

/// What keeps the queue from moving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Head {
    /// Nothing: it is empty, or its head may go.
    Free,
    /// A slot that awaits an answer.
    Waiting(SlotId),
    /// A barrier.
    Barrier,
}

impl Queue {
    /// Adds an output that may go.
    pub(super) fn push(&mut self, output: Output, bytes: usize) {
        self.add(State::Ready(Some(output)), bytes);
    }

    /// Adds an output that awaits an answer.
    pub(super) fn hold(&mut self, draft: Draft, bytes: usize) -> SlotId {
        self.add(State::Waiting(Box::new(draft)), bytes);
        SlotId(self.first + index(self.slots.len()) - 1)
    }

    /// Adds a barrier.
    pub(super) fn bar(&mut self) {
        self.add(State::Barrier(VecDeque::new()), 0);
    }

    /// What a slot waits for, if it does.
    pub(super) fn lacks(&self, slot: SlotId) -> Option<&Lacks> {
        let at = slot.0.checked_sub(self.first)?;
        match &self.slots.get(usize::try_from(at).ok()?)?.state {
            State::Waiting(draft) => Some(&draft.lacks),
            State::Ready(_) | State::Barrier(_) => None,
        }
    }

    /// Takes what waits in a slot; `None`: nothing does any more.
    pub(super) fn take(&mut self, slot: SlotId) -> Option<Draft> {
        let found = self.slot(slot)?;
        match std::mem::replace(&mut found.state, State::Ready(None)) {
            State::Waiting(draft) => Some(*draft),
            other @ (State::Ready(_) | State::Barrier(_)) => {
                found.state = other;
                None
            }
        }
    }

    /// Fills a slot whose draft was taken.
    pub(super) fn fill(&mut self, slot: SlotId, output: Option<Output>) {
        if let Some(found) = self.slot(slot) {
            found.state = State::Ready(output);
        }
    }

    /// Adds what must go before all that the first barrier holds back.
    pub(super) fn push_before_barrier(&mut self, output: Output) {
        let mut barriers = self
            .slots
            .iter_mut()
            .filter_map(|slot| match &mut slot.state {
                State::Barrier(outputs) => Some(outputs),
                State::Ready(_) | State::Waiting(_) => None,
            });
        match barriers.next() {
            Some(outputs) => outputs.push_back(output),
            None => self.push(output, 0),
        }
    }

    /// The next output. Barriers hold unless `open`.
    pub(super) fn pop(&mut self, open: bool) -> Option<Output> {
        while let Some(slot) = self.slots.front_mut() {
            match &mut slot.state {
                State::Waiting(_) => return None,
                State::Barrier(_) if !open => return None,
                State::Barrier(outputs) => match outputs.pop_front() {
                    Some(output) => return Some(output),
                    None => self.drop_first(),
                },
                State::Ready(output) => {
                    let output = output.take();
                    self.drop_first();
                    if output.is_some() {
                        return output;
                    }
                }
            }
        }
        None
    }

    /// What keeps the queue from moving.
    pub(super) fn head(&self) -> Head {
        match self.slots.front().map(|slot| &slot.state) {
            None | Some(State::Ready(_)) => Head::Free,
            Some(State::Waiting(_)) => Head::Waiting(SlotId(self.first)),
            Some(State::Barrier(_)) => Head::Barrier,
        }
    }

    /// How many places are taken.
    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// How many bytes of payloads are held.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    fn add(&mut self, state: State, bytes: usize) {
        self.bytes += bytes;
        self.slots.push_back(Slot { state, bytes });
    }

    fn drop_first(&mut self) {
        if let Some(slot) = self.slots.pop_front() {
            self.bytes -= slot.bytes;
            self.first += 1;
        }
    }

    fn slot(&mut self, slot: SlotId) -> Option<&mut Slot> {
        let at = slot.0.checked_sub(self.first)?;
        self.slots.get_mut(usize::try_from(at).ok()?)
    }
}

fn index(len: usize) -> u64 {
    u64::try_from(len).expect("a length has at most 64 bits")
}
