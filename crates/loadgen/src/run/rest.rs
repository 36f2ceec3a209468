//! What a run asks of the REST API.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use ureq::Agent;

use super::plan::{Follows, Plan};
use super::{check, scenario::Notes};

/// Asks one server.
#[derive(Debug, Clone)]
pub(super) struct Rest {
    agent: Agent,
    url: String,
}

/// A user with whose token the run works.
#[derive(Debug, Clone)]
pub(super) struct User {
    pub(super) id: String,
    pub(super) token: String,
}

impl Rest {
    pub(super) fn new(url: &str) -> Self {
        let config = Agent::config_builder().http_status_as_error(false).build();
        Self {
            agent: config.into(),
            url: url.trim_end_matches('/').to_owned(),
        }
    }

    /// Signs a user up.
    pub(super) fn sign_up(&self, username: &str) -> Result<User> {
        let body = json!({ "username": username, "password": "loadgen" });
        let answer = self.ask("signup", &body)?;
        let field = |name: &str| {
            let value = answer[name].as_str();
            value
                .map(str::to_owned)
                .with_context(|| format!("`signup` gave no `{name}`"))
        };
        Ok(User {
            id: field("id")?,
            token: field("token")?,
        })
    }

    /// Whose token this is.
    pub(super) fn user(&self, token: &str) -> Result<User> {
        let answer = self.ask("i", &json!({ "i": token }))?;
        let id = answer["id"].as_str().context("`i` gave no `id`")?;
        Ok(User {
            id: id.to_owned(),
            token: token.to_owned(),
        })
    }

    /// Follows some of the authors, if that is not so already.
    pub(super) fn follow(&self, user: &User, follows: Follows, authors: &[User]) -> Result<()> {
        for author in follows.authors() {
            let body = json!({ "i": user.token, "userId": authors[author].id });
            let answer = self.post("following/create", &body)?;
            let code = &answer["error"]["code"];
            ensure!(
                code.is_null() || code == "ALREADY_FOLLOWING",
                "`following/create` was refused: {code}"
            );
        }
        Ok(())
    }

    /// Posts a note of the plan and gives its id.
    pub(super) fn note(
        &self,
        run: &str,
        number: u64,
        (plan, notes): (&Plan, &Notes),
        author: &User,
    ) -> Result<String> {
        let body = json!({
            "i": author.token,
            "text": check::text(run, number, notes.text_bytes),
            "visibility": plan.visibility(number).name(),
            "visibleUserIds": [],
        });
        let answer = self.ask("notes/create", &body)?;
        let id = answer["createdNote"]["id"].as_str();
        Ok(id.context("`notes/create` gave no note")?.to_owned())
    }

    /// Reacts to a note.
    pub(super) fn react(&self, note: &str, user: &User) -> Result<()> {
        let body = json!({ "i": user.token, "noteId": note, "reaction": "👍" });
        self.ask("notes/reactions/create", &body)?;
        Ok(())
    }

    /// The answer of an endpoint, which must not be an error.
    fn ask(&self, endpoint: &str, body: &Value) -> Result<Value> {
        let answer = self.post(endpoint, body)?;
        let error = &answer["error"];
        ensure!(
            error.is_null(),
            "`{endpoint}` was refused: {} {}",
            error["code"],
            error["message"]
        );
        Ok(answer)
    }

    fn post(&self, endpoint: &str, body: &Value) -> Result<Value> {
        let url = format!("{}/api/{endpoint}", self.url);
        let request = || {
            let mut answer = self.agent.post(&url).send_json(body)?;
            let text = answer.body_mut().read_to_string()?;
            let value = if text.is_empty() {
                Value::Null
            } else {
                serde_json::from_str(&text)?
            };
            Ok::<_, anyhow::Error>((answer.status(), value))
        };
        let (status, value) = request().with_context(|| format!("cannot ask `{endpoint}`"))?;
        ensure!(
            status.is_success() || value["error"].is_object(),
            "`{endpoint}` answered {status}"
        );
        Ok(value)
    }
}
