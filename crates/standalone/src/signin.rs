//! Who a name and a password stand for.

use crate::Standalone;
use crate::model::user::{self, User};
use crate::password::{self, PasswordError};
use crate::store::StoreError;

/// Nobody is let in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("there is no such user")]
    NoSuchUser,
    #[error("the user is suspended")]
    Suspended,
    #[error("the password is wrong")]
    WrongPassword,
    #[error("cannot use the store")]
    Store(#[from] StoreError),
    #[error("cannot check the password")]
    Password(#[from] PasswordError),
}

impl Standalone {
    /// The user of this server who has this name, and may sign in.
    pub(crate) async fn who_signs_in(&self, name: String) -> Result<User, Refusal> {
        let found = self
            .store
            .read::<_, StoreError, _>(move |view| Ok(user::by_name(view, &name, None)?))
            .await?;
        let user = found
            .filter(|user| !user.is_deleted)
            .ok_or(Refusal::NoSuchUser)?;
        if user.is_suspended {
            return Err(Refusal::Suspended);
        }
        Ok(user)
    }

    /// Checks the password of a user. How often one may try is up to the caller.
    pub(crate) async fn check_password(
        &self,
        user: &User,
        password: String,
    ) -> Result<(), Refusal> {
        let hash = user.password.clone().ok_or(Refusal::WrongPassword)?;
        if password::verify(password, hash).await? {
            Ok(())
        } else {
            Err(Refusal::WrongPassword)
        }
    }
}
