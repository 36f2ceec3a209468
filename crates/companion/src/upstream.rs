//! Misskey itself, which alone can pack a note for one viewer.

use ::upstream::Address;

/// Where Misskey answers, if anyone said.
#[derive(Debug)]
pub(crate) struct Upstream {
    address: Option<Address>,
}

/// Misskey was not asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UpstreamError {
    /// Nobody said where it is.
    #[error("no upstream is set (`--upstream`)")]
    Unset,
    /// It can't be asked yet.
    #[error("asking the upstream is not there yet")]
    Unsupported,
}

impl Upstream {
    /// Logs what is off.
    pub(crate) fn new(address: Option<Address>) -> Self {
        let upstream = Self { address };
        tracing::warn!(
            why = %upstream.refusal(),
            "notes of antennas and hidden notes of notifications are not delivered"
        );
        if upstream.address.is_none() {
            tracing::warn!("without `--upstream`, channels that only Misskey feeds are silent");
        }
        upstream
    }

    /// Why no note can be packed for a user: the event that needs it is dropped and counted.
    pub(crate) fn refusal(&self) -> UpstreamError {
        match self.address {
            Some(_) => UpstreamError::Unsupported,
            None => UpstreamError::Unset,
        }
    }
}
