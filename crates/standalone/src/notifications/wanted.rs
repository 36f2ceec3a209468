//! Who wants which notification.

use protocol::id::UserId;
use rusqlite::Connection;
use serde_json::Value;

use super::Notice;
use crate::model::relation;
use crate::model::user::{self, User};
use crate::store::View;

pub(super) fn is_wanted(
    view: &View<'_>,
    to: &UserId,
    notice: &Notice<'_>,
) -> rusqlite::Result<bool> {
    let Some(to) = user::by_id(view, to.as_str())?.filter(User::is_local) else {
        return Ok(false);
    };
    if let Some(note) = notice.note
        && relation::mutes_thread(view, to.id.as_str(), note.thread())?
    {
        return Ok(false);
    }
    if let Some(from) = notice.from
        && (*from == to.id || is_muted(view, view.now_ms(), &to, from)?)
    {
        return Ok(false);
    }
    is_set(view, &to, notice)
}

/// Whether `to` wants to hear nothing of `from`.
pub(crate) fn is_muted(
    connection: &Connection,
    now_ms: u64,
    to: &User,
    from: &UserId,
) -> rusqlite::Result<bool> {
    let (me, them) = (to.id.as_str(), from.as_str());
    if relation::mutes(connection, me, them, now_ms)? || relation::blocks(connection, me, them)? {
        return Ok(true);
    }
    let host = user::by_id(connection, them)?.and_then(|user| user.host);
    Ok(host.is_some_and(|host| {
        let mut muted = to.muted_instances.iter();
        muted.any(|muted| muted.to_lowercase() == host)
    }))
}

/// Whether the user's own settings let notifications of this kind through.
fn is_set(connection: &Connection, to: &User, notice: &Notice<'_>) -> rusqlite::Result<bool> {
    let kinds = to.settings.get("notificationRecieveConfig");
    let Some(setting) = kinds.and_then(|kinds| kinds.get(notice.kind)) else {
        return Ok(true);
    };
    let whom = setting.get("type").and_then(Value::as_str);
    let (whom, from) = match (whom, notice.from) {
        (Some("never"), _) => return Ok(false),
        (Some(whom), Some(from)) => (whom, from.as_str()),
        // What nobody caused comes from nobody in particular.
        (_, None) | (None, _) => return Ok(true),
    };
    let me = to.id.as_str();
    let following = || relation::follows(connection, me, from);
    let followed = || relation::follows(connection, from, me);
    match whom {
        "following" => following(),
        "follower" => followed(),
        "mutualFollow" => Ok(following()? && followed()?),
        "followingOrFollower" => Ok(following()? || followed()?),
        "list" => is_on_list(connection, me, setting.get("userListId"), from),
        _ => Ok(true),
    }
}

/// Whether a user is on this list of `owner`.
fn is_on_list(
    connection: &Connection,
    owner: &str,
    list: Option<&Value>,
    user: &str,
) -> rusqlite::Result<bool> {
    let list = list.and_then(Value::as_str).unwrap_or_default();
    connection
        .prepare_cached(
            "SELECT 1 FROM user_list_member m JOIN user_list l ON l.id = m.list_id
             WHERE l.id = ?1 AND l.user_id = ?2 AND m.user_id = ?3",
        )?
        .exists([list, owner, user])
}

#[cfg(test)]
mod tests {
    use protocol::id::UserId;
    use serde_json::{Value, json};

    use crate::notifications::{Notice, notify};
    use crate::store::StoreError;
    use crate::testing::World;

    /// Notifies alice of something of bob, or of nobody; gives back whether she heard of it.
    async fn hears(world: &mut World, setting: Value, from: Option<&str>) -> bool {
        world.events();
        let settings = json!({ "notificationRecieveConfig": { "app": setting } });
        let (from, settings) = (from.map(str::to_owned), settings.to_string());
        let write = world.app.store().write::<_, StoreError, _>(move |tx| {
            tx.execute(
                "UPDATE user SET settings = ?1 WHERE username = 'alice'",
                [settings],
            )?;
            let alice = "SELECT id FROM user WHERE username = 'alice'";
            let alice: String = tx.query_row(alice, [], |row| row.get(0))?;
            let from = from.and_then(|from| UserId::parse(&from));
            let mut notice = Notice::new("app");
            if let Some(from) = &from {
                notice = notice.from(from);
            }
            notify(tx, &UserId::parse(&alice).unwrap(), notice)
        });
        write.await.unwrap();
        !world.events().is_empty()
    }

    #[tokio::test]
    async fn a_user_hears_from_whom_they_set() {
        let mut world = World::new();
        let (alice, bob) = (world.signup("alice").await, world.signup("bob").await);
        let (a, b) = (&alice.id, &bob.id);
        let list = format!("INSERT INTO user_list (id, user_id, name) VALUES ('l', '{a}', 'l')");
        world.sql(&list).await;
        let follow = |id: &str, from: &str, to: &str| {
            format!(
                "INSERT INTO follow (id, follower_id, followee_id) VALUES ('{id}', '{from}', '{to}')"
            )
        };
        let member =
            format!("INSERT INTO user_list_member (id, list_id, user_id) VALUES ('m', 'l', '{b}')");
        // In the order of the relations below: none, bob follows alice, both, and bob on her list.
        let expected = [
            ("all", [true, true, true, true]),
            ("never", [false, false, false, false]),
            ("following", [false, false, true, true]),
            ("follower", [false, true, true, true]),
            ("mutualFollow", [false, false, true, true]),
            ("followingOrFollower", [false, true, true, true]),
            ("list", [false, false, false, true]),
        ];
        let steps = [
            "SELECT 1".to_owned(),
            follow("f", b, a),
            follow("g", a, b),
            member,
        ];
        for (stage, step) in steps.iter().enumerate() {
            world.sql(step).await;
            for (whom, heard) in expected {
                let setting = json!({ "type": whom, "userListId": "l" });
                let hears_bob = hears(&mut world, setting.clone(), Some(b)).await;
                assert_eq!(hears_bob, heard[stage], "{whom} {stage}");
                let hears_nobody = hears(&mut world, setting, None).await;
                assert_eq!(hears_nobody, whom != "never", "{whom}");
            }
        }
    }
}
