//! Notes.

use protocol::id::{ChannelId, NoteId, UserId};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Map, Value};

use super::optional;
use crate::events::Audience;
use crate::store::{Col, json_col};

/// A row of `note`.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "the migration describes the columns of the same names"
)]
pub struct Note {
    pub id: NoteId,
    pub user_id: UserId,
    pub user_host: Option<String>,
    pub text: Option<String>,
    pub cw: Option<String>,
    pub visibility: String,
    pub visible_user_ids: Vec<String>,
    pub mentions: Vec<String>,
    pub tags: Vec<String>,
    pub emojis: Vec<String>,
    pub file_ids: Vec<String>,
    pub reply_id: Option<NoteId>,
    pub reply_user_id: Option<UserId>,
    pub reply_user_host: Option<String>,
    pub renote_id: Option<NoteId>,
    pub renote_user_id: Option<UserId>,
    pub renote_user_host: Option<String>,
    pub channel_id: Option<ChannelId>,
    pub thread_id: Option<String>,
    pub has_poll: bool,
    pub local_only: bool,
    pub reaction_acceptance: Option<String>,
    pub renote_count: u64,
    pub replies_count: u64,
    pub clipped_count: u64,
    pub reactions: Map<String, Value>,
    pub reaction_pairs: Vec<String>,
}

impl Note {
    /// Reads a row that has all the columns of `note`.
    ///
    /// # Errors
    ///
    /// If a column is missing or of another kind.
    pub fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get::<_, Col<NoteId>>("id")?.0,
            user_id: row.get::<_, Col<UserId>>("user_id")?.0,
            user_host: row.get("user_host")?,
            text: row.get("text")?,
            cw: row.get("cw")?,
            visibility: row.get("visibility")?,
            visible_user_ids: json_col(row, "visible_user_ids")?,
            mentions: json_col(row, "mentions")?,
            tags: json_col(row, "tags")?,
            emojis: json_col(row, "emojis")?,
            file_ids: json_col(row, "file_ids")?,
            reply_id: optional::<NoteId>(row, "reply_id")?,
            reply_user_id: optional::<UserId>(row, "reply_user_id")?,
            reply_user_host: row.get("reply_user_host")?,
            renote_id: optional::<NoteId>(row, "renote_id")?,
            renote_user_id: optional::<UserId>(row, "renote_user_id")?,
            renote_user_host: row.get("renote_user_host")?,
            channel_id: optional::<ChannelId>(row, "channel_id")?,
            thread_id: row.get("thread_id")?,
            has_poll: row.get("has_poll")?,
            local_only: row.get("local_only")?,
            reaction_acceptance: row.get("reaction_acceptance")?,
            renote_count: row.get("renote_count")?,
            replies_count: row.get("replies_count")?,
            clipped_count: row.get("clipped_count")?,
            reactions: json_col(row, "reactions")?,
            reaction_pairs: json_col(row, "reaction_pairs")?,
        })
    }

    /// Whether the note is a renote and nothing else.
    #[must_use]
    pub fn is_pure_renote(&self) -> bool {
        self.renote_id.is_some()
            && self.text.is_none()
            && self.cw.is_none()
            && self.reply_id.is_none()
            && !self.has_poll
            && self.file_ids.is_empty()
    }

    /// The note whose renotes count this one: a renote of one's own note doesn't count.
    #[must_use]
    pub fn counted_renote(&self) -> Option<&NoteId> {
        let renote = self.renote_id.as_ref()?;
        (self.renote_user_id.as_ref() != Some(&self.user_id)).then_some(renote)
    }

    /// The first note of the conversation that this one belongs to.
    #[must_use]
    pub fn thread(&self) -> &str {
        self.thread_id.as_deref().unwrap_or(self.id.as_str())
    }

    /// Whom the events of this note concern.
    #[must_use]
    pub fn audience(&self) -> Audience<'_> {
        Audience {
            id: &self.id,
            author: &self.user_id,
            host: self.user_host.as_deref(),
            visibility: &self.visibility,
            visible_user_ids: &self.visible_user_ids,
        }
    }
}

/// The note with this id.
///
/// # Errors
///
/// If the database can't be read.
pub fn by_id(connection: &Connection, id: &str) -> rusqlite::Result<Option<Note>> {
    connection
        .prepare_cached("SELECT * FROM note WHERE id = ?1")?
        .query_row([id], Note::from_row)
        .optional()
}

/// Writes a new note, and its tags and addressees. The counts of other notes stay as they are.
///
/// # Errors
///
/// If the database refuses.
pub fn insert(connection: &Connection, note: &Note) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO note (id, user_id, user_host, text, cw, visibility, visible_user_ids,
                 mentions, tags, emojis, file_ids, reply_id, reply_user_id, reply_user_host,
                 renote_id, renote_user_id, renote_user_host, channel_id, thread_id, has_poll,
                 local_only, reaction_acceptance)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17,
                 ?18, ?19, ?20, ?21, ?22)",
        )?
        .execute(params![
            Col(&note.id),
            Col(&note.user_id),
            note.user_host,
            note.text,
            note.cw,
            note.visibility,
            json(&note.visible_user_ids),
            json(&note.mentions),
            json(&note.tags),
            json(&note.emojis),
            json(&note.file_ids),
            note.reply_id.as_ref().map(Col),
            note.reply_user_id.as_ref().map(Col),
            note.reply_user_host,
            note.renote_id.as_ref().map(Col),
            note.renote_user_id.as_ref().map(Col),
            note.renote_user_host,
            note.channel_id.as_ref().map(Col),
            note.thread_id,
            note.has_poll,
            note.local_only,
            note.reaction_acceptance,
        ])?;
    insert_keys(connection, note)
}

fn insert_keys(connection: &Connection, note: &Note) -> rusqlite::Result<()> {
    let id = note.id.as_str();
    let mut tag = connection.prepare_cached("INSERT OR IGNORE INTO note_tag VALUES (?1, ?2)")?;
    for name in &note.tags {
        tag.execute([name, id])?;
    }
    let mut addressee =
        connection.prepare_cached("INSERT OR IGNORE INTO note_addressee VALUES (?1, ?2)")?;
    for user in note.mentions.iter().chain(&note.visible_user_ids) {
        addressee.execute([user, id])?;
    }
    Ok(())
}

fn json(list: &[String]) -> String {
    Value::from(list).to_string()
}
