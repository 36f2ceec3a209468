//! Who makes a request, and whether they may.

use axum::http::{HeaderMap, header};
use backend::{Account, Grant};
use serde_json::{Map, Value};

use super::ctx::Me;
use super::endpoint::{Endpoint, Needed};
use super::error::{
    ACCESS_DENIED, AUTHENTICATION_FAILED, ApiError, CREDENTIAL_REQUIRED, PERMISSION_DENIED,
    ROLE_PERMISSION_DENIED, YOUR_ACCOUNT_SUSPENDED,
};
use crate::model::user;
use crate::{Standalone, roles, tokens};

/// Finds out who is behind the token of a request; no token: nobody.
pub(super) async fn authenticate(
    app: &Standalone,
    headers: &HeaderMap,
    body: &Map<String, Value>,
) -> Result<Option<Me>, ApiError> {
    let Some(token) = find_token(headers, body)? else {
        return Ok(None);
    };
    let me = app
        .store
        .read(move |view| {
            let Some(Account {
                user: id, grant, ..
            }) = tokens::account(view, &token)?
            else {
                return Err(AUTHENTICATION_FAILED.into());
            };
            let user = user::by_id(view, id.as_str())?.ok_or(AUTHENTICATION_FAILED)?;
            if user.is_suspended {
                return Err(YOUR_ACCOUNT_SUSPENDED.into());
            }
            let app = match &grant {
                Grant::Native => None,
                Grant::App { .. } => tokens::app_id(view, &token)?,
            };
            Ok::<_, ApiError>(Me {
                id,
                app,
                grant,
                staff: roles::staff(view, &user, view.now_ms())?,
            })
        })
        .await?;
    Ok(Some(me))
}

/// Whether an endpoint learns who calls it. An app that may not read the account sees what is
/// open to all as a visitor does: MiAuth promised the user no more.
pub(super) fn is_known_to(endpoint: &Endpoint, me: &Me) -> bool {
    match &me.grant {
        Grant::Native => true,
        Grant::App { permissions } => {
            endpoint.login || permissions.iter().any(|name| name == "read:account")
        }
    }
}

/// Refuses who may not call this endpoint.
pub(super) fn authorize(endpoint: &Endpoint, me: Option<&Me>) -> Result<(), ApiError> {
    let Some(me) = me else {
        return if endpoint.login {
            Err(CREDENTIAL_REQUIRED.into())
        } else {
            Ok(())
        };
    };
    let lacks_role = match endpoint.staff {
        Needed::Nothing => false,
        Needed::Moderator => !me.staff.moderator,
        Needed::Administrator => !me.staff.administrator,
    };
    if lacks_role {
        return Err(ROLE_PERMISSION_DENIED.into());
    }
    match &me.grant {
        Grant::Native => Ok(()),
        Grant::App { .. } if endpoint.native_only => Err(ACCESS_DENIED.into()),
        Grant::App { permissions } => match endpoint.permission {
            Some(needed) if !permissions.iter().any(|name| name == needed) => {
                Err(PERMISSION_DENIED.into())
            }
            None if endpoint.login => Err(PERMISSION_DENIED.into()),
            Some(_) | None => Ok(()),
        },
    }
}

/// The token: that of the header wins over `i`.
fn find_token(headers: &HeaderMap, body: &Map<String, Value>) -> Result<Option<String>, ApiError> {
    if let Some(token) = bearer(headers) {
        return Ok(Some(token.to_owned()));
    }
    match body.get("i") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(token)) => Ok(Some(token.clone())),
        Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => Err(
            ApiError::invalid_param("#/properties/i/type", "must be string"),
        ),
    }
}

/// The token of `Authorization: Bearer`; another scheme is none of ours.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
