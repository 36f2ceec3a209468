//! `admin/roles/*` but for who has them: that is in `members.rs`.

use protocol::id::RoleId;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::api::ctx::Ctx;
use crate::api::endpoint::{Endpoint, NoContent, Registry};
use crate::api::error::{ApiError, ErrorKind};
use crate::api::schema::{Field, NoParams, Params, given};
use crate::events;
use crate::limits::{ROLE_BYTES_MAX, ROLES_MAX};
use crate::model::role::{self, Role};

const NOT_UPDATED: ErrorKind = no_such_role("cd23ef55-09ad-428a-ac61-95a45e124b32");
const NOT_DELETED: ErrorKind = no_such_role("de0d6ecd-8e0a-4253-88ff-74bc89ae3d45");
const NOT_SHOWN: ErrorKind = no_such_role("07dc7d34-c0d8-49b7-96c6-db3ce64ee0b3");

const TOO_MANY_ROLES: ErrorKind = ErrorKind::client(
    "TOO_MANY_ROLES",
    "0f3a2b52-6c5f-4a0e-8c25-4d1be3a9a5f7",
    "There are as many roles as there may be.",
);

pub(in crate::api) const fn no_such_role(id: &'static str) -> ErrorKind {
    ErrorKind::client("NO_SUCH_ROLE", id, "No such role.")
}

pub(super) fn register(registry: &mut Registry) {
    let read = |name| Endpoint::login(name, "read:admin:roles").moderator();
    let write = |name| Endpoint::login(name, "write:admin:roles").admin();
    registry.add(write("admin/roles/create"), create);
    registry.add(write("admin/roles/update"), update);
    registry.add(write("admin/roles/delete"), delete);
    registry.add(read("admin/roles/list"), list);
    registry.add(read("admin/roles/show"), show);
}

/// What an administrator sets of a role.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    name: Option<String>,
    description: Option<String>,
    #[serde(default, deserialize_with = "given")]
    color: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    icon_url: Option<Option<String>>,
    target: Option<String>,
    cond_formula: Option<Value>,
    is_public: Option<bool>,
    is_moderator: Option<bool>,
    is_administrator: Option<bool>,
    is_explorable: Option<bool>,
    as_badge: Option<bool>,
    preserve_assignment_on_move_account: Option<bool>,
    can_edit_members_by_moderator: Option<bool>,
    display_order: Option<f64>,
    policies: Option<Map<String, Value>>,
}

const NAME: Field = Field::string("name");
const DESCRIPTION: Field = Field::string("description");
const COLOR: Field = Field::string("color").nullable();
const ICON_URL: Field = Field::string("iconUrl").nullable();
const TARGET: Field = Field::string("target").one_of(&["manual", "conditional"]);
const FORMULA: Field = Field::object("condFormula", &[]);
const IS_PUBLIC: Field = Field::boolean("isPublic");
const IS_MODERATOR: Field = Field::boolean("isModerator");
const IS_ADMINISTRATOR: Field = Field::boolean("isAdministrator");
const IS_EXPLORABLE: Field = Field::boolean("isExplorable");
const AS_BADGE: Field = Field::boolean("asBadge");
const PRESERVE: Field = Field::boolean("preserveAssignmentOnMoveAccount");
const BY_MODERATOR: Field = Field::boolean("canEditMembersByModerator");
const ORDER: Field = Field::number("displayOrder").range(-(1 << 52), 1 << 52);
const POLICIES: Field = Field::object("policies", &[]);

impl Settings {
    fn apply(self, role: &mut Role) -> Result<(), ApiError> {
        set(&mut role.name, self.name);
        set(&mut role.description, self.description);
        set(&mut role.color, self.color);
        set(&mut role.icon_url, self.icon_url);
        set(&mut role.target, self.target);
        set(&mut role.cond_formula, self.cond_formula);
        set(&mut role.is_public, self.is_public);
        set(&mut role.is_moderator, self.is_moderator);
        set(&mut role.is_administrator, self.is_administrator);
        set(&mut role.is_explorable, self.is_explorable);
        set(&mut role.as_badge, self.as_badge);
        set(
            &mut role.preserve_assignment_on_move_account,
            self.preserve_assignment_on_move_account,
        );
        set(
            &mut role.can_edit_members_by_moderator,
            self.can_edit_members_by_moderator,
        );
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the schema holds it within what a float counts exactly"
        )]
        set(
            &mut role.display_order,
            self.display_order.map(|order| order as i64),
        );
        set(&mut role.policies, self.policies);
        if role.as_event().to_string().len() > ROLE_BYTES_MAX {
            let reason = format!("must NOT have more than {ROLE_BYTES_MAX} bytes");
            return Err(ApiError::invalid_param("#", reason));
        }
        Ok(())
    }
}

fn set<T>(slot: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *slot = value;
    }
}

#[derive(Deserialize)]
struct CreateParams(Settings);

impl Params for CreateParams {
    const SCHEMA: &'static [Field] = &[
        NAME.required(),
        DESCRIPTION.required(),
        COLOR.required(),
        ICON_URL.required(),
        TARGET.required(),
        FORMULA.required(),
        IS_PUBLIC.required(),
        IS_MODERATOR.required(),
        IS_ADMINISTRATOR.required(),
        IS_EXPLORABLE,
        AS_BADGE.required(),
        PRESERVE,
        BY_MODERATOR.required(),
        ORDER.required(),
        POLICIES.required(),
    ];
}

async fn create(ctx: Ctx, CreateParams(settings): CreateParams) -> Result<Value, ApiError> {
    ctx.write(move |tx| {
        if role::all(tx)?.len() >= ROLES_MAX {
            return Err(TOO_MANY_ROLES.into());
        }
        let mut role = Role {
            id: RoleId::parse(&tx.new_id()).expect("a new id is a valid one"),
            name: String::new(),
            description: String::new(),
            color: None,
            icon_url: None,
            target: "manual".to_owned(),
            cond_formula: Map::new().into(),
            is_public: false,
            is_explorable: false,
            is_moderator: false,
            is_administrator: false,
            as_badge: false,
            preserve_assignment_on_move_account: false,
            can_edit_members_by_moderator: false,
            display_order: 0,
            policies: Map::new(),
            updated_at: tx.now_ms(),
            last_used_at: tx.now_ms(),
        };
        settings.apply(&mut role)?;
        role::write(tx, &role)?;
        tx.set_alarm(tx.now_ms());
        events::role_changed(tx, "roleCreated", &role.as_event())?;
        Ok(tx.pack().role(&role)?)
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UpdateParams {
    role_id: String,
    #[serde(flatten)]
    settings: Settings,
}

impl Params for UpdateParams {
    const SCHEMA: &'static [Field] = &[
        Field::id("roleId").required(),
        NAME,
        DESCRIPTION,
        COLOR,
        ICON_URL,
        TARGET,
        FORMULA,
        IS_PUBLIC,
        IS_MODERATOR,
        IS_ADMINISTRATOR,
        IS_EXPLORABLE,
        AS_BADGE,
        PRESERVE,
        BY_MODERATOR,
        ORDER,
        POLICIES,
    ];
}

async fn update(ctx: Ctx, params: UpdateParams) -> Result<NoContent, ApiError> {
    ctx.write(move |tx| {
        let mut role = role::by_id(tx, &params.role_id)?.ok_or(NOT_UPDATED)?;
        params.settings.apply(&mut role)?;
        role.updated_at = tx.now_ms();
        role::write(tx, &role)?;
        tx.set_alarm(tx.now_ms());
        events::role_changed(tx, "roleUpdated", &role.as_event())?;
        Ok(NoContent)
    })
    .await
}

/// The parameters of an endpoint about one role.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct RoleParams {
    pub(in crate::api) role_id: String,
}

impl Params for RoleParams {
    const SCHEMA: &'static [Field] = &[Field::id("roleId").required()];
}

async fn delete(ctx: Ctx, params: RoleParams) -> Result<NoContent, ApiError> {
    ctx.write(move |tx| {
        let role = role::by_id(tx, &params.role_id)?.ok_or(NOT_DELETED)?;
        tx.execute("DELETE FROM role WHERE id = ?1", [role.id.as_str()])?;
        events::role_changed(tx, "roleDeleted", &role.as_event())?;
        Ok(NoContent)
    })
    .await
}

async fn list(ctx: Ctx, _: NoParams) -> Result<Vec<Value>, ApiError> {
    ctx.read(|view| {
        let roles = role::all(view)?;
        let packed = roles.iter().map(|role| view.pack().role(role));
        Ok(packed.collect::<Result<_, _>>()?)
    })
    .await
}

async fn show(ctx: Ctx, params: RoleParams) -> Result<Value, ApiError> {
    ctx.read(move |view| {
        let role = role::by_id(view, &params.role_id)?.ok_or(NOT_SHOWN)?;
        Ok(view.pack().role(&role)?)
    })
    .await
}
