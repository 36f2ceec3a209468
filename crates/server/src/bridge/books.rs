//! A connection's own books of its channels upstream.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use hub::Hub;
use protocol::command::BridgeConnect;
use protocol::frame;
use protocol::id::SubId;
use rules::{Verdict, Who};
use serde_json::value::RawValue;

use super::link::{Asker, BridgeFrame, BridgeLink, Bridged, Joining, Request, Seat, Weight};
use crate::source::Place;

/// What a connection knows of its channels upstream. Dropping it leaves them all.
#[derive(Debug)]
pub(crate) struct BridgeSide {
    link: BridgeLink,
    place: Place,
    asker: Arc<Asker>,
    joined: Vec<Joined>,
    next_serial: u32,
    /// What is on its way to the bridge, in bytes.
    in_flight: Arc<AtomicUsize>,
}

/// A channel upstream.
#[derive(Debug)]
struct Joined {
    seat: Seat,
    /// What stands before each of its events.
    head: Arc<[u8]>,
}

/// A message for the bridge was more than may be on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooMuch;

impl BridgeSide {
    /// The books of a connection that has joined nothing upstream.
    pub(crate) fn new(link: BridgeLink, place: Place, asker: Asker) -> Box<Self> {
        Box::new(Self {
            link,
            place,
            asker: Arc::new(asker),
            joined: Vec::new(),
            next_serial: 0,
            in_flight: Arc::default(),
        })
    }

    /// Joins a channel.
    pub(crate) fn join(&mut self, sub: SubId, connect: BridgeConnect) -> Result<(), TooMuch> {
        self.join_as(sub, connect, false)
    }

    /// Passes an operation on for a channel whose events come on another way.
    pub(crate) fn operate_apart(
        &mut self,
        sub: SubId,
        connect: BridgeConnect,
        kind: String,
        body: Box<RawValue>,
    ) -> Result<(), TooMuch> {
        if self.joined.iter().all(|joined| joined.seat.sub != sub) {
            self.join_as(sub, connect, true)?;
        }
        self.operate(sub, kind, body)
    }

    fn join_as(&mut self, sub: SubId, connect: BridgeConnect, silent: bool) -> Result<(), TooMuch> {
        let params = connect.params.as_ref().map_or(0, |it| it.get().len());
        let weight = self.weight(connect.channel.len() + params)?;
        let seat = Seat {
            place: self.place,
            sub,
            serial: self.next_serial,
        };
        self.next_serial = self.next_serial.wrapping_add(1);
        self.joined.push(Joined {
            seat,
            head: frame::channel_head(&connect.id).into(),
        });
        let joining = Joining {
            seat,
            asker: Arc::clone(&self.asker),
            connect,
            silent,
        };
        self.link.send(Request::Join(Box::new(joining), weight));
        Ok(())
    }

    /// Leaves a channel.
    pub(crate) fn leave(&mut self, sub: SubId) {
        if let Some(at) = self.joined.iter().position(|joined| joined.seat.sub == sub) {
            let Joined { seat, .. } = self.joined.swap_remove(at);
            self.link.send(Request::Leave(seat));
        }
    }

    /// Passes an operation on.
    pub(crate) fn operate(
        &mut self,
        sub: SubId,
        kind: String,
        body: Box<RawValue>,
    ) -> Result<(), TooMuch> {
        let Some(joined) = self.joined.iter().find(|joined| joined.seat.sub == sub) else {
            return Ok(());
        };
        let weight = self.weight(kind.len() + body.get().len())?;
        self.link.send(Request::Operate {
            seat: joined.seat,
            kind,
            body,
            weight,
        });
        Ok(())
    }

    /// Takes what the server upstream said, if the channel is still joined and the rules allow
    /// it. Returns the channel where that is what was said: it is joined.
    pub(crate) fn deliver(
        &self,
        bridged: &Bridged,
        receiver: Who<'_>,
        hub: &mut Hub,
    ) -> Option<SubId> {
        let mut joined = self.joined.iter();
        let joined = joined.find(|joined| joined.seat == bridged.seat)?;
        let verdict = rules::decide_bridged(bridged.asker.who(), receiver);
        match &bridged.frame {
            BridgeFrame::Joined => {
                matches!(verdict, Verdict::Deliver(_)).then_some(joined.seat.sub)
            }
            BridgeFrame::Event(rest) => {
                hub.deliver_bridged(self.place.conn, verdict, &joined.head, rest);
                None
            }
        }
    }

    fn weight(&self, bytes: usize) -> Result<Weight, TooMuch> {
        let bytes = size_of::<Request>() + bytes;
        Weight::take(&self.in_flight, bytes, self.link.bytes_max).ok_or(TooMuch)
    }
}

impl Drop for BridgeSide {
    fn drop(&mut self) {
        if self.next_serial > 0 {
            self.link.send(Request::Gone(self.place));
        }
    }
}
