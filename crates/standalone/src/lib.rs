//! A whole small Misskey server but for its stream: a SQLite [`store`], the REST [`api`], and the
//! events that its writes publish. It is one [`Backend`](backend::Backend) of the streaming
//! server; it knows no sockets of the stream and decides nothing about delivery.
//!
//! # The way of a request
//!
//! `api` finds the endpoint, the user behind the token, and checks the parameters against the
//! endpoint's schema. The handler reads with `ctx.read` or writes with `ctx.write`. A write is one
//! transaction; what it publishes through [`events`] goes out after the commit, in the order of
//! the commits, and before the answer. [`pack`] writes users and notes the way the API and the
//! stream show them.
//!
//! # How to add an endpoint
//!
//! See [`api`]: declare it with its permission in the `register` of its group's file, give its
//! parameters a `SCHEMA`, and write an `async fn(Ctx, Params) -> Result<_, ApiError>`. Where it
//! changes a relation it publishes that change, see [`events`]; rows are in [`model`].

pub(crate) mod antennas;
pub mod api;
mod apps;
mod backend_impl;
mod blobs;
mod blocks;
mod chat;
mod clock;
mod due;
pub mod events;
mod feed;
mod fetch;
mod files;
mod follows;
pub mod id;
pub mod limits;
mod mfm;
pub mod model;
mod nodeinfo;
pub mod notifications;
pub mod operator;
pub mod pack;
mod pages;
pub mod password;
mod reaction;
pub mod reversi;
mod roles;
pub mod secret;
mod signin;
mod site;
mod software;
pub mod store;
#[cfg(test)]
mod testing;
mod tokens;

use std::sync::Arc;
use std::time::Duration;

pub use clock::{Clock, SystemClock, TestClock};
pub use fetch::FetcherError;
pub use ipnet::IpNet;
pub use site::Site;
pub use store::{Data, OpenError};

use api::endpoint::Registry;
use api::rate::Rates;
use blobs::Blobs;
use due::Due;
use fetch::Fetcher;
use id::IdGenerator;
use limits::{READ_MS_MAX, UPLOADS_MAX};
use store::{Store, Surroundings};
use tokio::sync::Semaphore;

/// A standalone server's data and API.
pub struct Standalone {
    store: Store,
    registry: Registry,
    rates: Rates,
    due: Due,
    blobs: Arc<Blobs>,
    uploads: Semaphore,
    fetcher: Option<Arc<Fetcher>>,
}

/// How to open a [`Standalone`].
pub struct Options {
    /// Where the data is.
    pub data: Data,
    /// The public address, such as `https://example.com`.
    pub url: String,
    /// For people who test clients: see `--dev`.
    pub dev: bool,
    /// What tells the time.
    pub clock: Arc<dyn Clock>,
    /// What the operator switched on.
    pub features: Features,
}

/// What is off unless the operator wants it.
#[derive(Debug, Clone, Default)]
pub struct Features {
    /// Files from other servers: the private networks that they may come from beside public
    /// addresses; `None`: they may not come at all.
    pub upload_from_url: Option<Vec<IpNet>>,
    /// For clients of servers before 2025: `messaging/*`, its channels and its events.
    pub legacy: bool,
}

impl Standalone {
    /// Opens the store, and brings it to the newest shape.
    ///
    /// # Errors
    ///
    /// If the address is no origin, or the store can't be opened or migrated.
    pub fn open(options: Options) -> Result<Arc<Self>, OpenError> {
        let surroundings = Surroundings {
            clock: options.clock,
            ids: Arc::new(IdGenerator::new()?),
            site: Arc::new(Site::new(&options.url, options.dev)?),
            alarm: Arc::default(),
            legacy: options.features.legacy,
            read_within: Duration::from_millis(READ_MS_MAX),
        };
        let fetcher = options.features.upload_from_url.map(Fetcher::new);
        Ok(Arc::new(Self {
            fetcher: fetcher.transpose()?.map(Arc::new),
            due: Due::from(surroundings.clock.now_ms()),
            store: Store::open(&options.data, surroundings)?,
            registry: api::registry(),
            rates: Rates::default(),
            blobs: Arc::new(Blobs::open(&options.data)?),
            uploads: Semaphore::new(UPLOADS_MAX),
        }))
    }

    /// The REST API, under `/api`.
    pub fn api(self: &Arc<Self>) -> axum::Router {
        api::router(Arc::clone(self))
    }

    /// Pages by which clients find out what a server is, at the root of the site.
    pub fn well_known(self: &Arc<Self>) -> axum::Router {
        nodeinfo::router(Arc::clone(self))
    }

    /// The pages on which people let apps in, under `/miauth`.
    pub fn pages(self: &Arc<Self>) -> axum::Router {
        pages::router(Arc::clone(self))
    }

    /// The files that users uploaded, under `/files`.
    pub fn files(self: &Arc<Self>) -> axum::Router {
        files::router(Arc::clone(self))
    }

    /// Removes what files had in them that are no more.
    async fn remove_blobs(&self, names: Vec<String>) {
        let blobs = Arc::clone(&self.blobs);
        let task = tokio::task::spawn_blocking(move || {
            for name in &names {
                blobs.remove(name);
            }
        });
        if let Err(error) = task.await {
            tracing::error!(%error, "cannot remove the contents of files");
        }
    }

    /// The store, for what goes past the API: commands of the operator and the demonstration.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }
}
