//! One line: a stream upstream and the channels that are joined in it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use protocol::bridge::{self, LineId};
use protocol::channel::Channel;
use protocol::command::BridgeConnect;
use protocol::limits::BRIDGE_CHANNELS_MAX;
use serde_json::value::RawValue;

use super::link::{Asker, BridgeFrame, Bridged, Seat};

/// One line.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) asker: Arc<Asker>,
    pub(super) state: State,
    /// Which try it is to open the stream: what belongs to an earlier one doesn't count.
    pub(super) epoch: u32,
    /// How often the stream broke without a channel being joined in between.
    pub(super) failures: u32,
    /// When it ends, if nothing is joined in it until then.
    pub(super) ends_ms: Option<u64>,
    channels: BTreeMap<LineId, Joined>,
    next_id: u32,
    /// Operations that wait until the stream is open.
    waiting: VecDeque<(LineId, String)>,
    /// What it takes to join all channels, and to send the waiting operations. Each may have half
    /// of what the stream may keep, so that operations don't keep channels out.
    joins_bytes: usize,
    waiting_bytes: usize,
    half_bytes_max: usize,
}

/// How far a line's stream is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// It is being opened.
    Opening,
    /// It is open.
    Open,
    /// It broke, and will be opened again at this time.
    Broken(u64),
}

/// A channel that is joined upstream, or is to be.
#[derive(Debug)]
struct Joined {
    channel: Box<str>,
    params: Option<Box<RawValue>>,
    /// What it takes to join it, in bytes.
    bytes: usize,
    /// Whether the server upstream has said so.
    connected: bool,
    listeners: Vec<Listener>,
}

/// Who hears of a channel.
#[derive(Debug)]
struct Listener {
    seat: Seat,
    /// It hears of nothing.
    silent: bool,
    /// It is to be told that the channel is joined.
    awaits_joined: bool,
    /// How many logs of statistics it has asked for and not yet got.
    logs_out: u8,
}

/// What came of a request to join.
#[derive(Debug)]
pub(super) enum Admitted {
    /// This is to be sent, if the stream is open, and that is to be told.
    Yes(LineId, Option<String>, Option<Bridged>),
    /// There are too many channels, or too much waits.
    Full,
}

/// The operation that asks for a log of statistics, and the event that answers it.
const LOG_OPERATION: &str = "requestLog";
const LOG_EVENT: &str = "statsLog";

/// How many logs one listener may wait for, and how long a request for one may be, in bytes:
/// visitors share a stream, and must not fill it for each other.
const LOGS_OUT_MAX: u8 = 8;
const LOG_REQUEST_BYTES_MAX: usize = 256;

impl Line {
    pub(super) fn new(asker: Arc<Asker>, bytes_max: usize) -> Self {
        Self {
            asker,
            state: State::Opening,
            epoch: 0,
            failures: 0,
            ends_ms: None,
            channels: BTreeMap::new(),
            next_id: 0,
            waiting: VecDeque::new(),
            joins_bytes: 0,
            waiting_bytes: 0,
            half_bytes_max: bytes_max / 2,
        }
    }

    /// Whether nothing is joined in it.
    pub(super) fn is_empty(&self) -> bool {
        self.channels.is_empty()
    }

    /// Joins a channel. One that may be shared and is joined in the same way is shared: the server
    /// upstream would pass over a second join.
    pub(super) fn join(&mut self, seat: Seat, connect: BridgeConnect, silent: bool) -> Admitted {
        let BridgeConnect {
            channel, params, ..
        } = connect;
        let mut listener = Listener {
            seat,
            silent,
            awaits_joined: !silent,
            logs_out: 0,
        };
        let text = |params: &Option<Box<RawValue>>| params.as_ref().map(|it| it.get().to_owned());
        let same = self.channels.iter_mut().find(|(_, joined)| {
            may_be_shared(&channel)
                && joined.channel == channel
                && text(&joined.params) == text(&params)
        });
        if let Some((&id, joined)) = same {
            let told = joined.connected.then(|| listener.joined(&self.asker));
            let told = told.flatten();
            joined.listeners.push(listener);
            return Admitted::Yes(id, None, told);
        }
        let id = LineId(self.next_id);
        let text = bridge::connect(id, &channel, params.as_deref());
        let bytes = text.len();
        let fits = self.joins_bytes + bytes <= self.half_bytes_max;
        if self.channels.len() >= BRIDGE_CHANNELS_MAX || !fits {
            return Admitted::Full;
        }
        self.joins_bytes += bytes;
        self.next_id += 1;
        let text = (self.state == State::Open).then_some(text);
        let joined = Joined {
            channel,
            params,
            bytes,
            connected: false,
            listeners: vec![listener],
        };
        self.channels.insert(id, joined);
        Admitted::Yes(id, text, None)
    }

    /// Leaves a channel. Returns what is to be sent, if anything.
    pub(super) fn leave(&mut self, id: LineId, seat: Seat) -> Option<String> {
        let joined = self.channels.get_mut(&id)?;
        joined.listeners.retain(|listener| listener.seat != seat);
        if !joined.listeners.is_empty() {
            return None;
        }
        let left = self.channels.remove(&id)?;
        self.joins_bytes -= left.bytes;
        self.waiting.retain(|(to, text)| {
            let stays = *to != id;
            self.waiting_bytes -= if stays { 0 } else { text.len() };
            stays
        });
        (self.state == State::Open).then(|| bridge::disconnect(id))
    }

    /// Takes an operation. Returns what is to be sent, if the stream is open.
    ///
    /// # Errors
    ///
    /// Too much waits already, or it is none that statistics know.
    pub(super) fn operate(
        &mut self,
        id: LineId,
        seat: Seat,
        kind: &str,
        body: &RawValue,
    ) -> Result<Option<String>, ()> {
        let Some(joined) = self.channels.get_mut(&id) else {
            return Ok(None);
        };
        let text = bridge::operation(id, kind, body);
        let open = self.state == State::Open;
        if !open && self.waiting_bytes + text.len() > self.half_bytes_max {
            return Err(());
        }
        if is_statistics(&joined.channel) {
            joined.expect_log(seat, kind, body)?;
        }
        if open {
            return Ok(Some(text));
        }
        self.waiting_bytes += text.len();
        self.waiting.push_back((id, text));
        Ok(None)
    }

    /// The stream is open. Returns what is to be sent, in order.
    pub(super) fn open(&mut self) -> Vec<String> {
        self.state = State::Open;
        let joins = self.channels.iter();
        let mut texts: Vec<String> = joins
            .map(|(&id, it)| bridge::connect(id, &it.channel, it.params.as_deref()))
            .collect();
        self.waiting_bytes = 0;
        let waiting = std::mem::take(&mut self.waiting);
        texts.extend(waiting.into_iter().map(|(_, text)| text));
        texts
    }

    /// The stream is no more, until `retry_ms`.
    pub(super) fn lose(&mut self, retry_ms: u64) {
        let was_open = self.state == State::Open;
        self.state = State::Broken(retry_ms);
        self.failures += 1;
        for joined in self.channels.values_mut() {
            joined.connected = false;
            for listener in &mut joined.listeners {
                // What was asked in a stream is not answered in another.
                listener.logs_out *= u8::from(!was_open);
            }
        }
    }

    /// A channel was joined. Returns who is to be told.
    pub(super) fn connected(&mut self, id: LineId) -> Vec<Bridged> {
        let Some(joined) = self.channels.get_mut(&id) else {
            return Vec::new();
        };
        joined.connected = true;
        self.failures = 0;
        let asker = &self.asker;
        let waiting = joined.listeners.iter_mut();
        waiting
            .filter_map(|listener| listener.joined(asker))
            .collect()
    }

    /// An event came. Returns who is to be told.
    pub(super) fn event(&mut self, id: LineId, kind: Option<&str>, rest: &Bytes) -> Vec<Bridged> {
        let Some(joined) = self.channels.get_mut(&id) else {
            return Vec::new();
        };
        // A log is for those who asked, not for all who share the channel.
        let is_log = kind == Some(LOG_EVENT) && is_statistics(&joined.channel);
        let listeners = joined.listeners.iter_mut();
        let told = listeners.filter_map(|listener| {
            let wanted = !is_log || listener.logs_out > 0;
            listener.logs_out -= u8::from(is_log && wanted);
            (wanted && !listener.silent).then(|| Bridged {
                seat: listener.seat,
                asker: Arc::clone(&self.asker),
                frame: BridgeFrame::Event(rest.clone()),
            })
        });
        told.collect()
    }
}

impl Joined {
    /// Takes a request for a log of statistics.
    fn expect_log(&mut self, seat: Seat, kind: &str, request: &RawValue) -> Result<(), ()> {
        let listener = self.listeners.iter_mut().find(|it| it.seat == seat);
        let listener = listener.ok_or(())?;
        let fits = request.get().len() <= LOG_REQUEST_BYTES_MAX;
        if kind != LOG_OPERATION || !fits || listener.logs_out >= LOGS_OUT_MAX {
            return Err(());
        }
        listener.logs_out += 1;
        Ok(())
    }
}

impl Listener {
    /// Says that the channel is joined, once.
    fn joined(&mut self, asker: &Arc<Asker>) -> Option<Bridged> {
        std::mem::take(&mut self.awaits_joined).then(|| Bridged {
            seat: self.seat,
            asker: Arc::clone(asker),
            frame: BridgeFrame::Joined,
        })
    }
}

/// Whether several may hear of a channel that is joined once: those that the contract calls shared,
/// and those that it doesn't know, which may be.
pub(super) fn may_be_shared(channel: &str) -> bool {
    Channel::parse(channel).is_none_or(|channel| channel.spec().shared)
}

fn is_statistics(channel: &str) -> bool {
    let channel = Channel::parse(channel);
    matches!(channel, Some(Channel::ServerStats | Channel::QueueStats))
}
