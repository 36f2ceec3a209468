//! Misskey channels.

use rusqlite::{OptionalExtension, Result};
use serde_json::{Value, json};

use super::{For, Object, Packer, object, time};
use crate::model::{channel, channel::Channel, note};
use crate::store::json_col;

impl Packer<'_> {
    /// `Channel`.
    ///
    /// # Errors
    ///
    /// If the database can't be read.
    pub fn channel(&self, channel: &Channel, to: For<'_>) -> Result<Value> {
        Ok(Value::Object(self.channel_object(channel, to)?))
    }

    /// `Channel` with the notes that are pinned to it, as far as the viewer may see them.
    ///
    /// # Errors
    ///
    /// If the database can't be read.
    pub fn channel_detailed(&self, channel: &Channel, to: For<'_>) -> Result<Value> {
        let mut packed = self.channel_object(channel, to)?;
        let mut pinned = Vec::new();
        for id in &channel.pinned_note_ids {
            if let Some(note) = note::by_id(self.connection, id)?
                && self.is_visible(&note, to)?
            {
                pinned.push(self.note(&note, to)?);
            }
        }
        packed.insert("pinnedNotes".into(), pinned.into());
        Ok(Value::Object(packed))
    }

    fn channel_object(&self, channel: &Channel, to: For<'_>) -> Result<Object> {
        let mut packed = object(json!({
            "id": channel.id.as_str(),
            "createdAt": time::created_at(channel.id.as_str()),
            "lastNotedAt": channel.last_noted_at.map(time::iso),
            "name": channel.name,
            "description": channel.description,
            "userId": channel.user_id.as_ref().map(|id| id.as_str()),
            "bannerUrl": self.banner_url(channel)?,
            "bannerId": channel.banner_id,
            "pinnedNoteIds": channel.pinned_note_ids,
            "color": channel.color,
            "isArchived": channel.is_archived,
            "usersCount": channel.users_count,
            "notesCount": channel.notes_count,
            "isSensitive": channel.is_sensitive,
            "allowRenoteToExternal": channel.allow_renote_to_external,
        }));
        if let Some(me) = to.user() {
            packed.extend(object(json!({
                "isFollowing": channel::follows(self.connection, me, &channel.id)?,
                "isFavorited": false,
                "isMuting": channel::mutes(self.connection, me, &channel.id, self.now_ms)?,
                "hasUnreadNote": false,
            })));
        }
        Ok(packed)
    }

    fn banner_url(&self, channel: &Channel) -> Result<Value> {
        let Some(id) = &channel.banner_id else {
            return Ok(Value::Null);
        };
        let file: Option<Value> = self
            .connection
            .prepare_cached("SELECT payload FROM drive_file WHERE id = ?1")?
            .query_row([id], |row| json_col(row, "payload"))
            .optional()?;
        Ok(file
            .and_then(|file| file.get("url").cloned())
            .unwrap_or_default())
    }
}
