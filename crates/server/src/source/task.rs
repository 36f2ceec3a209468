//! The loop of the source task.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use backend::{Backend, RawEvent, SourceEvent};
use hub::{Desk, Login, Output, Shown, Ticket, Watched};
use protocol::close::CloseReason;
use protocol::id::UserId;
use protocol::limits::Limits;
use protocol::record::Grant;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, interval_at, sleep_until};
use tokio_util::sync::CancellationToken;

use super::ask::{Asker, Done};
use super::closings::Closings;
use super::link::{Arrival, Ask, LogRequest, Request, SourceLink, Watch};
use super::plays::Plays;
use super::stats::{Queues, StatsLogs, TICK_MS};
use crate::clock;
use crate::metrics::SourceMetrics;
use crate::worker::{Answered, Opening, Reply, ToWorker, WorkerLink};

/// How many events or requests are taken at once before the desk's output is passed on.
const BATCH_MAX: usize = 64;

/// The source task.
#[derive(Debug)]
pub(crate) struct Source {
    desk: Desk,
    asker: Asker,
    events: mpsc::Receiver<SourceEvent>,
    requests: mpsc::UnboundedReceiver<Request>,
    link: SourceLink,
    workers: Vec<WorkerLink>,
    metrics: SourceMetrics,
    /// What was asked of the desk, and who waits for it.
    tickets: HashMap<Ticket, (hub::Watch, Waiting)>,
    next_ticket: u64,
    next_number: u64,
    reread_interval: Option<Duration>,
    plays: Plays,
    /// Whether the tokens of apps are being looked up again.
    looking_up: bool,
    stats: StatsLogs,
    /// How many events came so far.
    received: u64,
    closings: Closings,
    /// Ends when the server drains.
    stop: CancellationToken,
}

/// Who waits for an answer of the desk.
#[derive(Debug)]
enum Waiting {
    /// An upgrade, for its user.
    Enter(UserId, oneshot::Sender<Watch>),
    /// A connection, for the relations of its user at this place of the stream.
    Open(Box<Arrival>),
    /// A session.
    Ask(Ask),
}

/// Why the source task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SourceEnd {
    /// It was told to.
    Stopped,
    /// The backend ended its stream of events.
    EventsEnded,
}

impl Source {
    pub(crate) fn new(
        backend: Arc<dyn Backend>,
        events: mpsc::Receiver<SourceEvent>,
        limits: &Limits,
        (link, requests): (SourceLink, mpsc::UnboundedReceiver<Request>),
        workers: Vec<WorkerLink>,
        metrics: SourceMetrics,
        stop: CancellationToken,
    ) -> Self {
        let patience = Duration::from_millis(limits.backend_timeout_ms);
        Self {
            desk: Desk::new(limits),
            reread_interval: backend
                .misses_changes()
                .then(|| Duration::from_millis(limits.reread_interval_ms)),
            asker: Asker::new(backend, patience, metrics.clone()),
            events,
            requests,
            link,
            workers,
            metrics,
            tickets: HashMap::new(),
            next_ticket: 0,
            next_number: 0,
            plays: Plays::default(),
            looking_up: false,
            stats: StatsLogs::new(limits),
            received: 0,
            closings: Closings::default(),
            stop,
        }
    }

    /// Runs until the server stops or the backend's events end.
    pub(crate) async fn run(mut self) -> SourceEnd {
        let mut events = Vec::with_capacity(BATCH_MAX);
        let mut requests = Vec::with_capacity(BATCH_MAX);
        let mut rereads = rereads(self.reread_interval);
        let mut ticks = interval(Duration::from_millis(TICK_MS));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The first tick is over at once: a log has something in it from the start.
        ticks.tick().await;
        self.publish_stats();
        loop {
            self.pass_on().await;
            // Nobody is let in before what holds for visitors is known, and on its way.
            let open = self.desk.knows_site();
            let due = sleep_until(self.due());
            tokio::select! {
                taken = self.events.recv_many(&mut events, BATCH_MAX) => {
                    if taken == 0 {
                        return SourceEnd::EventsEnded;
                    }
                }
                _ = self.requests.recv_many(&mut requests, BATCH_MAX), if open => {}
                done = self.asker.next() => self.handle_done(done),
                () = due => self.desk.handle_timeout(clock::unix_ms()),
                _ = ticks.tick() => self.publish_stats(),
                () = next_reread(&mut rereads) => {
                    self.metrics.rereads.increment(1);
                    self.desk.handle_reread();
                    self.look_up_apps();
                }
                () = self.stop.cancelled() => return SourceEnd::Stopped,
            }
            for event in events.drain(..) {
                self.handle_event(event);
            }
            if !requests.is_empty() {
                self.catch_up();
            }
            for request in requests.drain(..) {
                self.handle_request(request).await;
            }
            self.metrics.report(&mut self.desk, self.asker.waiting());
        }
    }

    /// Looks the tokens of apps up again, unless that is still under way.
    fn look_up_apps(&mut self) {
        let apps = self.link.apps.all();
        if !apps.is_empty() && !self.looking_up {
            self.looking_up = true;
            self.asker.look_up_apps(apps);
        }
    }

    /// Takes the events that have come before the requests at hand. Someone who connects with a
    /// new token must not meet the end of the old one.
    fn catch_up(&mut self) {
        for _ in 0..self.events.len() {
            match self.events.try_recv() {
                Ok(event) => self.handle_event(event),
                // The next turn learns of the end as well.
                Err(_) => return,
            }
        }
    }

    /// When the desk wants to be woken, or a long time away.
    fn due(&self) -> Instant {
        let wait_ms = match self.desk.poll_timeout() {
            Some(at_ms) => at_ms.saturating_sub(clock::unix_ms()),
            None => 60_000,
        };
        Instant::now() + Duration::from_millis(wait_ms)
    }

    fn handle_event(&mut self, event: SourceEvent) {
        self.received += 1;
        match event {
            SourceEvent::Message(RawEvent { topic, payload }) => {
                self.metrics.event(&topic);
                let handled = self.desk.handle_message(&topic, &payload, clock::unix_ms());
                if let Err(error) = handled {
                    tracing::warn!(topic = %topic, %error, "cannot decode an event");
                }
            }
            SourceEvent::Gap => {
                self.metrics.gaps.increment(1);
                tracing::warn!("events may have been lost; everything is loaded again");
                self.desk.handle_gap();
            }
        }
    }

    async fn handle_request(&mut self, request: Request) {
        match request {
            Request::Enter(user, reply) => {
                self.watch(hub::Watch::User(user.clone()), Waiting::Enter(user, reply));
            }
            Request::Leave(user) => self.desk.unwatch(&hub::Watch::User(user)),
            Request::Open(arrival) => match &arrival.login {
                Some((account, _)) => {
                    let user = hub::Watch::User(account.user.clone());
                    self.watch(user, Waiting::Open(arrival));
                }
                None => self.open(*arrival, None).await,
            },
            Request::Ask(ask) => self.watch(watch_for(&ask.question), Waiting::Ask(ask)),
            Request::Unask(question) => self.desk.unwatch(&watch_for(&question)),
            Request::Unwatch(watch) => self.desk.unwatch(&watch),
            Request::Log(request) => self.send_log(request).await,
            Request::Tell(user, deed) => {
                self.link.deeds.begin(&user, &deed);
                self.asker.tell(user, deed);
            }
            Request::Play(played) => {
                if let Some(played) = self.plays.take(*played) {
                    self.asker.play(played);
                }
            }
            Request::Flush(reply) => {
                self.pass_on().await;
                drop(reply);
            }
        }
    }

    fn watch(&mut self, watch: hub::Watch, waiting: Waiting) {
        self.next_ticket += 1;
        let ticket = Ticket(self.next_ticket);
        self.tickets.insert(ticket, (watch.clone(), waiting));
        self.desk.watch(watch, ticket);
    }

    fn handle_done(&mut self, done: Done) {
        match done {
            Done::Desk(ask, answer) => self.desk.handle_answer(ask, answer, clock::unix_ms()),
            Done::Told(user, deed) => {
                if self.link.deeds.end(&user, &deed) {
                    self.asker.tell(user, deed);
                }
            }
            Done::Played(player) => {
                if let Some(next) = self.plays.done(&player) {
                    self.asker.play(next);
                }
            }
            Done::Apps(revoked) => {
                self.looking_up = false;
                for (token, user) in &revoked {
                    self.link.apps.forget(token);
                    self.desk.handle_app_revoked(user);
                }
            }
        }
    }

    /// Passes on what the desk gives out.
    async fn pass_on(&mut self) {
        while let Some(output) = self.desk.poll_output() {
            match output {
                Output::Publish(publication) => {
                    self.metrics.publications.increment(1);
                    self.closings.heed(&publication);
                    for worker in &self.workers {
                        worker
                            .send(ToWorker::Publish(Arc::clone(&publication)))
                            .await;
                    }
                }
                Output::Answer { ticket, watched } => self.handle_watched(ticket, watched).await,
                Output::Ask { ask, question } => self.asker.ask_for_desk(ask, question),
            }
        }
    }

    /// Hands over what the desk answered.
    async fn handle_watched(&mut self, ticket: Ticket, watched: Watched) {
        let asked = self.tickets.remove(&ticket);
        let (watch, waiting) = asked.expect("the desk answers each ticket once");
        match waiting {
            Waiting::Enter(user, reply) => {
                // Where nobody waits any more, dropping the watch gives it back.
                if let Watched::User(_) = watched {
                    let since = self.closings.now();
                    drop(reply.send(self.link.watch(user, since)));
                }
            }
            Waiting::Open(arrival) => self.handle_arrival(*arrival, &watch, watched).await,
            Waiting::Ask(ask) => {
                let (answer, shown) = match watched {
                    Watched::List(list) => {
                        let owner = list.owner_id.clone();
                        (session::Answer::Owner(owner), Some(Shown::List(list)))
                    }
                    Watched::Room(room) => {
                        let user = ask.user.as_ref();
                        let is_in =
                            user.is_some_and(|user| room.member_ids.binary_search(user).is_ok());
                        (session::Answer::InRoom(is_in), Some(Shown::Room(room)))
                    }
                    Watched::Antenna(owner) => (session::Answer::Owner(owner), None),
                    Watched::Role(role) => (session::Answer::Role(role), None),
                    Watched::Failed => (session::Answer::Failed, None),
                    Watched::User(_) | Watched::Nothing => (session::Answer::Unknown, None),
                };
                self.answer(ask, answer, shown).await;
            }
        }
    }

    /// Lets a connection in with the relations of its user, unless it was to be closed while it
    /// was on its way.
    async fn handle_arrival(&mut self, mut arrival: Arrival, watch: &hub::Watch, watched: Watched) {
        let (Watched::User(viewer), Some((account, entered))) = (watched, &arrival.login) else {
            arrival.seat = Err(CloseReason::Restart);
            return self.open(arrival, None).await;
        };
        let native = account.grant == Grant::Native;
        let login = Login { viewer, native };
        let login = match self.closings.reason_for(&login, entered.since) {
            None => Some(login),
            Some(reason) => {
                arrival.seat = Err(reason);
                None
            }
        };
        self.open(arrival, login).await;
        // The arrival has a watch of its own.
        self.desk.unwatch(watch);
    }

    /// Gives a connection to the worker that has the fewest.
    async fn open(&mut self, arrival: Arrival, login: Option<Login>) {
        self.next_number += 1;
        let opening = Box::new(Opening {
            number: self.next_number,
            arrival,
            login,
        });
        let worker = self
            .workers
            .iter()
            .min_by_key(|worker| worker.connections());
        worker
            .expect("there is at least one worker")
            .send(ToWorker::Open(opening))
            .await;
    }

    /// Publishes the statistics of this moment.
    fn publish_stats(&mut self) {
        let queues = Queues {
            delivered: self.metrics.delivered(),
            held: self.desk.held(),
            received: self.received,
            asked: self.asker.waiting(),
            waiting: self.events.len(),
        };
        for (stats, body) in self.stats.tick(queues) {
            self.desk.handle_stats(stats, "stats", body.as_bytes());
        }
    }

    /// Sends the log of a statistics channel.
    async fn send_log(&mut self, request: LogRequest) {
        let LogRequest {
            place,
            sub,
            stats,
            request,
        } = request;
        let reply = Reply {
            conn: place.conn,
            generation: place.generation,
            sub,
            kind: "statsLog",
            body: self.stats.log(stats, request.get()),
        };
        self.workers[place.worker]
            .send(ToWorker::Reply(Box::new(reply)))
            .await;
    }

    /// Gives a session its answer.
    async fn answer(&self, ask: Ask, answer: session::Answer, shown: Option<Shown>) {
        let Ask {
            place,
            ask,
            question,
            ..
        } = ask;
        let answered = Answered {
            conn: place.conn,
            generation: place.generation,
            ask,
            question,
            answer,
            shown,
        };
        self.workers[place.worker]
            .send(ToWorker::Answer(Box::new(answered)))
            .await;
    }
}

/// When everything is read again: later, not more often, where the process is busy.
fn rereads(every: Option<Duration>) -> Option<Interval> {
    let mut rereads = interval_at(Instant::now() + every?, every?);
    rereads.set_missed_tick_behavior(MissedTickBehavior::Delay);
    Some(rereads)
}

/// Resolves when everything is to be read again; pends where nothing ever is.
async fn next_reread(rereads: &mut Option<Interval>) {
    match rereads {
        Some(rereads) => drop(rereads.tick().await),
        None => std::future::pending().await,
    }
}

/// What the desk must watch for a session's question.
fn watch_for(question: &session::Question) -> hub::Watch {
    match question {
        session::Question::List(list) => hub::Watch::List(list.clone()),
        session::Question::Antenna(antenna) => hub::Watch::Antenna(antenna.clone()),
        session::Question::Role(role) => hub::Watch::Role(role.clone()),
        session::Question::Room(room) => hub::Watch::Room(room.clone()),
    }
}
