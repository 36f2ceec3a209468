//! Notifications.

use rusqlite::Result;
use serde_json::{Value, json};

use super::{For, Packer, object, time};
use crate::model::note;
use crate::model::notification::Notification;

impl Packer<'_> {
    /// A notification for the user whom it is for. Its note is packed for them: what they may not
    /// see (any more) is hidden.
    ///
    /// # Errors
    ///
    /// If the database can't be read.
    pub fn notification(&self, notification: &Notification) -> Result<Value> {
        let mut packed = object(json!({
            "id": notification.id,
            "createdAt": time::created_at(&notification.id),
            "type": notification.kind,
        }));
        if let Some(notifier) = &notification.notifier_id {
            packed.insert("userId".into(), notifier.as_str().into());
            let user = self.user_lite_by_id(notifier.as_str())?;
            packed.insert("user".into(), user.unwrap_or_default());
        }
        if let Some(id) = &notification.note_id
            && let Some(note) = note::by_id(self.connection, id.as_str())?
        {
            let note = self.note(&note, For::User(&notification.user_id))?;
            packed.insert("note".into(), note);
        }
        packed.extend(notification.payload.clone());
        Ok(Value::Object(packed))
    }
}
