//! What the streaming server asks of the store.

use std::collections::HashMap;
use std::error::Error;
use std::slice;
use std::sync::Arc;

use async_trait::async_trait;
use backend::{
    Account, AudienceRecord, Backend, BackendError, Chat, ListRecord, Reading, RoleRecord,
    RoomRecord, SiteRecord, SourceEvent, Upstream, ViewerRecord,
};
use bytes::Bytes;
use protocol::id::{AntennaId, ListId, NoteId, RoleId, RoomId, UserId};
use tokio::sync::mpsc;

use crate::batch::Batcher;
use crate::database::{DatabaseError, Session};
use crate::schema::Schema;
use crate::{Companion, Store, accounts, reads};

/// Questions of many that are asked together.
#[derive(Debug)]
pub(crate) struct Batchers {
    accounts: Batcher<String, Option<Account>, DatabaseError>,
    audiences: Batcher<NoteId, Option<AudienceRecord>, DatabaseError>,
    touches: Batcher<UserId, (), DatabaseError>,
    viewers: Batcher<UserId, Option<ViewerRecord>, DatabaseError>,
}

/// Starts a batcher whose batches are answered by a function of the store.
macro_rules! batcher {
    ($store:expr, $read:expr) => {{
        let store = Arc::clone($store);
        Batcher::start(move |keys: Vec<_>| {
            let store = Arc::clone(&store);
            async move {
                let answer = async {
                    let (session, schema) = store.session().await?;
                    let read = $read;
                    read(&session, &schema, &keys).await
                };
                store.heed(answer.await).await
            }
        })
    }};
}

impl Batchers {
    pub(crate) fn start(store: &Arc<Store>) -> Self {
        Self {
            accounts: batcher!(store, accounts::read),
            audiences: {
                let store = Arc::clone(store);
                Batcher::start(move |notes: Vec<NoteId>| audiences(Arc::clone(&store), notes))
            },
            touches: batcher!(store, touch),
            viewers: {
                let store = Arc::clone(store);
                Batcher::start(move |users: Vec<UserId>| newcomers(Arc::clone(&store), users))
            },
        }
    }
}

/// Who may see notes. A copy of the database may not have the newest yet.
async fn audiences(
    store: Arc<Store>,
    notes: Vec<NoteId>,
) -> Result<Vec<Option<AudienceRecord>>, DatabaseError> {
    let answer = async {
        let (session, schema) = store.copy_session().await?;
        let mut found = reads::audiences(&session, &schema, &notes).await?;
        if session.is_of_copy() && found.contains(&None) {
            let (session, schema) = store.session().await?;
            found = reads::audiences(&session, &schema, &notes).await?;
        }
        Ok(found)
    };
    store.heed(answer.await).await
}

/// The relations of users who came one by one.
async fn newcomers(
    store: Arc<Store>,
    users: Vec<UserId>,
) -> Result<Vec<Option<ViewerRecord>>, DatabaseError> {
    let records = store.viewers(&users).await?;
    let found: HashMap<_, _> = records.iter().map(|it| (&it.user, it)).collect();
    // Somebody who went and came back may be there twice.
    Ok(users
        .iter()
        .map(|user| found.get(user).map(|&it| it.clone()))
        .collect())
}

async fn touch(
    session: &Session<'_>,
    schema: &Schema,
    users: &[UserId],
) -> Result<Vec<()>, DatabaseError> {
    reads::touch(session, schema, users).await?;
    Ok(vec![(); users.len()])
}

#[async_trait]
impl Backend for Companion {
    fn events(&self) -> Option<mpsc::Receiver<SourceEvent>> {
        self.events.take()
    }

    async fn authenticate(&self, token: &str) -> Result<Option<Account>, BackendError> {
        let account = self.batchers.accounts.ask(token.to_owned()).await;
        account.map_err(failed("read tables `user` and `access_token`"))
    }

    async fn live_tokens(&self, tokens: &[&str]) -> Result<Vec<bool>, BackendError> {
        let answer = async {
            let (session, schema) = self.store.session().await?;
            accounts::are_live(&session, &schema, tokens).await
        };
        let answer = self.store.heed(answer.await).await;
        answer.map_err(failed("read table `access_token`"))
    }

    async fn viewers(&self, users: &[UserId]) -> Result<Vec<ViewerRecord>, BackendError> {
        const OPERATION: &str = "read the relations of users";
        // After a restart everybody comes at once, and each is asked for alone.
        if let [user] = users {
            let found = self.batchers.viewers.ask(user.clone()).await;
            let found = found.map_err(failed(OPERATION))?;
            return Ok(found.into_iter().collect());
        }
        self.store.viewers(users).await.map_err(failed(OPERATION))
    }

    async fn site(&self) -> Result<SiteRecord, BackendError> {
        let answer = async {
            let (session, schema) = self.store.session().await?;
            reads::site(&session, &schema).await
        };
        let answer = self.store.heed(answer.await).await;
        answer.map_err(failed("read table `meta`"))
    }

    async fn list(&self, list: &ListId) -> Result<Option<ListRecord>, BackendError> {
        let found = self.lists(slice::from_ref(list)).await?;
        Ok(found.into_iter().next().map(|(_, list)| list))
    }

    async fn lists(&self, lists: &[ListId]) -> Result<Vec<(ListId, ListRecord)>, BackendError> {
        let answer = async {
            let (session, schema) = self.store.session().await?;
            reads::lists(&session, &schema, lists).await
        };
        let answer = self.store.heed(answer.await).await;
        answer.map_err(failed("read tables `user_list` and `user_list_membership`"))
    }

    async fn antenna_owner(&self, antenna: &AntennaId) -> Result<Option<UserId>, BackendError> {
        let found = self.antenna_owners(slice::from_ref(antenna)).await?;
        Ok(found.into_iter().next().map(|(_, owner)| owner))
    }

    async fn antenna_owners(
        &self,
        antennas: &[AntennaId],
    ) -> Result<Vec<(AntennaId, UserId)>, BackendError> {
        let answer = async {
            let (session, schema) = self.store.session().await?;
            reads::antenna_owners(&session, &schema, antennas).await
        };
        let answer = self.store.heed(answer.await).await;
        answer.map_err(failed("read table `antenna`"))
    }

    async fn rooms(&self, rooms: &[RoomId]) -> Result<Vec<RoomRecord>, BackendError> {
        let answer = async {
            let (session, schema) = self.store.session().await?;
            reads::rooms(&session, &schema, rooms).await
        };
        let answer = self.store.heed(answer.await).await;
        answer.map_err(failed("read table `chat_room`"))
    }

    /// Misskey is silent about mutes, mutes of renotes, replies of follows and more.
    fn misses_changes(&self) -> bool {
        true
    }

    async fn role(&self, role: &RoleId) -> Result<Option<RoleRecord>, BackendError> {
        let answer = async {
            let (session, schema) = self.store.session().await?;
            reads::role(&session, &schema, role).await
        };
        let answer = self.store.heed(answer.await).await;
        answer.map_err(failed("read table `role`"))
    }

    async fn audience(&self, note: &NoteId) -> Result<Option<AudienceRecord>, BackendError> {
        let audience = self.batchers.audiences.ask(note.clone()).await;
        audience.map_err(failed("read table `note`"))
    }

    async fn my_reactions(
        &self,
        note: &NoteId,
        users: &[UserId],
    ) -> Result<Vec<(UserId, String)>, BackendError> {
        let answer = async {
            let (session, schema) = self.store.copy_session().await?;
            reads::reactions(&session, &schema, note, users).await
        };
        let answer = self.store.heed(answer.await).await;
        answer.map_err(failed("read table `note_reaction`"))
    }

    async fn pack_note(
        &self,
        note: &NoteId,
        viewer: &UserId,
    ) -> Result<Option<Bytes>, BackendError> {
        let packed = self.packer.pack(note, viewer).await;
        packed.map_err(failed("have a note packed by Misskey"))
    }

    async fn read_notifications(&self, user: &UserId) -> Result<(), BackendError> {
        let read = self.notifications.read_all(user).await;
        read.map_err(failed("mark notifications as read in Redis"))
    }

    async fn read_chat(&self, user: &UserId, chat: &Chat) -> Result<(), BackendError> {
        let read = self.notifications.read_chat(user, chat).await;
        read.map_err(failed("mark a chat as read in Redis"))
    }

    async fn touch(&self, user: &UserId) -> Result<(), BackendError> {
        let touched = self.batchers.touches.ask(user.clone()).await;
        touched.map_err(failed("write table `user`"))
    }

    async fn ready(&self) -> Result<(), BackendError> {
        if let Some(trouble) = self.events.trouble() {
            return Err(BackendError {
                operation: "receive events from Redis".to_owned(),
                source: trouble.into(),
            });
        }
        self.site().await.map(drop)
    }

    fn upstream(&self) -> Option<Arc<dyn Upstream>> {
        let bridge = self.bridge.clone()?;
        Some(bridge)
    }

    fn readings(&self) -> Vec<Reading> {
        let counts = self.store.database.counts().into_iter();
        let queries = counts.map(|(query, count)| Reading::Queries(query, count));
        let events = self.events.readings().into_iter();
        queries
            .chain(events)
            .chain(self.packer.readings())
            .collect()
    }
}

/// Turns a failure into one of the backend.
fn failed<E>(operation: &'static str) -> impl FnOnce(E) -> BackendError
where
    E: Error + Send + Sync + 'static,
{
    move |error| BackendError {
        operation: operation.to_owned(),
        source: Box::new(error),
    }
}
