//! The way to the source task, for those who open connections and for the workers.

use std::os::fd::OwnedFd;

use bytes::Bytes;
use hub::{ConnId, Stats};
use protocol::close::CloseReason;
use protocol::id::{SubId, UserId};
use protocol::record::Account;
use serde_json::value::RawValue;
use tokio::sync::{mpsc, oneshot};

use super::apps::{App, Apps};
use super::closings::Since;
use super::deeds::{Deed, Deeds, Noted};
use super::plays::Played;
use crate::http::Token;
use crate::seats::Seat;
use crate::ws::Compression;

/// The way to the source task.
///
/// Its queue needs no bound of its own: each connection has at most one question, a few requests
/// for logs and a few operations of games out, and gives back only what it was given; of what a user has done, little
/// may wait and nothing twice.
#[derive(Debug, Clone)]
pub(crate) struct SourceLink {
    requests: mpsc::UnboundedSender<Request>,
    pub(super) deeds: Deeds,
    pub(super) apps: Apps,
}

/// What the source task is asked.
#[derive(Debug)]
pub(crate) enum Request {
    /// Load a user and keep them up to date. Without an answer where that can't be done.
    Enter(UserId, oneshot::Sender<Watch>),
    /// One less needs this user.
    Leave(UserId),
    /// Give this connection to a worker.
    Open(Box<Arrival>),
    /// A session's question.
    Ask(Ask),
    /// What a session's question watched is not needed.
    Unask(session::Question),
    /// What a subscription watched is not needed any more.
    Unwatch(hub::Watch),
    /// Send the log of a statistics channel.
    Log(LogRequest),
    /// Tell the store what a user has done.
    Tell(UserId, Deed),
    /// Carry out what a player did.
    Play(Box<Played>),
    /// Answer when everything that was asked before is done.
    Flush(oneshot::Sender<()>),
}

/// A connection that was upgraded a moment ago.
#[derive(Debug)]
pub(crate) struct Arrival {
    /// Its socket, non-blocking.
    pub(crate) socket: OwnedFd,
    /// What was agreed on about compression.
    pub(crate) compression: Option<Compression>,
    /// What came right behind the request.
    pub(crate) received: Bytes,
    /// Who is behind it, kept up to date until this is dropped.
    pub(crate) login: Option<(Account, Watch)>,
    /// What proved that, where a bridge needs it.
    pub(crate) token: Option<Token>,
    /// Its place, or why it must be closed at once.
    pub(crate) seat: Result<Seat, CloseReason>,
}

/// A session's question, and where the answer goes.
#[derive(Debug)]
pub(crate) struct Ask {
    /// The connection that asks.
    pub(crate) place: Place,
    /// The session's name for the question.
    pub(crate) ask: session::AskId,
    /// The question.
    pub(crate) question: session::Question,
    /// Who is logged in there.
    pub(crate) user: Option<UserId>,
}

/// A `requestLog` of a statistics channel.
#[derive(Debug)]
pub(crate) struct LogRequest {
    /// The connection that asks.
    pub(crate) place: Place,
    /// The subscription that gets the answer.
    pub(crate) sub: SubId,
    /// Which statistics.
    pub(crate) stats: Stats,
    /// The body of the operation.
    pub(crate) request: Box<RawValue>,
}

/// Where a connection lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Place {
    /// Which worker has it.
    pub(crate) worker: usize,
    /// Its number there.
    pub(crate) conn: ConnId,
    /// Tells it from others that had the number before.
    pub(crate) generation: u32,
}

/// A user who is kept up to date until this is dropped.
#[derive(Debug)]
pub(crate) struct Watch {
    user: UserId,
    /// From when on.
    pub(super) since: Since,
    /// The app's token by which they came, where that has to be looked up again.
    app: Option<App>,
    link: SourceLink,
}

impl SourceLink {
    pub(crate) fn new() -> (Self, mpsc::UnboundedReceiver<Request>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let link = Self {
            requests: sender,
            deeds: Deeds::default(),
            apps: Apps::default(),
        };
        (link, receiver)
    }

    /// Sends a request. Once the source task has ended the server ends as well, and nobody
    /// waits for what is lost here.
    pub(crate) fn send(&self, request: Request) {
        if self.requests.send(request).is_err() {
            tracing::debug!("a request came after the end of the source task");
        }
    }

    /// Has the store told what a user has done. Says no where too many chats of this user wait
    /// already.
    pub(crate) fn tell(&self, user: UserId, deed: Deed) -> bool {
        match self.deeds.note(&user, &deed) {
            Noted::New => self.send(Request::Tell(user, deed)),
            Noted::Merged => {}
            Noted::TooMany => return false,
        }
        true
    }

    /// Loads a user. `None`: the backend could not.
    pub(crate) async fn enter(&self, user: UserId) -> Option<Watch> {
        let (sender, receiver) = oneshot::channel();
        self.send(Request::Enter(user, sender));
        receiver.await.ok()
    }

    /// Waits until everything that was asked before is done.
    pub(crate) async fn flush(&self) {
        let (sender, receiver) = oneshot::channel();
        self.send(Request::Flush(sender));
        // Without an answer the task has ended, and there is nothing left to wait for.
        drop(receiver.await);
    }

    /// Takes over one watch of a user, which the desk has granted.
    pub(super) fn watch(&self, user: UserId, since: Since) -> Watch {
        Watch {
            user,
            since,
            app: None,
            link: self.clone(),
        }
    }
}

impl Watch {
    /// Has the token of an app looked up now and then, until this is dropped: the store doesn't
    /// tell when it is revoked.
    pub(crate) fn look_up_again(&mut self, token: Token) {
        self.app = Some(self.link.apps.enter(&self.user, token));
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.link.send(Request::Leave(self.user.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_user_does_again_waits_once() {
        let (link, requests) = SourceLink::new();
        for name in ["alice", "bob"] {
            for _ in 0..1_000 {
                let user = UserId::parse(name).unwrap();
                assert!(link.tell(user, Deed::ReadNotifications));
            }
        }
        assert_eq!(requests.len(), 2);
    }
}
