//! What moderators do about users: `admin/suspend-user|unsuspend-user|show-user|show-users` and
//! `admin/accounts/create`.

use rusqlite::params;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::api::accounts::{NewAccount, sign_up};
use crate::api::ctx::Ctx;
use crate::api::endpoint::{Endpoint, NoContent, Registry};
use crate::api::error::{ACCESS_DENIED, ApiError, ErrorKind};
use crate::api::schema::{Field, Params};
use crate::events;
use crate::model::user::{self, User};
use crate::pack::{For, time};
use crate::roles::{self, Policies, Roles};
use crate::store::{Col, Tx};

const NO_SUCH_USER: ErrorKind = ErrorKind::client(
    "NO_SUCH_USER",
    "1b9b1d5b-62bb-4a34-8f8a-4c5a2ee4bb0a",
    "No such user.",
);
const CANNOT_SUSPEND_MODERATOR: ErrorKind = ErrorKind::client(
    "CANNOT_SUSPEND_MODERATOR",
    "8eb4a6d5-34d4-4a0f-9a1f-cc2c4a8a3c3c",
    "Moderators can't be suspended.",
);

pub(super) fn register(registry: &mut Registry) {
    let moderator = |name, permission| Endpoint::login(name, permission).moderator();
    registry.add(
        moderator("admin/suspend-user", "write:admin:suspend-user"),
        suspend,
    );
    registry.add(
        moderator("admin/unsuspend-user", "write:admin:unsuspend-user"),
        unsuspend,
    );
    registry.add(moderator("admin/show-user", "read:admin:show-user"), show);
    registry.add(moderator("admin/show-users", "read:admin:show-user"), list);
    registry.add(Endpoint::open("admin/accounts/create"), create);
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UserParams {
    user_id: String,
}

impl Params for UserParams {
    const SCHEMA: &'static [Field] = &[Field::id("userId").required()];
}

/// Ends a user's connections too: the stream hears of it.
async fn suspend(ctx: Ctx, params: UserParams) -> Result<NoContent, ApiError> {
    ctx.write(move |tx| {
        let user = user::by_id(tx, &params.user_id)?.ok_or(NO_SUCH_USER)?;
        if roles::staff(tx, &user, tx.now_ms())?.moderator {
            return Err(CANNOT_SUSPEND_MODERATOR.into());
        }
        set_suspended(tx, &user, true)
    })
    .await
}

async fn unsuspend(ctx: Ctx, params: UserParams) -> Result<NoContent, ApiError> {
    ctx.write(move |tx| {
        let user = user::by_id(tx, &params.user_id)?.ok_or(NO_SUCH_USER)?;
        set_suspended(tx, &user, false)
    })
    .await
}

fn set_suspended(tx: &mut Tx<'_>, user: &User, suspended: bool) -> Result<NoContent, ApiError> {
    tx.execute(
        "UPDATE user SET is_suspended = ?2 WHERE id = ?1",
        params![Col(&user.id), suspended],
    )?;
    events::suspension_changed(tx, &user.id, suspended)?;
    roles::tell_changes(tx, user)?;
    Ok(NoContent)
}

async fn show(ctx: Ctx, params: UserParams) -> Result<Value, ApiError> {
    ctx.read(move |view| {
        let user = user::by_id(view, &params.user_id)?.ok_or(NO_SUCH_USER)?;
        let Value::Object(me) = view.pack().me_detailed(&user)? else {
            return Ok(Value::Null);
        };
        // Of what users set for themselves, what moderators need; nothing that signs in.
        let mut shown: Map<String, Value> = me
            .into_iter()
            .filter(|(key, _)| SHOWN.contains(&key.as_str()))
            .collect();
        let all = Roles::read(view, view.now_ms())?;
        let held = all.of(view, &user)?;
        let staff = held.staff(&user);
        let policies = Policies::of(view, Some(&user), view.now_ms())?;
        let packed: Result<Vec<_>, _> = held
            .rows
            .iter()
            .map(|role| view.pack().role(role))
            .collect();
        let more = json!({
            "isModerator": staff.moderator,
            "isAdministrator": staff.administrator,
            "isSilenced": !policies.allow("canPublicNote"),
            "isSuspended": user.is_suspended,
            "isHibernated": false,
            "lastActiveDate": user.last_active_at.map(time::iso),
            "moderationNote": "",
            "signins": [],
            "policies": policies.0,
            "roles": packed?,
            "roleAssigns": [],
        });
        shown.extend(crate::pack::object(more));
        Ok(Value::Object(shown))
    })
    .await
}

/// What `admin/show-user` has of what a user sees of themself.
const SHOWN: &[&str] = &[
    "email",
    "emailVerified",
    "followedMessage",
    "autoAcceptFollowed",
    "noCrawle",
    "preventAiLearning",
    "alwaysMarkNsfw",
    "autoSensitive",
    "carefulBot",
    "injectFeaturedNote",
    "receiveAnnouncementEmail",
    "mutedWords",
    "mutedInstances",
    "notificationRecieveConfig",
];

#[derive(Deserialize)]
struct ListParams {
    limit: Option<u32>,
    #[serde(default)]
    offset: u32,
    state: Option<String>,
    origin: Option<String>,
    username: Option<String>,
}

impl Params for ListParams {
    const SCHEMA: &'static [Field] = &[
        Field::integer("limit").range(1, 100),
        Field::integer("offset").range(0, i32::MAX as i64),
        Field::string("sort"),
        Field::string("state").one_of(&["all", "alive", "available", "suspended"]),
        Field::string("origin").one_of(&["combined", "local", "remote"]),
        Field::string("username").nullable().length(0, 128),
        Field::string("hostname").nullable().length(0, 255),
    ];
}

async fn list(ctx: Ctx, params: ListParams) -> Result<Vec<Value>, ApiError> {
    let me = ctx.my_id()?;
    ctx.read(move |view| {
        let state = match params.state.as_deref() {
            Some("suspended") => "is_suspended",
            Some("available") => "NOT is_suspended",
            Some(_) | None => "1",
        };
        let origin = match params.origin.as_deref() {
            Some("local") => "host IS NULL",
            Some("remote") => "host IS NOT NULL",
            Some(_) | None => "1",
        };
        let sql = format!(
            "SELECT * FROM user WHERE NOT is_deleted AND {state} AND {origin}
             AND instr(username_lower, ?1) > 0 ORDER BY id LIMIT ?2 OFFSET ?3"
        );
        let name = params.username.unwrap_or_default().to_lowercase();
        let users = view
            .prepare_cached(&sql)?
            .query_map(
                params![name, params.limit.unwrap_or(10), params.offset],
                User::from_row,
            )?
            .collect::<Result<Vec<_>, _>>()?;
        let to = For::User(&me);
        let packed = users.iter().map(|user| view.pack().user_detailed(user, to));
        Ok(packed.collect::<Result<_, _>>()?)
    })
    .await
}

#[derive(Deserialize)]
struct CreateParams {
    username: String,
    password: String,
}

impl Params for CreateParams {
    const SCHEMA: &'static [Field] = &[
        Field::string("username").required(),
        Field::string("password").required(),
        Field::string("setupPassword").nullable(),
    ];
}

/// An account made by an administrator, or the first one of the server.
async fn create(ctx: Ctx, params: CreateParams) -> Result<Value, ApiError> {
    let by_admin = ctx
        .me
        .as_ref()
        .is_some_and(|me| me.staff.administrator && me.grant == backend::Grant::Native);
    if !by_admin {
        let fresh = ctx.read(|view| {
            let mut any = view.prepare_cached("SELECT 1 FROM user WHERE is_admin")?;
            Ok(!any.exists([])?)
        });
        if !fresh.await? {
            return Err(ACCESS_DENIED.into());
        }
    }
    sign_up(
        &ctx,
        NewAccount {
            username: params.username,
            password: params.password,
            host: None,
            by_admin,
        },
    )
    .await
}
