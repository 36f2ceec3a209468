//! What the operator does past the API: `seseragi user` and the demonstration.

use protocol::id::UserId;

use crate::model::user;
use crate::password::{self, PasswordError};
use crate::store::{Col, StoreError};
use crate::{Standalone, roles, secret};

/// A new account of this server.
#[derive(Clone, PartialEq, Eq)]
pub struct NewUser {
    /// The user.
    pub id: UserId,
    /// Their native token: whoever has it is the user.
    pub token: String,
}

/// An account of this server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalUser {
    /// The user.
    pub id: UserId,
    /// The name, in the spelling that was chosen.
    pub name: String,
    /// Whether they administrate the server.
    pub admin: bool,
    /// Whether they may do nothing at the moment.
    pub suspended: bool,
}

/// An account can't be made or found.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// The name can't be one.
    #[error("`{0}` is no user name: that is 1 to 20 letters, digits and underscores of ASCII")]
    InvalidName(String),
    /// Someone has, or had, this name.
    #[error("the name `{0}` is taken")]
    NameTaken(String),
    /// A password of no characters.
    #[error("the password is empty")]
    EmptyPassword,
    /// The password can't be hashed.
    #[error("cannot hash the password")]
    Password(#[from] PasswordError),
    /// The store failed.
    #[error("cannot use the store")]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for OperatorError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Standalone {
    /// Makes an account of this server. Without a password one signs in by the token alone. With
    /// `admin_if_first` the first such account of the store becomes its administrator.
    ///
    /// # Errors
    ///
    /// If the name can't be one or is taken, the password is empty, or the store fails.
    pub async fn add_user(
        &self,
        name: &str,
        password: Option<&str>,
        admin_if_first: bool,
    ) -> Result<NewUser, OperatorError> {
        if !user::is_username(name) {
            return Err(OperatorError::InvalidName(name.to_owned()));
        }
        let hash = match password {
            Some("") => return Err(OperatorError::EmptyPassword),
            Some(password) => Some(password::hash(password.to_owned()).await?),
            None => None,
        };
        let token = secret::token(secret::NATIVE_TOKEN_LENGTH).map_err(StoreError::from)?;
        let name = name.to_owned();
        let added = self.store.write(move |tx| {
            if user::by_name(tx, &name, None)?.is_some() || user::was_used(tx, &name)? {
                return Err(OperatorError::NameTaken(name));
            }
            let id = tx.new_id();
            let new = user::NewUser {
                username: &name,
                host: None,
                password_hash: hash.as_deref(),
                token: &token,
                admin_if_first,
            };
            user::insert(tx, &id, &new)?;
            roles::watch_age(tx)?;
            let id = UserId::parse(&id).expect("a new id is a valid one");
            Ok(NewUser { id, token })
        });
        added.await
    }

    /// The native token of an account of this server; `None`: there is no such account.
    ///
    /// # Errors
    ///
    /// If the store fails.
    pub async fn user_token(&self, name: &str) -> Result<Option<String>, OperatorError> {
        let name = name.to_owned();
        let found = self.store.read(move |view| {
            let user = user::by_name(view, &name, None)?.filter(|user| !user.is_deleted);
            Ok(user.and_then(|user| user.token))
        });
        found.await
    }

    /// The accounts of this server, the oldest first.
    ///
    /// # Errors
    ///
    /// If the store fails.
    pub async fn local_users(&self) -> Result<Vec<LocalUser>, OperatorError> {
        let found = self.store.read(|view| {
            let users = view
                .prepare_cached(
                    "SELECT id, username, is_admin, is_suspended FROM user
                     WHERE host IS NULL AND NOT is_deleted ORDER BY id",
                )?
                .query_map([], |row| {
                    Ok(LocalUser {
                        id: row.get::<_, Col<UserId>>(0)?.0,
                        name: row.get(1)?,
                        admin: row.get(2)?,
                        suspended: row.get(3)?,
                    })
                })?
                .collect::<Result<_, _>>()?;
            Ok(users)
        });
        found.await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{Person, World};

    #[tokio::test]
    async fn administration_waits_for_the_first_person() {
        let world = World::new();
        for (name, person) in [("tombo", false), ("alice", true), ("bob", true)] {
            world.app.add_user(name, None, person).await.unwrap();
        }
        let users = world.app.local_users().await.unwrap();
        let admins: Vec<&str> = users
            .iter()
            .filter(|user| user.admin)
            .map(|user| user.name.as_str())
            .collect();
        assert_eq!(admins, ["alice"]);
    }

    #[tokio::test]
    async fn accounts_are_made_listed_and_signed_in_to() {
        let world = World::new();
        let add = async |name: &str, password| world.app.add_user(name, password, true).await;
        let alice = add("Alice", Some("pass")).await.unwrap();
        let bob = add("bob", None).await.unwrap();
        let token = world.app.user_token("aLICE").await.unwrap();
        assert_eq!(token.as_ref(), Some(&alice.token));
        assert_eq!(world.app.user_token("carol").await.unwrap(), None);
        let users = world.app.local_users().await.unwrap();
        let expected = [(&alice.id, "Alice", true), (&bob.id, "bob", false)];
        assert_eq!(users.len(), 2);
        for (user, (id, name, admin)) in users.iter().zip(expected) {
            assert_eq!(
                (&user.id, user.name.as_str(), user.admin),
                (id, name, admin)
            );
            assert!(!user.suspended);
        }
        let person = Person {
            id: bob.id.as_str().to_owned(),
            token: bob.token,
        };
        assert_eq!(world.ok("i", &person, json!({})).await["username"], "bob");
        let sign_in = json!({ "username": "alice", "password": "pass" });
        let (_, answer) = world.post("signin-flow", None, sign_in).await;
        assert_eq!(answer["i"], json!(alice.token));
        let sign_in = json!({ "username": "bob", "password": "" });
        assert_eq!(world.post("signin-flow", None, sign_in).await.0, 403);
    }

    #[tokio::test]
    async fn the_operator_may_keep_the_first_account_from_administrating() {
        let world = World::new();
        world.app.add_user("demo", None, false).await.unwrap();
        assert!(!world.app.local_users().await.unwrap()[0].admin);
    }

    #[tokio::test]
    async fn wrong_names_and_passwords_are_refused() {
        let world = World::new();
        let add = async |name: &str, password| world.app.add_user(name, password, true).await.err();
        assert!(add("alice", None).await.is_none());
        for wrong in ["", "a-b", "é", "a123456789b123456789c"] {
            let error = add(wrong, None).await;
            assert!(
                matches!(error, Some(OperatorError::InvalidName(_))),
                "{wrong}"
            );
        }
        let error = add("ALICE", None).await;
        assert!(matches!(error, Some(OperatorError::NameTaken(_))));
        let error = add("bob", Some("")).await;
        assert!(matches!(error, Some(OperatorError::EmptyPassword)));
    }
}
