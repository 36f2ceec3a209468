//! Chat messages as servers before 2025 showed them.

use rusqlite::Result;
use serde_json::{Value, json};

use super::{Owner, Packer, time};
use crate::model::chat::{self, Message, To};
use crate::model::drive;

impl Packer<'_> {
    /// `MessagingMessage`: a message of a chat of two.
    ///
    /// # Errors
    ///
    /// If the database can't be read.
    pub fn messaging_message(&self, message: &Message) -> Result<Value> {
        let to = match &message.to {
            To::User(to) => Some(to),
            To::Room(_) => None,
        };
        let (recipient, is_read) = match to {
            Some(to) => (
                self.user_lite_by_id(to.as_str())?,
                !chat::is_unread(self.connection, to, message)?,
            ),
            None => (None, false),
        };
        let file = match &message.file_id {
            Some(id) => drive::file(self.connection, id)?,
            None => None,
        };
        Ok(json!({
            "id": message.id,
            "createdAt": time::created_at(&message.id),
            "text": message.text,
            "userId": message.from_id.as_str(),
            "user": self.user_lite_by_id(message.from_id.as_str())?,
            "recipientId": to.map(|to| to.as_str()),
            "recipient": recipient,
            "groupId": null,
            "group": null,
            "fileId": message.file_id,
            "file": file.map(|file| self.file(&file, Owner::Left)),
            "isRead": is_read,
            "reads": [],
        }))
    }
}
