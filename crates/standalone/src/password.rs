//! Passwords, as bcrypt hashes. Hashing takes its time, so it runs off the async threads.

/// The cost of bcrypt: the same as Misskey's.
const COST: u32 = 8;

/// A password could not be hashed or compared.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// bcrypt refused, for one because what is stored is no hash.
    #[error("cannot work with the hash of a password")]
    Bcrypt(#[from] bcrypt::BcryptError),
    /// The thread that hashes panicked.
    #[error("hashing a password panicked")]
    Panicked(#[from] tokio::task::JoinError),
}

/// Hashes a password.
pub(crate) async fn hash(password: String) -> Result<String, PasswordError> {
    let task = tokio::task::spawn_blocking(move || bcrypt::hash(password, COST));
    Ok(task.await??)
}

/// Whether this is the password of that hash.
pub(crate) async fn verify(password: String, hash: String) -> Result<bool, PasswordError> {
    let task = tokio::task::spawn_blocking(move || bcrypt::verify(password, &hash));
    Ok(task.await??)
}
