//! Lists of users.

use rusqlite::Result;
use serde_json::{Value, json};

use super::{Packer, time};
use crate::model::{list, list::List};

impl Packer<'_> {
    /// `UserList`.
    ///
    /// # Errors
    ///
    /// If the database can't be read.
    pub fn list(&self, list: &List) -> Result<Value> {
        Ok(json!({
            "id": list.id.as_str(),
            "createdAt": time::created_at(list.id.as_str()),
            "name": list.name,
            "userIds": list::members(self.connection, &list.id)?,
            "isPublic": list.is_public,
        }))
    }
}
