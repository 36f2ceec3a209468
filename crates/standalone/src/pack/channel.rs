//! Misskey channels.

use rusqlite::Result;
use serde_json::{Value, json};

use super::{For, Object, Packer, object, time};
use crate::model::{channel, channel::Channel, note};

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
            "bannerUrl": self.url_of_file(channel.banner_id.as_deref())?,
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
}
