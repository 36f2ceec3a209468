//! What an app asks for, and how the user is asked.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::callback::Callback;
use super::html::{escape, page, tell};
use super::permissions::in_words;
use crate::limits::PERMISSIONS_MAX;

/// What the address of the page says.
#[derive(Deserialize)]
pub(super) struct Wish {
    name: Option<String>,
    icon: Option<String>,
    callback: Option<String>,
    permission: Option<String>,
}

/// What an app asks for, checked.
pub(super) struct Asked {
    pub(super) session: String,
    pub(super) name: Option<String>,
    pub(super) icon: Option<String>,
    callback: Option<Callback>,
    pub(super) permission: Vec<&'static str>,
    unknown: Vec<String>,
}

impl Asked {
    /// Checks what the address of the page says; else why it can't be answered.
    pub(super) fn check(session: String, wish: Wish) -> Result<Self, &'static str> {
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
    pub(super) fn form(&self, status: StatusCode, name: &str, wrong: Option<&str>) -> Response {
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
    pub(super) fn done(&self) -> Response {
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

/// The first characters of a text.
fn cut(text: &str, characters: usize) -> String {
    text.chars().take(characters).collect()
}
