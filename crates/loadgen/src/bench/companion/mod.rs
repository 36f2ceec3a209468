//! The server beside a Misskey: what several of them cost, what they ask of the database, and
//! how long users wait who come all together.

mod coming;
mod events;
mod fan_out;

use anyhow::Result;

use super::Extent;
use crate::misskey::{Misskey, Town};
use crate::note;
use crate::report::Report;

/// The number of a note whose reactions tell that all before them went through a server.
const SENTINEL: u64 = 9_000_000;

/// Measures all of it beside one Misskey.
pub(super) fn run(extent: Extent, report: &mut Report) -> Result<()> {
    let (users, follows) = extent.town;
    let town = Town {
        users,
        follows,
        notes: usize::try_from(extent.beside_events)?,
    };
    let mut misskey = Misskey::start(town)?;
    fan_out::run(&mut misskey, extent, report)?;
    coming::run(&mut misskey, extent, report)?;
    events::run(&mut misskey, extent, report)
}

/// Tells the sentinels of some servers that what was published before has gone through.
fn publish_sentinel(misskey: &mut Misskey, number: u64) -> Result<()> {
    let topic = format!("noteStream:{}", note::note_id(SENTINEL));
    misskey.publish(&topic, &[note::reaction(SENTINEL, number)])
}

/// Makes a public note one of its author's followers and profile alone.
fn at_home(note: String) -> String {
    note.replacen(r#""visibility":"public""#, r#""visibility":"home""#, 1)
}
