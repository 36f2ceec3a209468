//! The tokens that users give to apps.

use protocol::id::UserId;
use rusqlite::{OptionalExtension, params};
use serde_json::Value;

use crate::limits::APP_TOKENS_MAX;
use crate::model::user::{self, User};
use crate::notifications::{self, Notice};
use crate::secret::{self, APP_TOKEN_LENGTH};
use crate::store::{Col, StoreError, Tx};

/// What an app gets a token for.
#[derive(Debug, Clone, Default)]
pub(crate) struct NewToken {
    /// The `MiAuth` session under which the app fetches it.
    pub(crate) session: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) icon_url: Option<String>,
    /// What the app may do, in Misskey's names.
    pub(crate) permission: Vec<String>,
}

/// Why an app gets no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoToken {
    /// A `MiAuth` session has led to a token already, or was fetched.
    SessionUsed,
    /// The user has given out as many as they may.
    TooMany,
}

/// Makes a token and tells the user that there is one.
pub(crate) fn create(
    tx: &mut Tx<'_>,
    user: &UserId,
    new: &NewToken,
) -> Result<Result<String, NoToken>, StoreError> {
    if let Some(session) = &new.session
        && tx
            .prepare_cached("SELECT 1 FROM access_token WHERE session = ?1")?
            .exists([session])?
    {
        return Ok(Err(NoToken::SessionUsed));
    }
    let count: usize = tx
        .prepare_cached("SELECT count(*) FROM access_token WHERE user_id = ?1")?
        .query_row([Col(user)], |row| row.get(0))?;
    if count >= APP_TOKENS_MAX {
        return Ok(Err(NoToken::TooMany));
    }
    let token = secret::token(APP_TOKEN_LENGTH)?;
    tx.execute(
        "INSERT INTO access_token
             (id, token, hash, user_id, session, name, description, icon_url, permission)
         VALUES (?1, ?2, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            tx.new_id(),
            token,
            Col(user),
            new.session,
            new.name,
            new.description,
            new.icon_url,
            Value::from(new.permission.clone()).to_string(),
        ],
    )?;
    notifications::notify(tx, user, Notice::new("createToken"))?;
    Ok(Ok(token))
}

/// Gives the token of a session to the app, once; `None`: there is none, or it was given.
pub(crate) fn fetch(tx: &Tx<'_>, session: &str) -> Result<Option<(String, User)>, StoreError> {
    let found: Option<(String, String)> = tx
        .prepare_cached(
            "UPDATE access_token SET fetched = 1 WHERE session = ?1 AND fetched = 0
             RETURNING token, user_id",
        )?
        .query_row([session], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((token, user)) = found else {
        return Ok(None);
    };
    Ok(user::by_id(tx, &user)?.map(|user| (token, user)))
}
