//! Following, and asking to. Whoever calls these has checked that they may.
//!
//! Each function writes and publishes: the change on `internal` first, so that streams follow it
//! before anyone is told, then what the two see on `main`, in Misskey's order.

use protocol::id::UserId;
use rusqlite::{OptionalExtension, params};
use serde_json::Value;

use crate::events;
use crate::model::relation;
use crate::model::user::{self, User};
use crate::notifications::{self, Notice};
use crate::pack::For;
use crate::roles;
use crate::store::{Col, StoreError, Tx};

/// Follows, or asks to where the followee wants to be asked. A remote user (of `--dev`) accepts at
/// once.
pub(crate) fn follow_or_ask(
    tx: &mut Tx<'_>,
    follower: &User,
    followee: &User,
    with_replies: bool,
) -> Result<(), StoreError> {
    if wants_to_be_asked(tx, follower, followee)? {
        return ask(tx, follower, followee, with_replies);
    }
    follow(tx, follower, followee, with_replies)?;
    tell_detailed(tx, follower, "follow", &followee.id)
}

fn wants_to_be_asked(tx: &Tx<'_>, follower: &User, followee: &User) -> Result<bool, StoreError> {
    let careful = followee.settings.get("carefulBot") == Some(&Value::Bool(true));
    if !followee.is_local() || !(followee.is_locked || careful && follower.is_bot) {
        return Ok(false);
    }
    let returned = relation::follows(tx, followee.id.as_str(), follower.id.as_str())?;
    Ok(!(followee.auto_accept_followed && returned))
}

/// Follows, and tells everyone but the follower that they do.
fn follow(
    tx: &mut Tx<'_>,
    follower: &User,
    followee: &User,
    with_replies: bool,
) -> Result<(), StoreError> {
    forget_request(tx, follower, followee)?;
    tx.execute(
        "INSERT INTO follow (id, follower_id, followee_id, with_replies) VALUES (?1, ?2, ?3, ?4)",
        params![
            tx.new_id(),
            Col(&follower.id),
            Col(&followee.id),
            with_replies
        ],
    )?;
    count(tx, follower, followee, 1)?;
    events::followed(tx, &follower.id, &followee.id, with_replies)?;
    let lite = tx.pack().user_lite(follower)?;
    events::main(tx, &followee.id, "followed", &lite)?;
    let accepted = Notice::new("followRequestAccepted")
        .from(&followee.id)
        .with("message", followee.followed_message.clone());
    notifications::notify(tx, &follower.id, accepted)?;
    notifications::notify(tx, &followee.id, Notice::new("follow").from(&follower.id))
}

/// Asks; a request from before is replaced.
fn ask(
    tx: &mut Tx<'_>,
    follower: &User,
    followee: &User,
    with_replies: bool,
) -> Result<(), StoreError> {
    forget_request(tx, follower, followee)?;
    tx.execute(
        "INSERT INTO follow_request (id, follower_id, followee_id, with_replies)
         VALUES (?1, ?2, ?3, ?4)",
        params![
            tx.new_id(),
            Col(&follower.id),
            Col(&followee.id),
            with_replies
        ],
    )?;
    let lite = tx.pack().user_lite(follower)?;
    events::main(tx, &followee.id, "receiveFollowRequest", &lite)?;
    let asked = Notice::new("receiveFollowRequest").from(&follower.id);
    notifications::notify(tx, &followee.id, asked)?;
    tell_me(tx, &followee.id)
}

/// Accepts a request; `false`: there is none.
pub(crate) fn accept(
    tx: &mut Tx<'_>,
    follower: &User,
    followee: &User,
) -> Result<bool, StoreError> {
    let asked: Option<bool> = tx
        .prepare_cached(
            "SELECT with_replies FROM follow_request WHERE follower_id = ?1 AND followee_id = ?2",
        )?
        .query_row(params![Col(&follower.id), Col(&followee.id)], |row| {
            row.get(0)
        })
        .optional()?;
    let Some(with_replies) = asked else {
        return Ok(false);
    };
    follow(tx, follower, followee, with_replies)?;
    tell_me(tx, &followee.id)?;
    tell_detailed(tx, follower, "follow", &followee.id)?;
    Ok(true)
}

/// Accepts all requests to a user, the oldest first.
pub(crate) fn accept_all(tx: &mut Tx<'_>, followee: &User) -> Result<(), StoreError> {
    let followers: Vec<String> = tx
        .prepare_cached(
            "SELECT follower_id FROM follow_request WHERE followee_id = ?1 ORDER BY id",
        )?
        .query_map([Col(&followee.id)], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for id in followers {
        if let Some(follower) = user::by_id(tx, &id)? {
            accept(tx, &follower, followee)?;
        }
    }
    Ok(())
}

/// Turns a request down; `false`: there is none.
pub(crate) fn reject(
    tx: &mut Tx<'_>,
    follower: &User,
    followee: &User,
) -> Result<bool, StoreError> {
    let was_asked = forget_request(tx, follower, followee)?;
    if was_asked {
        tell_detailed(tx, follower, "unfollow", &followee.id)?;
    }
    Ok(was_asked)
}

/// Takes a request back; `false`: there is none.
pub(crate) fn cancel(
    tx: &mut Tx<'_>,
    follower: &User,
    followee: &User,
) -> Result<bool, StoreError> {
    let was_asked = forget_request(tx, follower, followee)?;
    if was_asked {
        tell_me(tx, &followee.id)?;
    }
    Ok(was_asked)
}

/// Ends a follow and tells who followed; `false`: there is none.
pub(crate) fn unfollow(
    tx: &mut Tx<'_>,
    follower: &User,
    followee: &User,
) -> Result<bool, StoreError> {
    let ended = end(tx, follower, followee)?;
    if ended {
        tell_unfollowed(tx, follower, followee)?;
    }
    Ok(ended)
}

/// Ends a follow without telling on `main`; `false`: there is none.
pub(crate) fn end(tx: &mut Tx<'_>, follower: &User, followee: &User) -> Result<bool, StoreError> {
    let ended = tx.execute(
        "DELETE FROM follow WHERE follower_id = ?1 AND followee_id = ?2",
        params![Col(&follower.id), Col(&followee.id)],
    )? > 0;
    if ended {
        count(tx, follower, followee, -1)?;
        events::unfollowed(tx, &follower.id, &followee.id)?;
    }
    Ok(ended)
}

/// Tells a user that they no longer follow someone.
pub(crate) fn tell_unfollowed(
    tx: &mut Tx<'_>,
    follower: &User,
    followee: &User,
) -> Result<(), StoreError> {
    tell_detailed(tx, follower, "unfollow", &followee.id)
}

fn forget_request(tx: &Tx<'_>, follower: &User, followee: &User) -> Result<bool, StoreError> {
    let deleted = tx.execute(
        "DELETE FROM follow_request WHERE follower_id = ?1 AND followee_id = ?2",
        params![Col(&follower.id), Col(&followee.id)],
    )?;
    Ok(deleted > 0)
}

fn count(tx: &mut Tx<'_>, follower: &User, followee: &User, by: i64) -> Result<(), StoreError> {
    let before = [&follower.id, &followee.id].map(|id| user::by_id(tx, id.as_str()));
    tx.execute(
        "UPDATE user SET following_count = following_count + ?2 WHERE id = ?1",
        params![Col(&follower.id), by],
    )?;
    tx.execute(
        "UPDATE user SET followers_count = followers_count + ?2 WHERE id = ?1",
        params![Col(&followee.id), by],
    )?;
    for user in before {
        if let Some(user) = user? {
            roles::tell_changes(tx, &user)?;
        }
    }
    Ok(())
}

/// Tells a user something about another, who is packed as they are after the change.
fn tell_detailed(tx: &mut Tx<'_>, to: &User, kind: &str, other: &UserId) -> Result<(), StoreError> {
    let Some(other) = user::by_id(tx, other.as_str())? else {
        return Ok(());
    };
    let packed = tx.pack().user_detailed(&other, For::User(&to.id))?;
    events::main(tx, &to.id, kind, &packed)
}

/// Tells a user what they look like after a change.
pub(crate) fn tell_me(tx: &mut Tx<'_>, id: &UserId) -> Result<(), StoreError> {
    let Some(me) = user::by_id(tx, id.as_str())? else {
        return Ok(());
    };
    let mut packed = tx.pack().me_detailed(&me)?;
    if let Some(packed) = packed.as_object_mut() {
        for secret in ["email", "emailVerified", "securityKeysList"] {
            packed.shift_remove(secret);
        }
    }
    events::main(tx, id, "meUpdated", &packed)
}
