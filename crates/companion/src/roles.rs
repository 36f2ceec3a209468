//! Reading roles and who has them. What they allow, `backend::policy` says.

use std::collections::{BTreeSet, HashMap};
use std::time::{SystemTime, UNIX_EPOCH};

use backend::PolicyRecord;
use backend::policy::{self, Assignment, Facts, Override, Role, Target};
use deadpool_postgres::tokio_postgres::types::Type;
use protocol::id::{Generation, RoleId, UserId};
use serde_json::{Map, Value};

use crate::database::row::{Columns, columns};
use crate::database::{DatabaseError, Session};
use crate::schema::Schema;

/// Columns of `user` that conditions ask about.
const FACTS: [&str; 8] = [
    "host",
    "isLocked",
    "isBot",
    "isCat",
    "isExplorable",
    "followersCount",
    "followingCount",
    "notesCount",
];

/// Some users, with their roles.
#[derive(Debug)]
pub(crate) struct Roster {
    /// Those who are there, neither suspended nor deleted.
    members: HashMap<UserId, Member>,
    roles: Vec<Role>,
    base: Map<String, Value>,
    /// Moderators by birth.
    roots: BTreeSet<UserId>,
}

/// What decides the roles of a user.
#[derive(Debug)]
struct Member {
    facts: Facts,
    assignments: Vec<Assignment>,
}

impl Roster {
    /// Each user, what their roles allow, and whether they are a moderator.
    pub(crate) fn standings(
        &self,
        now_ms: u64,
    ) -> impl Iterator<Item = (&UserId, PolicyRecord, bool)> {
        self.members.iter().map(move |(user, member)| {
            let held = policy::held(&self.roles, &member.assignments, &member.facts, now_ms);
            let moderator = policy::is_moderator(&held) || self.roots.contains(user);
            (user, policy::of_stream(&self.base, &held), moderator)
        })
    }
}

/// Reads the roles of some users: four queries, however many users.
pub(crate) async fn read(
    session: &Session<'_>,
    schema: &Schema,
    users: &[&str],
    generation: Option<Generation>,
) -> Result<Roster, DatabaseError> {
    let ((mut members, mut roots), assigned, roles, (base, root)) = tokio::try_join!(
        read_members(session, schema, users, generation),
        read_assignments(session, schema, users),
        read_roles(session, schema),
        read_base(session, schema),
    )?;
    for (user, assignment) in assigned {
        if let Some(member) = members.get_mut(&user) {
            member.assignments.push(assignment);
        }
    }
    roots.extend(root);
    Ok(Roster {
        members,
        roles,
        base,
        roots,
    })
}

async fn read_members(
    session: &Session<'_>,
    schema: &Schema,
    users: &[&str],
    generation: Option<Generation>,
) -> Result<(HashMap<UserId, Member>, BTreeSet<UserId>), DatabaseError> {
    const QUERY: &str = "users";
    let facts = if schema.has("user", &FACTS) {
        FACTS.map(|column| format!(r#""{column}""#)).join(", ")
    } else {
        // Nobody asks about them then.
        "NULL::text, false, false, false, false, 0, 0, 0".to_owned()
    };
    let root = schema.column("user", "isRoot", "false");
    let deleted = schema.column("user", "isDeleted", "false");
    let sql = format!(
        r#"SELECT "id", {root}, {facts} FROM "user"
           WHERE "id" = ANY($1) AND NOT "isSuspended" AND NOT {deleted}"#
    );
    let params = [(&users as _, Type::TEXT_ARRAY)];
    let rows = session.query(QUERY, &sql, &params).await?;
    let mut members = HashMap::with_capacity(rows.len());
    let mut roots = BTreeSet::new();
    for row in columns(QUERY, &rows) {
        let id = row.user(0)?;
        if row.get(1)? {
            roots.insert(id.clone());
        }
        let member = Member {
            facts: facts_of(row, &id, generation)?,
            assignments: Vec::new(),
        };
        members.insert(id, member);
    }
    Ok((members, roots))
}

fn facts_of(
    row: Columns<'_>,
    id: &UserId,
    generation: Option<Generation>,
) -> Result<Facts, DatabaseError> {
    let count = |at| {
        let count: i32 = row.get(at)?;
        Ok::<_, DatabaseError>(u64::try_from(count).unwrap_or(0))
    };
    Ok(Facts {
        local: row.get::<Option<&str>>(2)?.is_none(),
        suspended: false,
        locked: row.get(3)?,
        bot: row.get(4)?,
        cat: row.get(5)?,
        explorable: row.get(6)?,
        created_ms: created_ms(id.as_str(), generation),
        followers: count(7)?,
        following: count(8)?,
        notes: count(9)?,
    })
}

/// When the user of an id was created. An id of another generation than Misskey's `id` setting
/// says, from before that was changed, is read by its own look.
fn created_ms(id: &str, generation: Option<Generation>) -> u64 {
    let mut candidates = generation.into_iter().chain(Generation::ALL);
    let created = candidates.find_map(|generation| generation.created_at_ms(id));
    created.unwrap_or(0)
}

async fn read_assignments(
    session: &Session<'_>,
    schema: &Schema,
    users: &[&str],
) -> Result<Vec<(UserId, Assignment)>, DatabaseError> {
    const QUERY: &str = "role_assignments";
    if !schema.has("role_assignment", &["userId", "roleId"]) {
        return Ok(Vec::new());
    }
    let expires = schema.column("role_assignment", "expiresAt", "NULL::timestamptz");
    let sql = format!(
        r#"SELECT "userId", "roleId", {expires} FROM "role_assignment" WHERE "userId" = ANY($1)"#
    );
    let params = [(&users as _, Type::TEXT_ARRAY)];
    let rows = session.query(QUERY, &sql, &params).await?;
    let assignment = |row: Columns<'_>| {
        let expires_at: Option<SystemTime> = row.get(2)?;
        let assignment = Assignment {
            role: row.id(1, RoleId::parse)?,
            expires_at_ms: expires_at.map(unix_ms),
        };
        Ok((row.user(0)?, assignment))
    };
    columns(QUERY, &rows).map(assignment).collect()
}

async fn read_roles(session: &Session<'_>, schema: &Schema) -> Result<Vec<Role>, DatabaseError> {
    const QUERY: &str = "roles";
    const WANTED: [&str; 6] = [
        "id",
        "policies",
        "target",
        "condFormula",
        "isModerator",
        "isAdministrator",
    ];
    if !schema.has("role", &WANTED) {
        return Ok(Vec::new());
    }
    let sql = r#"SELECT "id", "policies", "target"::text, "condFormula", "isModerator",
                        "isAdministrator" FROM "role""#;
    let rows = session.query(QUERY, sql, &[]).await?;
    let knows_facts = schema.has("user", &FACTS);
    let role = |row: Columns<'_>| {
        // A condition on what nobody knows holds for nobody.
        let formula = if knows_facts {
            row.get(3)?
        } else {
            Value::Null
        };
        Ok(Role {
            id: row.id(0, RoleId::parse)?,
            target: Target::read(row.get(2)?, formula),
            moderator: row.get(4)?,
            administrator: row.get(5)?,
            policies: Override::read_all(object(row.get(1)?)),
        })
    };
    columns(QUERY, &rows).map(role).collect()
}

/// The base policies and the root user.
async fn read_base(
    session: &Session<'_>,
    schema: &Schema,
) -> Result<(Map<String, Value>, Option<UserId>), DatabaseError> {
    const QUERY: &str = "base_policies";
    let policies = schema.column("meta", "policies", "NULL::jsonb");
    let root = schema.column("meta", "rootUserId", "NULL::text");
    let sql = format!(r#"SELECT {policies}, {root} FROM "meta" LIMIT 1"#);
    let rows = session.query(QUERY, &sql, &[]).await?;
    let Some(row) = columns(QUERY, &rows).next() else {
        return Ok((Map::new(), None));
    };
    let policies: Option<Value> = row.get(0)?;
    let root: Option<&str> = row.get(1)?;
    let base = object(policies.unwrap_or_default());
    Ok((base, root.and_then(UserId::parse)))
}

/// The policies of visitors, by `meta.policies`.
pub(crate) fn of_visitors(policies: Option<Value>) -> PolicyRecord {
    policy::of_stream(&object(policies.unwrap_or_default()), &[])
}

fn object(value: Value) -> Map<String, Value> {
    if let Value::Object(map) = value {
        map
    } else {
        Map::new()
    }
}

/// Unix milliseconds; a time before 1970 is 0.
pub(crate) fn unix_ms(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
