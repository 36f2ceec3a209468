//! A backend beside a running Misskey: its Redis events and its PostgreSQL.
//!
//! Nothing of Misskey's is changed but what its own streaming server would change: last-active
//! dates, the use of app tokens, and what is read of notifications. Any number of these may run
//! beside one Misskey; they share nothing but its database and its Redis.
//!
//! Invariants: questions cost a fixed number of queries, however many users they are about; what
//! the database lacks switches something off, and never reveals anything; passwords and tokens
//! reach no log line and no error.

mod accounts;
mod backend_impl;
mod batch;
mod check;
mod database;
mod events;
mod misskey_file;
mod notifications;
mod packing;
mod reads;
mod roles;
mod schema;
mod settings;
mod viewers;

use std::sync::Arc;

use ::upstream::StreamClient;
use backend::ViewerRecord;
use protocol::id::{Generation, UserId};
use redis::{Client, RedisError};

use backend_impl::Batchers;
use database::{Database, DatabaseError, Session};
use events::Events;
use notifications::Notifications;
use packing::Packer;
use schema::{Schema, Schemas};

pub use check::{Finding, State, check};
pub use database::TlsError;
pub use misskey_file::{FileError, MisskeyFile};
pub use schema::{WANTED, Wanted};
pub use settings::{AddressError, DatabaseSettings, RedisSettings, Settings, TlsMode};

/// A running Misskey, as a backend.
#[derive(Debug)]
pub struct Companion {
    store: Arc<Store>,
    events: Events,
    notifications: Notifications,
    packer: Packer,
    bridge: Option<Arc<StreamClient>>,
    batchers: Batchers,
}

/// The database and what is known of its shape.
#[derive(Debug)]
struct Store {
    database: Database,
    schemas: Schemas,
    /// How Misskey makes its ids.
    generation: Option<Generation>,
}

/// A companion could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Connections to PostgreSQL can't be encrypted as they should.
    #[error("cannot set up connections to PostgreSQL")]
    Database(#[from] TlsError),
    /// The settings of Redis can't be used.
    #[error("cannot set up connections to Redis")]
    Redis(#[from] RedisError),
}

impl Companion {
    /// Sets everything up. Neither the database nor Redis must be there yet.
    ///
    /// # Errors
    ///
    /// When the settings can't be used.
    pub async fn open(settings: Settings) -> Result<Arc<Self>, OpenError> {
        let store = Arc::new(Store {
            database: Database::new(&settings.database, &settings.replicas)?,
            schemas: Schemas::default(),
            generation: settings.id,
        });
        let publisher = Client::open(settings.events.connection.clone())?;
        let keeper = Client::open(settings.redis.connection.clone())?;
        let channel = settings.channel().to_owned();
        let prefix = settings.key_prefix();
        let notifications = Notifications::new(&keeper, prefix, &publisher, &channel)?;
        Ok(Arc::new(Self {
            batchers: Batchers::start(&store),
            packer: Packer::new(settings.upstream.clone(), &store),
            bridge: bridge(&settings),
            store,
            events: Events::start(publisher, channel).await,
            notifications,
        }))
    }
}

/// What opens streams of Misskey itself, if it may.
fn bridge(settings: &Settings) -> Option<Arc<StreamClient>> {
    let (address, bytes_max) = settings
        .upstream
        .clone()
        .zip(settings.bridge_frame_bytes_max)?;
    Some(Arc::new(StreamClient::new(address, bytes_max)))
}

impl Store {
    /// A connection, and the schema that is behind it.
    async fn session(&self) -> Result<(Session<'_>, Arc<Schema>), DatabaseError> {
        let schema = self.schemas.get(&self.database).await?;
        Ok((self.database.session().await?, schema))
    }

    /// A connection for what may be a moment old, and the schema that is behind it.
    async fn copy_session(&self) -> Result<(Session<'_>, Arc<Schema>), DatabaseError> {
        match self.database.copy_session().await {
            Some(session) => Ok((session, self.schemas.get(&self.database).await?)),
            None => self.session().await,
        }
    }

    /// The relations of some users, in a fixed number of queries.
    async fn viewers(&self, users: &[UserId]) -> Result<Vec<ViewerRecord>, DatabaseError> {
        let answer = async {
            let (session, schema) = self.session().await?;
            viewers::read(&session, &schema, users, self.generation).await
        };
        self.heed(answer.await).await
    }

    /// Looks at the schema again where an answer shows that it has changed.
    async fn heed<T>(&self, answer: Result<T, DatabaseError>) -> Result<T, DatabaseError> {
        if answer.as_ref().is_err_and(DatabaseError::is_of_schema) {
            self.schemas.distrust().await;
        }
        answer
    }
}
