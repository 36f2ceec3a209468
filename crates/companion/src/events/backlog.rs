//! Events that wait for the server to take them, bounded in bytes.

use std::collections::VecDeque;

use backend::{RawEvent, SourceEvent};

/// How many bytes of events wait at most: some seconds of a very busy server.
const BACKLOG_BYTES_MAX: usize = 64 * 1024 * 1024;
/// What an event takes beside its payload, roughly.
const EVENT_BYTES: usize = 128;

/// Events in their order. Where too many wait, the newest are dropped, and a gap stands for them.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    events: VecDeque<SourceEvent>,
    bytes: usize,
}

impl Backlog {
    /// Adds an event. Returns whether it was dropped instead.
    #[must_use]
    pub(super) fn push(&mut self, event: RawEvent) -> bool {
        let bytes = size(&event);
        if self.bytes + bytes > BACKLOG_BYTES_MAX {
            self.push_gap();
            return true;
        }
        self.bytes += bytes;
        self.events.push_back(SourceEvent::Message(event));
        false
    }

    /// Adds a gap. One right behind another says nothing new.
    pub(super) fn push_gap(&mut self) {
        if !matches!(self.events.back(), Some(SourceEvent::Gap)) {
            self.events.push_back(SourceEvent::Gap);
        }
    }

    /// The oldest event.
    pub(super) fn pop(&mut self) -> Option<SourceEvent> {
        let event = self.events.pop_front()?;
        if let SourceEvent::Message(event) = &event {
            self.bytes -= size(event);
        }
        Some(event)
    }

    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }
}

fn size(event: &RawEvent) -> usize {
    EVENT_BYTES + event.topic.len() + event.payload.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn event(bytes: usize) -> RawEvent {
        RawEvent {
            topic: "t".into(),
            payload: Bytes::from(vec![b'1'; bytes]),
        }
    }

    fn kinds(backlog: &mut Backlog) -> String {
        let events = std::iter::from_fn(|| backlog.pop());
        events
            .map(|event| match event {
                SourceEvent::Message(_) => 'm',
                SourceEvent::Gap => 'g',
            })
            .collect()
    }

    #[test]
    fn what_is_too_much_is_a_gap() {
        let mut backlog = Backlog::default();
        assert!(!backlog.push(event(BACKLOG_BYTES_MAX / 2)));
        assert!(!backlog.push(event(BACKLOG_BYTES_MAX / 4)));
        assert!(backlog.push(event(BACKLOG_BYTES_MAX / 2)));
        assert!(backlog.push(event(BACKLOG_BYTES_MAX / 2)));
        assert!(!backlog.push(event(1)));
        assert_eq!(kinds(&mut backlog), "mmgm");
        assert!(backlog.is_empty());
        assert!(
            !backlog.push(event(BACKLOG_BYTES_MAX / 2)),
            "there is room again"
        );
    }

    #[test]
    fn gaps_in_a_row_are_one() {
        let mut backlog = Backlog::default();
        backlog.push_gap();
        backlog.push_gap();
        assert_eq!(kinds(&mut backlog), "g");
    }
}
