//! What the streaming server asks of the store.

mod viewer;

use async_trait::async_trait;
use backend::{
    Account, AudienceRecord, Backend, BackendError, Chat, FollowRecord, ListRecord, Play,
    RoleRecord, RoomRecord, SiteRecord, SourceEvent, ViewerRecord,
};
use bytes::Bytes;
use protocol::id::{AntennaId, ListId, NoteId, RoleId, RoomId, UserId};
use rusqlite::{OptionalExtension, params};
use serde_json::Value;
use tokio::sync::mpsc;

use crate::api::rate;
use crate::model::{chat, chat_room, meta, note, role};
use crate::pack::For;
use crate::roles::Roles;
use crate::store::{Col, StoreError, View};
use crate::{Standalone, notifications, reversi, tokens};

#[async_trait]
impl Backend for Standalone {
    fn events(&self) -> Option<mpsc::Receiver<SourceEvent>> {
        self.store.events()
    }

    async fn authenticate(&self, token: &str) -> Result<Option<Account>, BackendError> {
        let token = token.to_owned();
        self.ask("read tables `user` and `access_token`", move |view| {
            Ok(tokens::account(view, &token)?)
        })
        .await
    }

    async fn viewers(&self, users: &[UserId]) -> Result<Vec<ViewerRecord>, BackendError> {
        let users = users.to_vec();
        self.ask("read the relations of users", move |view| {
            let base = meta::policies(view)?;
            let roles = Roles::read(view, view.now_ms())?;
            let mut records = Vec::with_capacity(users.len());
            for user in &users {
                records.extend(viewer::read(view, user, &base, &roles)?);
            }
            Ok(records)
        })
        .await
    }

    async fn site(&self) -> Result<SiteRecord, BackendError> {
        self.ask("read table `meta`", |view| {
            Ok(SiteRecord {
                policies: meta::stream_policies(view)?,
                visitors_see: meta::visitors_see(view)?,
            })
        })
        .await
    }

    async fn list(&self, list: &ListId) -> Result<Option<ListRecord>, BackendError> {
        let list = list.clone();
        self.ask(
            "read tables `user_list` and `user_list_member`",
            move |view| read_list(view, &list),
        )
        .await
    }

    async fn antenna_owner(&self, antenna: &AntennaId) -> Result<Option<UserId>, BackendError> {
        let antenna = antenna.clone();
        self.ask("read table `antenna`", move |view| {
            let owner = view
                .prepare_cached("SELECT user_id FROM antenna WHERE id = ?1")?
                .query_row([Col(&antenna)], |row| row.get::<_, Col<UserId>>(0))
                .optional()?;
            Ok(owner.map(|owner| owner.0))
        })
        .await
    }

    async fn role(&self, role: &RoleId) -> Result<Option<RoleRecord>, BackendError> {
        let role = role.clone();
        self.ask("read table `role`", move |view| {
            Ok(role::by_id(view, role.as_str())?.map(|role| RoleRecord {
                public: role.is_public,
                explorable: role.is_explorable,
            }))
        })
        .await
    }

    async fn rooms(&self, rooms: &[RoomId]) -> Result<Vec<RoomRecord>, BackendError> {
        let rooms = rooms.to_vec();
        self.ask("read the tables of chat rooms", move |view| {
            let mut records = Vec::with_capacity(rooms.len());
            for id in rooms {
                if let Some(room) = chat_room::by_id(view, id.as_str())? {
                    let members = chat_room::audience(view, &room)?;
                    records.push(RoomRecord { room: id, members });
                }
            }
            Ok(records)
        })
        .await
    }

    async fn audience(&self, note: &NoteId) -> Result<Option<AudienceRecord>, BackendError> {
        let note = note.clone();
        self.ask("read table `note`", move |view| {
            Ok(
                note::by_id(view, note.as_str())?.map(|note| AudienceRecord {
                    author: note.user_id,
                    local: note.user_host.is_none(),
                    visibility: note.visibility,
                    visible_users: note
                        .visible_user_ids
                        .iter()
                        .filter_map(|id| UserId::parse(id))
                        .collect(),
                }),
            )
        })
        .await
    }

    async fn my_reactions(
        &self,
        note: &NoteId,
        users: &[UserId],
    ) -> Result<Vec<(UserId, String)>, BackendError> {
        let (note, users) = (note.clone(), users.to_vec());
        self.ask("read table `note_reaction`", move |view| {
            let mut statement = view.prepare_cached(
                "SELECT reaction FROM note_reaction WHERE note_id = ?1 AND user_id = ?2",
            )?;
            let mut reactions = Vec::new();
            for user in users {
                let reaction = statement
                    .query_row(params![Col(&note), Col(&user)], |row| row.get(0))
                    .optional()?;
                reactions.extend(reaction.map(|reaction| (user, reaction)));
            }
            Ok(reactions)
        })
        .await
    }

    async fn pack_note(
        &self,
        note: &NoteId,
        viewer: &UserId,
    ) -> Result<Option<Bytes>, BackendError> {
        let (note, viewer) = (note.clone(), viewer.clone());
        self.ask("pack a note", move |view| {
            let Some(note) = note::by_id(view, note.as_str())? else {
                return Ok(None);
            };
            let to = For::User(&viewer);
            if !view.pack().is_visible(&note, to)? {
                return Ok(None);
            }
            let packed = view.pack().note(&note, to)?;
            Ok(Some(packed.to_string().into()))
        })
        .await
    }

    async fn read_notifications(&self, user: &UserId) -> Result<(), BackendError> {
        let user = user.clone();
        let written = self.store.write(move |tx| {
            notifications::read_all(tx, &user, false)?;
            Ok(())
        });
        written.await.map_err(failed("write table `notification`"))
    }

    async fn read_chat(&self, user: &UserId, chat: &Chat) -> Result<(), BackendError> {
        let chat = match chat {
            Chat::With(other) => chat::chat_of_two(user, other),
            Chat::In(room) => chat::chat_of_room(room),
        };
        let reader = user.clone();
        let written = self
            .store
            .write(move |tx| crate::chat::read(tx, &reader, &chat));
        written.await.map_err(failed("write table `chat_unread`"))
    }

    async fn play(&self, play: &Play) -> Result<(), BackendError> {
        if !rate::may_play(self, &play.player) {
            return Ok(());
        }
        let play = play.clone();
        // What is nested too deeply to be read makes no sense either.
        let Ok(body) = serde_json::from_str::<Value>(play.body.get()) else {
            return Ok(());
        };
        let written = self.store.write(move |tx| {
            reversi::operations::operate(tx, &play.player, play.game.as_str(), &play.kind, &body)
        });
        written.await.map_err(failed("write table `reversi_game`"))
    }

    fn has_legacy_channels(&self) -> bool {
        self.store.surroundings().legacy
    }

    async fn touch(&self, user: &UserId) -> Result<(), BackendError> {
        let user = user.clone();
        let written = self.store.write(move |tx| {
            let now = tx.now_ms();
            tx.execute(
                "UPDATE user SET last_active_at = ?2 WHERE id = ?1",
                params![Col(&user), now],
            )?;
            Ok(())
        });
        written.await.map_err(failed("write table `user`"))
    }

    async fn ready(&self) -> Result<(), BackendError> {
        if self.store.events_are_lost() {
            return Err(BackendError {
                operation: "deliver events".to_owned(),
                source: "nobody takes them any more".into(),
            });
        }
        self.ask("read the database", |view| {
            Ok(view.query_row("SELECT 1 FROM meta UNION SELECT 1", [], |_| Ok(()))?)
        })
        .await
    }
}

impl Standalone {
    async fn ask<T, F>(&self, operation: &'static str, work: F) -> Result<T, BackendError>
    where
        F: FnOnce(&View<'_>) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        self.store.read(work).await.map_err(failed(operation))
    }
}

fn failed(operation: &'static str) -> impl FnOnce(StoreError) -> BackendError {
    move |error| BackendError {
        operation: operation.to_owned(),
        source: Box::new(error),
    }
}

fn read_list(view: &View<'_>, list: &ListId) -> Result<Option<ListRecord>, StoreError> {
    let owner = view
        .prepare_cached("SELECT user_id FROM user_list WHERE id = ?1")?
        .query_row([Col(list)], |row| row.get::<_, Col<UserId>>(0))
        .optional()?;
    let Some(Col(owner)) = owner else {
        return Ok(None);
    };
    let members = view
        .prepare_cached("SELECT user_id, with_replies FROM user_list_member WHERE list_id = ?1")?
        .query_map([Col(list)], |row| {
            Ok(FollowRecord {
                user: row.get::<_, Col<UserId>>(0)?.0,
                with_replies: row.get(1)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(Some(ListRecord { owner, members }))
}

#[cfg(test)]
mod tests;
