//! Declaring endpoints, and the table of them.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};

use super::ctx::Ctx;
use super::error::ApiError;
use super::schema::{self, Field, Params};

/// Who may call an endpoint, and how.
#[derive(Debug, Clone, Copy)]
pub struct Endpoint {
    pub(super) name: &'static str,
    pub(super) login: bool,
    pub(super) permission: Option<&'static str>,
    pub(super) staff: Needed,
    pub(super) native_only: bool,
    pub(super) get: bool,
    pub(super) dev_only: bool,
    pub(super) legacy_only: bool,
    pub(super) file: bool,
}

/// What a user has to be to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Needed {
    Nothing,
    Moderator,
    Administrator,
}

impl Endpoint {
    /// An endpoint for everyone, such as `notes/show`.
    #[must_use]
    pub const fn open(name: &'static str) -> Self {
        Self {
            name,
            login: false,
            permission: None,
            staff: Needed::Nothing,
            native_only: false,
            get: false,
            dev_only: false,
            legacy_only: false,
            file: false,
        }
    }

    /// An endpoint that needs a login, and of an app's token this permission.
    #[must_use]
    pub const fn login(name: &'static str, permission: &'static str) -> Self {
        let mut endpoint = Self::open(name);
        endpoint.login = true;
        endpoint.permission = Some(permission);
        endpoint
    }

    /// An endpoint that needs a login with the user's own token; it is closed to apps.
    #[must_use]
    pub const fn native(name: &'static str) -> Self {
        let mut endpoint = Self::open(name);
        endpoint.login = true;
        endpoint.native_only = true;
        endpoint
    }

    /// The same for administrators only.
    #[must_use]
    pub const fn admin(mut self) -> Self {
        self.login = true;
        self.staff = Needed::Administrator;
        self
    }

    /// The same for moderators and administrators only.
    #[must_use]
    pub const fn moderator(mut self) -> Self {
        self.login = true;
        self.staff = Needed::Moderator;
        self
    }

    /// The same, and GET with a query string works too.
    #[must_use]
    pub const fn also_get(mut self) -> Self {
        self.get = true;
        self
    }

    /// The same, and a file comes with the parameters, in a form.
    #[must_use]
    pub const fn with_file(mut self) -> Self {
        self.file = true;
        self
    }

    /// The same, but unknown without `--compat legacy`.
    #[must_use]
    pub const fn legacy_only(mut self) -> Self {
        self.legacy_only = true;
        self
    }

    /// Whether there is such an endpoint on this server.
    pub(super) const fn is_known(&self, extras: Extras) -> bool {
        (!self.dev_only || extras.dev) && (!self.legacy_only || extras.legacy)
    }

    /// The same, but unknown without `--dev`.
    #[must_use]
    pub const fn dev_only(mut self) -> Self {
        self.dev_only = true;
        self
    }
}

/// What is there beside that which is always there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extras {
    pub(super) dev: bool,
    pub(super) legacy: bool,
}

/// An answer with status 204 and no body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoContent;

/// What a handler may answer: [`NoContent`], or anything that serialises.
pub trait Answer {
    /// Writes the answer.
    fn into_answer(self) -> Response;
}

impl<T: Serialize> Answer for T {
    fn into_answer(self) -> Response {
        axum::Json(self).into_response()
    }
}

impl Answer for NoContent {
    fn into_answer(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

type Answering = Pin<Box<dyn Future<Output = Result<Response, ApiError>> + Send>>;
type Handler = Box<dyn Fn(Ctx, Map<String, Value>) -> Answering + Send + Sync>;

/// An endpoint with its handler.
pub(super) struct Registered {
    pub(super) endpoint: Endpoint,
    pub(super) schema: &'static [Field],
    handler: Handler,
}

impl Registered {
    pub(super) fn call(&self, ctx: Ctx, body: Map<String, Value>) -> Answering {
        (self.handler)(ctx, body)
    }
}

/// All endpoints by name.
#[derive(Default)]
pub struct Registry(BTreeMap<&'static str, Registered>);

impl Registry {
    /// Adds an endpoint.
    ///
    /// # Panics
    ///
    /// If there is one of this name.
    pub fn add<P, F, R>(&mut self, endpoint: Endpoint, handler: F)
    where
        P: Params,
        F: AsyncHandler<P, R>,
        R: Answer,
    {
        let handler: Handler = Box::new(move |ctx, body| match schema::parse::<P>(body) {
            Ok(params) => {
                let answer = handler.call(ctx, params);
                Box::pin(async move { answer.await.map(Answer::into_answer) })
            }
            Err(error) => Box::pin(std::future::ready(Err(error))),
        });
        let registered = Registered {
            endpoint,
            schema: P::SCHEMA,
            handler,
        };
        let before = self.0.insert(endpoint.name, registered);
        assert!(
            before.is_none(),
            "endpoint `{}` is declared twice",
            endpoint.name
        );
    }

    pub(super) fn find(&self, name: &str) -> Option<&Registered> {
        self.0.get(name)
    }

    /// The permissions that endpoints ask for.
    #[cfg(test)]
    pub(crate) fn permissions(&self) -> Vec<&'static str> {
        let endpoints = self.0.values();
        endpoints
            .filter_map(|registered| registered.endpoint.permission)
            .collect()
    }

    /// The names of all endpoints, in order.
    pub(super) fn names(&self, extras: Extras) -> Vec<&'static str> {
        self.0
            .values()
            .filter(|registered| registered.endpoint.is_known(extras))
            .map(|registered| registered.endpoint.name)
            .collect()
    }
}

/// An `async fn(Ctx, P) -> Result<R, ApiError>`.
pub trait AsyncHandler<P, R>: Send + Sync + 'static {
    /// Calls it.
    fn call(
        &self,
        ctx: Ctx,
        params: P,
    ) -> impl Future<Output = Result<R, ApiError>> + Send + 'static;
}

impl<P, R, F, Fut> AsyncHandler<P, R> for F
where
    F: Fn(Ctx, P) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<R, ApiError>> + Send + 'static,
{
    fn call(
        &self,
        ctx: Ctx,
        params: P,
    ) -> impl Future<Output = Result<R, ApiError>> + Send + 'static {
        self(ctx, params)
    }
}
