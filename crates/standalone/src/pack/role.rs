//! Roles.

use rusqlite::Result;
use serde_json::{Value, json};

use super::{Object, Packer, default_policies, object, time};
use crate::model::role::{self, Role};
use crate::model::user::User;
use crate::roles::Roles;

impl Packer<'_> {
    /// `Role`.
    ///
    /// # Errors
    ///
    /// If the database can't be read.
    pub fn role(&self, role: &Role) -> Result<Value> {
        Ok(json!({
            "id": role.id.as_str(),
            "createdAt": time::created_at(role.id.as_str()),
            "updatedAt": time::iso(role.updated_at),
            "name": role.name,
            "description": role.description,
            "color": role.color,
            "iconUrl": role.icon_url,
            "target": role.target,
            "condFormula": role.cond_formula,
            "isPublic": role.is_public,
            "isAdministrator": role.is_administrator,
            "isModerator": role.is_moderator,
            "isExplorable": role.is_explorable,
            "asBadge": role.as_badge,
            "preserveAssignmentOnMoveAccount": role.preserve_assignment_on_move_account,
            "canEditMembersByModerator": role.can_edit_members_by_moderator,
            "displayOrder": role.display_order,
            "policies": whole_policies(role),
            "usersCount": role::count_users(self.connection, &role.id, self.now_ms)?,
        }))
    }

    /// What a user's page shows of their roles.
    pub(super) fn public_roles(&self, user: &User) -> Result<Vec<Value>> {
        let roles = Roles::read(self.connection, self.now_ms)?;
        let held = roles.of(self.connection, user)?;
        let public = held.rows.into_iter().filter(|role| role.is_public);
        Ok(public.map(lite).collect())
    }

    /// What stands beside a user's name. Most servers have no badges, so that is asked first.
    pub(super) fn badges(&self, user: &User) -> Result<Vec<Value>> {
        let mut any = self
            .connection
            .prepare_cached("SELECT 1 FROM role WHERE as_badge")?;
        if !any.exists([])? {
            return Ok(Vec::new());
        }
        let roles = Roles::read(self.connection, self.now_ms)?;
        let held = roles.of(self.connection, user)?;
        let badges = held.rows.into_iter().filter(|role| role.as_badge);
        let packed = badges.map(|role| {
            json!({
                "name": role.name,
                "iconUrl": role.icon_url,
                "displayOrder": role.display_order,
            })
        });
        Ok(packed.collect())
    }
}

/// `RoleLite`.
fn lite(role: &Role) -> Value {
    json!({
        "id": role.id.as_str(),
        "name": role.name,
        "color": role.color,
        "iconUrl": role.icon_url,
        "description": role.description,
        "isModerator": role.is_moderator,
        "isAdministrator": role.is_administrator,
        "displayOrder": role.display_order,
    })
}

/// What a role says of every policy that there is.
fn whole_policies(role: &Role) -> Object {
    let mut whole: Object = default_policies()
        .into_iter()
        .map(|(name, value)| {
            let usual = json!({ "useDefault": true, "priority": 0, "value": value });
            (name, usual)
        })
        .collect();
    for (name, said) in &role.policies {
        if let Some(usual) = whole.get_mut(name) {
            let mut said = object(said.clone());
            for key in ["useDefault", "priority", "value"] {
                if let Some(given) = said.shift_remove(key) {
                    usual[key] = given;
                }
            }
        }
    }
    whole
}
