//! The server's settings: `admin/meta` and `admin/update-meta`.

use serde_json::{Map, Value, json};

use crate::api::ctx::Ctx;
use crate::api::endpoint::{Endpoint, NoContent, Registry};
use crate::api::error::ApiError;
use crate::api::schema::{Field, NoParams, Params};
use crate::events;
use crate::model::meta;
use crate::pack::object;

pub(super) fn register(registry: &mut Registry) {
    registry.add(
        Endpoint::login("admin/meta", "read:admin:meta").admin(),
        show,
    );
    registry.add(
        Endpoint::login("admin/update-meta", "write:admin:meta").admin(),
        update,
    );
}

/// What is given of the settings; those that aren't known here are another server's, and ignored.
#[derive(serde::Deserialize)]
#[serde(transparent)]
struct UpdateParams(Map<String, Value>);

const fn text(name: &'static str) -> Field {
    Field::string(name).nullable().length(0, 4096)
}

impl Params for UpdateParams {
    const SCHEMA: &'static [Field] = &[
        Field::boolean("disableRegistration").nullable(),
        text("name"),
        text("shortName"),
        text("description"),
        text("maintainerName"),
        text("maintainerEmail"),
        text("tosUrl"),
        text("repositoryUrl"),
        text("feedbackUrl"),
        text("impressumUrl"),
        text("privacyPolicyUrl"),
        text("inquiryUrl"),
        text("themeColor"),
        text("bannerUrl"),
        text("backgroundImageUrl"),
        text("logoImageUrl"),
        text("iconUrl"),
        text("serverErrorImageUrl"),
        text("infoImageUrl"),
        text("notFoundImageUrl"),
        text("defaultLightTheme"),
        text("defaultDarkTheme"),
        Field::array("langs", &Field::string("").length(0, 16)).items(0, 100),
        Field::array("serverRules", &Field::string("").length(0, 1024)).items(0, 100),
        Field::string("ugcVisibilityForVisitor").one_of(&["all", "local", "none"]),
    ];
}

/// The stream reads again what it knows of them.
async fn update(ctx: Ctx, UpdateParams(mut given): UpdateParams) -> Result<NoContent, ApiError> {
    given.retain(|key, _| UpdateParams::SCHEMA.iter().any(|field| field.name() == key));
    ctx.write(move |tx| {
        for (key, value) in &given {
            meta::set(tx, key, value)?;
        }
        events::internal(tx, "metaUpdated", &json!({ "after": given }))?;
        Ok(NoContent)
    })
    .await
}

/// The settings that there are, as far as they were changed, and those of everyone.
async fn show(ctx: Ctx, _: NoParams) -> Result<Value, ApiError> {
    let mut shown = crate::api::meta::detailed(&ctx).await?;
    let set = ctx.read(|view| {
        let policies = meta::policies(view)?;
        let visitors = meta::get(view, "ugcVisibilityForVisitor")?;
        Ok((policies, visitors.unwrap_or_else(|| "local".into())))
    });
    let (policies, visitors) = set.await?;
    shown.extend(object(json!({
        "ugcVisibilityForVisitor": visitors,
        "policies": policies,
        "pinnedUsers": [],
        "hiddenTags": [],
        "blockedHosts": [],
        "silencedHosts": [],
        "sensitiveWords": [],
        "prohibitedWords": [],
        "enableServerMachineStats": true,
    })));
    Ok(Value::Object(shown))
}
