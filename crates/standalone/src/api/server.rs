//! What the server says of itself: its endpoints, its numbers. [`super::meta`] has the rest.

use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::ctx::Ctx;
use super::endpoint::{Answer, Endpoint, NoContent, Registry};
use super::error::ApiError;
use super::schema::{Field, NoParams, Params};
use crate::pack::ONLINE_MS;

pub(super) fn register(registry: &mut Registry) {
    registry.add(Endpoint::open("ping").also_get(), ping);
    registry.add(Endpoint::open("endpoints").also_get(), endpoints);
    registry.add(Endpoint::open("endpoint").also_get(), endpoint);
    registry.add(Endpoint::open("stats").also_get(), stats);
    registry.add(Endpoint::open("server-info").also_get(), server_info);
    registry.add(
        Endpoint::open("get-online-users-count").also_get(),
        online_users,
    );
}

async fn ping(ctx: Ctx, _: NoParams) -> Result<Value, ApiError> {
    ctx.read(|view| Ok(json!({ "pong": view.now_ms() }))).await
}

async fn endpoints(ctx: Ctx, _: NoParams) -> Result<Vec<&'static str>, ApiError> {
    Ok(ctx.endpoint_names())
}

#[derive(Deserialize)]
struct EndpointParams {
    endpoint: String,
}

impl Params for EndpointParams {
    const SCHEMA: &'static [Field] = &[Field::string("endpoint").required()];
}

/// What an endpoint takes, or nothing where there is none.
enum Described {
    Endpoint(Value),
    Nothing,
}

impl Answer for Described {
    fn into_answer(self) -> Response {
        match self {
            Self::Endpoint(description) => axum::Json(description).into_response(),
            Self::Nothing => NoContent.into_answer(),
        }
    }
}

async fn endpoint(ctx: Ctx, params: EndpointParams) -> Result<Described, ApiError> {
    let Some(schema) = ctx.endpoint_schema(&params.endpoint) else {
        return Ok(Described::Nothing);
    };
    let params: Vec<Value> = schema
        .iter()
        .map(|field| json!({ "name": field.name(), "type": field.type_name() }))
        .collect();
    Ok(Described::Endpoint(json!({ "params": params })))
}

/// Counts by adding what each user's row says: a count of all notes would read them all.
const STATS: &str = "
SELECT ifnull(sum(notes_count), 0), ifnull(sum(notes_count) FILTER (WHERE host IS NULL), 0),
       count(*), count(*) FILTER (WHERE host IS NULL), count(DISTINCT host)
FROM user WHERE NOT is_deleted";

async fn stats(ctx: Ctx, _: NoParams) -> Result<Value, ApiError> {
    ctx.read(|view| {
        let stats = view.prepare_cached(STATS)?.query_row([], |row| {
            Ok(json!({
                "notesCount": row.get::<_, u64>(0)?,
                "originalNotesCount": row.get::<_, u64>(1)?,
                "usersCount": row.get::<_, u64>(2)?,
                "originalUsersCount": row.get::<_, u64>(3)?,
                "instances": row.get::<_, u64>(4)?,
                "driveUsageLocal": 0,
                "driveUsageRemote": 0,
            }))
        })?;
        Ok(stats)
    })
    .await
}

/// The machine is nobody's business: this is what Misskey says where it is not to tell.
async fn server_info(_: Ctx, _: NoParams) -> Result<Value, ApiError> {
    Ok(json!({
        "machine": "?",
        "cpu": { "model": "?", "cores": 0 },
        "mem": { "total": 0 },
        "fs": { "total": 0, "used": 0 },
    }))
}

async fn online_users(ctx: Ctx, _: NoParams) -> Result<Value, ApiError> {
    ctx.read(|view| {
        let since = view.now_ms().saturating_sub(ONLINE_MS);
        let count: u64 = view
            .prepare_cached("SELECT count(*) FROM user WHERE last_active_at > ?1")?
            .query_row([since], |row| row.get(0))?;
        Ok(json!({ "count": count }))
    })
    .await
}

#[cfg(test)]
mod tests;
