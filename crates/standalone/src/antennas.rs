//! Which antennas catch a note.

use protocol::id::AntennaId;

use crate::model::{note::Note, user::User};
use crate::store::{StoreError, Tx};

/// The antennas that catch a new note of `author`.
pub(crate) fn caught_by(
    _tx: &Tx<'_>,
    _note: &Note,
    _author: &User,
) -> Result<Vec<AntennaId>, StoreError> {
    Ok(Vec::new())
}
