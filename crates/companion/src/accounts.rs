//! Who is behind a token.

use std::collections::HashMap;

use backend::{Account, Grant};
use deadpool_postgres::tokio_postgres::types::Type;
use protocol::id::UserId;

use crate::database::row::{Columns, columns};
use crate::database::{DatabaseError, Session};
use crate::packing::Token;
use crate::schema::Schema;

/// The length of a native token. Any other is an app's.
const NATIVE_TOKEN_CHARS: usize = 16;
/// The longest token of an app that the database can hold.
const TOKEN_BYTES_MAX: usize = 128;

/// Says of each of some apps' tokens whether it is still somebody's, in their order.
pub(crate) async fn are_live(
    session: &Session<'_>,
    schema: &Schema,
    tokens: &[&str],
) -> Result<Vec<bool>, DatabaseError> {
    schema.demand_all()?;
    let (apps, _) = find_apps("live_app_tokens", session, schema, tokens).await?;
    let live = |token: &&str| apps.find(token).is_some();
    Ok(tokens.iter().map(live).collect())
}

/// Finds out who is behind each token, in their order. `None`: nobody.
pub(crate) async fn read(
    session: &Session<'_>,
    schema: &Schema,
    tokens: &[String],
) -> Result<Vec<Option<Account>>, DatabaseError> {
    schema.demand_all()?;
    // PostgreSQL can't hold NUL, and no token is that long.
    let possible = tokens
        .iter()
        .map(String::as_str)
        .filter(|token| !token.is_empty() && token.len() <= TOKEN_BYTES_MAX)
        .filter(|token| !token.contains('\0'));
    let (natives, apps): (Vec<&str>, Vec<&str>) =
        possible.partition(|token| token.chars().count() == NATIVE_TOKEN_CHARS);
    let (natives, apps) = tokio::try_join!(
        read_natives(session, schema, &natives),
        read_apps(session, schema, &apps)
    )?;
    let account = |token: &String| {
        let found = natives.get(token.as_str()).or_else(|| apps.find(token));
        found.cloned()
    };
    Ok(tokens.iter().map(account).collect())
}

async fn read_natives(
    session: &Session<'_>,
    schema: &Schema,
    tokens: &[&str],
) -> Result<HashMap<String, Account>, DatabaseError> {
    const QUERY: &str = "native_tokens";
    if tokens.is_empty() {
        return Ok(HashMap::new());
    }
    let deleted = schema.column("user", "isDeleted", "false");
    let sql = format!(
        r#"SELECT "token"::text, "id", "isSuspended" FROM "user"
           WHERE "token" = ANY($1) AND NOT {deleted}"#
    );
    let params = [(&tokens as _, Type::BPCHAR_ARRAY)];
    let rows = session.query(QUERY, &sql, &params).await?;
    let mut accounts = HashMap::new();
    for row in columns(QUERY, &rows) {
        let account = Account {
            user: row.user(1)?,
            suspended: row.get(2)?,
            grant: Grant::Native,
        };
        accounts.insert(row.get(0)?, account);
    }
    Ok(accounts)
}

/// The native tokens of users, in their order. `None`: nobody may act as them.
pub(crate) async fn tokens(
    session: &Session<'_>,
    schema: &Schema,
    users: &[UserId],
) -> Result<Vec<Option<Token>>, DatabaseError> {
    const QUERY: &str = "tokens_of_viewers";
    schema.demand_all()?;
    let deleted = schema.column("user", "isDeleted", "false");
    let sql = format!(
        r#"SELECT "id", "token"::text FROM "user"
           WHERE "id" = ANY($1) AND "token" IS NOT NULL AND NOT "isSuspended" AND NOT {deleted}"#
    );
    let ids: Vec<&str> = users.iter().map(UserId::as_str).collect();
    let params = [(&ids as _, Type::TEXT_ARRAY)];
    let rows = session.query(QUERY, &sql, &params).await?;
    let mut found = HashMap::new();
    for row in columns(QUERY, &rows) {
        found.insert(row.user(0)?, Token::new(row.get(1)?));
    }
    Ok(users.iter().map(|user| found.get(user).cloned()).collect())
}

/// Accounts of app tokens, by both of the ways that a token is found.
#[derive(Debug, Default)]
struct Apps {
    by_hash: HashMap<String, Account>,
    by_token: HashMap<String, Account>,
}

impl Apps {
    fn find(&self, token: &str) -> Option<&Account> {
        let found = self.by_token.get(token);
        found.or_else(|| self.by_hash.get(&token.to_lowercase()))
    }
}

async fn read_apps(
    session: &Session<'_>,
    schema: &Schema,
    tokens: &[&str],
) -> Result<Apps, DatabaseError> {
    let (apps, used) = find_apps("app_tokens", session, schema, tokens).await?;
    note_uses(session, &used).await;
    Ok(apps)
}

/// The accounts of apps' tokens, and the ids of those whose use is to be noted.
async fn find_apps(
    query: &'static str,
    session: &Session<'_>,
    schema: &Schema,
    tokens: &[&str],
) -> Result<(Apps, Vec<String>), DatabaseError> {
    let wanted = ["id", "token", "hash", "userId", "permission"];
    if tokens.is_empty() || !schema.has("access_token", &wanted) {
        return Ok((Apps::default(), Vec::new()));
    }
    let sql = app_sql(schema);
    let hashes: Vec<String> = tokens.iter().map(|token| token.to_lowercase()).collect();
    let params = [
        (&hashes as _, Type::TEXT_ARRAY),
        (&tokens as _, Type::TEXT_ARRAY),
    ];
    let rows = session.query(query, &sql, &params).await?;
    let mut apps = Apps::default();
    let mut used = Vec::new();
    for row in columns(query, &rows) {
        let account = app_account(row)?;
        let (token, hash): (Option<String>, Option<String>) = (row.get(0)?, row.get(1)?);
        apps.by_hash
            .extend(hash.map(|hash| (hash, account.clone())));
        apps.by_token.extend(token.map(|token| (token, account)));
        if row.get(8)? {
            used.push(row.get(7)?);
        }
    }
    Ok((apps, used))
}

/// The query for app tokens: token, hash, user, suspended, whether it is an old app's, the
/// token's permissions, the app's permissions, the token's id, whether its use is to be noted.
fn app_sql(schema: &Schema) -> String {
    let has_app_id = schema.has("access_token", &["appId"]);
    let app_id = if has_app_id {
        r#"t."appId""#
    } else {
        "NULL::text"
    };
    let (app, join) = if has_app_id && schema.has("app", &["id", "permission"]) {
        (
            r#"a."permission""#,
            r#"LEFT JOIN "app" a ON a."id" = t."appId""#,
        )
    } else {
        ("NULL::text[]", "")
    };
    let unnoted = if schema.has("access_token", &["lastUsedAt"]) {
        r#"(t."lastUsedAt" IS NULL OR t."lastUsedAt" < now() - interval '1 minute')"#
    } else {
        "false"
    };
    let deleted = schema.has("user", &["isDeleted"]);
    let alive = if deleted {
        r#"NOT u."isDeleted""#
    } else {
        "true"
    };
    format!(
        r#"SELECT t."token", t."hash", t."userId", u."isSuspended", {app_id} IS NOT NULL,
                  t."permission", {app}, t."id", {unnoted}
           FROM "access_token" t JOIN "user" u ON u."id" = t."userId" {join}
           WHERE (t."hash" = ANY($1) OR t."token" = ANY($2)) AND {alive}"#
    )
}

fn app_account(row: Columns<'_>) -> Result<Account, DatabaseError> {
    let of_old_app: bool = row.get(4)?;
    let permissions: Option<Vec<String>> = row.get(if of_old_app { 6 } else { 5 })?;
    Ok(Account {
        user: row.user(2)?,
        suspended: row.get(3)?,
        grant: Grant::App {
            permissions: permissions.unwrap_or_default(),
        },
    })
}

/// Notes that tokens were used. Whoever logs in doesn't care whether that works.
async fn note_uses(session: &Session<'_>, tokens: &[String]) {
    const SQL: &str = r#"UPDATE "access_token" SET "lastUsedAt" = now() WHERE "id" = ANY($1)"#;
    if tokens.is_empty() {
        return;
    }
    let params = [(&tokens as _, Type::TEXT_ARRAY)];
    if let Err(error) = session.query("note_token_use", SQL, &params).await {
        tracing::warn!(%error, "cannot note the use of an app token");
    }
}
