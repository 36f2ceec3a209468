//! Making an account and signing in.

use protocol::id::UserId;
use serde::Deserialize;
use serde_json::{Value, json};

use super::ctx::Ctx;
use super::endpoint::{Endpoint, Registry};
use super::error::{ApiError, ErrorKind, YOUR_ACCOUNT_SUSPENDED};
use super::i::INCORRECT_PASSWORD;
use super::origin::Origin;
use super::schema::{Field, Params};
use crate::limits::HOST_BYTES_MAX;
use crate::model::meta;
use crate::model::user::{self, NewUser};
use crate::notifications::{self, Notice};
use crate::pack::time;
use crate::signin::Refusal;
use crate::store::{StoreError, Tx};
use crate::{events, password, roles, secret};

/// Someone has this name already.
const DUPLICATED_USERNAME: ErrorKind = ErrorKind::client(
    "DUPLICATED_USERNAME",
    "8a5a2d5f-5b0d-4d4f-9f3e-0b8f5b6a3c11",
    "This username is taken.",
);

/// Someone had this name once.
const USED_USERNAME: ErrorKind = ErrorKind::client(
    "USED_USERNAME",
    "a3e2b1c4-7d5f-4c0e-9b86-1f2d3c4b5a69",
    "This username was taken once.",
);

/// The host of a remote user can't be one.
const INVALID_HOST: ErrorKind = ErrorKind::client(
    "INVALID_HOST",
    "5c8e7b1a-2f43-4d6b-8a90-7e1d2c3b4f58",
    "The host is none.",
);

/// The name isn't 1 to 20 letters, digits or underscores.
const INVALID_USERNAME: ErrorKind = ErrorKind::client(
    "INVALID_USERNAME",
    "f2c1d0a6-0f0b-4e53-a0b5-6a2a7c8b9d42",
    "A username has 1 to 20 letters, digits and underscores.",
);

/// The password is empty.
const INVALID_PASSWORD: ErrorKind = ErrorKind::client(
    "INVALID_PASSWORD",
    "0c1f4f9d-6b7a-4f6e-8f5c-9d2f5a1e7b33",
    "The password is empty.",
);

/// Only administrators make accounts.
const REGISTRATION_CLOSED: ErrorKind = ErrorKind::client(
    "REGISTRATION_CLOSED",
    "4f8f7a2c-7d7b-4a3f-9d0f-6c1b8f2f1e0a",
    "This server takes no new accounts.",
);

/// Nobody has this name.
const NO_SUCH_USER: ErrorKind = ErrorKind::client(
    "NO_SUCH_USER",
    "6cc579cc-885d-43d8-95c2-b8c7fc963280",
    "No such user.",
)
.status(404);

/// The account is suspended; the id is that of signing in.
const SUSPENDED: ErrorKind = ErrorKind {
    id: "e03a5f46-d309-4865-9b69-56282d94e1eb",
    ..YOUR_ACCOUNT_SUSPENDED
};

pub(super) fn register(registry: &mut Registry) {
    registry.add(Endpoint::open("signup"), signup);
    registry.add(Endpoint::open("signin-flow"), signin_flow);
}

#[derive(Deserialize)]
struct SignupParams {
    username: String,
    password: String,
    host: Option<String>,
}

impl Params for SignupParams {
    const SCHEMA: &'static [Field] = &[
        Field::string("username").required(),
        Field::string("password").required(),
        Field::string("host").nullable(),
    ];
}

async fn signup(ctx: Ctx, params: SignupParams) -> Result<Value, ApiError> {
    let host = host_of(&ctx, params.host)?;
    let account = NewAccount {
        username: params.username,
        password: params.password,
        host,
        by_admin: false,
    };
    sign_up(&ctx, account).await
}

/// An account to be made.
pub(super) struct NewAccount {
    pub(super) username: String,
    pub(super) password: String,
    /// The server of a remote user.
    pub(super) host: Option<String>,
    /// Made by an administrator, who may do so while nobody else may.
    pub(super) by_admin: bool,
}

/// Makes an account; gives it back as its user sees it, with its token.
pub(super) async fn sign_up(ctx: &Ctx, account: NewAccount) -> Result<Value, ApiError> {
    let NewAccount {
        username,
        password,
        host,
        by_admin,
    } = account;
    if !user::is_username(&username) {
        return Err(INVALID_USERNAME.into());
    }
    if password.is_empty() {
        return Err(INVALID_PASSWORD.into());
    }
    let hash = password::hash(password).await.map_err(ApiError::internal)?;
    let token = secret::token(secret::NATIVE_TOKEN_LENGTH)?;
    ctx.write(move |tx| {
        if !by_admin && meta::registration_is_closed(tx)? {
            return Err(REGISTRATION_CLOSED.into());
        }
        if user::by_name(tx, &username, host.as_deref())?.is_some() {
            return Err(DUPLICATED_USERNAME.into());
        }
        if host.is_none() && user::was_used(tx, &username)? {
            return Err(USED_USERNAME.into());
        }
        let id = tx.new_id();
        let new = NewUser {
            username: &username,
            host: host.as_deref(),
            password_hash: Some(&hash),
            token: &token,
            admin_if_first: true,
        };
        user::insert(tx, &id, &new)?;
        roles::watch_age(tx)?;
        let user = user::by_id(tx, &id)?.ok_or(NO_SUCH_USER)?;
        let mut packed = tx.pack().me_detailed(&user)?;
        packed["token"] = token.into();
        Ok(packed)
    })
    .await
}

/// The host of a remote user. Without `--dev` it is ignored, as Misskey does outside of its own
/// tests.
fn host_of(ctx: &Ctx, host: Option<String>) -> Result<Option<String>, ApiError> {
    let Some(host) = host.filter(|_| ctx.site().dev()) else {
        return Ok(None);
    };
    let host = host.to_lowercase();
    if host == ctx.site().host() {
        return Ok(None);
    }
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':');
    if host.is_empty() || host.len() > HOST_BYTES_MAX || !host.bytes().all(is_part) {
        return Err(INVALID_HOST.into());
    }
    Ok(Some(host))
}

#[derive(Deserialize)]
struct SigninParams {
    username: String,
    password: Option<String>,
}

impl Params for SigninParams {
    const SCHEMA: &'static [Field] = &[
        Field::string("username").required(),
        Field::string("password").nullable(),
    ];
}

async fn signin_flow(ctx: Ctx, params: SigninParams) -> Result<Value, ApiError> {
    let user = ctx.app().who_signs_in(params.username).await?;
    let Some(password) = params.password else {
        return Ok(json!({ "finished": false, "next": "password" }));
    };
    ctx.app().check_password(&user, password).await?;
    let token = user.token.ok_or(INCORRECT_PASSWORD)?;
    let (id, origin) = (user.id.clone(), ctx.origin().clone());
    ctx.write(move |tx| Ok(signed_in(tx, &id, &origin)?))
        .await?;
    Ok(json!({ "finished": true, "id": user.id.as_str(), "i": token }))
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NoSuchUser => NO_SUCH_USER.into(),
            Refusal::Suspended => SUSPENDED.into(),
            Refusal::WrongPassword => INCORRECT_PASSWORD.into(),
            Refusal::Store(error) => error.into(),
            Refusal::Password(error) => Self::internal(error),
        }
    }
}

/// Tells a user that someone signed in as them.
pub(super) fn signed_in(tx: &mut Tx<'_>, id: &UserId, origin: &Origin) -> Result<(), StoreError> {
    let signin = tx.new_id();
    notifications::notify(tx, id, Notice::new("login").with("ip", origin.ip()))?;
    let body = json!({
        "id": signin,
        "createdAt": time::iso(tx.now_ms()),
        "ip": origin.ip(),
        "headers": origin.headers(),
        "success": true,
    });
    events::main(tx, id, "signin", &body)
}

#[cfg(test)]
mod tests;
