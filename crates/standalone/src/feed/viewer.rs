//! What holds in every list, whatever it is about: *Visible* and *Muted or blocked* of
//! `docs/PROTOCOL.md` section 5, as SQL over a row of `note`. [`Packer::is_listed`] then settles
//! what depends on settings of authors and on the chain of renotes.
//!
//! [`Packer::is_listed`]: crate::pack::Packer::is_listed

use rusqlite::Result;
use serde_json::Value;

use super::carries::{followed, pure};
use crate::model::user;
use crate::pack::For;
use crate::store::View;

/// What is true of each note that this viewer may get.
pub(super) fn conditions(to: For<'_>) -> &'static [&'static str] {
    match to {
        For::User(_) => FOR_USER,
        For::Visitor => FOR_VISITOR,
        For::Stream => &[],
    }
}

/// The hosts that the viewer mutes, as a JSON list.
pub(super) fn muted_hosts(view: &View<'_>, to: For<'_>) -> Result<String> {
    let viewer = match to.user() {
        Some(me) => user::by_id(view, me.as_str())?,
        None => None,
    };
    let hosts = viewer.map(|viewer| viewer.muted_instances);
    let hosts: Vec<String> = hosts
        .iter()
        .flatten()
        .map(|host| host.to_lowercase())
        .collect();
    Ok(Value::from(hosts).to_string())
}

const FOR_USER: &[&str] = &[
    concat!(
        "(note.visibility IN ('public', 'home') OR note.user_id = :me
          OR note.visibility = 'followers' AND (note.reply_user_id = :me OR ",
        followed!(),
        ") OR EXISTS (SELECT 1 FROM note_addressee
                      WHERE user_id = :me AND note_id = note.id))"
    ),
    "NOT EXISTS (SELECT 1 FROM mute
         WHERE muter_id = :me
           AND mutee_id IN (note.user_id, note.reply_user_id, note.renote_user_id)
           AND mutee_id IS NOT :seen_user AND (expires_at IS NULL OR expires_at > :now))",
    "NOT EXISTS (SELECT 1 FROM block
         WHERE blockee_id = :me
           AND blocker_id IN (note.user_id, note.reply_user_id, note.renote_user_id))",
    "NOT EXISTS (SELECT 1 FROM json_each(:hosts)
         WHERE value IN (note.user_host, note.reply_user_host, note.renote_user_host))",
    concat!(
        "NOT (",
        pure!(),
        " AND EXISTS (SELECT 1 FROM renote_mute
                      WHERE muter_id = :me AND mutee_id = note.user_id))"
    ),
    "NOT EXISTS (SELECT 1 FROM channel_mute
         WHERE user_id = :me
           AND channel_id IN (note.channel_id,
               (SELECT channel_id FROM note AS renoted WHERE renoted.id = note.renote_id))
           AND channel_id IS NOT :seen_channel AND (expires_at IS NULL OR expires_at > :now))",
];

const FOR_VISITOR: &[&str] = &[
    "note.visibility IN ('public', 'home')",
    "NOT EXISTS (SELECT 1 FROM user
         WHERE id IN (note.user_id, note.reply_user_id, note.renote_user_id)
           AND require_signin)",
];
