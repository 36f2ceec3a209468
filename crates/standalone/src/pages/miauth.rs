//! `/miauth/{session}`: an app asks for a token, the user answers.

use std::sync::Arc;

use axum::extract::{Form, Path, Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use backend::{Account, Grant};
use protocol::id::UserId;
use serde::Deserialize;

use super::asked::{Asked, Wish};
use super::html::{page, tell};
use crate::api::error::chain;
use crate::api::origin::Origin;
use crate::api::rate::may_sign_in;
use crate::apps::{self, NewToken, NoToken};
use crate::signin::Refusal;
use crate::store::StoreError;
use crate::{Standalone, tokens};

/// What the user fills in.
#[derive(Deserialize)]
pub(super) struct Reply {
    #[serde(default)]
    username: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    token: String,
    decision: String,
}

/// Shows who asks for what.
pub(super) async fn ask(Path(session): Path<String>, Query(wish): Query<Wish>) -> Response {
    match Asked::check(session, wish) {
        Ok(asked) => asked.form(StatusCode::OK, "", None),
        Err(reason) => refuse(StatusCode::BAD_REQUEST, reason),
    }
}

/// Takes the user's answer.
pub(super) async fn answer(
    State(app): State<Arc<Standalone>>,
    Path(session): Path<String>,
    Query(wish): Query<Wish>,
    parts: Parts,
    Form(reply): Form<Reply>,
) -> Response {
    let asked = match Asked::check(session, wish) {
        Ok(asked) => asked,
        Err(reason) => return refuse(StatusCode::BAD_REQUEST, reason),
    };
    if !is_from_here(&parts.headers) {
        return refuse(
            StatusCode::FORBIDDEN,
            "This form was sent from another site.",
        );
    }
    if reply.decision != "allow" {
        return tell("Denied", "The app gets nothing. You can close this page.");
    }
    if !may_sign_in(&app, &Origin::of(&parts)) {
        let reason = "There were too many attempts. Try again later.";
        return refuse(StatusCode::TOO_MANY_REQUESTS, reason);
    }
    let name = reply.username.trim().trim_start_matches('@').to_owned();
    match allow(&app, &asked, reply).await {
        Ok(()) => asked.done(),
        Err(Denial::Used) => refuse(
            StatusCode::CONFLICT,
            "This link was used already. Start again in the app.",
        ),
        Err(Denial::TooMany) => refuse(
            StatusCode::CONFLICT,
            "You have let in as many apps as you may. Take some tokens back first.",
        ),
        Err(Denial::SignIn(refusal)) => match complaint(&refusal) {
            Some(complaint) => asked.form(StatusCode::FORBIDDEN, &name, Some(complaint)),
            None => failed(&refusal),
        },
        Err(Denial::Store(error)) => failed(&error),
    }
}

/// Why an app that was allowed gets no token all the same.
enum Denial {
    SignIn(Refusal),
    Used,
    TooMany,
    Store(StoreError),
}

impl From<StoreError> for Denial {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

async fn allow(app: &Standalone, asked: &Asked, reply: Reply) -> Result<(), Denial> {
    let user = who(app, reply).await.map_err(Denial::SignIn)?;
    let new = NewToken {
        session: Some(asked.session.clone()),
        name: asked.name.clone(),
        description: None,
        icon_url: asked.icon.clone(),
        permission: asked
            .permission
            .iter()
            .map(|&name| name.to_owned())
            .collect(),
    };
    let made = app
        .store
        .write::<_, StoreError, _>(move |tx| apps::create(tx, &user, &new))
        .await?;
    match made {
        Ok(_) => Ok(()),
        Err(NoToken::SessionUsed) => Err(Denial::Used),
        Err(NoToken::TooMany) => Err(Denial::TooMany),
    }
}

/// The user whose token it is, or else whose password.
async fn who(app: &Standalone, reply: Reply) -> Result<UserId, Refusal> {
    let token = reply.token.trim().to_owned();
    if token.is_empty() {
        let name = reply.username.trim().trim_start_matches('@').to_owned();
        let user = app.who_signs_in(name).await?;
        app.check_password(&user, reply.password).await?;
        return Ok(user.id);
    }
    let account = app
        .store
        .read::<_, StoreError, _>(move |view| Ok(tokens::account(view, &token)?))
        .await?;
    match account {
        Some(Account {
            suspended: true, ..
        }) => Err(Refusal::Suspended),
        Some(Account {
            user,
            grant: Grant::Native,
            ..
        }) => Ok(user),
        Some(_) | None => Err(Refusal::WrongPassword),
    }
}

/// What a user can do something about.
fn complaint(refusal: &Refusal) -> Option<&'static str> {
    match refusal {
        Refusal::NoSuchUser | Refusal::WrongPassword => {
            Some("The name and the password, or the token, are wrong.")
        }
        Refusal::Suspended => Some("This account is suspended."),
        Refusal::Store(_) | Refusal::Password(_) => None,
    }
}

/// Whether the form was sent by a page of this server, as far as the browser says.
fn is_from_here(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    match text("origin") {
        None => true,
        Some(origin) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && host == text("host")
        }
    }
}

fn refuse(status: StatusCode, reason: &str) -> Response {
    let body = format!("<h1>That doesn't work</h1>\n<p class=\"wrong\">{reason}</p>");
    page(status, "That doesn't work", &body, None)
}

fn failed(error: &dyn std::error::Error) -> Response {
    tracing::error!(error = %chain(error), "cannot let an app in");
    refuse(
        StatusCode::INTERNAL_SERVER_ERROR,
        "The server failed. Try again later.",
    )
}
