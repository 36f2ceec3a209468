//! Users.

use protocol::id::UserId;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Map, Value};

use crate::store::{Col, json_col};

/// A row of `user`.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "the migration describes the columns of the same names"
)]
pub struct User {
    pub id: UserId,
    pub username: String,
    pub host: Option<String>,
    pub password: Option<String>,
    pub token: Option<String>,
    pub is_admin: bool,
    pub is_suspended: bool,
    pub is_deleted: bool,
    pub is_locked: bool,
    pub is_bot: bool,
    pub is_cat: bool,
    pub name: Option<String>,
    pub description: Option<String>,
    pub location: Option<String>,
    pub birthday: Option<String>,
    pub lang: Option<String>,
    pub followed_message: Option<String>,
    pub fields: Value,
    pub muted_instances: Vec<String>,
    pub require_signin: bool,
    pub followers_only_before: Option<i64>,
    pub hidden_before: Option<i64>,
    pub hide_online_status: bool,
    pub public_reactions: bool,
    pub following_visibility: String,
    pub followers_visibility: String,
    pub auto_accept_followed: bool,
    pub settings: Map<String, Value>,
    pub followers_count: u64,
    pub following_count: u64,
    pub notes_count: u64,
    pub updated_at: Option<u64>,
    pub last_active_at: Option<u64>,
}

impl User {
    /// Reads a row that has all the columns of `user`.
    ///
    /// # Errors
    ///
    /// If a column is missing or of another kind.
    pub fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get::<_, Col<UserId>>("id")?.0,
            username: row.get("username")?,
            host: row.get("host")?,
            password: row.get("password")?,
            token: row.get("token")?,
            is_admin: row.get("is_admin")?,
            is_suspended: row.get("is_suspended")?,
            is_deleted: row.get("is_deleted")?,
            is_locked: row.get("is_locked")?,
            is_bot: row.get("is_bot")?,
            is_cat: row.get("is_cat")?,
            name: row.get("name")?,
            description: row.get("description")?,
            location: row.get("location")?,
            birthday: row.get("birthday")?,
            lang: row.get("lang")?,
            followed_message: row.get("followed_message")?,
            fields: json_col(row, "fields")?,
            muted_instances: json_col(row, "muted_instances")?,
            require_signin: row.get("require_signin")?,
            followers_only_before: row.get("followers_only_before")?,
            hidden_before: row.get("hidden_before")?,
            hide_online_status: row.get("hide_online_status")?,
            public_reactions: row.get("public_reactions")?,
            following_visibility: row.get("following_visibility")?,
            followers_visibility: row.get("followers_visibility")?,
            auto_accept_followed: row.get("auto_accept_followed")?,
            settings: json_col(row, "settings")?,
            followers_count: row.get("followers_count")?,
            following_count: row.get("following_count")?,
            notes_count: row.get("notes_count")?,
            updated_at: row.get("updated_at")?,
            last_active_at: row.get("last_active_at")?,
        })
    }

    /// The id of the file that is their avatar or banner, and the path of its content.
    #[must_use]
    pub fn picture(&self, picture: Picture) -> Option<(&str, &str)> {
        let (id, path) = picture.keys();
        Some((
            self.settings.get(id)?.as_str()?,
            self.settings.get(path)?.as_str()?,
        ))
    }

    /// From whom they take messages who have not written to them: `everyone`, `following`,
    /// `followers`, `mutual` or `none`.
    #[must_use]
    pub fn chat_scope(&self) -> &str {
        let scope = self.settings.get("chatScope");
        scope.and_then(Value::as_str).unwrap_or("mutual")
    }

    /// Whether the user is one of this server.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.host.is_none()
    }
}

/// A picture of a user, kept in `settings`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Picture {
    /// Beside their name.
    Avatar,
    /// On top of their page.
    Banner,
}

impl Picture {
    /// The keys of the file's id and the path of its content.
    #[must_use]
    pub const fn keys(self) -> (&'static str, &'static str) {
        match self {
            Self::Avatar => ("avatarId", "avatarPath"),
            Self::Banner => ("bannerId", "bannerPath"),
        }
    }
}

/// A new account.
#[derive(Debug)]
pub struct NewUser<'a> {
    /// Its name, in the spelling that was chosen.
    pub username: &'a str,
    /// The server of a remote user, in lower case.
    pub host: Option<&'a str>,
    /// The bcrypt hash of the password; `None`: no password works.
    pub password_hash: Option<&'a str>,
    /// Its native token.
    pub token: &'a str,
    /// Whether the first account of this server becomes its administrator.
    pub admin_if_first: bool,
}

/// Whether a name may be one of a user of this server: `^\w{1,20}$`.
#[must_use]
pub fn is_username(name: &str) -> bool {
    (1..=20).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Whether someone of this server had this name once. A name is never given to another person,
/// who would be taken for the first.
///
/// # Errors
///
/// If the database can't be read.
pub fn was_used(connection: &Connection, username: &str) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM used_username WHERE username_lower = ?1")?
        .exists([username.to_lowercase()])
}

/// Makes an account, and remembers that its name was used.
///
/// # Errors
///
/// If the database refuses, for one because the name is taken.
pub fn insert(connection: &Connection, id: &str, user: &NewUser<'_>) -> rusqlite::Result<()> {
    connection.execute(
        "INSERT INTO user (id, username, username_lower, host, password, token, is_admin)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6,
                 ?7 AND ?4 IS NULL AND NOT EXISTS (SELECT 1 FROM user WHERE is_admin))",
        params![
            id,
            user.username,
            user.username.to_lowercase(),
            user.host,
            user.password_hash,
            user.token,
            user.admin_if_first,
        ],
    )?;
    if user.host.is_none() {
        connection.execute(
            "INSERT OR IGNORE INTO used_username VALUES (?1)",
            [user.username.to_lowercase()],
        )?;
    }
    Ok(())
}

/// The user with this id.
///
/// # Errors
///
/// If the database can't be read.
pub fn by_id(connection: &Connection, id: &str) -> rusqlite::Result<Option<User>> {
    connection
        .prepare_cached("SELECT * FROM user WHERE id = ?1")?
        .query_row([id], User::from_row)
        .optional()
}

/// The user of this name; `host` is `None` for this server, else in lower case.
///
/// # Errors
///
/// If the database can't be read.
pub fn by_name(
    connection: &Connection,
    username: &str,
    host: Option<&str>,
) -> rusqlite::Result<Option<User>> {
    connection
        .prepare_cached(
            "SELECT * FROM user WHERE username_lower = ?1 AND ifnull(host, '') = ifnull(?2, '')",
        )?
        .query_row(params![username.to_lowercase(), host], User::from_row)
        .optional()
}
