//! What a handler gets beside its parameters.

use std::sync::{Arc, Mutex, PoisonError};

use backend::Grant;
use protocol::id::UserId;

use super::error::{ACCESS_DENIED, ApiError, CREDENTIAL_REQUIRED};
use super::origin::Origin;
use super::schema::Field;
use super::upload::Upload;
use crate::roles::Staff;
use crate::store::{Tx, View};
use crate::{Site, Standalone};

/// One request.
#[derive(Clone)]
pub struct Ctx {
    pub(super) app: Arc<Standalone>,
    pub(super) me: Option<Me>,
    pub(super) origin: Origin,
    pub(super) upload: Arc<Mutex<Option<Upload>>>,
}

/// Who makes a request.
#[derive(Debug, Clone)]
pub struct Me {
    /// The user.
    pub id: UserId,
    /// What their token may do.
    pub grant: Grant,
    /// The id of the app's token that they use; `None`: their own.
    pub(crate) app: Option<String>,
    /// What they are to the server.
    pub(crate) staff: Staff,
}

impl Ctx {
    /// The user.
    ///
    /// # Errors
    ///
    /// `CREDENTIAL_REQUIRED` for a visitor; never in an endpoint that is declared with a login.
    pub fn me(&self) -> Result<&Me, ApiError> {
        self.me.as_ref().ok_or_else(|| CREDENTIAL_REQUIRED.into())
    }

    /// The user's id, to move into a closure.
    ///
    /// # Errors
    ///
    /// As [`Ctx::me`].
    pub fn my_id(&self) -> Result<UserId, ApiError> {
        self.me().map(|me| me.id.clone())
    }

    /// The user's id, if there is one, to move into a closure: `For::viewer(viewer.as_ref())`.
    #[must_use]
    pub fn viewer(&self) -> Option<UserId> {
        self.me.as_ref().map(|me| me.id.clone())
    }

    /// Where the request comes from.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Refuses who isn't `owner`.
    ///
    /// # Errors
    ///
    /// `ACCESS_DENIED`.
    pub fn must_be(&self, owner: &UserId) -> Result<(), ApiError> {
        if self.me()?.id == *owner {
            Ok(())
        } else {
            Err(ACCESS_DENIED.into())
        }
    }

    /// The file that came with the request; `None` from the second time on.
    pub(super) fn take_upload(&self) -> Option<Upload> {
        let mut upload = self.upload.lock().unwrap_or_else(PoisonError::into_inner);
        upload.take()
    }

    /// Does all of something, even where the client goes away meanwhile.
    pub(super) async fn to_the_end<T, F>(&self, work: F) -> Result<T, ApiError>
    where
        F: Future<Output = Result<T, ApiError>> + Send + 'static,
        T: Send + 'static,
    {
        tokio::spawn(work).await.map_err(ApiError::internal)?
    }

    /// What the server is called.
    #[must_use]
    pub fn site(&self) -> &Site {
        self.app.store.site()
    }

    /// The names of all endpoints.
    #[must_use]
    pub fn endpoint_names(&self) -> Vec<&'static str> {
        self.app.registry.names(super::extras(&self.app))
    }

    /// The parameters of an endpoint; `None`: there is no such endpoint.
    #[must_use]
    pub fn endpoint_schema(&self, name: &str) -> Option<&'static [Field]> {
        let registered = self.app.registry.find(name)?;
        let known = registered.endpoint.is_known(super::extras(&self.app));
        known.then_some(registered.schema)
    }

    /// The server, for its [`Backend`](backend::Backend) methods.
    #[must_use]
    pub fn app(&self) -> &Standalone {
        &self.app
    }

    /// Reads at one moment: see [`Store::read`](crate::store::Store::read).
    ///
    /// # Errors
    ///
    /// Those of `work`; `INTERNAL_ERROR` if the store fails.
    pub async fn read<T, F>(&self, work: F) -> Result<T, ApiError>
    where
        F: FnOnce(&View<'_>) -> Result<T, ApiError> + Send + 'static,
        T: Send + 'static,
    {
        self.app.store.read(work).await
    }

    /// Writes, commits, then publishes: see [`Store::write`](crate::store::Store::write).
    ///
    /// # Errors
    ///
    /// Those of `work`, after which nothing is written; `INTERNAL_ERROR` if the store fails.
    pub async fn write<T, F>(&self, work: F) -> Result<T, ApiError>
    where
        F: FnOnce(&mut Tx<'_>) -> Result<T, ApiError> + Send + 'static,
        T: Send + 'static,
    {
        self.app.store.write(work).await
    }
}
