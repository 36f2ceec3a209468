//! What clients ask at their start: the server's features, its emojis, its announcements.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::ctx::Ctx;
use super::endpoint::{Endpoint, Registry};
use super::error::{ApiError, ErrorKind};
use super::schema::{Field, NoParams, Params};
use crate::limits::NOTE_TEXT_MAX;
use crate::model::{emoji, meta};
use crate::pack::{Object, object};
use crate::{Site, software};

const NO_SUCH_EMOJI: ErrorKind = ErrorKind::client(
    "NO_SUCH_EMOJI",
    "c2f5ad4c-2a27-4d4b-9a2e-7c4f5e7f3f4d",
    "No such emoji.",
);

pub(super) fn register(registry: &mut Registry) {
    registry.add(Endpoint::open("meta").also_get(), meta);
    registry.add(Endpoint::open("emojis").also_get(), emojis);
    registry.add(Endpoint::open("emoji").also_get(), emoji);
}

#[derive(Deserialize)]
struct MetaParams {
    #[serde(default = "yes")]
    detail: bool,
}

fn yes() -> bool {
    true
}

impl Params for MetaParams {
    const SCHEMA: &'static [Field] = &[Field::boolean("detail")];
}

/// `MetaLite`, or `MetaDetailed`.
async fn meta(ctx: Ctx, params: MetaParams) -> Result<Value, ApiError> {
    let mut meta = detailed(&ctx).await?;
    if !params.detail {
        meta.retain(|key, _| !DETAILS.contains(&key.as_str()));
    }
    Ok(Value::Object(meta))
}

/// `MetaDetailed`: what holds where no administrator has changed anything, and what they changed.
pub(super) async fn detailed(ctx: &Ctx) -> Result<Object, ApiError> {
    let site = ctx.site().clone();
    ctx.read(move |view| {
        let policies = meta::policies(view)?;
        let mut packed = general(&site);
        packed.extend(sign_up());
        packed.extend(looks(&site));
        packed.extend(abilities(&site, &policies));
        packed.extend(details(&policies));
        for (key, value) in meta::all(view)? {
            // Policies are merged above; what isn't shown to everyone isn't among the keys.
            if key != "policies"
                && let Some(slot) = packed.get_mut(&key)
            {
                *slot = value;
            }
        }
        let closed = meta::registration_is_closed(view)?;
        packed["features"]["registration"] = (!closed).into();
        Ok(packed)
    })
    .await
}

fn general(site: &Site) -> Object {
    object(json!({
        "maintainerName": null,
        "maintainerEmail": null,
        "version": software::VERSION,
        "providesTarball": false,
        "name": software::NODE_NAME,
        "shortName": null,
        "uri": site.url(),
        "description": null,
        "langs": [],
        "tosUrl": null,
        "repositoryUrl": null,
        "feedbackUrl": null,
        "impressumUrl": null,
        "privacyPolicyUrl": null,
        "inquiryUrl": null,
        "serverRules": [],
    }))
}

fn sign_up() -> Object {
    object(json!({
        "disableRegistration": false,
        "emailRequiredForSignup": false,
        "enableHcaptcha": false,
        "hcaptchaSiteKey": null,
        "enableMcaptcha": false,
        "mcaptchaSiteKey": null,
        "mcaptchaInstanceUrl": null,
        "enableRecaptcha": false,
        "recaptchaSiteKey": null,
        "enableTurnstile": false,
        "turnstileSiteKey": null,
        "enableTestcaptcha": false,
    }))
}

fn looks(site: &Site) -> Object {
    object(json!({
        "defaultDarkTheme": null,
        "defaultLightTheme": null,
        "themeColor": null,
        "clientOptions": {
            "entrancePageStyle": "classic",
            "showTimelineForVisitor": true,
            "showActivitiesForVisitor": true,
        },
        // This one may not be null.
        "mascotImageUrl": format!("{}/identicon/seseragi@{}", site.url(), site.host()),
        "bannerUrl": null,
        "backgroundImageUrl": null,
        "logoImageUrl": null,
        "iconUrl": null,
        "serverErrorImageUrl": null,
        "infoImageUrl": null,
        "notFoundImageUrl": null,
    }))
}

fn abilities(site: &Site, policies: &Object) -> Object {
    let file_bytes_max = policies["maxFileSizeMb"]
        .as_u64()
        .map(|mb| mb * 1024 * 1024);
    object(json!({
        "googleAnalyticsMeasurementId": null,
        "sentryForFrontend": null,
        "swPublickey": null,
        "enableEmail": false,
        "enableServiceWorker": false,
        "translatorAvailable": false,
        "enableUrlPreview": false,
        "ads": [],
        "notesPerOneAd": 0,
        "maxNoteTextLength": NOTE_TEXT_MAX,
        "mediaProxy": format!("{}/proxy", site.url()),
        "noteSearchableScope": "local",
        "maxFileSize": file_bytes_max,
        "federation": "none",
        "policies": policies,
    }))
}

fn details(policies: &Object) -> Object {
    object(json!({
        "features": {
            "registration": true,
            "emailRequiredForSignup": false,
            "localTimeline": policies["ltlAvailable"],
            "globalTimeline": policies["gtlAvailable"],
            "hcaptcha": false,
            "turnstile": false,
            "recaptcha": false,
            "objectStorage": false,
            "serviceWorker": false,
            "miauth": true,
        },
        "proxyAccountName": null,
        "requireSetup": false,
        "cacheRemoteFiles": false,
        "cacheRemoteSensitiveFiles": false,
    }))
}

/// What `meta` has beyond its short form.
const DETAILS: &[&str] = &[
    "features",
    "proxyAccountName",
    "requireSetup",
    "cacheRemoteFiles",
    "cacheRemoteSensitiveFiles",
];

async fn emojis(ctx: Ctx, _: NoParams) -> Result<Value, ApiError> {
    ctx.read(|view| {
        let emojis = emoji::all(view)?;
        let emojis: Vec<Value> = emojis
            .iter()
            .map(|emoji| simple(emoji.detailed(view.site())))
            .collect();
        Ok(json!({ "emojis": emojis }))
    })
    .await
}

/// `EmojiSimple` of an `EmojiDetailed`: without what is as usual.
fn simple(mut emoji: Map<String, Value>) -> Value {
    for key in ["id", "host", "license"] {
        emoji.shift_remove(key);
    }
    for (key, usual) in [
        ("localOnly", json!(false)),
        ("isSensitive", json!(false)),
        ("roleIdsThatCanBeUsedThisEmojiAsReaction", json!([])),
    ] {
        if emoji.get(key) == Some(&usual) {
            emoji.shift_remove(key);
        }
    }
    Value::Object(emoji)
}

#[derive(Deserialize)]
struct EmojiParams {
    name: String,
}

impl Params for EmojiParams {
    const SCHEMA: &'static [Field] = &[Field::string("name").required()];
}

async fn emoji(ctx: Ctx, params: EmojiParams) -> Result<Value, ApiError> {
    ctx.read(move |view| {
        emoji::by_name(view, &params.name)?
            .map(|emoji| Value::Object(emoji.detailed(view.site())))
            .ok_or_else(|| NO_SUCH_EMOJI.into())
    })
    .await
}

#[cfg(test)]
mod tests;
