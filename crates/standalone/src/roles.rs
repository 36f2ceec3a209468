//! What users may do by their roles: the rows of the store, put to [`backend::policy`].

use backend::PolicyRecord;
use backend::policy::{self, Facts};
use protocol::id::UserId;
use rusqlite::{Connection, Result, params};
use serde_json::{Map, Value};

use crate::limits::{POLICY_COUNT_MAX, ROLE_NOTES_MAX};
use crate::model::meta;
use crate::model::note::Note;
use crate::model::role::{self, Role};
use crate::model::user::{self, User};
use crate::store::{Col, StoreError, Tx, View};
use crate::{events, id};

/// All roles, at one moment.
pub(crate) struct Roles {
    rows: Vec<Role>,
    rules: Vec<policy::Role>,
    now_ms: u64,
}

/// The roles of one user.
pub(crate) struct Held<'a> {
    /// Their rows, those first that are shown first.
    pub(crate) rows: Vec<&'a Role>,
    rules: Vec<&'a policy::Role>,
}

/// What a user is to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Staff {
    /// A moderator or an administrator.
    pub(crate) moderator: bool,
    /// An administrator.
    pub(crate) administrator: bool,
}

impl Roles {
    pub(crate) fn read(connection: &Connection, now_ms: u64) -> Result<Self> {
        let rows = role::all(connection)?;
        let rules = rows.iter().map(Role::rule).collect();
        Ok(Self {
            rows,
            rules,
            now_ms,
        })
    }

    /// Those that a user has.
    pub(crate) fn of(&self, connection: &Connection, user: &User) -> Result<Held<'_>> {
        if self.rows.is_empty() {
            return Ok(Held {
                rows: Vec::new(),
                rules: Vec::new(),
            });
        }
        let assignments = role::assignments(connection, &user.id)?;
        let rules = policy::held(&self.rules, &assignments, &facts(user), self.now_ms);
        let has = |row: &&Role| rules.iter().any(|rule| rule.id == row.id);
        let mut rows: Vec<&Role> = self.rows.iter().filter(has).collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.display_order));
        Ok(Held { rows, rules })
    }

    /// The ages of accounts at which roles come and go by themselves, in ms.
    pub(crate) fn ages_ms(&self) -> Vec<u64> {
        policy::ages_ms(&self.rules)
    }
}

impl Held<'_> {
    /// What the stream asks about.
    pub(crate) fn of_stream(&self, base: &Map<String, Value>) -> PolicyRecord {
        policy::of_stream(base, &self.rules)
    }

    /// Whether their user is a moderator or an administrator; the first administrator is one
    /// without a role.
    pub(crate) fn staff(&self, user: &User) -> Staff {
        let administrator = user.is_admin || policy::is_administrator(&self.rules);
        Staff {
            administrator,
            moderator: administrator || policy::is_moderator(&self.rules),
        }
    }
}

/// What a user may do and how much of it, by Misskey's names.
pub(crate) struct Policies(pub(crate) Map<String, Value>);

impl Policies {
    /// Those of a user, or of a visitor.
    pub(crate) fn of(connection: &Connection, user: Option<&User>, now_ms: u64) -> Result<Self> {
        let base = meta::policies(connection)?;
        let Some(user) = user else {
            return Ok(Self(base));
        };
        let roles = Roles::read(connection, now_ms)?;
        let held = roles.of(connection, user)?;
        Ok(Self(policy::all(&base, &held.rules)))
    }

    /// Those of the user with this id, or of a visitor.
    pub(crate) fn of_id(view: &View<'_>, id: Option<&UserId>) -> Result<Self> {
        let user = match id {
            Some(id) => user::by_id(view, id.as_str())?,
            None => None,
        };
        Self::of(view, user.as_ref(), view.now_ms())
    }

    /// Whether they allow something.
    pub(crate) fn allow(&self, name: &str) -> bool {
        self.0.get(name) == Some(&Value::Bool(true))
    }

    /// How much they allow of something, `most` at the most.
    pub(crate) fn limit(&self, name: &str, most: u64) -> u64 {
        let value = self.0.get(name).and_then(Value::as_f64).unwrap_or(0.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a cast of a float ends at the bounds of its type, which is what is wanted"
        )]
        let value = value as u64;
        value.min(most)
    }

    /// How many of something there may be.
    pub(crate) fn count(&self, name: &str) -> usize {
        let count = self.limit(name, POLICY_COUNT_MAX);
        usize::try_from(count).unwrap_or(usize::MAX)
    }

    /// Which timelines they open.
    pub(crate) fn of_stream(&self) -> PolicyRecord {
        policy::of_stream(&self.0, &[])
    }
}

/// What a user is to the server.
///
/// # Errors
///
/// If the database can't be read.
pub(crate) fn staff(connection: &Connection, user: &User, now_ms: u64) -> Result<Staff> {
    let roles = Roles::read(connection, now_ms)?;
    Ok(roles.of(connection, user)?.staff(user))
}

/// Adds a new note to the timelines of its author's roles: it is published where anyone may read
/// them, and remembered where somebody may one day.
///
/// # Errors
///
/// If the database refuses.
pub(crate) fn add_note(
    tx: &mut Tx<'_>,
    author: &User,
    note: &Note,
    packed: &Value,
) -> std::result::Result<(), StoreError> {
    if note.visibility != "public" {
        return Ok(());
    }
    let roles = Roles::read(tx, tx.now_ms())?;
    let held = roles.of(tx, author)?;
    for role in held.rows {
        remember(tx, role, note)?;
        if role.is_open() {
            events::role_timeline(tx, &role.id, packed)?;
        }
    }
    Ok(())
}

fn remember(tx: &Tx<'_>, role: &Role, note: &Note) -> Result<()> {
    tx.prepare_cached("INSERT OR IGNORE INTO role_note VALUES (?1, ?2)")?
        .execute(params![Col(&role.id), Col(&note.id)])?;
    tx.prepare_cached(
        "DELETE FROM role_note WHERE role_id = ?1 AND note_id <=
             (SELECT note_id FROM role_note WHERE role_id = ?1
              ORDER BY note_id DESC LIMIT 1 OFFSET ?2)",
    )?
    .execute(params![Col(&role.id), ROLE_NOTES_MAX])?;
    Ok(())
}

/// Tells the stream where a change of a user changed their roles; `before` is the user from before
/// it.
///
/// # Errors
///
/// If the database can't be read.
pub(crate) fn tell_changes(tx: &mut Tx<'_>, before: &User) -> std::result::Result<(), StoreError> {
    if !any_is_conditional(tx)? {
        return Ok(());
    }
    let Some(after) = user::by_id(tx, before.id.as_str())? else {
        return Ok(());
    };
    let roles = Roles::read(tx, tx.now_ms())?;
    let ids = |held: &Held<'_>| -> Vec<_> { held.rows.iter().map(|row| row.id.clone()).collect() };
    if ids(&roles.of(tx, before)?) != ids(&roles.of(tx, &after)?) {
        events::roles_changed(tx, &after.id)?;
    }
    Ok(())
}

/// Has [`due`](crate::due) look when the roles of a new account change by its age.
///
/// # Errors
///
/// If the database can't be read.
pub(crate) fn watch_age(tx: &mut Tx<'_>) -> Result<()> {
    if any_is_conditional(tx)? {
        tx.set_alarm(tx.now_ms());
    }
    Ok(())
}

fn any_is_conditional(connection: &Connection) -> Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM role WHERE target = 'conditional'")?
        .exists([])
}

fn facts(user: &User) -> Facts {
    let explorable = user.settings.get("isExplorable");
    Facts {
        local: user.is_local(),
        suspended: user.is_suspended,
        locked: user.is_locked,
        bot: user.is_bot,
        cat: user.is_cat,
        explorable: explorable != Some(&Value::Bool(false)),
        created_ms: id::created_ms(user.id.as_str()).unwrap_or(0),
        followers: user.followers_count,
        following: user.following_count,
        notes: user.notes_count,
    }
}
