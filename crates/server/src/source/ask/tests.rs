//! Who waits for whom.

use async_trait::async_trait;
use backend::{
    Account, AudienceRecord, Chat, ListRecord, RoleRecord, RoomRecord, SiteRecord, SourceEvent,
    ViewerRecord,
};
use bytes::Bytes;
use protocol::id::{AntennaId, ListId, NoteId, RoleId, RoomId};
use tokio::sync::mpsc;

use super::*;
use crate::metrics::Metrics;

/// A backend that knows nobody, and never answers about more than one user.
struct Stuck;

type Found<T> = Result<T, BackendError>;

#[async_trait]
impl Backend for Stuck {
    fn events(&self) -> Option<mpsc::Receiver<SourceEvent>> {
        None
    }

    async fn authenticate(&self, _: &str) -> Found<Option<Account>> {
        Ok(None)
    }

    async fn viewers(&self, users: &[UserId]) -> Found<Vec<ViewerRecord>> {
        match users {
            [_] => Ok(Vec::new()),
            _ => std::future::pending().await,
        }
    }

    async fn site(&self) -> Found<SiteRecord> {
        std::future::pending().await
    }

    async fn list(&self, _: &ListId) -> Found<Option<ListRecord>> {
        Ok(None)
    }

    async fn antenna_owner(&self, _: &AntennaId) -> Found<Option<UserId>> {
        Ok(None)
    }

    async fn rooms(&self, _: &[RoomId]) -> Found<Vec<RoomRecord>> {
        Ok(Vec::new())
    }

    async fn role(&self, _: &RoleId) -> Found<Option<RoleRecord>> {
        Ok(None)
    }

    async fn audience(&self, _: &NoteId) -> Found<Option<AudienceRecord>> {
        Ok(None)
    }

    async fn my_reactions(&self, _: &NoteId, _: &[UserId]) -> Found<Vec<(UserId, String)>> {
        Ok(Vec::new())
    }

    async fn pack_note(&self, _: &NoteId, _: &UserId) -> Found<Option<Bytes>> {
        Ok(None)
    }

    async fn read_notifications(&self, _: &UserId) -> Found<()> {
        Ok(())
    }

    async fn read_chat(&self, _: &UserId, _: &Chat) -> Found<()> {
        Ok(())
    }

    async fn touch(&self, _: &UserId) -> Found<()> {
        Ok(())
    }

    async fn ready(&self) -> Found<()> {
        Ok(())
    }
}

fn viewers(count: usize) -> hub::Question {
    let user = |at| UserId::parse(&format!("u{at}")).unwrap();
    hub::Question::Viewers((0..count).map(user).collect())
}

#[tokio::test]
async fn whoever_comes_does_not_wait_behind_everybody_who_is_there() {
    let patience = Duration::from_secs(24 * 60 * 60);
    let metrics = Metrics::new().source();
    let mut asker = Asker::new(Arc::new(Stuck), patience, metrics);
    for reading in 0..2 * QUESTIONS_MAX as u64 {
        asker.ask_for_desk(hub::AskId(reading), viewers(256));
    }
    // They are asked, or wait, before the newcomer is there.
    tokio::task::yield_now().await;
    asker.ask_for_desk(hub::AskId(1_000), viewers(1));
    let done = asker.next().await;
    assert!(
        matches!(done, Done::Desk(hub::AskId(1_000), hub::Answer::Viewers(_))),
        "{done:?}"
    );
}
