//! Which of Misskey's tables and columns are there.
//!
//! Versions and forks differ. What is missing switches off what needs it, and is told once;
//! where a rule would need it, the answer is an error, and the server fails closed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use deadpool_postgres::tokio_postgres::types::Type;
use tokio::sync::Mutex;

use crate::database::row::columns;
use crate::database::{Database, DatabaseError};

/// How long a look at the schema is believed. A migration of Misskey shows after that.
const FRESH: Duration = Duration::from_secs(60);

/// One thing that is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// The table.
    pub table: &'static str,
    /// Its columns.
    pub columns: &'static [&'static str],
    /// Whether nobody can log in without it.
    pub needed: bool,
    /// What is off without it.
    pub without: &'static str,
}

/// Everything that is looked for.
pub const WANTED: &[Wanted] = &[
    need("user", &["id", "token", "isSuspended"]),
    need("user_profile", &["userId"]),
    need("following", &["followerId", "followeeId"]),
    need("muting", &["muterId", "muteeId"]),
    need("blocking", &["blockerId", "blockeeId"]),
    need("meta", &["id"]),
    want("user", &["host"], "every user counts as local"),
    want("user", &["isDeleted"], "deleted users are not told apart"),
    want(
        "user",
        &["lastActiveDate"],
        "last-active dates stay as they are",
    ),
    want(
        "user",
        &["isLocked", "isBot", "isCat", "isExplorable"],
        "roles by these properties are nobody's",
    ),
    want(
        "user",
        &["followersCount", "followingCount", "notesCount"],
        "roles by these counts are nobody's",
    ),
    want("user_profile", &["mutedInstances"], "no instance is muted"),
    want(
        "access_token",
        &["id", "token", "hash", "userId", "permission"],
        "apps can't log in",
    ),
    want(
        "access_token",
        &["appId"],
        "every app token has permissions of its own",
    ),
    want(
        "access_token",
        &["lastUsedAt"],
        "uses of app tokens are not noted",
    ),
    want(
        "app",
        &["id", "permission"],
        "tokens of old apps have no permissions",
    ),
    want("following", &["withReplies"], "nobody follows with replies"),
    want("muting", &["expiresAt"], "mutes never end by themselves"),
    want(
        "renote_muting",
        &["muterId", "muteeId"],
        "nobody mutes renotes",
    ),
    want(
        "channel_following",
        &["followerId", "followeeId"],
        "nobody follows channels",
    ),
    want(
        "channel_muting",
        &["userId", "channelId"],
        "nobody mutes channels",
    ),
    want("user_list", &["id", "userId"], "no list can be joined"),
    want(
        "user_list_membership",
        &["userListId", "userId"],
        "lists are read from `user_list_joining`, or have no members",
    ),
    want(
        "user_list_membership",
        &["withReplies"],
        "lists come without replies",
    ),
    want("antenna", &["id", "userId"], "no antenna can be joined"),
    want(
        "role",
        &[
            "id",
            "policies",
            "target",
            "condFormula",
            "isModerator",
            "isAdministrator",
        ],
        "nobody has roles",
    ),
    want(
        "role",
        &["isPublic", "isExplorable"],
        "no role timeline can be joined",
    ),
    want(
        "role_assignment",
        &["userId", "roleId"],
        "nobody is assigned a role",
    ),
    want(
        "role_assignment",
        &["expiresAt"],
        "roles never end by themselves",
    ),
    want("meta", &["policies"], "everyone has the built-in policies"),
    want(
        "meta",
        &["rootUserId"],
        "`user.isRoot` tells who the root user is",
    ),
    want(
        "meta",
        &["ugcVisibilityForVisitor"],
        "visitors see all public notes",
    ),
    want(
        "note",
        &["id", "userId", "userHost", "visibility", "visibleUserIds"],
        "captured notes whose events don't say whose they are get no events",
    ),
    want(
        "note_reaction",
        &["noteId", "userId", "reaction"],
        "own reactions come from notes alone",
    ),
    want(
        "chat_room",
        &["id", "ownerId"],
        "no chat room can be joined",
    ),
    want(
        "chat_room_membership",
        &["roomId", "userId"],
        "members can't join their chat rooms",
    ),
    want(
        "chat_room_invitation",
        &["roomId", "userId"],
        "invited users can't join chat rooms",
    ),
];

const fn need(table: &'static str, columns: &'static [&'static str]) -> Wanted {
    let without = "nobody can log in";
    Wanted {
        table,
        columns,
        needed: true,
        without,
    }
}

const fn want(
    table: &'static str,
    columns: &'static [&'static str],
    without: &'static str,
) -> Wanted {
    Wanted {
        table,
        columns,
        needed: false,
        without,
    }
}

/// What is there of what is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Schema {
    columns_by_table: BTreeMap<String, BTreeSet<String>>,
}

impl Schema {
    /// Whether a table has all of these columns.
    pub(crate) fn has(&self, table: &str, columns: &[&str]) -> bool {
        let found = self.columns_by_table.get(table);
        found.is_some_and(|found| columns.iter().all(|column| found.contains(*column)))
    }

    /// A column of a table as SQL, or what stands in for it.
    pub(crate) fn column(&self, table: &str, column: &str, otherwise: &str) -> String {
        if self.has(table, &[column]) {
            format!(r#""{column}""#)
        } else {
            otherwise.to_owned()
        }
    }

    /// Fails where something is missing without which nothing is right.
    pub(crate) fn demand(&self, table: &str, columns: &[&str]) -> Result<(), DatabaseError> {
        if self.has(table, columns) {
            return Ok(());
        }
        let what = format!("table `{table}` with `{}`", columns.join("`, `"));
        Err(DatabaseError::Missing(what))
    }

    /// Fails where something is missing without which nobody can log in.
    pub(crate) fn demand_all(&self) -> Result<(), DatabaseError> {
        let mut needed = WANTED.iter().filter(|wanted| wanted.needed);
        needed.try_for_each(|wanted| self.demand(wanted.table, wanted.columns))
    }

    /// What is missing.
    pub(crate) fn missing(&self) -> impl Iterator<Item = &'static Wanted> {
        WANTED
            .iter()
            .filter(|wanted| !self.has(wanted.table, wanted.columns))
    }

    /// Looks at the database.
    pub(crate) async fn read(database: &Database) -> Result<Self, DatabaseError> {
        const QUERY: &str = "schema";
        let mut tables: BTreeSet<&str> = WANTED.iter().map(|wanted| wanted.table).collect();
        tables.insert("user_list_joining");
        tables.insert("user");
        let tables: Vec<&str> = tables.into_iter().collect();
        let rows = database
            .query(
                QUERY,
                "SELECT table_name::text, column_name::text FROM information_schema.columns \
                 WHERE table_schema = ANY(current_schemas(false)) AND table_name = ANY($1)",
                &[(&tables, Type::TEXT_ARRAY)],
            )
            .await?;
        let mut schema = Self::default();
        for row in columns(QUERY, &rows) {
            let columns = schema.columns_by_table.entry(row.get(0)?).or_default();
            columns.insert(row.get(1)?);
        }
        Ok(schema)
    }
}

/// The schema as it was found lately.
#[derive(Debug, Default)]
pub(crate) struct Schemas(Mutex<Option<Known>>);

#[derive(Debug)]
struct Known {
    schema: Arc<Schema>,
    /// Until when it is believed.
    until: Instant,
}

impl Schemas {
    /// The schema. It is looked at again now and then; one look serves all who wait for it.
    pub(crate) async fn get(&self, database: &Database) -> Result<Arc<Schema>, DatabaseError> {
        let mut known = self.0.lock().await;
        if let Some(known) = &*known
            && Instant::now() < known.until
        {
            return Ok(Arc::clone(&known.schema));
        }
        let found = Schema::read(database).await?;
        let before = known.take().map(|known| known.schema);
        let schema = match before {
            Some(before) if *before == found => before,
            _ => {
                tell(&found);
                Arc::new(found)
            }
        };
        *known = Some(Known {
            schema: Arc::clone(&schema),
            until: Instant::now() + FRESH,
        });
        Ok(schema)
    }

    /// What is known may be wrong: it is looked at again at the next question.
    pub(crate) async fn distrust(&self) {
        if let Some(known) = &mut *self.0.lock().await {
            known.until = Instant::now();
        }
    }
}

/// Logs what is missing, a line each.
fn tell(schema: &Schema) {
    for wanted in schema.missing() {
        let Wanted {
            table,
            columns,
            needed,
            without,
        } = wanted;
        let columns = columns.join(", ");
        if *needed {
            tracing::error!(table, columns, "the database lacks this: {without}");
        } else {
            tracing::warn!(table, columns, "the database lacks this: {without}");
        }
    }
}
