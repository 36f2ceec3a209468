//! `admin/announcements/*`.

use protocol::id::UserId;
use rusqlite::params;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::ctx::Ctx;
use crate::api::endpoint::{Endpoint, NoContent, Registry};
use crate::api::error::{ApiError, ErrorKind};
use crate::api::paging::{Paging, paged};
use crate::api::schema::{Field, Params, given};
use crate::events;
use crate::limits::ANNOUNCEMENTS_MAX;
use crate::model::announcement::{self, Announcement};
use crate::model::user;
use crate::pack::time;

const NOT_UPDATED: ErrorKind = no_such_announcement("d3aae5a7-6372-4cb4-b61c-f511ffc2d7cc");
const NOT_DELETED: ErrorKind = no_such_announcement("ecad8040-a276-4e85-bda9-015a708d291e");
const NO_SUCH_USER: ErrorKind = ErrorKind::client(
    "NO_SUCH_USER",
    "3a5b2c5e-5a55-4d4c-9c83-8f3cbbd6ce1d",
    "No such user.",
);
const TOO_MANY_ANNOUNCEMENTS: ErrorKind = ErrorKind::client(
    "TOO_MANY_ANNOUNCEMENTS",
    "c61b1e0b-3c80-4c5c-98be-0f1c7e3ab8a0",
    "There are as many announcements as there may be.",
);

const fn no_such_announcement(id: &'static str) -> ErrorKind {
    ErrorKind::client("NO_SUCH_ANNOUNCEMENT", id, "No such announcement.")
}

pub(super) fn register(registry: &mut Registry) {
    let write = |name| Endpoint::login(name, "write:admin:announcements").moderator();
    registry.add(write("admin/announcements/create"), create);
    registry.add(write("admin/announcements/update"), update);
    registry.add(write("admin/announcements/delete"), delete);
    registry.add(
        Endpoint::login("admin/announcements/list", "read:admin:announcements").moderator(),
        list,
    );
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    title: Option<String>,
    text: Option<String>,
    #[serde(default, deserialize_with = "given")]
    image_url: Option<Option<String>>,
    icon: Option<String>,
    display: Option<String>,
    for_existing_users: Option<bool>,
    silence: Option<bool>,
    need_confirmation_to_read: Option<bool>,
    is_active: Option<bool>,
}

const TITLE: Field = Field::string("title").length(1, 1024);
const TEXT: Field = Field::string("text").length(1, 8192);
const IMAGE_URL: Field = Field::string("imageUrl").nullable().length(0, 1024);
const ICON: Field = Field::string("icon").one_of(&["info", "warning", "error", "success"]);
const DISPLAY: Field = Field::string("display").one_of(&["normal", "banner", "dialog"]);
const FOR_EXISTING: Field = Field::boolean("forExistingUsers");
const SILENCE: Field = Field::boolean("silence");
const CONFIRMATION: Field = Field::boolean("needConfirmationToRead");

impl Settings {
    fn apply(self, it: &mut Announcement) {
        set(&mut it.title, self.title);
        set(&mut it.text, self.text);
        // An empty address is none.
        let image_url = self.image_url.map(|url| url.filter(|url| !url.is_empty()));
        set(&mut it.image_url, image_url);
        set(&mut it.icon, self.icon);
        set(&mut it.display, self.display);
        set(&mut it.for_existing_users, self.for_existing_users);
        set(&mut it.is_silent, self.silence);
        set(&mut it.needs_confirmation, self.need_confirmation_to_read);
        set(&mut it.is_active, self.is_active);
    }
}

fn set<T>(slot: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *slot = value;
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateParams {
    user_id: Option<String>,
    #[serde(flatten)]
    settings: Settings,
}

impl Params for CreateParams {
    const SCHEMA: &'static [Field] = &[
        TITLE.required(),
        TEXT.required(),
        IMAGE_URL.required(),
        ICON,
        DISPLAY,
        FOR_EXISTING,
        SILENCE,
        CONFIRMATION,
        Field::id("userId").nullable(),
    ];
}

/// Tells everyone, or the one user that it is for.
async fn create(ctx: Ctx, params: CreateParams) -> Result<Value, ApiError> {
    ctx.write(move |tx| {
        let count: usize =
            tx.query_row("SELECT count(*) FROM announcement", [], |row| row.get(0))?;
        if count >= ANNOUNCEMENTS_MAX {
            return Err(TOO_MANY_ANNOUNCEMENTS.into());
        }
        let user_id = match params.user_id {
            Some(id) => Some(user::by_id(tx, &id)?.ok_or(NO_SUCH_USER)?.id),
            None => None,
        };
        let mut it = Announcement {
            id: tx.new_id(),
            title: String::new(),
            text: String::new(),
            image_url: None,
            icon: "info".to_owned(),
            display: "normal".to_owned(),
            needs_confirmation: false,
            is_silent: false,
            is_active: true,
            for_existing_users: false,
            user_id,
            updated_at: None,
        };
        params.settings.apply(&mut it);
        it.is_active = true;
        announcement::write(tx, &it)?;
        let packed = it.packed();
        let body = json!({ "announcement": packed });
        match &it.user_id {
            Some(user) => events::main(tx, user, "announcementCreated", &body)?,
            None => events::broadcast(tx, "announcementCreated", &body)?,
        }
        Ok(packed)
    })
    .await
}

#[derive(Deserialize)]
struct UpdateParams {
    id: String,
    #[serde(flatten)]
    settings: Settings,
}

impl Params for UpdateParams {
    const SCHEMA: &'static [Field] = &[
        Field::id("id").required(),
        TITLE,
        TEXT,
        IMAGE_URL,
        ICON,
        DISPLAY,
        FOR_EXISTING,
        SILENCE,
        CONFIRMATION,
        Field::boolean("isActive"),
    ];
}

async fn update(ctx: Ctx, params: UpdateParams) -> Result<NoContent, ApiError> {
    ctx.write(move |tx| {
        let mut it = announcement::by_id(tx, &params.id)?.ok_or(NOT_UPDATED)?;
        params.settings.apply(&mut it);
        it.updated_at = Some(tx.now_ms());
        announcement::write(tx, &it)?;
        Ok(NoContent)
    })
    .await
}

#[derive(Deserialize)]
struct DeleteParams {
    id: String,
}

impl Params for DeleteParams {
    const SCHEMA: &'static [Field] = &[Field::id("id").required()];
}

async fn delete(ctx: Ctx, params: DeleteParams) -> Result<NoContent, ApiError> {
    ctx.write(move |tx| {
        let deleted = tx.execute("DELETE FROM announcement WHERE id = ?1", [&params.id])?;
        if deleted == 0 {
            return Err(NOT_DELETED.into());
        }
        Ok(NoContent)
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListParams {
    user_id: Option<String>,
    status: Option<String>,
    #[serde(flatten)]
    paging: Paging,
}

impl Params for ListParams {
    const SCHEMA: &'static [Field] = paged![
        Field::id("userId").nullable(),
        Field::string("status").one_of(&["all", "active", "archived"]),
    ];
}

async fn list(ctx: Ctx, params: ListParams) -> Result<Vec<Value>, ApiError> {
    ctx.read(move |view| {
        let page = params.paging.page(10);
        let active = match params.status.as_deref() {
            Some("all") => None,
            Some("archived") => Some(false),
            Some(_) | None => Some(true),
        };
        let mut statement = view.prepare_cached(&format!(
            "SELECT a.*, (SELECT count(*) FROM announcement_read r WHERE r.announcement_id = a.id)
                 AS reads
             FROM announcement a WHERE user_id IS ?1 AND (?2 IS NULL OR is_active = ?2)
             AND id > ?3 AND id < ?4 ORDER BY id {} LIMIT ?5",
            page.order
        ))?;
        let packed = statement
            .query_map(
                params![params.user_id, active, page.after, page.before, page.limit],
                |row| {
                    let reads: u64 = row.get("reads")?;
                    Ok(for_admin(&Announcement::from_row(row)?, reads))
                },
            )?
            .collect::<Result<_, _>>()?;
        Ok(packed)
    })
    .await
}

fn for_admin(it: &Announcement, reads: u64) -> Value {
    json!({
        "id": it.id,
        "createdAt": time::created_at(&it.id),
        "updatedAt": it.updated_at.map(time::iso),
        "title": it.title,
        "text": it.text,
        "imageUrl": it.image_url,
        "icon": it.icon,
        "display": it.display,
        "isActive": it.is_active,
        "forExistingUsers": it.for_existing_users,
        "silence": it.is_silent,
        "needConfirmationToRead": it.needs_confirmation,
        "userId": it.user_id.as_ref().map(UserId::as_str),
        "reads": reads,
    })
}
