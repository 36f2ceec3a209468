//! Antennas.

use serde_json::{Value, json};

use super::{Packer, time};
use crate::model::antenna::Antenna;

impl Packer<'_> {
    /// `Antenna`.
    #[must_use]
    pub fn antenna(&self, antenna: &Antenna) -> Value {
        json!({
            "id": antenna.id.as_str(),
            "createdAt": time::created_at(antenna.id.as_str()),
            "name": antenna.name,
            "keywords": antenna.keywords,
            "excludeKeywords": antenna.exclude_keywords,
            "src": antenna.src,
            "userListId": antenna.list_id.as_ref().map(|id| id.as_str()),
            "users": antenna.users,
            "caseSensitive": antenna.case_sensitive,
            "localOnly": antenna.local_only,
            "excludeBots": antenna.exclude_bots,
            "withReplies": antenna.with_replies,
            "withFile": antenna.with_file,
            "excludeNotesInSensitiveChannel": antenna.exclude_sensitive_channels,
            "isActive": antenna.is_active(self.now_ms),
            "hasUnreadNote": antenna.has_unread,
            "notify": false,
        })
    }
}
