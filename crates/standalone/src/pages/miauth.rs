//! `/miauth/{session}`: an app asks for a token, the user answers.

use std::sync::Arc;

use axum::extract::{Form, Path, Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use backend::{Account, Grant};
use protocol::id::UserId;
use serde::Deserialize;

use super::callback::Callback;
use super::html::{escape, page};
use super::permissions::in_words;
use crate::api::error::chain;
use crate::api::origin::Origin;
use crate::api::rate::may_sign_in;
use crate::apps::{self, NewToken, SessionUsed};
use crate::limits::PERMISSIONS_MAX;
use crate::signin::Refusal;
use crate::store::StoreError;
use crate::{Standalone, tokens};

/// What the address of the page says.
#[derive(Deserialize)]
pub(super) struct Wish {
    name: Option<String>,
    icon: Option<String>,
    callback: Option<String>,
    permission: Option<String>,
}

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

/// What an app asks for, checked.
struct Asked {
    session: String,
    name: Option<String>,
    icon: Option<String>,
    callback: Option<Callback>,
    permission: Vec<&'static str>,
    unknown: Vec<String>,
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
        Err(SessionUsed) => Err(Denial::Used),
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

impl Asked {
    fn check(session: String, wish: Wish) -> Result<Self, &'static str> {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        if session.is_empty() || session.len() > 128 || !session.bytes().all(is_part) {
            return Err("This link is broken: its session is none.");
        }
        let callback = match wish.callback.filter(|callback| !callback.is_empty()) {
            Some(callback) => {
                Some(Callback::parse(&callback).ok_or("This link leads to where nobody may go.")?)
            }
            None => None,
        };
        let mut asked = Self {
            session,
            name: wish.name.map(|name| cut(&name, 128)),
            icon: wish.icon.map(|icon| cut(&icon, 512)),
            callback,
            permission: Vec::new(),
            unknown: Vec::new(),
        };
        let permission = wish.permission.unwrap_or_default();
        for name in permission.split(',').take(PERMISSIONS_MAX) {
            asked.add(name.trim());
        }
        Ok(asked)
    }

    /// Adds a permission. One that can't be told in words isn't given.
    fn add(&mut self, name: &str) {
        match in_words(name) {
            Some((known, _)) if !self.permission.contains(&known) => self.permission.push(known),
            Some(_) => {}
            None if name.is_empty() || self.unknown.iter().any(|known| known == name) => {}
            None => self.unknown.push(cut(name, 64)),
        }
    }

    /// The question. `name` is filled in already; `wrong` is what was wrong with the last answer.
    fn form(&self, status: StatusCode, name: &str, wrong: Option<&str>) -> Response {
        let app = self.name.as_deref().map_or("An app", str::trim);
        let app = escape(if app.is_empty() { "An app" } else { app });
        let wrong = wrong.map(|wrong| format!("<p class=\"wrong\" role=\"alert\">{wrong}</p>"));
        let body = format!(
            r#"<h1>{app} asks for access to your account</h1>
{permissions}
{callback}
<form method="post">
{wrong}
<label>User name <input name="username" value="{name}" autocomplete="username" autocapitalize="none" spellcheck="false"></label>
<label>Password <input name="password" type="password" autocomplete="current-password"></label>
<details><summary>I have a token instead</summary>
<label>Token <input name="token" type="password" autocomplete="off"></label></details>
<div class="choice"><button class="allow" name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button></div>
</form>"#,
            permissions = self.permissions_html(),
            callback = self.callback_html(),
            wrong = wrong.unwrap_or_default(),
            name = escape(name),
        );
        let target = self.callback.as_ref().map(Callback::origin);
        page(status, "Let an app in", &body, target)
    }

    fn permissions_html(&self) -> String {
        let words = self.permission.iter().filter_map(|name| in_words(name));
        let items: String = words
            .map(|(_, words)| format!("<li>{words}</li>\n"))
            .collect();
        let mut html = if items.is_empty() {
            "<p>It asks for no permission: it learns who you are.</p>".to_owned()
        } else {
            format!("<p>It may then:</p>\n<ul>\n{items}</ul>")
        };
        if !self.unknown.is_empty() {
            let names = escape(&self.unknown.join(", "));
            html.push_str(&format!(
                "\n<p class=\"dim\">It also asks for what this server doesn't have, and won't get \
                 it: {names}</p>"
            ));
        }
        html
    }

    fn callback_html(&self) -> String {
        self.callback.as_ref().map_or_else(String::new, |callback| {
            let origin = escape(callback.origin());
            format!("<p class=\"dim\">You then go on to {origin}</p>")
        })
    }

    /// Leads back to the app, if it wants that.
    fn done(&self) -> Response {
        let Some(callback) = &self.callback else {
            return tell(
                "Allowed",
                "The app has access to your account. You can close this page and go back to it.",
            );
        };
        let called = callback.with_session(&self.session);
        let location = HeaderValue::try_from(called)
            .expect("a callback has neither blanks nor anything but ASCII");
        let headers = [
            (header::LOCATION, location),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            (
                header::REFERRER_POLICY,
                HeaderValue::from_static("no-referrer"),
            ),
        ];
        (StatusCode::SEE_OTHER, headers).into_response()
    }
}

fn tell(title: &str, text: &str) -> Response {
    let body = format!("<h1>{title}</h1>\n<p>{text}</p>");
    page(StatusCode::OK, title, &body, None)
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

/// The first characters of a text.
fn cut(text: &str, characters: usize) -> String {
    text.chars().take(characters).collect()
}
