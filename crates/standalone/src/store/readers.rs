//! A few connections that only read, for a store in a file.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The connections that are free, and as many permits as there are connections.
pub(super) struct Readers {
    free: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn new(connections: Vec<Connection>) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(connections.len())),
            free: Mutex::new(connections),
        }
    }

    /// Waits until a connection is free. The permit is dropped after [`Readers::with`].
    pub(super) async fn permit(&self) -> OwnedSemaphorePermit {
        Arc::clone(&self.permits)
            .acquire_owned()
            .await
            .expect("the semaphore is never closed")
    }

    /// Lends a connection; the caller holds a permit.
    pub(super) fn with<T>(&self, work: impl FnOnce(&mut Connection) -> T) -> T {
        let connection = self
            .lock()
            .pop()
            .expect("who holds a permit finds a connection");
        let mut lent = Lent {
            readers: self,
            connection: Some(connection),
        };
        work(lent.connection.as_mut().expect("it is taken on drop alone"))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives a connection back, after a panic too.
struct Lent<'a> {
    readers: &'a Readers,
    connection: Option<Connection>,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        self.readers.lock().extend(self.connection.take());
    }
}
