//! Users as they see themselves.

use rusqlite::Result;
use serde_json::{Value, json};

use super::user::Sight;
use super::{Object, Packer, object};
use crate::limits::{
    ANTENNAS_MAX, DRIVE_BYTES_MAX, FILE_BYTES_MAX, LIST_MEMBERS_MAX, LISTS_MAX, MIB,
    MUTED_WORDS_MAX, NOTE_MENTIONS_MAX,
};
use crate::model::user::{Picture, User};
use crate::model::{announcement, chat};
use crate::roles::{self, Policies};

/// What a user may set of themself and nothing on this server acts on, with its defaults.
/// `user.settings` holds what differs.
fn settings() -> Object {
    object(json!({
        "injectFeaturedNote": true,
        "receiveAnnouncementEmail": true,
        "alwaysMarkNsfw": false,
        "autoSensitive": false,
        "carefulBot": false,
        "noCrawle": false,
        "preventAiLearning": true,
        "isExplorable": true,
        "mutedWords": [],
        "hardMutedWords": [],
        "notificationRecieveConfig": {},
        "emailNotificationTypes": ["follow", "receiveFollowRequest", "groupInvited"],
    }))
}

impl Packer<'_> {
    /// `MeDetailed`: what `i` answers.
    ///
    /// # Errors
    ///
    /// If the database can't be read.
    pub fn me_detailed(&self, user: &User) -> Result<Value> {
        let mut settings = settings();
        for (key, value) in &user.settings {
            settings.insert(key.clone(), value.clone());
        }
        let mut setting = |key: &str| settings.remove(key).unwrap_or_default();
        let unread = self.count_unread(user)?;
        let announcements: Vec<Value> = announcement::unread(self.connection, &user.id)?
            .iter()
            .map(|it| it.packed_for(&user.id, false))
            .collect();
        let staff = roles::staff(self.connection, user, self.now_ms)?;
        let policies = Policies::of(self.connection, Some(user), self.now_ms)?;
        let mut packed = self.detailed(
            user,
            Sight {
                me: true,
                follows: false,
            },
        )?;
        packed.extend(object(json!({
            "twoFactorEnabled": false,
            "usePasswordLessLogin": false,
            "securityKeys": false,
            "avatarId": user.picture(Picture::Avatar).map(|(id, _)| id),
            "bannerId": user.picture(Picture::Banner).map(|(id, _)| id),
            "followedMessage": user.followed_message,
            "isModerator": staff.moderator,
            "isAdmin": staff.administrator,
            "injectFeaturedNote": setting("injectFeaturedNote"),
            "receiveAnnouncementEmail": setting("receiveAnnouncementEmail"),
            "alwaysMarkNsfw": setting("alwaysMarkNsfw"),
            "autoSensitive": setting("autoSensitive"),
            "carefulBot": setting("carefulBot"),
            "autoAcceptFollowed": user.auto_accept_followed,
            "noCrawle": setting("noCrawle"),
            "preventAiLearning": setting("preventAiLearning"),
            "isExplorable": setting("isExplorable"),
            "isDeleted": user.is_deleted,
            "twoFactorBackupCodesStock": "none",
            "hideOnlineStatus": user.hide_online_status,
        })));
        packed.extend(object(json!({
            "hasUnreadSpecifiedNotes": self.has_unread_note(user, "n.visibility = 'specified'")?,
            "hasUnreadMentions": self.has_unread_note(user, "t.type IN ('mention', 'reply')")?,
            "hasUnreadChatMessages": chat::has_unread(self.connection, &user.id)?,
            "hasUnreadAnnouncement": !announcements.is_empty(),
            "unreadAnnouncements": announcements,
            "hasUnreadAntenna": false,
            "hasUnreadChannel": false,
            "hasUnreadNotification": unread > 0,
            "hasPendingReceivedFollowRequest": self.has_follow_request(user)?,
            "unreadNotificationsCount": unread,
        })));
        packed.extend(object(json!({
            "mutedWords": setting("mutedWords"),
            "hardMutedWords": setting("hardMutedWords"),
            "mutedInstances": user.muted_instances,
            "mutingNotificationTypes": [],
            "notificationRecieveConfig": setting("notificationRecieveConfig"),
            "emailNotificationTypes": setting("emailNotificationTypes"),
            "achievements": [],
            "loggedInDays": 0,
            "policies": policies.0,
            "email": null,
            "emailVerified": false,
            "securityKeysList": [],
        })));
        Ok(Value::Object(packed))
    }

    fn count_unread(&self, user: &User) -> Result<u64> {
        self.connection
            .prepare_cached("SELECT count(*) FROM notification WHERE user_id = ?1 AND is_read = 0")?
            .query_row([user.id.as_str()], |row| row.get(0))
    }

    /// Whether an unread notification is about a note of this kind. `condition` is SQL.
    fn has_unread_note(&self, user: &User, condition: &'static str) -> Result<bool> {
        self.connection
            .prepare_cached(&format!(
                "SELECT 1 FROM notification t JOIN note n ON n.id = t.note_id
                 WHERE t.user_id = ?1 AND t.is_read = 0 AND {condition}"
            ))?
            .exists([user.id.as_str()])
    }

    fn has_follow_request(&self, user: &User) -> Result<bool> {
        self.connection
            .prepare_cached("SELECT 1 FROM follow_request WHERE followee_id = ?1")?
            .exists([user.id.as_str()])
    }
}

/// The policies that nobody has changed: Misskey's defaults, without what this server doesn't do.
#[must_use]
pub fn default_policies() -> Object {
    object(json!({
        "gtlAvailable": true,
        "ltlAvailable": true,
        "canPublicNote": true,
        "mentionLimit": NOTE_MENTIONS_MAX,
        "canInvite": false,
        "inviteLimit": 0,
        "inviteLimitCycle": 10080,
        "inviteExpirationTime": 0,
        "canManageCustomEmojis": false,
        "canManageAvatarDecorations": false,
        "canSearchNotes": true,
        "canSearchUsers": true,
        "canUseTranslator": false,
        "canHideAds": false,
        "canCreateChannel": true,
        "driveCapacityMb": DRIVE_BYTES_MAX / MIB,
        "maxFileSizeMb": FILE_BYTES_MAX / MIB,
        "uploadableFileTypes": ["text/*", "application/json", "image/*", "video/*", "audio/*"],
        "alwaysMarkNsfw": false,
        "canUpdateBioMedia": true,
        "pinLimit": 5,
        "antennaLimit": ANTENNAS_MAX,
        "wordMuteLimit": MUTED_WORDS_MAX,
        "webhookLimit": 3,
        "clipLimit": 10,
        "noteEachClipsLimit": 200,
        "userListLimit": LISTS_MAX,
        "userEachUserListsLimit": LIST_MEMBERS_MAX,
        "rateLimitFactor": 1,
        "avatarDecorationLimit": 1,
        "canImportAntennas": false,
        "canImportBlocking": false,
        "canImportFollowing": false,
        "canImportMuting": false,
        "canImportUserLists": false,
        "chatAvailability": "available",
        "noteDraftLimit": 10,
        "scheduledNoteLimit": 1,
        "watermarkAvailable": true,
    }))
}
