//! Whether each connection got what it should: each note once, in order, and no other.

use std::borrow::Cow;
use std::collections::HashMap;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::plan::{Follows, Plan};
use super::scenario::Channel;

/// What a text of ours begins with, before the name of the run and the number of the note.
const MARK: &str = "loadgen";

/// What came, and what was wrong with it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(super) struct Tally {
    /// Notes, and events of captured notes.
    pub(super) deliveries: u64,
    pub(super) bytes: u64,
    /// What should have come and did not.
    pub(super) lost: u64,
    pub(super) doubled: u64,
    pub(super) out_of_order: u64,
    /// What came to somebody who may not see it, or did not ask for it.
    pub(super) to_wrong_viewer: u64,
    /// Connections that ended before the run did.
    pub(super) ended: u64,
    /// Messages about something else.
    pub(super) others: u64,
}

impl Tally {
    /// Whether all was as it should be.
    pub(super) fn is_clean(&self) -> bool {
        let Self {
            lost,
            doubled,
            out_of_order,
            to_wrong_viewer,
            ended,
            ..
        } = *self;
        [lost, doubled, out_of_order, to_wrong_viewer, ended] == [0; 5]
    }
}

/// The text of a note: its mark, and words up to so many bytes.
pub(super) fn text(run: &str, number: u64, bytes: usize) -> String {
    let mut text = format!("{MARK} {run} {number} ");
    while text.len() < bytes {
        text.push_str("seseragi ");
    }
    text
}

/// The number of one of our notes.
fn number(run: &str, text: &str) -> Option<u64> {
    let mut words = text.split(' ');
    let ours = words.next()? == MARK && words.next()? == run;
    words.next()?.parse().ok().filter(|_| ours)
}

/// One connection that reads.
#[derive(Debug)]
pub(super) struct Reader {
    pub(super) group: usize,
    follows: Follows,
    /// Its channels, by their ids: numbers from 0 on.
    channels: Vec<(Channel, Seen)>,
    /// The notes it captured, and the reactions to them that came; `None`: it captures nothing.
    captures: Option<(Seen, Seen)>,
}

/// Which of the notes came.
#[derive(Debug, Default)]
struct Seen {
    bits: Vec<u64>,
    last: Option<u64>,
}

/// What a message was.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found<'a> {
    /// A note of this number, and its id if it is to be captured.
    Note(u64, Option<Cow<'a, str>>),
    /// A reaction to the note of this number.
    Reaction(u64),
    Other,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    body: Option<&'a RawValue>,
}

/// The body of a `channel` message or of a `noteUpdated`.
#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    body: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Note<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    text: Option<Cow<'a, str>>,
}

impl Reader {
    pub(super) fn new(
        group: usize,
        follows: Follows,
        channels: &[Channel],
        captures: bool,
    ) -> Self {
        let channels = channels.iter().map(|&channel| (channel, Seen::default()));
        Self {
            group,
            follows,
            channels: channels.collect(),
            captures: captures.then(Default::default),
        }
    }

    /// Checks a message that came. `ids`: the numbers of our notes by their ids, as far as
    /// somebody got them.
    pub(super) fn take<'a>(
        &mut self,
        text: &'a [u8],
        run: &str,
        plan: &Plan,
        ids: &mut HashMap<String, u64>,
        tally: &mut Tally,
    ) -> Result<Found<'a>> {
        tally.bytes += text.len() as u64;
        let message: Message<'a> =
            serde_json::from_slice(text).context("the server sent what is no message")?;
        let body = message.body.map(RawValue::get);
        let found = match (&*message.kind, body) {
            ("channel", Some(body)) => {
                let body: Body<'a> = serde_json::from_str(body)?;
                let channel = body.id.parse().ok();
                match (&*body.kind, body.body) {
                    ("note", Some(note)) => {
                        let note: Note<'a> = serde_json::from_str(note.get())?;
                        let number = note.text.as_deref().and_then(|text| number(run, text));
                        number.zip(channel).map(|(number, channel)| {
                            ids.entry(note.id.to_string()).or_insert(number);
                            self.note(channel, number, note.id, plan, tally)
                        })
                    }
                    _ => None,
                }
            }
            ("noteUpdated", Some(body)) => {
                let body: Body<'a> = serde_json::from_str(body)?;
                let number = ids.get(&*body.id).copied();
                let reaction = number.filter(|_| body.kind == "reacted");
                reaction.map(|number| self.reaction(number, tally))
            }
            _ => None,
        };
        tally.others += u64::from(found.is_none());
        Ok(found.unwrap_or(Found::Other))
    }

    fn note<'a>(
        &mut self,
        channel: usize,
        number: u64,
        id: Cow<'a, str>,
        plan: &Plan,
        tally: &mut Tally,
    ) -> Found<'a> {
        tally.deliveries += 1;
        let expected = self.channels.get_mut(channel).filter(|(channel, _)| {
            number < plan.total && plan.expects(*channel, &self.follows, number)
        });
        let Some((_, seen)) = expected else {
            tally.to_wrong_viewer += 1;
            return Found::Note(number, None);
        };
        seen.take(number, tally);
        let new = self.captures.as_mut().is_some_and(|(captured, _)| {
            // It may come on several channels.
            !captured.has(number) && {
                captured.set(number);
                true
            }
        });
        Found::Note(number, new.then_some(id))
    }

    fn reaction(&mut self, number: u64, tally: &mut Tally) -> Found<'static> {
        tally.deliveries += 1;
        match &mut self.captures {
            Some((captured, reacted)) if captured.has(number) => reacted.take(number, tally),
            _ => tally.to_wrong_viewer += 1,
        }
        Found::Reaction(number)
    }

    /// How many notes and reactions have yet to come of those that were posted.
    pub(super) fn missing(&self, plan: &Plan, posted: u64, reacted: &[u64]) -> u64 {
        let notes = self.channels.iter().map(|(channel, seen)| {
            let expected =
                (0..posted).filter(|&number| plan.expects(*channel, &self.follows, number));
            expected.filter(|&number| !seen.has(number)).count() as u64
        });
        let reactions = self.captures.iter().map(|(captured, came)| {
            let expected = reacted.iter().filter(|&&number| captured.has(number));
            expected.filter(|&&number| !came.has(number)).count() as u64
        });
        notes.sum::<u64>() + reactions.sum::<u64>()
    }
}

impl Seen {
    fn take(&mut self, number: u64, tally: &mut Tally) {
        if self.has(number) {
            tally.doubled += 1;
        } else if self.last.is_some_and(|last| number < last) {
            tally.out_of_order += 1;
        }
        self.last = self.last.max(Some(number));
        self.set(number);
    }

    fn has(&self, number: u64) -> bool {
        let word = usize::try_from(number / 64).ok();
        let word = word.and_then(|at| self.bits.get(at));
        word.is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    fn set(&mut self, number: u64) {
        let word = usize::try_from(number / 64).expect("there are few notes");
        if self.bits.len() <= word {
            self.bits.resize(word + 1, 0);
        }
        self.bits[word] |= 1 << (number % 64);
    }
}

#[cfg(test)]
mod tests;
