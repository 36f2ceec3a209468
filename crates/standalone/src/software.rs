//! What this program calls itself to clients.

/// The version that clients are told. Its head is the Misskey whose API and stream this server
/// speaks, as in the versions of Misskey's forks: clients read there what they may call.
pub(crate) const VERSION: &str = concat!("2026.5.1-seseragi.", env!("CARGO_PKG_VERSION"));

/// What other servers are told.
pub(crate) const USER_AGENT: &str = concat!("Seseragi/", env!("CARGO_PKG_VERSION"));

/// The name of a server that was given none.
pub(crate) const NODE_NAME: &str = "Seseragi";
