use serde_json::{Value, json};

use crate::testing::{World, keys};

/// The keys of `MetaLite` in misskey-js.
const LITE_KEYS: &[&str] = &[
    "ads",
    "backgroundImageUrl",
    "bannerUrl",
    "clientOptions",
    "defaultDarkTheme",
    "defaultLightTheme",
    "description",
    "disableRegistration",
    "emailRequiredForSignup",
    "enableEmail",
    "enableHcaptcha",
    "enableMcaptcha",
    "enableRecaptcha",
    "enableServiceWorker",
    "enableTestcaptcha",
    "enableTurnstile",
    "enableUrlPreview",
    "federation",
    "feedbackUrl",
    "googleAnalyticsMeasurementId",
    "hcaptchaSiteKey",
    "iconUrl",
    "impressumUrl",
    "infoImageUrl",
    "inquiryUrl",
    "langs",
    "logoImageUrl",
    "maintainerEmail",
    "maintainerName",
    "mascotImageUrl",
    "maxFileSize",
    "maxNoteTextLength",
    "mcaptchaInstanceUrl",
    "mcaptchaSiteKey",
    "mediaProxy",
    "name",
    "notFoundImageUrl",
    "noteSearchableScope",
    "notesPerOneAd",
    "policies",
    "privacyPolicyUrl",
    "providesTarball",
    "recaptchaSiteKey",
    "repositoryUrl",
    "sentryForFrontend",
    "serverErrorImageUrl",
    "serverRules",
    "shortName",
    "swPublickey",
    "themeColor",
    "tosUrl",
    "translatorAvailable",
    "turnstileSiteKey",
    "uri",
    "version",
];

/// What `MetaDetailed` has more.
const DETAIL_KEYS: &[&str] = &[
    "cacheRemoteFiles",
    "cacheRemoteSensitiveFiles",
    "features",
    "proxyAccountName",
    "requireSetup",
];

/// The keys of `RolePolicies`.
const POLICY_KEYS: &[&str] = &[
    "alwaysMarkNsfw",
    "antennaLimit",
    "avatarDecorationLimit",
    "canCreateChannel",
    "canHideAds",
    "canImportAntennas",
    "canImportBlocking",
    "canImportFollowing",
    "canImportMuting",
    "canImportUserLists",
    "canInvite",
    "canManageAvatarDecorations",
    "canManageCustomEmojis",
    "canPublicNote",
    "canSearchNotes",
    "canSearchUsers",
    "canUpdateBioMedia",
    "canUseTranslator",
    "chatAvailability",
    "clipLimit",
    "driveCapacityMb",
    "gtlAvailable",
    "inviteExpirationTime",
    "inviteLimit",
    "inviteLimitCycle",
    "ltlAvailable",
    "maxFileSizeMb",
    "mentionLimit",
    "noteDraftLimit",
    "noteEachClipsLimit",
    "pinLimit",
    "rateLimitFactor",
    "scheduledNoteLimit",
    "uploadableFileTypes",
    "userEachUserListsLimit",
    "userListLimit",
    "watermarkAvailable",
    "webhookLimit",
    "wordMuteLimit",
];

fn sorted(value: &Value) -> Vec<&str> {
    let mut keys = keys(value);
    keys.sort_unstable();
    keys
}

#[tokio::test]
async fn meta_has_the_keys_that_clients_read() {
    let world = World::new();
    let (_, lite) = world.post("meta", None, json!({ "detail": false })).await;
    assert_eq!(sorted(&lite), LITE_KEYS);
    assert_eq!(sorted(&lite["policies"]), POLICY_KEYS);
    for body in [json!({}), json!({ "detail": true })] {
        let (_, detailed) = world.post("meta", None, body).await;
        let mut all = [LITE_KEYS, DETAIL_KEYS].concat();
        all.sort_unstable();
        assert_eq!(sorted(&detailed), all);
    }
    assert_eq!(
        (&lite["uri"], &lite["maxNoteTextLength"]),
        (&json!("https://example.com"), &json!(3000))
    );
}

#[tokio::test]
async fn emojis_are_listed_short_and_shown_whole() {
    let world = World::new();
    let whole = json!({
        "id": "e1", "aliases": ["b"], "name": "blob", "category": null, "host": null,
        "url": "https://example.com/files/1", "license": null, "isSensitive": false,
        "localOnly": true, "roleIdsThatCanBeUsedThisEmojiAsReaction": [],
    });
    world
        .sql(&format!(
            "INSERT INTO emoji VALUES ('e1', 'blob', '{whole}', '1', 'image/gif', 1)"
        ))
        .await;
    assert_eq!(
        world.post("emojis", None, json!({})).await.1,
        json!({ "emojis": [{
            "aliases": ["b"], "name": "blob", "category": null,
            "url": "https://example.com/files/1", "localOnly": true,
        }] })
    );
    let show = |name: &str| world.post("emoji", None, json!({ "name": name }));
    assert_eq!(show("blob").await, (200, whole));
    assert_eq!(show("none").await.1["error"]["code"], "NO_SUCH_EMOJI");
}
