//! Administration: the base policies, with which everyone begins, and what is in its modules.

mod announcements;
mod emoji;
mod members;
mod meta;
mod reports;
mod roles;
mod users;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::ctx::Ctx;
use super::endpoint::{Endpoint, NoContent, Registry};
use super::error::ApiError;
use super::schema::{Field, Params};
use crate::events;
use crate::model::meta as settings;
use crate::pack::default_policies;

pub(super) use members::{UsersParams, members};
pub(super) use roles::{RoleParams, no_such_role};

pub(super) fn register(registry: &mut Registry) {
    announcements::register(registry);
    emoji::register(registry);
    members::register(registry);
    meta::register(registry);
    reports::register(registry);
    roles::register(registry);
    users::register(registry);
    registry.add(
        Endpoint::login("admin/roles/update-default-policies", "write:admin:roles").admin(),
        update_default_policies,
    );
}

#[derive(Deserialize)]
struct PolicyParams {
    policies: Map<String, Value>,
}

impl Params for PolicyParams {
    const SCHEMA: &'static [Field] = &[Field::object("policies", &[]).required()];
}

/// Replaces what was set before; what isn't named has its default again.
async fn update_default_policies(ctx: Ctx, params: PolicyParams) -> Result<NoContent, ApiError> {
    let policies = known(params.policies)?;
    ctx.write(move |tx| {
        settings::set_policies(tx, &policies)?;
        events::policies_updated(tx, &policies)?;
        Ok(NoContent)
    })
    .await
}

/// The policies that there are, each of its type. Others are those of another server: ignored.
fn known(given: Map<String, Value>) -> Result<Map<String, Value>, ApiError> {
    let mut known = Map::new();
    let defaults = default_policies();
    for (name, value) in given {
        let Some(default) = defaults.get(&name) else {
            continue;
        };
        if kind(default) != kind(&value) {
            let at = format!("#/properties/policies/properties/{name}/type");
            return Err(ApiError::invalid_param(
                at,
                format!("must be {}", kind(default)),
            ));
        }
        known.insert(name, value);
    }
    Ok(known)
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests;
