//! Users as others see them.

use protocol::id::UserId;
use rusqlite::Result;
use serde_json::{Value, json};

use super::{For, Object, Packer, object, time};
use crate::model::user::{Picture, User};
use crate::model::{relation, user};
use crate::roles::Policies;

/// Who was here less long ago is online, in milliseconds.
pub const ONLINE_MS: u64 = 10 * 60 * 1000;

/// Who was here less long ago is active, in milliseconds.
const ACTIVE_MS: u64 = 3 * 24 * 60 * 60 * 1000;

impl Packer<'_> {
    /// `UserLite` of the user with this id; `None`: no such user.
    ///
    /// # Errors
    ///
    /// If the database can't be read.
    pub fn user_lite_by_id(&self, id: &str) -> Result<Option<Value>> {
        match user::by_id(self.connection, id)? {
            Some(user) => Ok(Some(self.user_lite(&user)?)),
            None => Ok(None),
        }
    }

    /// `UserLite`: as in notes and notifications.
    ///
    /// # Errors
    ///
    /// If the database can't be read.
    pub fn user_lite(&self, user: &User) -> Result<Value> {
        Ok(Value::Object(self.lite(user)?))
    }

    pub(super) fn lite(&self, user: &User) -> Result<Object> {
        let host = user.host.as_deref();
        let (url, at) = (self.site.url(), host.unwrap_or_else(|| self.site.host()));
        let mut packed = object(json!({
            "id": user.id.as_str(),
            "name": user.name,
            "username": user.username,
            "host": user.host,
            "avatarUrl": match user.picture(Picture::Avatar) {
                Some((_, path)) => format!("{url}{path}"),
                None => format!("{url}/identicon/{}@{at}", user.username.to_lowercase()),
            },
            "avatarBlurhash": null,
            "avatarDecorations": [],
            "isBot": user.is_bot,
            "isCat": user.is_cat,
        }));
        if user.require_signin {
            packed.insert("requireSigninToViewContents".into(), true.into());
        }
        if let Some(before) = user.followers_only_before {
            packed.insert("makeNotesFollowersOnlyBefore".into(), before.into());
        }
        if let Some(before) = user.hidden_before {
            packed.insert("makeNotesHiddenBefore".into(), before.into());
        }
        if let Some(host) = host {
            packed.insert("instance".into(), instance(host));
        }
        packed.insert("emojis".into(), json!({}));
        packed.insert("onlineStatus".into(), self.online_status(user).into());
        if host.is_none() {
            packed.insert("badgeRoles".into(), self.badges(user)?.into());
        }
        Ok(packed)
    }

    fn online_status(&self, user: &User) -> &'static str {
        let Some(last) = user.last_active_at.filter(|_| !user.hide_online_status) else {
            return "unknown";
        };
        match self.now_ms.saturating_sub(last) {
            away if away < ONLINE_MS => "online",
            away if away < ACTIVE_MS => "active",
            _ => "offline",
        }
    }

    /// `UserDetailed` for a viewer: `MeDetailed` for the user themself, else with what the two
    /// are to each other.
    ///
    /// # Errors
    ///
    /// If the database can't be read.
    pub fn user_detailed(&self, user: &User, to: For<'_>) -> Result<Value> {
        let Some(viewer) = to.user() else {
            let nobody = Sight {
                me: false,
                follows: false,
            };
            return Ok(Value::Object(self.detailed(user, nobody)?));
        };
        if *viewer == user.id {
            return self.me_detailed(user);
        }
        let relation = self.relation(viewer, &user.id)?;
        let follows = relation["isFollowing"] == true;
        let mut packed = self.detailed(user, Sight { me: false, follows })?;
        packed.extend(relation);
        if follows {
            packed.insert(
                "followedMessage".into(),
                user.followed_message.clone().into(),
            );
        }
        Ok(Value::Object(packed))
    }

    pub(super) fn detailed(&self, user: &User, sight: Sight) -> Result<Object> {
        let seen = |visibility: &str, count: u64| match visibility {
            "public" => count,
            "followers" if sight.follows => count,
            _ if sight.me => count,
            _ => 0,
        };
        let policies = Policies::of(self.connection, Some(user), self.now_ms)?;
        let mut packed = self.lite(user)?;
        packed.extend(object(json!({
            "url": null,
            "uri": null,
            "movedTo": null,
            "alsoKnownAs": null,
            "createdAt": time::created_at(user.id.as_str()),
            "updatedAt": user.updated_at.map(time::iso),
            "lastFetchedAt": null,
            "bannerUrl": user
                .picture(Picture::Banner)
                .map(|(_, path)| format!("{}{path}", self.site.url())),
            "bannerBlurhash": null,
            "isLocked": user.is_locked,
            "isSilenced": !policies.allow("canPublicNote"),
            "isSuspended": user.is_suspended,
            "description": user.description,
            "location": user.location,
            "birthday": user.birthday,
            "lang": user.lang,
            "fields": user.fields,
            "verifiedLinks": [],
            "followersCount": seen(&user.followers_visibility, user.followers_count),
            "followingCount": seen(&user.following_visibility, user.following_count),
            "notesCount": user.notes_count,
            "pinnedNoteIds": [],
            "pinnedNotes": [],
            "pinnedPageId": null,
            "pinnedPage": null,
            "publicReactions": user.public_reactions,
            "followersVisibility": user.followers_visibility,
            "followingVisibility": user.following_visibility,
            "chatScope": user.chat_scope(),
            "canChat": policies.0["chatAvailability"] == "available",
            "roles": self.public_roles(user)?,
            "memo": null,
        })));
        Ok(packed)
    }

    /// What `viewer` and `other` are to each other, in the keys of `UserDetailed`.
    ///
    /// # Errors
    ///
    /// If the database can't be read.
    pub fn relation(&self, viewer: &UserId, other: &UserId) -> Result<Object> {
        let (db, me, them) = (self.connection, viewer.as_str(), other.as_str());
        let follow = db
            .prepare_cached(
                "SELECT with_replies, notify FROM follow WHERE follower_id = ?1 AND followee_id = ?2",
            )?
            .query_map([me, them], |row| {
                Ok((row.get::<_, bool>(0)?, row.get::<_, Option<String>>(1)?))
            })?
            .next()
            .transpose()?;
        let (with_replies, notify) = follow.clone().unwrap_or((false, None));
        Ok(object(json!({
            "isFollowing": follow.is_some(),
            "isFollowed": relation::follows(db, them, me)?,
            "hasPendingFollowRequestFromYou": relation::asks_to_follow(db, me, them)?,
            "hasPendingFollowRequestToYou": relation::asks_to_follow(db, them, me)?,
            "isBlocking": relation::blocks(db, me, them)?,
            "isBlocked": relation::blocks(db, them, me)?,
            "isMuted": relation::mutes(db, me, them, self.now_ms)?,
            "isRenoteMuted": relation::mutes_renotes(db, me, them)?,
            "notify": notify.unwrap_or_else(|| "none".to_owned()),
            "withReplies": with_replies,
        })))
    }
}

/// What a viewer is to the user that is packed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sight {
    pub(super) me: bool,
    pub(super) follows: bool,
}

/// What is known of a remote user's server: its name.
fn instance(host: &str) -> Value {
    json!({
        "name": host,
        "softwareName": null,
        "softwareVersion": null,
        "iconUrl": null,
        "faviconUrl": null,
        "themeColor": null,
    })
}
