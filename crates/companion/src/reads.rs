//! What is read of lists, antennas, roles, rooms, notes and the server as a whole.

use std::collections::HashMap;

use backend::{
    AudienceRecord, FollowRecord, ListRecord, RoleRecord, RoomRecord, SiteRecord, VisitorScope,
};
use deadpool_postgres::tokio_postgres::types::Type;
use protocol::id::{AntennaId, ListId, NoteId, RoleId, RoomId, UserId};
use protocol::note::reaction_key;
use serde_json::Value;

use crate::database::row::{Columns, columns};
use crate::database::{DatabaseError, Session};
use crate::roles;
use crate::schema::Schema;

/// What holds for the whole server.
pub(crate) async fn site(
    session: &Session<'_>,
    schema: &Schema,
) -> Result<SiteRecord, DatabaseError> {
    const QUERY: &str = "site";
    schema.demand_all()?;
    let policies = schema.column("meta", "policies", "NULL::jsonb");
    let scope = schema.column("meta", "ugcVisibilityForVisitor", "'all'");
    let sql = format!(r#"SELECT {policies}, {scope}::text FROM "meta" LIMIT 1"#);
    let rows = session.query(QUERY, &sql, &[]).await?;
    let row = columns(QUERY, &rows).next();
    let Some(row) = row else {
        return Err(DatabaseError::Missing("row in table `meta`".to_owned()));
    };
    let policies: Option<Value> = row.get(0)?;
    Ok(SiteRecord {
        policies: roles::of_visitors(policies),
        visitors_see: match row.get(1)? {
            "all" => VisitorScope::All,
            "local" => VisitorScope::Local,
            // `none`, and whatever else it may be one day.
            _ => VisitorScope::Nothing,
        },
    })
}

/// Some lists with their members. One that is not there is left out.
pub(crate) async fn lists(
    session: &Session<'_>,
    schema: &Schema,
    lists: &[ListId],
) -> Result<Vec<(ListId, ListRecord)>, DatabaseError> {
    const QUERY: &str = "lists";
    const MEMBERS: &str = "list_members";
    if !schema.has("user_list", &["id", "userId"]) {
        return Ok(Vec::new());
    }
    let ids: Vec<&str> = lists.iter().map(ListId::as_str).collect();
    let params = [(&ids as _, Type::TEXT_ARRAY)];
    let sql = r#"SELECT "id", "userId" FROM "user_list" WHERE "id" = ANY($1)"#;
    // Older versions have another name for the table of members, or none for us.
    let members = ["user_list_membership", "user_list_joining"];
    let table = members
        .into_iter()
        .find(|table| schema.has(table, &["userListId", "userId"]));
    let sql_members = table.map(|table| {
        let with_replies = schema.column(table, "withReplies", "false");
        format!(
            r#"SELECT "userListId", "userId", {with_replies} FROM "{table}"
               WHERE "userListId" = ANY($1)"#
        )
    });
    let (rows, rows_of_members) = tokio::try_join!(session.query(QUERY, sql, &params), async {
        match &sql_members {
            Some(sql) => session.query(MEMBERS, sql, &params).await,
            None => Ok(Vec::new()),
        }
    })?;
    let mut found: HashMap<ListId, ListRecord> = HashMap::new();
    for row in columns(QUERY, &rows) {
        let record = ListRecord {
            owner: row.user(1)?,
            members: Vec::new(),
        };
        found.insert(row.id(0, ListId::parse)?, record);
    }
    for row in columns(MEMBERS, &rows_of_members) {
        let member = FollowRecord {
            user: row.user(1)?,
            with_replies: row.get(2)?,
        };
        if let Some(list) = found.get_mut(row.get::<&str>(0)?) {
            list.members.push(member);
        }
    }
    Ok(found.into_iter().collect())
}

/// Whose some antennas are. One that is not there is left out.
pub(crate) async fn antenna_owners(
    session: &Session<'_>,
    schema: &Schema,
    antennas: &[AntennaId],
) -> Result<Vec<(AntennaId, UserId)>, DatabaseError> {
    const QUERY: &str = "antennas";
    if !schema.has("antenna", &["id", "userId"]) {
        return Ok(Vec::new());
    }
    let ids: Vec<&str> = antennas.iter().map(AntennaId::as_str).collect();
    let params = [(&ids as _, Type::TEXT_ARRAY)];
    let sql = r#"SELECT "id", "userId" FROM "antenna" WHERE "id" = ANY($1)"#;
    let rows = session.query(QUERY, sql, &params).await?;
    let owner = |row: Columns<'_>| Ok((row.id(0, AntennaId::parse)?, row.user(1)?));
    columns(QUERY, &rows).map(owner).collect()
}

/// What a role timeline needs of a role.
pub(crate) async fn role(
    session: &Session<'_>,
    schema: &Schema,
    role: &RoleId,
) -> Result<Option<RoleRecord>, DatabaseError> {
    const QUERY: &str = "role";
    if !schema.has("role", &["id", "isPublic", "isExplorable"]) {
        return Ok(None);
    }
    let sql = r#"SELECT "isPublic", "isExplorable" FROM "role" WHERE "id" = $1"#;
    let role = role.as_str();
    let rows = session.query(QUERY, sql, &[(&role, Type::TEXT)]).await?;
    let record = |row: Columns<'_>| {
        Ok(RoleRecord {
            public: row.get(0)?,
            explorable: row.get(1)?,
        })
    };
    columns(QUERY, &rows).next().map(record).transpose()
}

/// Who is in some chat rooms: owner, members and who is invited. One that is not there is left
/// out.
pub(crate) async fn rooms(
    session: &Session<'_>,
    schema: &Schema,
    rooms: &[RoomId],
) -> Result<Vec<RoomRecord>, DatabaseError> {
    const QUERY: &str = "rooms";
    const TABLES: [&str; 2] = ["chat_room_membership", "chat_room_invitation"];
    if !schema.has("chat_room", &["id", "ownerId"]) {
        return Ok(Vec::new());
    }
    let mut sql = r#"SELECT "id", "ownerId" FROM "chat_room" WHERE "id" = ANY($1)"#.to_owned();
    for table in TABLES {
        if schema.has(table, &["roomId", "userId"]) {
            sql.push_str(&format!(
                r#" UNION ALL SELECT t."roomId", t."userId" FROM "{table}" t
                    JOIN "chat_room" r ON r."id" = t."roomId" WHERE t."roomId" = ANY($1)"#
            ));
        }
    }
    let ids: Vec<&str> = rooms.iter().map(RoomId::as_str).collect();
    let params = [(&ids as _, Type::TEXT_ARRAY)];
    let rows = session.query(QUERY, &sql, &params).await?;
    let mut found: HashMap<RoomId, Vec<UserId>> = HashMap::new();
    for row in columns(QUERY, &rows) {
        let members = found.entry(row.id(0, RoomId::parse)?).or_default();
        members.push(row.user(1)?);
    }
    let record = |(room, members)| RoomRecord { room, members };
    Ok(found.into_iter().map(record).collect())
}

/// Who may see notes, in the order of their ids.
pub(crate) async fn audiences(
    session: &Session<'_>,
    schema: &Schema,
    notes: &[NoteId],
) -> Result<Vec<Option<AudienceRecord>>, DatabaseError> {
    const QUERY: &str = "audiences";
    let wanted = ["id", "userId", "userHost", "visibility", "visibleUserIds"];
    schema.demand("note", &wanted)?;
    let ids: Vec<&str> = notes.iter().map(NoteId::as_str).collect();
    let sql = r#"SELECT "id", "userId", "userHost" IS NULL, "visibility"::text, "visibleUserIds"
                 FROM "note" WHERE "id" = ANY($1)"#;
    let rows = session
        .query(QUERY, sql, &[(&ids, Type::TEXT_ARRAY)])
        .await?;
    let mut found: HashMap<String, AudienceRecord> = HashMap::new();
    for row in columns(QUERY, &rows) {
        let visible: Vec<&str> = row.get(4)?;
        let record = AudienceRecord {
            author: row.user(1)?,
            local: row.get(2)?,
            visibility: row.get(3)?,
            visible_users: visible.into_iter().filter_map(UserId::parse).collect(),
        };
        found.insert(row.get(0)?, record);
    }
    let record = |note: &NoteId| found.get(note.as_str()).cloned();
    Ok(notes.iter().map(record).collect())
}

/// How some of these users have reacted to a note.
pub(crate) async fn reactions(
    session: &Session<'_>,
    schema: &Schema,
    note: &NoteId,
    users: &[UserId],
) -> Result<Vec<(UserId, String)>, DatabaseError> {
    const QUERY: &str = "reactions";
    if !schema.has("note_reaction", &["noteId", "userId", "reaction"]) {
        return Ok(Vec::new());
    }
    let users: Vec<&str> = users.iter().map(UserId::as_str).collect();
    let sql = r#"SELECT "userId", "reaction" FROM "note_reaction"
                 WHERE "noteId" = $1 AND "userId" = ANY($2)"#;
    let note = note.as_str();
    let params = [(&note as _, Type::TEXT), (&users as _, Type::TEXT_ARRAY)];
    let rows = session.query(QUERY, sql, &params).await?;
    let reaction = |row: Columns<'_>| {
        let kept: &str = row.get(1)?;
        Ok((row.user(0)?, reaction_key(kept).into_owned()))
    };
    columns(QUERY, &rows).map(reaction).collect()
}

/// Moves the last-active dates of users, and wakes those that Misskey takes for gone.
pub(crate) async fn touch(
    session: &Session<'_>,
    schema: &Schema,
    users: &[UserId],
) -> Result<(), DatabaseError> {
    if !schema.has("user", &["lastActiveDate"]) {
        return Ok(());
    }
    let users: Vec<&str> = users.iter().map(UserId::as_str).collect();
    let params = [(&users as _, Type::TEXT_ARRAY)];
    let hibernates = schema.has("user", &["isHibernated"]);
    if hibernates && schema.has("following", &["isFollowerHibernated"]) {
        let sql = r#"UPDATE "following" SET "isFollowerHibernated" = false
                     WHERE "followerId" IN
                         (SELECT "id" FROM "user" WHERE "id" = ANY($1) AND "isHibernated")
                     AND "isFollowerHibernated""#;
        session.query("wake_follows", sql, &params).await?;
    }
    let awake = if hibernates {
        r#", "isHibernated" = false"#
    } else {
        ""
    };
    // In one order everywhere, so that two servers don't wait for each other.
    let sql = format!(
        r#"UPDATE "user" SET "lastActiveDate" = now(){awake} WHERE "id" IN
               (SELECT "id" FROM "user" WHERE "id" = ANY($1) ORDER BY "id" FOR NO KEY UPDATE)"#
    );
    session.query("touch", &sql, &params).await?;
    Ok(())
}
