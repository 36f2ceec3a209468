//! Custom emojis: `admin/emoji/add|update|delete|list`.

mod picture;

use rusqlite::params;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::api::ctx::{Ctx, Me};
use crate::api::endpoint::{Endpoint, NoContent, Registry};
use crate::api::error::{ApiError, ErrorKind, ROLE_PERMISSION_DENIED};
use crate::api::paging::{Paging, paged};
use crate::api::schema::{Field, Params, given};
use crate::events;
use crate::limits::{EMOJI_ALIASES_MAX, EMOJIS_MAX};
use crate::model::emoji::{self, Emoji};
use crate::roles::Policies;
use crate::store::{Tx, View};
use picture::Picture;

const DUPLICATE_NAME: ErrorKind = ErrorKind::client(
    "DUPLICATE_NAME",
    "f7a3462c-4e6e-4069-8421-b9bd4f4c3975",
    "Duplicate name.",
);
const SAME_NAME_EMOJI_EXISTS: ErrorKind = ErrorKind::client(
    "SAME_NAME_EMOJI_EXISTS",
    "7180fe9d-1ee3-bff9-647d-fe9896d2ffb8",
    "Emoji that have same name already exists.",
);
const TOO_MANY_EMOJIS: ErrorKind = ErrorKind::client(
    "TOO_MANY_EMOJIS",
    "5d6c1f5e-0e53-4f4f-a4bb-bb1d3f52d3c8",
    "There are as many emojis as there may be.",
);
const NOT_UPDATED: ErrorKind = no_such_emoji("684dec9d-a8c2-4364-9aa8-456c49cb1dc8");
const NOT_DELETED: ErrorKind = no_such_emoji("be83669b-773a-44b7-b1f8-e5e5170ac3c2");

const fn no_such_emoji(id: &'static str) -> ErrorKind {
    ErrorKind::client("NO_SUCH_EMOJI", id, "No such emoji.")
}

pub(super) fn register(registry: &mut Registry) {
    let write = |name| Endpoint::login(name, "write:admin:emoji");
    registry.add(write("admin/emoji/add"), add);
    registry.add(write("admin/emoji/update"), update);
    registry.add(write("admin/emoji/delete"), delete);
    registry.add(
        Endpoint::login("admin/emoji/list", "read:admin:emoji"),
        list,
    );
}

/// Emojis are for administrators, and for those whose roles let them manage them.
fn must_manage(view: &View<'_>, me: &Me) -> Result<(), ApiError> {
    let policies = Policies::of_id(view, Some(&me.id))?;
    if me.staff.administrator || policies.allow("canManageCustomEmojis") {
        Ok(())
    } else {
        Err(ROLE_PERMISSION_DENIED.into())
    }
}

/// What can be set of an emoji.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    name: Option<String>,
    file_id: Option<String>,
    #[serde(default, deserialize_with = "given")]
    category: Option<Option<String>>,
    aliases: Option<Vec<String>>,
    #[serde(default, deserialize_with = "given")]
    license: Option<Option<String>>,
    is_sensitive: Option<bool>,
    local_only: Option<bool>,
    #[serde(rename = "roleIdsThatCanBeUsedThisEmojiAsReaction")]
    role_ids: Option<Vec<String>>,
}

const NAME: Field = Field::string("name").length(1, 128);
const FILE_ID: Field = Field::id("fileId");
const CATEGORY: Field = Field::string("category").nullable().length(0, 128);
const ALIASES: Field =
    Field::array("aliases", &Field::string("").length(0, 128)).items(0, EMOJI_ALIASES_MAX as i64);
const LICENSE: Field = Field::string("license").nullable().length(0, 1024);
const IS_SENSITIVE: Field = Field::boolean("isSensitive");
const LOCAL_ONLY: Field = Field::boolean("localOnly");
const ROLE_IDS: Field =
    Field::array("roleIdsThatCanBeUsedThisEmojiAsReaction", &Field::id("")).items(0, 100);

impl Settings {
    fn check(&self) -> Result<(), ApiError> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        match &self.name {
            Some(name) if !name.bytes().all(fits) => Err(ApiError::invalid_param(
                "#/properties/name/pattern",
                r#"must match pattern "^[a-zA-Z0-9_]+$""#,
            )),
            Some(_) | None => Ok(()),
        }
    }

    fn apply(self, payload: &mut Map<String, Value>) {
        let mut set = |key: &str, value: Option<Value>| {
            if let Some(value) = value {
                payload.insert(key.to_owned(), value);
            }
        };
        set("name", self.name.map(Value::from));
        set("category", self.category.map(Value::from));
        set("aliases", self.aliases.map(Value::from));
        set("license", self.license.map(Value::from));
        set("isSensitive", self.is_sensitive.map(Value::from));
        set("localOnly", self.local_only.map(Value::from));
        let roles = self.role_ids.map(Value::from);
        set("roleIdsThatCanBeUsedThisEmojiAsReaction", roles);
    }
}

#[derive(Deserialize)]
struct AddParams(Settings);

impl Params for AddParams {
    const SCHEMA: &'static [Field] = &[
        NAME.required(),
        FILE_ID.required(),
        CATEGORY,
        ALIASES,
        LICENSE,
        IS_SENSITIVE,
        LOCAL_ONLY,
        ROLE_IDS,
    ];
}

/// The picture is a copy: the file stays in its owner's drive, and the emoji outlives it.
async fn add(ctx: Ctx, AddParams(settings): AddParams) -> Result<Value, ApiError> {
    let me = ctx.me()?.clone();
    settings.check()?;
    let doing = ctx.clone();
    ctx.to_the_end(async move {
        let file = settings.file_id.clone().unwrap_or_default();
        let picture = Picture::of_file(&doing, file).await?;
        let (packed, picture) = doing
            .write(move |tx| new(tx, &me, settings, picture))
            .await?;
        picture.blob.keep();
        Ok(packed)
    })
    .await
}

/// Gives back the picture: it is to be kept once the emoji is committed.
fn new(
    tx: &mut Tx<'_>,
    me: &Me,
    settings: Settings,
    picture: Picture,
) -> Result<(Value, Picture), ApiError> {
    must_manage(tx, me)?;
    let name = settings.name.clone().unwrap_or_default();
    if emoji::by_name(tx, &name)?.is_some() {
        return Err(DUPLICATE_NAME.into());
    }
    if emoji::count(tx)? >= EMOJIS_MAX {
        return Err(TOO_MANY_EMOJIS.into());
    }
    let id = tx.new_id();
    let payload = json!({
        "id": id, "aliases": [], "name": name, "category": null, "host": null, "url": null,
        "license": null, "isSensitive": false, "localOnly": false,
        "roleIdsThatCanBeUsedThisEmojiAsReaction": [],
    });
    let mut emoji = Emoji {
        id,
        name,
        payload: crate::pack::object(payload),
        blob: picture.blob.name().to_owned(),
        kind: picture.kind.clone(),
        size: picture.size,
    };
    settings.apply(&mut emoji.payload);
    emoji::write(tx, &emoji)?;
    let packed = emoji.detailed(tx.site());
    events::broadcast(tx, "emojiAdded", &json!({ "emoji": packed }))?;
    Ok((Value::Object(packed), picture))
}

#[derive(Deserialize)]
struct UpdateParams {
    id: Option<String>,
    #[serde(flatten)]
    settings: Settings,
}

impl Params for UpdateParams {
    const SCHEMA: &'static [Field] = &[
        Field::id("id"),
        NAME,
        FILE_ID,
        CATEGORY,
        ALIASES,
        LICENSE,
        IS_SENSITIVE,
        LOCAL_ONLY,
        ROLE_IDS,
    ];
}

async fn update(ctx: Ctx, params: UpdateParams) -> Result<NoContent, ApiError> {
    let me = ctx.me()?.clone();
    params.settings.check()?;
    let doing = ctx.clone();
    ctx.to_the_end(async move {
        let picture = match params.settings.file_id.clone() {
            Some(file) => Some(Picture::of_file(&doing, file).await?),
            None => None,
        };
        let write = move |tx: &mut Tx<'_>| change(tx, &me, params, picture);
        let (before, picture) = doing.write(write).await?;
        if let Some(picture) = picture {
            picture.blob.keep();
            doing.app().remove_blobs(vec![before.blob]).await;
        }
        Ok(NoContent)
    })
    .await
}

/// Gives back the emoji as it was, and the new picture: it is to be kept once that is committed.
fn change(
    tx: &mut Tx<'_>,
    me: &Me,
    params: UpdateParams,
    picture: Option<Picture>,
) -> Result<(Emoji, Option<Picture>), ApiError> {
    must_manage(tx, me)?;
    let UpdateParams { id, settings } = params;
    let found = match (&id, &settings.name) {
        (Some(id), _) => emoji::by_id(tx, id)?,
        (None, Some(name)) => emoji::by_name(tx, name)?,
        (None, None) => None,
    };
    let before = found.ok_or(NOT_UPDATED)?;
    let mut emoji = before.clone();
    if let Some(name) = settings.name.clone().filter(|name| *name != emoji.name) {
        if emoji::by_name(tx, &name)?.is_some() {
            return Err(SAME_NAME_EMOJI_EXISTS.into());
        }
        emoji.name = name;
    }
    if let Some(picture) = &picture {
        picture.blob.name().clone_into(&mut emoji.blob);
        picture.kind.clone_into(&mut emoji.kind);
        emoji.size = picture.size;
    }
    settings.apply(&mut emoji.payload);
    emoji::write(tx, &emoji)?;
    tell_updated(tx, &before, &emoji)?;
    Ok((before, picture))
}

/// To clients an emoji of another name is another emoji.
fn tell_updated(tx: &mut Tx<'_>, before: &Emoji, after: &Emoji) -> Result<(), ApiError> {
    let packed = after.detailed(tx.site());
    if before.name == after.name {
        events::broadcast(tx, "emojiUpdated", &json!({ "emojis": [packed] }))?;
    } else {
        let gone = before.detailed(tx.site());
        events::broadcast(tx, "emojiDeleted", &json!({ "emojis": [gone] }))?;
        events::broadcast(tx, "emojiAdded", &json!({ "emoji": packed }))?;
    }
    Ok(())
}

#[derive(Deserialize)]
struct DeleteParams {
    id: String,
}

impl Params for DeleteParams {
    const SCHEMA: &'static [Field] = &[Field::id("id").required()];
}

async fn delete(ctx: Ctx, params: DeleteParams) -> Result<NoContent, ApiError> {
    let me = ctx.me()?.clone();
    let doing = ctx.clone();
    ctx.to_the_end(async move {
        let delete = move |tx: &mut Tx<'_>| {
            must_manage(tx, &me)?;
            let emoji = emoji::by_id(tx, &params.id)?.ok_or(NOT_DELETED)?;
            tx.execute("DELETE FROM emoji WHERE id = ?1", [&emoji.id])?;
            let packed = emoji.detailed(tx.site());
            events::broadcast(tx, "emojiDeleted", &json!({ "emojis": [packed] }))?;
            Ok(emoji.blob)
        };
        let blob = doing.write(delete).await?;
        doing.app().remove_blobs(vec![blob]).await;
        Ok(NoContent)
    })
    .await
}

#[derive(Deserialize)]
struct ListParams {
    query: Option<String>,
    #[serde(flatten)]
    paging: Paging,
}

impl Params for ListParams {
    const SCHEMA: &'static [Field] = paged![Field::string("query").nullable().length(0, 128)];
}

async fn list(ctx: Ctx, params: ListParams) -> Result<Vec<Value>, ApiError> {
    let me = ctx.me()?.clone();
    ctx.read(move |view| {
        must_manage(view, &me)?;
        let page = params.paging.page(10);
        let sql = format!(
            "SELECT * FROM emoji WHERE id > ?1 AND id < ?2 AND instr(name, ?3) > 0
             ORDER BY id {} LIMIT ?4",
            page.order
        );
        let query = params.query.unwrap_or_default();
        let emojis = view
            .prepare_cached(&sql)?
            .query_map(
                params![page.after, page.before, query, page.limit],
                Emoji::from_row,
            )?
            .map(|emoji| Ok(Value::Object(emoji?.detailed(view.site()))))
            .collect::<rusqlite::Result<_>>()?;
        Ok(emojis)
    })
    .await
}
