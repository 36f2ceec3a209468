//! Posts the notes of a run.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use anyhow::Result;

use super::plan::Plan;
use super::rest::{Rest, User};
use super::scenario::Notes;
use crate::process;

/// What was posted, and when it was asked for: times are 0 for what was not.
#[derive(Debug)]
pub(super) struct Posts {
    notes_ns: Vec<AtomicU64>,
    reactions_ns: Vec<AtomicU64>,
    posted: AtomicU64,
}

impl Posts {
    pub(super) fn new(total: u64) -> Self {
        let none = || (0..total).map(|_| AtomicU64::new(0)).collect();
        Self {
            notes_ns: none(),
            reactions_ns: none(),
            posted: AtomicU64::new(0),
        }
    }

    /// How many notes were posted.
    pub(super) fn posted(&self) -> u64 {
        self.posted.load(Ordering::Acquire)
    }

    /// The notes that got a reaction.
    pub(super) fn reacted(&self) -> Vec<u64> {
        (0..self.reactions_ns.len() as u64)
            .filter(|&number| self.reaction_ns(number).is_some())
            .collect()
    }

    /// When a note was asked for.
    pub(super) fn note_ns(&self, number: u64) -> Option<u64> {
        time(&self.notes_ns, number)
    }

    /// When the reaction to a note was asked for.
    pub(super) fn reaction_ns(&self, number: u64) -> Option<u64> {
        time(&self.reactions_ns, number)
    }
}

fn time(times: &[AtomicU64], number: u64) -> Option<u64> {
    let at = usize::try_from(number).ok()?;
    let ns = times.get(at)?.load(Ordering::Acquire);
    (ns != 0).then_some(ns)
}

/// Posts all notes of the plan, each when it is due or as soon as the one before is done, and
/// the reactions.
pub(super) fn post_all(
    rest: &Rest,
    run: &str,
    (plan, notes): (&Plan, &Notes),
    authors: &[User],
    posts: &Posts,
    stop: &AtomicBool,
) -> Result<()> {
    let started_ns = process::now_ns();
    let gap_ns = 1e9 / notes.per_second;
    let mut ids = Vec::new();
    for number in 0..plan.total {
        process::wait_until(started_ns + (number as f64 * gap_ns) as u64)?;
        if stop.load(Ordering::Relaxed) {
            return Ok(());
        }
        stamp(&posts.notes_ns, number);
        let author = &authors[plan.author(number)];
        ids.push(rest.note(run, number, (plan, notes), author)?);
        posts.posted.fetch_add(1, Ordering::Release);
        if let Some((note, user)) = plan.reaction(number) {
            stamp(&posts.reactions_ns, note);
            rest.react(&ids[usize::try_from(note)?], &authors[user])?;
        }
    }
    Ok(())
}

fn stamp(times: &[AtomicU64], number: u64) {
    let at = usize::try_from(number).expect("there are few notes");
    times[at].store(process::now_ns(), Ordering::Release);
}
