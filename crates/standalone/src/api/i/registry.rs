//! `i/registry/*`: what clients keep of a user's settings. Each app has a domain of its own; the
//! client of the server has the one without a name.

use protocol::id::UserId;
use rusqlite::{OptionalExtension, Row, params};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::api::ctx::Ctx;
use crate::api::endpoint::{Endpoint, NoContent, Registry};
use crate::api::error::{ApiError, ErrorKind};
use crate::api::schema::{Field, NoParams, Params};
use crate::events;
use crate::limits::{REGISTRY_BYTES_MAX, REGISTRY_ITEMS_MAX, REGISTRY_VALUE_BYTES_MAX};
use crate::pack::time;
use crate::store::{Col, View};

const NOT_FOUND: ErrorKind = no_such_key("ac3ed68a-62f0-422b-a7bc-d5e09e8f6a6a");
const NO_DETAIL: ErrorKind = no_such_key("97a1e8e7-c0f7-47d2-957a-92e61256e01a");
const NOT_REMOVED: ErrorKind = no_such_key("1fac4e8a-a6cd-4e39-a4a5-3a7e11f1b019");
const TOO_MANY_ITEMS: ErrorKind = ErrorKind::client(
    "TOO_MANY_REGISTRY_ITEMS",
    "4b5e5f3a-1e5c-4a53-b3fb-6d6b6e5b9d0d",
    "There are as many items as there may be.",
);

const fn no_such_key(id: &'static str) -> ErrorKind {
    ErrorKind::client("NO_SUCH_KEY", id, "No such key.")
}

pub(super) fn register(registry: &mut Registry) {
    let read = |name| Endpoint::login(name, "read:account");
    let write = |name| Endpoint::login(name, "write:account");
    registry.add(write("i/registry/set"), set);
    registry.add(write("i/registry/remove"), remove);
    registry.add(read("i/registry/get"), get);
    registry.add(read("i/registry/get-detail"), get_detail);
    registry.add(read("i/registry/get-all"), get_all);
    registry.add(read("i/registry/keys"), keys);
    registry.add(read("i/registry/keys-with-type"), keys_with_type);
    registry.add(Endpoint::native("i/registry/scopes-with-domain"), scopes);
}

/// Where an item is.
#[derive(Deserialize)]
struct Place {
    #[serde(default)]
    scope: Vec<String>,
    domain: Option<String>,
}

const SCOPE: Field = Field::array("scope", &Field::string("").length(1, 128)).items(0, 32);
const DOMAIN: Field = Field::string("domain").nullable().length(0, 512);
const KEY: Field = Field::string("key").required().length(1, 1024);

impl Place {
    /// The domain and the scope as they are kept.
    fn cells(&self, ctx: &Ctx) -> Result<(String, String), ApiError> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        if !self.scope.iter().all(|part| part.bytes().all(fits)) {
            return Err(ApiError::invalid_param(
                "#/properties/scope/items/pattern",
                r#"must match pattern "^[a-zA-Z0-9_]+$""#,
            ));
        }
        let domain = match &ctx.me()?.app {
            Some(app) => app.clone(),
            None => self.domain.clone().unwrap_or_default(),
        };
        Ok((domain, Value::from(self.scope.clone()).to_string()))
    }
}

#[derive(Deserialize)]
struct SetParams {
    key: String,
    value: Value,
    #[serde(flatten)]
    place: Place,
}

impl Params for SetParams {
    const SCHEMA: &'static [Field] = &[KEY, Field::any("value").required(), SCOPE, DOMAIN];
}

async fn set(ctx: Ctx, params: SetParams) -> Result<NoContent, ApiError> {
    let me = ctx.my_id()?;
    let (domain, scope) = params.place.cells(&ctx)?;
    let value = params.value.to_string();
    if value.len() > REGISTRY_VALUE_BYTES_MAX {
        let reason = format!("must NOT have more than {REGISTRY_VALUE_BYTES_MAX} bytes");
        return Err(ApiError::invalid_param("#/properties/value", reason));
    }
    ctx.write(move |tx| {
        let (count, bytes): (usize, usize) = tx
            .prepare_cached(
                "SELECT count(*), ifnull(sum(octet_length(value)), 0) FROM registry_item
                 WHERE user_id = ?1 AND NOT (domain = ?2 AND scope = ?3 AND key = ?4)",
            )?
            .query_row(params![Col(&me), domain, scope, params.key], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        if count >= REGISTRY_ITEMS_MAX || bytes + value.len() > REGISTRY_BYTES_MAX {
            return Err(TOO_MANY_ITEMS.into());
        }
        let changed = tx.execute(
            "UPDATE registry_item SET value = ?5, updated_at = ?6
             WHERE user_id = ?1 AND domain = ?2 AND scope = ?3 AND key = ?4",
            params![Col(&me), domain, scope, params.key, value, tx.now_ms()],
        )?;
        if changed == 0 {
            tx.execute(
                "INSERT INTO registry_item VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    tx.new_id(),
                    Col(&me),
                    domain,
                    scope,
                    params.key,
                    value,
                    tx.now_ms()
                ],
            )?;
        }
        // What apps keep is none of the client's business.
        if domain.is_empty() {
            let body = json!({
                "scope": params.place.scope, "key": params.key, "value": params.value,
            });
            events::main(tx, &me, "registryUpdated", &body)?;
        }
        Ok(NoContent)
    })
    .await
}

#[derive(Deserialize)]
struct KeyParams {
    key: String,
    #[serde(flatten)]
    place: Place,
}

impl Params for KeyParams {
    const SCHEMA: &'static [Field] = &[KEY, SCOPE, DOMAIN];
}

async fn remove(ctx: Ctx, params: KeyParams) -> Result<NoContent, ApiError> {
    let me = ctx.my_id()?;
    let (domain, scope) = params.place.cells(&ctx)?;
    ctx.write(move |tx| {
        let removed = tx.execute(
            "DELETE FROM registry_item
             WHERE user_id = ?1 AND domain = ?2 AND scope = ?3 AND key = ?4",
            params![Col(&me), domain, scope, params.key],
        )?;
        if removed == 0 {
            return Err(NOT_REMOVED.into());
        }
        Ok(NoContent)
    })
    .await
}

struct Item {
    key: String,
    value: Value,
    updated_at: u64,
}

impl Item {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            key: row.get("key")?,
            value: crate::store::json_col(row, "value")?,
            updated_at: row.get("updated_at")?,
        })
    }
}

/// The items at a place, in the order of their keys.
async fn items(ctx: &Ctx, place: &Place) -> Result<Vec<Item>, ApiError> {
    let me = ctx.my_id()?;
    let (domain, scope) = place.cells(ctx)?;
    ctx.read(move |view| Ok(read(view, &me, &domain, &scope)?))
        .await
}

fn read(view: &View<'_>, me: &UserId, domain: &str, scope: &str) -> rusqlite::Result<Vec<Item>> {
    view.prepare_cached(
        "SELECT * FROM registry_item WHERE user_id = ?1 AND domain = ?2 AND scope = ?3
         ORDER BY key",
    )?
    .query_map(params![Col(me), domain, scope], Item::from_row)?
    .collect()
}

async fn find(ctx: &Ctx, params: KeyParams, missing: ErrorKind) -> Result<Item, ApiError> {
    let me = ctx.my_id()?;
    let (domain, scope) = params.place.cells(ctx)?;
    ctx.read(move |view| {
        view.prepare_cached(
            "SELECT * FROM registry_item
             WHERE user_id = ?1 AND domain = ?2 AND scope = ?3 AND key = ?4",
        )?
        .query_row(params![Col(&me), domain, scope, params.key], Item::from_row)
        .optional()?
        .ok_or_else(|| missing.into())
    })
    .await
}

async fn get(ctx: Ctx, params: KeyParams) -> Result<Value, ApiError> {
    Ok(find(&ctx, params, NOT_FOUND).await?.value)
}

async fn get_detail(ctx: Ctx, params: KeyParams) -> Result<Value, ApiError> {
    let item = find(&ctx, params, NO_DETAIL).await?;
    Ok(json!({ "updatedAt": time::iso(item.updated_at), "value": item.value }))
}

#[derive(Deserialize)]
#[serde(transparent)]
struct PlaceParams(Place);

impl Params for PlaceParams {
    const SCHEMA: &'static [Field] = &[SCOPE, DOMAIN];
}

async fn get_all(ctx: Ctx, PlaceParams(place): PlaceParams) -> Result<Value, ApiError> {
    let items = items(&ctx, &place).await?;
    let all: Map<_, _> = items.into_iter().map(|it| (it.key, it.value)).collect();
    Ok(all.into())
}

async fn keys(ctx: Ctx, PlaceParams(place): PlaceParams) -> Result<Vec<String>, ApiError> {
    let items = items(&ctx, &place).await?;
    Ok(items.into_iter().map(|item| item.key).collect())
}

async fn keys_with_type(ctx: Ctx, PlaceParams(place): PlaceParams) -> Result<Value, ApiError> {
    let kind = |value: &Value| match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let items = items(&ctx, &place).await?;
    let kinds: Map<_, _> = items
        .into_iter()
        .map(|item| (item.key, kind(&item.value).into()))
        .collect();
    Ok(kinds.into())
}

async fn scopes(ctx: Ctx, _: NoParams) -> Result<Vec<Value>, ApiError> {
    let me = ctx.my_id()?;
    ctx.read(move |view| {
        let places: Vec<(String, String)> = view
            .prepare_cached(
                "SELECT DISTINCT domain, scope FROM registry_item WHERE user_id = ?1
                 ORDER BY domain, scope",
            )?
            .query_map([Col(&me)], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        let mut domains: Vec<(String, Vec<Value>)> = Vec::new();
        for (domain, scope) in places {
            let scope = serde_json::from_str(&scope).unwrap_or_default();
            match domains.last_mut() {
                Some((last, scopes)) if *last == domain => scopes.push(scope),
                _ => domains.push((domain, vec![scope])),
            }
        }
        let pack = |(domain, scopes): (String, Vec<Value>)| {
            let domain = (!domain.is_empty()).then_some(domain);
            json!({ "scopes": scopes, "domain": domain })
        };
        Ok(domains.into_iter().map(pack).collect())
    })
    .await
}

#[cfg(test)]
mod tests;
