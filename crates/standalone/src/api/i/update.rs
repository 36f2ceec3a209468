//! `i/update`.

use rusqlite::params;
use rusqlite::types::Value as Cell;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::super::following::myself;
use super::{checks, pictures};
use crate::api::ctx::Ctx;
use crate::api::error::{AUTHENTICATION_FAILED, ApiError};
use crate::api::schema::{Field, Params};
use crate::limits::{MUTED_INSTANCES_MAX, PROFILE_FIELDS_MAX};
use crate::model::user;
use crate::roles::{self, Policies};
use crate::store::{Col, Tx};
use crate::{events, follows};

/// What the client sent: absent keys stay as they are.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct UpdateParams(Map<String, Value>);

const VISIBILITY: &[&str] = &["public", "followers", "private"];

/// A muted word: a list of words that come together, or a regular expression.
const WORDS: Field = Field::any("");

impl Params for UpdateParams {
    const SCHEMA: &'static [Field] = &[
        Field::string("name").nullable().length(1, 50),
        Field::string("description").nullable().length(1, 1500),
        Field::string("followedMessage").nullable().length(1, 256),
        Field::string("location").nullable().length(1, 50),
        Field::string("birthday").nullable(),
        Field::string("lang").nullable().length(1, 20),
        Field::id("avatarId").nullable(),
        Field::id("bannerId").nullable(),
        Field::id("pinnedPageId").nullable(),
        Field::array("avatarDecorations", &Field::any("")).items(0, 16),
        Field::array(
            "fields",
            &Field::object(
                "",
                &[
                    Field::string("name").required().length(0, 512),
                    Field::string("value").required().length(0, 2048),
                ],
            ),
        )
        .items(0, PROFILE_FIELDS_MAX as i64),
        Field::boolean("isLocked"),
        Field::boolean("isExplorable"),
        Field::boolean("hideOnlineStatus"),
        Field::boolean("publicReactions"),
        Field::boolean("carefulBot"),
        Field::boolean("autoAcceptFollowed"),
        Field::boolean("noCrawle"),
        Field::boolean("preventAiLearning"),
        Field::boolean("requireSigninToViewContents"),
        Field::integer("makeNotesFollowersOnlyBefore").nullable(),
        Field::integer("makeNotesHiddenBefore").nullable(),
        Field::boolean("isBot"),
        Field::boolean("isCat"),
        Field::boolean("injectFeaturedNote"),
        Field::boolean("receiveAnnouncementEmail"),
        Field::boolean("alwaysMarkNsfw"),
        Field::boolean("autoSensitive"),
        Field::string("followingVisibility").one_of(VISIBILITY),
        Field::string("followersVisibility").one_of(VISIBILITY),
        Field::string("chatScope").one_of(&[
            "everyone",
            "followers",
            "following",
            "mutual",
            "none",
        ]),
        Field::array("mutedWords", &WORDS),
        Field::array("hardMutedWords", &WORDS),
        Field::array("mutedInstances", &Field::string("").length(0, 255))
            .items(0, MUTED_INSTANCES_MAX as i64),
        Field::object("notificationRecieveConfig", &[]),
        Field::array("emailNotificationTypes", &Field::string("").length(0, 64)).items(0, 64),
        Field::array("alsoKnownAs", &Field::string("").length(0, 512)).items(0, 10),
    ];
}

/// Where a key is kept.
enum Place {
    /// In a column of its own: text, a number or a truth value.
    Column(&'static str),
    /// In a column of its own, as JSON.
    Json(&'static str),
    /// In `settings`, under the same key.
    Settings,
}

/// The keys that are kept. The others are checked and go no further.
const PLACES: &[(&str, Place)] = &[
    ("name", Place::Column("name")),
    ("description", Place::Column("description")),
    ("followedMessage", Place::Column("followed_message")),
    ("location", Place::Column("location")),
    ("birthday", Place::Column("birthday")),
    ("lang", Place::Column("lang")),
    ("fields", Place::Json("fields")),
    ("isLocked", Place::Column("is_locked")),
    ("isExplorable", Place::Settings),
    ("hideOnlineStatus", Place::Column("hide_online_status")),
    ("publicReactions", Place::Column("public_reactions")),
    ("carefulBot", Place::Settings),
    ("autoAcceptFollowed", Place::Column("auto_accept_followed")),
    ("noCrawle", Place::Settings),
    ("preventAiLearning", Place::Settings),
    (
        "requireSigninToViewContents",
        Place::Column("require_signin"),
    ),
    (
        "makeNotesFollowersOnlyBefore",
        Place::Column("followers_only_before"),
    ),
    ("makeNotesHiddenBefore", Place::Column("hidden_before")),
    ("isBot", Place::Column("is_bot")),
    ("isCat", Place::Column("is_cat")),
    ("injectFeaturedNote", Place::Settings),
    ("receiveAnnouncementEmail", Place::Settings),
    ("alwaysMarkNsfw", Place::Settings),
    ("autoSensitive", Place::Settings),
    ("followingVisibility", Place::Column("following_visibility")),
    ("followersVisibility", Place::Column("followers_visibility")),
    ("chatScope", Place::Settings),
    ("mutedWords", Place::Settings),
    ("hardMutedWords", Place::Settings),
    ("mutedInstances", Place::Json("muted_instances")),
    ("notificationRecieveConfig", Place::Settings),
    ("emailNotificationTypes", Place::Settings),
];

pub(super) async fn update(ctx: Ctx, params: UpdateParams) -> Result<Value, ApiError> {
    let me = ctx.my_id()?;
    let mut changes = params.0;
    ctx.write(move |tx| {
        let before = myself(tx, &me)?;
        let policies = Policies::of(tx, Some(&before), tx.now_ms())?;
        checks::check(&changes, policies.count("wordMuteLimit"))?;
        tidy(&mut changes);
        let mut settings = before.settings.clone();
        pictures::apply(tx, &me, &policies, &changes, &mut settings)?;
        for (key, place) in PLACES {
            let Some(value) = changes.get(*key) else {
                continue;
            };
            match place {
                Place::Column(column) => set(tx, column, &before.id, cell(value))?,
                Place::Json(column) => set(tx, column, &before.id, value.to_string().into())?,
                Place::Settings => {
                    settings.insert((*key).to_owned(), value.clone());
                }
            }
        }
        let settings = Value::Object(settings).to_string();
        set(tx, "settings", &before.id, settings.into())?;
        publish(tx, &before)
    })
    .await
}

/// Publishes the change, and lets in who has asked to follow where nobody needs to ask any more.
/// Gives back what the user looks like.
fn publish(tx: &mut Tx<'_>, before: &user::User) -> Result<Value, ApiError> {
    let id = &before.id;
    let after = user::by_id(tx, id.as_str())?.ok_or(AUTHENTICATION_FAILED)?;
    events::local_user_updated(tx, id)?;
    events::profile_updated(tx, id, &after.muted_instances)?;
    roles::tell_changes(tx, before)?;
    let packed = tx.pack().me_detailed(&after)?;
    events::main(tx, id, "meUpdated", &packed)?;
    if before.is_locked && !after.is_locked {
        follows::accept_all(tx, &after)?;
        let after = user::by_id(tx, id.as_str())?.ok_or(AUTHENTICATION_FAILED)?;
        return Ok(tx.pack().me_detailed(&after)?);
    }
    Ok(packed)
}

/// `column` is a name of this file.
fn set(tx: &Tx<'_>, column: &str, id: &protocol::id::UserId, value: Cell) -> rusqlite::Result<()> {
    tx.prepare_cached(&format!("UPDATE user SET {column} = ?2 WHERE id = ?1"))?
        .execute(params![Col(id), value])?;
    Ok(())
}

/// A value as a column holds it.
fn cell(value: &Value) -> Cell {
    match value {
        Value::Null => Cell::Null,
        Value::Bool(flag) => Cell::Integer((*flag).into()),
        Value::Number(number) => number.as_i64().map_or(Cell::Null, Cell::Integer),
        Value::String(text) => Cell::Text(text.clone()),
        Value::Array(_) | Value::Object(_) => Cell::Text(value.to_string()),
    }
}

/// Takes the blanks off the ends of names, and drops what is empty then.
fn tidy(changes: &mut Map<String, Value>) {
    if let Some(name) = changes.get_mut("name") {
        let trimmed = name.as_str().map(str::trim).filter(|name| !name.is_empty());
        *name = trimmed.map(str::to_owned).into();
    }
    if let Some(Value::Array(fields)) = changes.get_mut("fields") {
        for field in fields.iter_mut() {
            *field = json!({ "name": trimmed(field, "name"), "value": trimmed(field, "value") });
        }
        fields.retain(|field| field["name"] != "" && field["value"] != "");
    }
}

fn trimmed(field: &Value, key: &str) -> String {
    field[key].as_str().unwrap_or_default().trim().to_owned()
}
