//! Notes.

use rusqlite::{OptionalExtension, Result, params};
use serde_json::{Value, json};

use super::{For, Object, Packer, object, time};
use crate::limits::RENOTE_DEPTH_MAX;
use crate::model::{note, note::Note, user};

/// How much of the notes around a note comes along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// What it replies to, and what it renotes with all of that one's own, so many links deep.
    Around(usize),
    /// Nothing.
    Alone,
}

impl Packer<'_> {
    /// A note with what it replies to and renotes.
    ///
    /// For a viewer, the parts that they may not see have no content and say `isHidden`; whether
    /// to show such a note at all is the caller's question: see [`Packer::is_visible`].
    ///
    /// # Errors
    ///
    /// If the database can't be read.
    pub fn note(&self, note: &Note, to: For<'_>) -> Result<Value> {
        self.note_at(note, to, Depth::Around(RENOTE_DEPTH_MAX))
    }

    /// The notes in the order given, each as [`Packer::note`] packs it.
    ///
    /// # Errors
    ///
    /// If the database can't be read.
    pub fn notes(&self, notes: &[Note], to: For<'_>) -> Result<Vec<Value>> {
        notes.iter().map(|note| self.note(note, to)).collect()
    }

    fn note_at(&self, note: &Note, to: For<'_>, depth: Depth) -> Result<Value> {
        let author = user::by_id(self.connection, note.user_id.as_str())?
            .ok_or(rusqlite::Error::QueryReturnedNoRows)?;
        let shown = self.is_shown(note, &author, to)?;
        let mut packed = object(json!({
            "id": note.id.as_str(),
            "createdAt": time::created_at(note.id.as_str()),
            "userId": note.user_id.as_str(),
            "user": self.user_lite(&author)?,
            "text": note.text,
            "cw": note.cw,
            "visibility": note.visibility,
            "localOnly": note.local_only,
            "reactionAcceptance": note.reaction_acceptance,
        }));
        if note.visibility == "specified" {
            packed.insert("visibleUserIds".into(), json!(note.visible_user_ids));
        }
        self.add_counts(&mut packed, note, to);
        self.add_parts(&mut packed, note)?;
        if let Depth::Around(links) = depth {
            self.add_around(&mut packed, note, to, links)?;
        }
        if note.has_poll {
            packed.extend(self.poll(note, to)?);
        }
        if shown {
            self.add_my_reaction(&mut packed, note, to)?;
        } else {
            hide(&mut packed);
        }
        Ok(Value::Object(packed))
    }

    fn add_counts(&self, packed: &mut Object, note: &Note, to: For<'_>) {
        let total: u64 = note.reactions.values().filter_map(Value::as_u64).sum();
        packed.insert("renoteCount".into(), note.renote_count.into());
        packed.insert("repliesCount".into(), note.replies_count.into());
        packed.insert("reactionCount".into(), total.into());
        packed.insert("reactions".into(), note.reactions.clone().into());
        packed.insert("reactionEmojis".into(), json!({}));
        if to == For::Stream {
            packed.insert(
                "reactionAndUserPairCache".into(),
                json!(note.reaction_pairs),
            );
        }
        if note.user_host.is_some() {
            packed.insert("emojis".into(), json!({}));
        }
        if !note.tags.is_empty() {
            packed.insert("tags".into(), json!(note.tags));
        }
    }

    fn add_parts(&self, packed: &mut Object, note: &Note) -> Result<()> {
        packed.insert("fileIds".into(), json!(note.file_ids));
        packed.insert("files".into(), self.files(&note.file_ids)?.into());
        packed.insert(
            "replyId".into(),
            json!(note.reply_id.as_ref().map(|id| id.as_str())),
        );
        packed.insert(
            "renoteId".into(),
            json!(note.renote_id.as_ref().map(|id| id.as_str())),
        );
        if let Some(channel) = &note.channel_id {
            packed.insert("channelId".into(), channel.as_str().into());
            packed.insert("channel".into(), self.channel_lite(channel.as_str())?);
        }
        if !note.mentions.is_empty() {
            packed.insert("mentions".into(), json!(note.mentions));
        }
        if note.has_poll {
            packed.insert("hasPoll".into(), true.into());
        }
        packed.insert("clippedCount".into(), note.clipped_count.into());
        Ok(())
    }

    fn channel_lite(&self, id: &str) -> Result<Value> {
        let channel = self
            .connection
            .prepare_cached(
                "SELECT name, color, is_sensitive, allow_renote_to_external, user_id
                 FROM channel WHERE id = ?1",
            )?
            .query_row([id], |row| {
                Ok(json!({
                    "id": id,
                    "name": row.get::<_, String>(0)?,
                    "color": row.get::<_, String>(1)?,
                    "isSensitive": row.get::<_, bool>(2)?,
                    "allowRenoteToExternal": row.get::<_, bool>(3)?,
                    "userId": row.get::<_, Option<String>>(4)?,
                }))
            })
            .optional()?;
        Ok(channel.unwrap_or_default())
    }

    fn add_around(
        &self,
        packed: &mut Object,
        note: &Note,
        to: For<'_>,
        links: usize,
    ) -> Result<()> {
        if let Some(id) = &note.reply_id
            && let Some(reply) = note::by_id(self.connection, id.as_str())?
        {
            packed.insert("reply".into(), self.note_at(&reply, to, Depth::Alone)?);
        }
        if let Some(id) = &note.renote_id
            && let Some(renote) = note::by_id(self.connection, id.as_str())?
        {
            let depth = match links.saturating_sub(1) {
                0 => Depth::Alone,
                left => Depth::Around(left),
            };
            packed.insert("renote".into(), self.note_at(&renote, to, depth)?);
        }
        Ok(())
    }

    fn poll(&self, note: &Note, to: For<'_>) -> Result<Object> {
        let (multiple, expires_at, choices, votes) = self
            .connection
            .prepare_cached("SELECT * FROM poll WHERE note_id = ?1")?
            .query_row([note.id.as_str()], |row| {
                Ok((
                    row.get::<_, bool>("multiple")?,
                    row.get::<_, Option<u64>>("expires_at")?,
                    crate::store::json_col::<Vec<String>>(row, "choices")?,
                    crate::store::json_col::<Vec<u64>>(row, "votes")?,
                ))
            })?;
        let mine = self.my_votes(note, to)?;
        let choices: Vec<Value> = choices
            .iter()
            .zip(votes)
            .enumerate()
            .map(|(index, (text, votes))| {
                json!({ "text": text, "votes": votes, "isVoted": mine.contains(&index) })
            })
            .collect();
        Ok(object(json!({
            "poll": {
                "multiple": multiple,
                "expiresAt": expires_at.map(time::iso),
                "choices": choices,
            },
        })))
    }

    fn my_votes(&self, note: &Note, to: For<'_>) -> Result<Vec<usize>> {
        let Some(me) = to.user() else {
            return Ok(Vec::new());
        };
        self.connection
            .prepare_cached("SELECT choice FROM poll_vote WHERE note_id = ?1 AND user_id = ?2")?
            .query_map([note.id.as_str(), me.as_str()], |row| row.get(0))?
            .collect()
    }

    fn add_my_reaction(&self, packed: &mut Object, note: &Note, to: For<'_>) -> Result<()> {
        let Some(me) = to.user().filter(|_| !note.reactions.is_empty()) else {
            return Ok(());
        };
        let reaction: Option<String> = self
            .connection
            .prepare_cached(
                "SELECT reaction FROM note_reaction WHERE note_id = ?1 AND user_id = ?2",
            )?
            .query_row(params![note.id.as_str(), me.as_str()], |row| row.get(0))
            .optional()?;
        if let Some(reaction) = reaction {
            packed.insert("myReaction".into(), reaction.into());
        }
        Ok(())
    }
}

/// Takes the content out of a note. What it replies to and renotes hides for itself.
fn hide(packed: &mut Object) {
    packed.insert("text".into(), Value::Null);
    packed.insert("cw".into(), Value::Null);
    packed.insert("fileIds".into(), json!([]));
    packed.insert("files".into(), json!([]));
    for key in ["poll", "visibleUserIds"] {
        packed.shift_remove(key);
    }
    packed.insert("isHidden".into(), true.into());
}
