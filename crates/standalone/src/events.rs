//! The events that writes publish: one function for each, so that a topic and its shape are
//! spelled in one place. `docs/PROTOCOL.md` section 8 has the contract.
//!
//! The stream follows relations by these events alone, so every change of a relation publishes
//! one, also those that Misskey is silent about.

use protocol::id::{AntennaId, ChannelId, ListId, NoteId, RoleId, RoomId, UserId};
use serde::Serialize;
use serde_json::{Value, json};

use crate::store::{StoreError, Tx};

type Published = Result<(), StoreError>;

/// A new note, packed for nobody and with nothing hidden.
pub fn note(tx: &mut Tx<'_>, packed: &Value) -> Published {
    tx.publish("notesStream", packed)
}

/// Something for one user's `main` channel.
pub fn main(tx: &mut Tx<'_>, user: &UserId, kind: &str, body: &impl Serialize) -> Published {
    tx.publish(&format!("mainStream:{user}"), &typed(kind, body))
}

/// Something for one user's `drive` channel.
pub fn drive(tx: &mut Tx<'_>, user: &UserId, kind: &str, body: &impl Serialize) -> Published {
    tx.publish(&format!("driveStream:{user}"), &typed(kind, body))
}

/// Something for one user's `admin` channel.
pub fn admin(tx: &mut Tx<'_>, user: &UserId, kind: &str, body: &impl Serialize) -> Published {
    tx.publish(&format!("adminStream:{user}"), &typed(kind, body))
}

/// A member came to a list or left it: `userAdded` or `userRemoved`, with the packed user.
pub fn list(tx: &mut Tx<'_>, list: &ListId, kind: &str, body: &impl Serialize) -> Published {
    tx.publish(&format!("userListStream:{list}"), &typed(kind, body))
}

/// An antenna caught a note: `note`, with the note as it is on `notesStream`.
pub fn antenna(tx: &mut Tx<'_>, antenna: &AntennaId, packed: &Value) -> Published {
    tx.publish(&format!("antennaStream:{antenna}"), &typed("note", packed))
}

/// Something in the chat of two users, for both: first for who began with it.
pub fn chat_user(
    tx: &mut Tx<'_>,
    from: &UserId,
    to: &UserId,
    kind: &str,
    body: &impl Serialize,
) -> Published {
    tx.publish(&format!("chatUserStream:{from}-{to}"), &typed(kind, body))?;
    tx.publish(&format!("chatUserStream:{to}-{from}"), &typed(kind, body))
}

/// One side of a chat of two, as older servers tell of it.
pub fn messaging(
    tx: &mut Tx<'_>,
    me: &UserId,
    other: &UserId,
    kind: &str,
    body: &impl Serialize,
) -> Published {
    tx.publish(&format!("messagingStream:{me}-{other}"), &typed(kind, body))
}

/// Something in any chat of a user, as older servers tell of it.
pub fn messaging_index(
    tx: &mut Tx<'_>,
    user: &UserId,
    kind: &str,
    body: &impl Serialize,
) -> Published {
    tx.publish(&format!("messagingIndexStream:{user}"), &typed(kind, body))
}

/// Something in a chat room.
pub fn chat_room(tx: &mut Tx<'_>, room: &RoomId, kind: &str, body: &impl Serialize) -> Published {
    tx.publish(&format!("chatRoomStream:{room}"), &typed(kind, body))
}

/// Someone who has a role wrote a public note: `note`, with the note as it is on `notesStream`.
pub fn role_timeline(tx: &mut Tx<'_>, role: &RoleId, packed: &Value) -> Published {
    tx.publish(
        &format!("roleTimelineStream:{role}"),
        &typed("note", packed),
    )
}

/// Something for one user's `reversi` channel.
pub fn reversi(tx: &mut Tx<'_>, user: &UserId, kind: &str, body: &impl Serialize) -> Published {
    tx.publish(&format!("reversiStream:{user}"), &typed(kind, body))
}

/// Something for all who watch a game of Reversi.
pub fn reversi_game(tx: &mut Tx<'_>, game: &str, kind: &str, body: &impl Serialize) -> Published {
    tx.publish(&format!("reversiGameStream:{game}"), &typed(kind, body))
}

/// Something for every connection.
pub fn broadcast(tx: &mut Tx<'_>, kind: &str, body: &impl Serialize) -> Published {
    tx.publish("broadcast", &typed(kind, body))
}

/// Whose a note is and who may see it, for those who captured it.
#[derive(Debug, Clone, Copy)]
pub struct Audience<'a> {
    /// The note.
    pub id: &'a NoteId,
    /// Its author.
    pub author: &'a UserId,
    /// The author's host; `None`: this server.
    pub host: Option<&'a str>,
    /// `public`, `home`, `followers` or `specified`.
    pub visibility: &'a str,
    /// The recipients of a `specified` note.
    pub visible_user_ids: &'a [String],
}

/// Something happened to a note: `reacted`, `unreacted`, `pollVoted` or `deleted`.
pub fn captured(
    tx: &mut Tx<'_>,
    note: Audience<'_>,
    kind: &str,
    body: &impl Serialize,
) -> Published {
    let event = json!({
        "type": kind,
        "body": {
            "id": note.id.as_str(),
            "userId": note.author.as_str(),
            // Misskey leaves this out; the stream would have to ask for the note.
            "userHost": note.host,
            "visibility": note.visibility,
            "visibleUserIds": note.visible_user_ids,
            "body": json!(body),
        },
    });
    tx.publish(&format!("noteStream:{}", note.id), &event)
}

/// A follow began.
pub fn followed(tx: &mut Tx<'_>, from: &UserId, to: &UserId, with_replies: bool) -> Published {
    internal(tx, "follow", &follow_body(from, to, Some(with_replies)))
}

/// A follow ended.
pub fn unfollowed(tx: &mut Tx<'_>, from: &UserId, to: &UserId) -> Published {
    internal(tx, "unfollow", &follow_body(from, to, None))
}

/// A follow takes replies along, or ceases to.
pub fn follow_updated(
    tx: &mut Tx<'_>,
    from: &UserId,
    to: &UserId,
    with_replies: bool,
) -> Published {
    internal(
        tx,
        "followUpdated",
        &follow_body(from, to, Some(with_replies)),
    )
}

/// A mute began or changed; `expires_at` in Unix milliseconds, `None`: never.
pub fn muted(
    tx: &mut Tx<'_>,
    muter: &UserId,
    mutee: &UserId,
    expires_at: Option<u64>,
) -> Published {
    let body = json!({
        "muterId": muter.as_str(), "muteeId": mutee.as_str(), "expiresAt": expires_at,
    });
    internal(tx, "mute", &body)
}

/// A mute ended.
pub fn unmuted(tx: &mut Tx<'_>, muter: &UserId, mutee: &UserId) -> Published {
    internal(tx, "unmute", &mute_body(muter, mutee))
}

/// A mute of someone's renotes began.
pub fn renotes_muted(tx: &mut Tx<'_>, muter: &UserId, mutee: &UserId) -> Published {
    internal(tx, "renoteMute", &mute_body(muter, mutee))
}

/// A mute of someone's renotes ended.
pub fn renotes_unmuted(tx: &mut Tx<'_>, muter: &UserId, mutee: &UserId) -> Published {
    internal(tx, "renoteUnmute", &mute_body(muter, mutee))
}

/// A block began.
pub fn blocked(tx: &mut Tx<'_>, blocker: &UserId, blockee: &UserId) -> Published {
    let body = json!({ "blockerId": blocker.as_str(), "blockeeId": blockee.as_str() });
    internal(tx, "blockingCreated", &body)
}

/// A block ended.
pub fn unblocked(tx: &mut Tx<'_>, blocker: &UserId, blockee: &UserId) -> Published {
    let body = json!({ "blockerId": blocker.as_str(), "blockeeId": blockee.as_str() });
    internal(tx, "blockingDeleted", &body)
}

/// A user follows a Misskey channel.
pub fn channel_followed(tx: &mut Tx<'_>, user: &UserId, channel: &ChannelId) -> Published {
    internal(tx, "followChannel", &channel_body(user, channel))
}

/// A user no longer follows a Misskey channel.
pub fn channel_unfollowed(tx: &mut Tx<'_>, user: &UserId, channel: &ChannelId) -> Published {
    internal(tx, "unfollowChannel", &channel_body(user, channel))
}

/// A mute of a Misskey channel began or changed; `expires_at` in Unix milliseconds, `None`: never.
pub fn channel_muted(
    tx: &mut Tx<'_>,
    user: &UserId,
    channel: &ChannelId,
    expires_at: Option<u64>,
) -> Published {
    let body = json!({
        "userId": user.as_str(), "channelId": channel.as_str(), "expiresAt": expires_at,
    });
    internal(tx, "muteChannel", &body)
}

/// A mute of a Misskey channel ended.
pub fn channel_unmuted(tx: &mut Tx<'_>, user: &UserId, channel: &ChannelId) -> Published {
    internal(tx, "unmuteChannel", &channel_body(user, channel))
}

/// A user came to a list.
pub fn list_member_added(
    tx: &mut Tx<'_>,
    list: &ListId,
    member: &UserId,
    with_replies: bool,
) -> Published {
    internal(
        tx,
        "userListMemberAdded",
        &member_body(list, member, Some(with_replies)),
    )
}

/// A membership takes replies along, or ceases to.
pub fn list_member_updated(
    tx: &mut Tx<'_>,
    list: &ListId,
    member: &UserId,
    with_replies: bool,
) -> Published {
    internal(
        tx,
        "userListMemberUpdated",
        &member_body(list, member, Some(with_replies)),
    )
}

/// A user left a list.
pub fn list_member_removed(tx: &mut Tx<'_>, list: &ListId, member: &UserId) -> Published {
    internal(
        tx,
        "userListMemberRemoved",
        &member_body(list, member, None),
    )
}

/// A list is gone.
pub fn list_deleted(tx: &mut Tx<'_>, list: &ListId) -> Published {
    internal(
        tx,
        "userListDeleted",
        &json!({ "userListId": list.as_str() }),
    )
}

/// Who may read a chat room changed: these may from here on.
pub fn chat_room_updated(tx: &mut Tx<'_>, room: &RoomId, users: &[UserId]) -> Published {
    let users: Vec<&str> = users.iter().map(UserId::as_str).collect();
    let body = json!({ "roomId": room.as_str(), "userIds": users });
    internal(tx, "chatRoomUpdated", &body)
}

/// An antenna came, changed or went: `antennaCreated`, `antennaUpdated` or `antennaDeleted`,
/// with its row; `id` and `userId` are what matters.
pub fn antenna_changed(tx: &mut Tx<'_>, kind: &str, row: &impl Serialize) -> Published {
    internal(tx, kind, row)
}

/// A user changed their profile; the stream wants to know whom they mute by host.
pub fn profile_updated(tx: &mut Tx<'_>, user: &UserId, muted_instances: &[String]) -> Published {
    let body = json!({ "userId": user.as_str(), "mutedInstances": muted_instances });
    internal(tx, "updateUserProfile", &body)
}

/// A local user changed: their name, avatar, lock.
pub fn local_user_updated(tx: &mut Tx<'_>, user: &UserId) -> Published {
    internal(tx, "localUserUpdated", &json!({ "id": user.as_str() }))
}

/// A user was suspended, or is no longer.
pub fn suspension_changed(tx: &mut Tx<'_>, user: &UserId, suspended: bool) -> Published {
    let body = json!({ "id": user.as_str(), "isSuspended": suspended });
    internal(tx, "userChangeSuspendedState", &body)
}

/// A user was deleted.
pub fn user_deleted(tx: &mut Tx<'_>, user: &UserId) -> Published {
    let body = json!({ "id": user.as_str(), "isDeleted": true });
    internal(tx, "userChangeDeletedState", &body)
}

/// A user has a new native token.
pub fn token_regenerated(
    tx: &mut Tx<'_>,
    user: &UserId,
    old_token: &str,
    new_token: &str,
) -> Published {
    let body = json!({ "id": user.as_str(), "oldToken": old_token, "newToken": new_token });
    internal(tx, "userTokenRegenerated", &body)
}

/// One of a user's apps lost its token.
pub fn app_token_revoked(tx: &mut Tx<'_>, user: &UserId) -> Published {
    internal(tx, "accessTokenRevoked", &json!({ "id": user.as_str() }))
}

/// An administrator changed the base policies.
pub fn policies_updated(tx: &mut Tx<'_>, policies: &impl Serialize) -> Published {
    internal(tx, "policiesUpdated", policies)
}

/// A role came, changed or went: `roleCreated`, `roleUpdated` or `roleDeleted`, with its row.
pub fn role_changed(tx: &mut Tx<'_>, kind: &str, row: &impl Serialize) -> Published {
    internal(tx, kind, row)
}

/// A role was given to a user or taken from them: `userRoleAssigned` or `userRoleUnassigned`, with
/// the row of the assignment.
pub fn role_assignment(tx: &mut Tx<'_>, kind: &str, row: &impl Serialize) -> Published {
    internal(tx, kind, row)
}

/// A user's roles changed because the user did. Misskey finds that out when it looks again.
pub fn roles_changed(tx: &mut Tx<'_>, user: &UserId) -> Published {
    let body = json!({ "userId": user.as_str(), "roleId": "" });
    internal(tx, "userRoleAssigned", &body)
}

/// Something for servers only, on topic `internal`.
pub fn internal(tx: &mut Tx<'_>, kind: &str, body: &impl Serialize) -> Published {
    tx.publish("internal", &typed(kind, body))
}

#[derive(Serialize)]
struct Typed<'a, T> {
    r#type: &'a str,
    body: &'a T,
}

fn typed<'a, T>(kind: &'a str, body: &'a T) -> Typed<'a, T> {
    Typed { r#type: kind, body }
}

fn follow_body(from: &UserId, to: &UserId, with_replies: Option<bool>) -> Value {
    let mut body = json!({ "followerId": from.as_str(), "followeeId": to.as_str() });
    if let Some(with_replies) = with_replies {
        body["withReplies"] = with_replies.into();
    }
    body
}

fn mute_body(muter: &UserId, mutee: &UserId) -> Value {
    json!({ "muterId": muter.as_str(), "muteeId": mutee.as_str() })
}

fn channel_body(user: &UserId, channel: &ChannelId) -> Value {
    json!({ "userId": user.as_str(), "channelId": channel.as_str() })
}

fn member_body(list: &ListId, member: &UserId, with_replies: Option<bool>) -> Value {
    let mut body = json!({ "userListId": list.as_str(), "memberId": member.as_str() });
    if let Some(with_replies) = with_replies {
        body["withReplies"] = with_replies.into();
    }
    body
}
