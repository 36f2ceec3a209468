//! Which notes of a list a viewer wants and may see: `protocol.md` section 5, over REST.

use protocol::id::ChannelId;
use rusqlite::{Result, ToSql};

use super::note::Note;
use crate::limits::NOTE_SCAN_MAX;
use crate::pack::For;
use crate::store::{Col, View};

/// Keeps a note `n` whose people, hosts and channels `:me` neither mutes nor is blocked by.
/// A mute of the channel `:here` doesn't count: that is where the viewer looks.
const WANTED: &str = "
NOT EXISTS (SELECT 1 FROM mute WHERE muter_id = :me AND mutee_id <> :me
            AND mutee_id IN (n.user_id, n.reply_user_id, n.renote_user_id)
            AND (expires_at IS NULL OR expires_at > :now))
AND NOT EXISTS (SELECT 1 FROM block WHERE blockee_id = :me
                AND blocker_id IN (n.user_id, n.reply_user_id, n.renote_user_id))
AND NOT (n.renote_id IS NOT NULL AND n.text IS NULL AND n.cw IS NULL AND n.reply_id IS NULL
         AND NOT n.has_poll AND n.file_ids = '[]'
         AND EXISTS (SELECT 1 FROM renote_mute WHERE muter_id = :me AND mutee_id = n.user_id))
AND NOT EXISTS (SELECT 1 FROM channel_mute WHERE user_id = :me AND channel_id IS NOT :here
                AND channel_id IN (n.channel_id,
                                   (SELECT r.channel_id FROM note r WHERE r.id = n.renote_id))
                AND (expires_at IS NULL OR expires_at > :now))
AND NOT EXISTS (SELECT 1 FROM user o, json_each(o.muted_instances) WHERE o.id = :me
                AND lower(value) IN (n.user_host, n.reply_user_host, n.renote_user_host))";

/// The first `limit` notes of a query that the viewer wants and may see. `sql` names the notes
/// `n` and has a place `{wanted}` among its conditions.
///
/// # Errors
///
/// If the database can't be read.
pub fn select(
    view: &View<'_>,
    sql: &str,
    bound: &[(&str, &dyn ToSql)],
    to: For<'_>,
    here: Option<&ChannelId>,
    limit: u32,
) -> Result<Vec<Note>> {
    let wanted = if to.user().is_some() { WANTED } else { "1" };
    let mut statement = view.prepare_cached(&sql.replace("{wanted}", wanted))?;
    let (me, here, now) = (to.user().map(Col), here.map(Col), view.now_ms());
    let own: [(&str, &dyn ToSql); 3] = [(":me", &me), (":here", &here), (":now", &now)];
    for (name, value) in bound.iter().chain(&own) {
        // A visitor's query lacks the places of the viewer's relations.
        if let Some(index) = statement.parameter_index(name)? {
            statement.raw_bind_parameter(index, value)?;
        }
    }
    let mut notes = Vec::new();
    let mut rows = statement.raw_query();
    for _ in 0..NOTE_SCAN_MAX {
        if notes.len() as u64 >= u64::from(limit) {
            break;
        }
        let Some(row) = rows.next()? else { break };
        let note = Note::from_row(row)?;
        if view.pack().is_visible(&note, to)? {
            notes.push(note);
        }
    }
    Ok(notes)
}
