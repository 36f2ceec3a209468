//! Blocking: it ends whatever the two have to do with each other.

use protocol::id::ListId;
use rusqlite::params;

use crate::model::user::User;
use crate::store::{Col, StoreError, Tx};
use crate::{events, follows};

/// Blocks. Follows and requests end in both directions, and who blocks leaves the lists of who is
/// blocked; whoever calls has checked that there is no block yet.
pub(crate) fn block(tx: &mut Tx<'_>, blocker: &User, blockee: &User) -> Result<(), StoreError> {
    let no_longer_follows = follows::end(tx, blocker, blockee)?;
    let no_longer_followed = follows::end(tx, blockee, blocker)?;
    tx.execute(
        "INSERT INTO block (id, blocker_id, blockee_id) VALUES (?1, ?2, ?3)",
        params![tx.new_id(), Col(&blocker.id), Col(&blockee.id)],
    )?;
    events::blocked(tx, &blocker.id, &blockee.id)?;
    leave_lists(tx, blocker, blockee)?;
    if no_longer_follows || follows::cancel(tx, blocker, blockee)? {
        follows::tell_unfollowed(tx, blocker, blockee)?;
    }
    if no_longer_followed || follows::cancel(tx, blockee, blocker)? {
        follows::tell_unfollowed(tx, blockee, blocker)?;
    }
    Ok(())
}

/// Ends a block; `false`: there is none.
pub(crate) fn unblock(tx: &mut Tx<'_>, blocker: &User, blockee: &User) -> Result<bool, StoreError> {
    let deleted = tx.execute(
        "DELETE FROM block WHERE blocker_id = ?1 AND blockee_id = ?2",
        params![Col(&blocker.id), Col(&blockee.id)],
    )?;
    if deleted > 0 {
        events::unblocked(tx, &blocker.id, &blockee.id)?;
    }
    Ok(deleted > 0)
}

/// Takes `member` out of all lists of `owner`.
fn leave_lists(tx: &mut Tx<'_>, member: &User, owner: &User) -> Result<(), StoreError> {
    let lists: Vec<ListId> = tx
        .prepare_cached(
            "SELECT m.list_id FROM user_list_member m JOIN user_list l ON l.id = m.list_id
             WHERE m.user_id = ?1 AND l.user_id = ?2 ORDER BY l.id",
        )?
        .query_map(params![Col(&member.id), Col(&owner.id)], |row| {
            Ok(row.get::<_, Col<ListId>>(0)?.0)
        })?
        .collect::<Result<_, _>>()?;
    for list in lists {
        tx.execute(
            "DELETE FROM user_list_member WHERE list_id = ?1 AND user_id = ?2",
            params![Col(&list), Col(&member.id)],
        )?;
        events::list_member_removed(tx, &list, &member.id)?;
        let lite = tx.pack().user_lite(member)?;
        events::list(tx, &list, "userRemoved", &lite)?;
    }
    Ok(())
}
