//! Misskey itself, asked with a viewer's own token.

use bytes::Bytes;
use protocol::id::{NoteId, UserId};
use url::Url;

use crate::accounts;
use crate::database::{Database, DatabaseError};

/// Where Misskey answers, if anyone said.
#[derive(Debug)]
pub(crate) struct Upstream {
    address: Option<Url>,
}

/// Misskey could not be asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UpstreamError {
    /// Nobody said where it is.
    #[error("no upstream is set (`--upstream`)")]
    Unset,
    /// It can't be asked yet.
    #[error("asking the upstream is not there yet")]
    Unsupported,
    /// The viewer's own token could not be read.
    #[error("cannot read the viewer's token")]
    Token(#[from] DatabaseError),
}

impl Upstream {
    pub(crate) fn new(address: Option<Url>) -> Self {
        if address.is_none() {
            tracing::warn!(
                "without `--upstream`, notes of antennas and hidden notes of notifications are \
                 not delivered"
            );
        }
        Self { address }
    }

    /// A note as Misskey shows it to a user. `None`: they may not see it, or it is gone.
    pub(crate) async fn pack_note(
        &self,
        database: &Database,
        note: &NoteId,
        viewer: &UserId,
    ) -> Result<Option<Bytes>, UpstreamError> {
        let Some(address) = &self.address else {
            return Err(UpstreamError::Unset);
        };
        let token = accounts::native_token(&database.session().await?, viewer).await?;
        let Some(_token) = token else {
            return Ok(None);
        };
        tracing::debug!(%address, %note, "a note would be packed here");
        Err(UpstreamError::Unsupported)
    }
}
