//! What the server says of itself.

use serde_json::{Value, json};

use super::ctx::Ctx;
use super::endpoint::{Endpoint, Registry};
use super::error::ApiError;
use super::schema::NoParams;

pub(super) fn register(registry: &mut Registry) {
    registry.add(Endpoint::open("ping").also_get(), ping);
    registry.add(Endpoint::open("endpoints").also_get(), endpoints);
}

async fn ping(ctx: Ctx, _: NoParams) -> Result<Value, ApiError> {
    ctx.read(|view| Ok(json!({ "pong": view.now_ms() }))).await
}

async fn endpoints(ctx: Ctx, _: NoParams) -> Result<Vec<&'static str>, ApiError> {
    Ok(ctx.endpoint_names())
}
