//! Which antennas catch a note.
//!
//! What SQL can tell (whose notes, of what kind, whom the owner mutes) it tells; the words and
//! the names are compared here. What an antenna caught is kept for `antennas/notes`, which asks
//! again whether its owner may see it.

use protocol::id::AntennaId;
use rusqlite::{named_params, params};

use crate::limits::{ANTENNA_IDLE_MS, ANTENNA_NOTES_MAX};
use crate::model::antenna::Antenna;
use crate::model::{note::Note, user::User};
use crate::store::{Col, StoreError, Tx};

/// The antennas that a note may be for, before its words are compared. An unknown visibility is
/// for nobody but its author.
const CANDIDATES: &str = "
SELECT a.* FROM antenna a JOIN user o ON o.id = a.user_id
WHERE a.last_used_at > :active_since AND NOT o.is_suspended AND NOT o.is_deleted
  AND (a.with_replies OR NOT :is_reply) AND (:has_file OR NOT a.with_file)
  AND (NOT :is_bot OR NOT a.exclude_bots) AND (:is_local OR NOT a.local_only)
  AND (:channel IS NULL OR NOT a.exclude_sensitive_channels
       OR NOT EXISTS (SELECT 1 FROM channel WHERE id = :channel AND is_sensitive))
  AND CASE a.src
      WHEN 'list' THEN EXISTS (SELECT 1 FROM user_list_member
                               WHERE list_id = a.list_id AND user_id = :author)
      WHEN 'home' THEN a.user_id = :author
          OR EXISTS (SELECT 1 FROM follow WHERE follower_id = a.user_id AND followee_id = :author)
      ELSE a.src IN ('all', 'users', 'users_blacklist') END
  AND CASE WHEN a.user_id = :author THEN 1
      WHEN :visibility IN ('public', 'home') THEN 1
      WHEN :visibility = 'followers' THEN
          EXISTS (SELECT 1 FROM follow WHERE follower_id = a.user_id AND followee_id = :author)
      WHEN :visibility = 'specified' THEN
          a.user_id IN (SELECT value FROM json_each(:visible_user_ids))
      ELSE 0 END
  AND NOT EXISTS (SELECT 1 FROM mute WHERE muter_id = a.user_id
                  AND mutee_id IN (:author, :reply_user, :renote_user) AND mutee_id <> a.user_id
                  AND (expires_at IS NULL OR expires_at > :now))
  AND NOT EXISTS (SELECT 1 FROM block WHERE blockee_id = a.user_id
                  AND blocker_id IN (:author, :reply_user, :renote_user))
  AND NOT EXISTS (SELECT 1 FROM channel_mute WHERE user_id = a.user_id AND channel_id = :channel
                  AND (expires_at IS NULL OR expires_at > :now))
  AND NOT EXISTS (SELECT 1 FROM json_each(o.muted_instances)
                  WHERE lower(value) IN (:host, :reply_host, :renote_host))
ORDER BY a.id";

/// The antennas that catch a new note of `author`, which is written already. They remember it.
///
/// # Errors
///
/// If the database can't be read or written.
pub(crate) fn caught_by(
    tx: &Tx<'_>,
    note: &Note,
    author: &User,
) -> Result<Vec<AntennaId>, StoreError> {
    let here = tx.site().host();
    let mut caught = Vec::new();
    for antenna in candidates(tx, note, author)? {
        if is_from_right_user(&antenna, author, here) && has_right_words(&antenna, note) {
            keep(tx, &antenna, note)?;
            caught.push(antenna.id);
        }
    }
    Ok(caught)
}

fn candidates(tx: &Tx<'_>, note: &Note, author: &User) -> Result<Vec<Antenna>, StoreError> {
    let mut statement = tx.prepare_cached(CANDIDATES)?;
    let antennas = statement.query_map(
        named_params! {
            ":now": tx.now_ms(),
            ":active_since": tx.now_ms().saturating_sub(ANTENNA_IDLE_MS),
            ":author": author.id.as_str(),
            ":host": author.host,
            ":is_local": author.is_local(),
            ":is_bot": author.is_bot,
            ":is_reply": note.reply_id.is_some(),
            ":has_file": !note.file_ids.is_empty(),
            ":channel": note.channel_id.as_ref().map(Col),
            ":visibility": note.visibility,
            ":visible_user_ids": serde_json::json!(note.visible_user_ids).to_string(),
            ":reply_user": note.reply_user_id.as_ref().map(Col),
            ":reply_host": note.reply_user_host,
            ":renote_user": note.renote_user_id.as_ref().map(Col),
            ":renote_host": note.renote_user_host,
        },
        Antenna::from_row,
    )?;
    Ok(antennas.collect::<Result<_, _>>()?)
}

/// Whether the author is one of those whom the antenna names, or none of them.
fn is_from_right_user(antenna: &Antenna, author: &User, here: &str) -> bool {
    let named = || {
        antenna
            .users
            .iter()
            .any(|acct| is_acct_of(acct, author, here))
    };
    match antenna.src.as_str() {
        "users" => named(),
        "users_blacklist" => !named(),
        _ => true,
    }
}

/// Whether `acct`, such as `@name` or `name@host`, names this user.
fn is_acct_of(acct: &str, user: &User, here: &str) -> bool {
    let acct = acct.trim().trim_start_matches('@').to_lowercase();
    let (name, host) = acct.split_once('@').unwrap_or((&acct, here));
    name == user.username.to_lowercase() && host == user.host.as_deref().unwrap_or(here)
}

/// Whether a note has all the words of one of the antenna's lines, and of no excluded line.
fn has_right_words(antenna: &Antenna, note: &Note) -> bool {
    let fold = |text: &str| {
        if antenna.case_sensitive {
            text.to_owned()
        } else {
            text.to_lowercase()
        }
    };
    let text = [&note.text, &note.cw].map(|text| text.as_deref().unwrap_or_default());
    let text = fold(&text.join("\n"));
    let has_line = |lines: &[Vec<String>]| {
        words_of(lines).any(|line| line.iter().all(|word| text.contains(&fold(word))))
    };
    let asks = words_of(&antenna.keywords).next().is_some();
    (!asks || has_line(&antenna.keywords)) && !has_line(&antenna.exclude_keywords)
}

/// The lines that have words at all, without empty words.
fn words_of(lines: &[Vec<String>]) -> impl Iterator<Item = Vec<&str>> {
    lines
        .iter()
        .map(|line| {
            line.iter()
                .map(String::as_str)
                .filter(|word| !word.is_empty())
                .collect::<Vec<_>>()
        })
        .filter(|line| !line.is_empty())
}

/// Remembers what an antenna caught, and forgets the oldest beyond the limit.
fn keep(tx: &Tx<'_>, antenna: &Antenna, note: &Note) -> rusqlite::Result<()> {
    tx.prepare_cached("INSERT OR IGNORE INTO antenna_note VALUES (?1, ?2)")?
        .execute(params![Col(&antenna.id), Col(&note.id)])?;
    tx.prepare_cached(
        "DELETE FROM antenna_note WHERE antenna_id = ?1 AND note_id <=
             (SELECT note_id FROM antenna_note WHERE antenna_id = ?1
              ORDER BY note_id DESC LIMIT 1 OFFSET ?2)",
    )?
    .execute(params![Col(&antenna.id), ANTENNA_NOTES_MAX])?;
    if antenna.user_id != note.user_id {
        tx.prepare_cached("UPDATE antenna SET has_unread = 1 WHERE id = ?1")?
            .execute([Col(&antenna.id)])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
