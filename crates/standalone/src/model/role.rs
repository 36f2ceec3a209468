//! Roles, and who has them.

use backend::policy::{self, Override, Target};
use protocol::id::{RoleId, UserId};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Map, Value, json};

use crate::pack::time;
use crate::store::{Col, json_col};

/// A row of `role`.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    clippy::struct_excessive_bools,
    reason = "the migration describes the columns of the same names"
)]
pub struct Role {
    pub id: RoleId,
    pub name: String,
    pub description: String,
    pub color: Option<String>,
    pub icon_url: Option<String>,
    pub target: String,
    pub cond_formula: Value,
    pub is_public: bool,
    pub is_explorable: bool,
    pub is_moderator: bool,
    pub is_administrator: bool,
    pub as_badge: bool,
    pub preserve_assignment_on_move_account: bool,
    pub can_edit_members_by_moderator: bool,
    pub display_order: i64,
    pub policies: Map<String, Value>,
    pub updated_at: u64,
    pub last_used_at: u64,
}

/// A row of `role_assignment`.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "the migration describes the columns of the same names"
)]
pub struct Assignment {
    pub id: String,
    pub role_id: RoleId,
    pub user_id: UserId,
    pub expires_at: Option<u64>,
}

impl Role {
    /// Reads a row that has all the columns of `role`.
    ///
    /// # Errors
    ///
    /// If a column is missing or of another kind.
    pub fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get::<_, Col<RoleId>>("id")?.0,
            name: row.get("name")?,
            description: row.get("description")?,
            color: row.get("color")?,
            icon_url: row.get("icon_url")?,
            target: row.get("target")?,
            cond_formula: json_col(row, "cond_formula")?,
            is_public: row.get("is_public")?,
            is_explorable: row.get("is_explorable")?,
            is_moderator: row.get("is_moderator")?,
            is_administrator: row.get("is_administrator")?,
            as_badge: row.get("as_badge")?,
            preserve_assignment_on_move_account: row.get("preserve_assignment_on_move_account")?,
            can_edit_members_by_moderator: row.get("can_edit_members_by_moderator")?,
            display_order: row.get("display_order")?,
            policies: json_col(row, "policies")?,
            updated_at: row.get("updated_at")?,
            last_used_at: row.get("last_used_at")?,
        })
    }

    /// What of it decides what its members may do.
    #[must_use]
    pub fn rule(&self) -> policy::Role {
        policy::Role {
            id: self.id.clone(),
            target: Target::read(&self.target, self.cond_formula.clone()),
            moderator: self.is_moderator,
            administrator: self.is_administrator,
            policies: Override::read_all(self.policies.clone()),
        }
    }

    /// Whether anyone may read its timeline and see who has it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.is_public && self.is_explorable
    }

    /// The row as an event for servers has it.
    #[must_use]
    pub fn as_event(&self) -> Value {
        json!({
            "id": self.id.as_str(),
            "updatedAt": time::iso(self.updated_at),
            "lastUsedAt": time::iso(self.last_used_at),
            "name": self.name,
            "description": self.description,
            "color": self.color,
            "iconUrl": self.icon_url,
            "target": self.target,
            "condFormula": self.cond_formula,
            "isPublic": self.is_public,
            "asBadge": self.as_badge,
            "isModerator": self.is_moderator,
            "isAdministrator": self.is_administrator,
            "isExplorable": self.is_explorable,
            "preserveAssignmentOnMoveAccount": self.preserve_assignment_on_move_account,
            "canEditMembersByModerator": self.can_edit_members_by_moderator,
            "displayOrder": self.display_order,
            "policies": self.policies,
        })
    }
}

impl Assignment {
    /// Reads a row that has all the columns of `role_assignment`.
    ///
    /// # Errors
    ///
    /// If a column is missing or of another kind.
    pub fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            role_id: row.get::<_, Col<RoleId>>("role_id")?.0,
            user_id: row.get::<_, Col<UserId>>("user_id")?.0,
            expires_at: row.get("expires_at")?,
        })
    }

    /// The row as an event for servers has it.
    #[must_use]
    pub fn as_event(&self) -> Value {
        json!({
            "id": self.id,
            "userId": self.user_id.as_str(),
            "roleId": self.role_id.as_str(),
            "expiresAt": self.expires_at.map(time::iso),
        })
    }
}

/// All roles, those that were used last first.
///
/// # Errors
///
/// If the database can't be read.
pub fn all(connection: &Connection) -> rusqlite::Result<Vec<Role>> {
    connection
        .prepare_cached("SELECT * FROM role ORDER BY last_used_at DESC, id DESC")?
        .query_map([], Role::from_row)?
        .collect()
}

/// The role with this id.
///
/// # Errors
///
/// If the database can't be read.
pub fn by_id(connection: &Connection, id: &str) -> rusqlite::Result<Option<Role>> {
    connection
        .prepare_cached("SELECT * FROM role WHERE id = ?1")?
        .query_row([id], Role::from_row)
        .optional()
}

/// Writes a role, new or changed.
///
/// # Errors
///
/// If the database refuses.
pub fn write(connection: &Connection, role: &Role) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO role VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14,
                 ?15, ?16, ?17, ?18)
             ON CONFLICT (id) DO UPDATE SET name = ?2, description = ?3, color = ?4,
                 icon_url = ?5, target = ?6, cond_formula = ?7, is_public = ?8,
                 is_explorable = ?9, is_moderator = ?10, is_administrator = ?11, as_badge = ?12,
                 preserve_assignment_on_move_account = ?13, can_edit_members_by_moderator = ?14,
                 display_order = ?15, policies = ?16, updated_at = ?17, last_used_at = ?18",
        )?
        .execute(params![
            Col(&role.id),
            role.name,
            role.description,
            role.color,
            role.icon_url,
            role.target,
            role.cond_formula.to_string(),
            role.is_public,
            role.is_explorable,
            role.is_moderator,
            role.is_administrator,
            role.as_badge,
            role.preserve_assignment_on_move_account,
            role.can_edit_members_by_moderator,
            role.display_order,
            Value::from(role.policies.clone()).to_string(),
            role.updated_at,
            role.last_used_at,
        ])?;
    Ok(())
}

/// What was given to a user, ended or not.
///
/// # Errors
///
/// If the database can't be read.
pub fn assignments(
    connection: &Connection,
    user: &UserId,
) -> rusqlite::Result<Vec<policy::Assignment>> {
    connection
        .prepare_cached("SELECT role_id, expires_at FROM role_assignment WHERE user_id = ?1")?
        .query_map([Col(user)], |row| {
            Ok(policy::Assignment {
                role: row.get::<_, Col<RoleId>>(0)?.0,
                expires_at_ms: row.get(1)?,
            })
        })?
        .collect()
}

/// How a user has a role, ended or not; `None`: it was not given to them.
///
/// # Errors
///
/// If the database can't be read.
pub fn assignment(
    connection: &Connection,
    role: &RoleId,
    user: &UserId,
) -> rusqlite::Result<Option<Assignment>> {
    connection
        .prepare_cached("SELECT * FROM role_assignment WHERE role_id = ?1 AND user_id = ?2")?
        .query_row(params![Col(role), Col(user)], Assignment::from_row)
        .optional()
}

/// To how many a role is given.
///
/// # Errors
///
/// If the database can't be read.
pub fn count_users(connection: &Connection, role: &RoleId, now_ms: u64) -> rusqlite::Result<u64> {
    connection
        .prepare_cached(
            "SELECT count(*) FROM role_assignment
             WHERE role_id = ?1 AND (expires_at IS NULL OR expires_at > ?2)",
        )?
        .query_row(params![Col(role), now_ms], |row| row.get(0))
}
